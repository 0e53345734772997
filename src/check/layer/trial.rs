//! A layer with everything that a pass needs, drawn for a case.

use std::ops::Range;

use super::run::largest;
use super::{Case, LayerUnderTest, Precision, Run, Values};
use crate::check::{Broken, Unmet};
use crate::error::Error;
use crate::layer::Mode;
use crate::network::{Draw, Model};
use crate::random::Noise;
use crate::shape::Shape;

/// How far inputs stay away from kinks.
const DISTANCE: f64 = 0.02;

/// A model of the layer alone, a batch, and the gradients for its outputs. The numbers are the same in both precisions.
#[derive(Clone, Debug)]
pub(super) struct Trial<F> {
    /// With the layer state that every pass begins at.
    pub model: Model<F>,
    pub inputs: Vec<Vec<F>>,
    /// The gradient for each output.
    pub upstream: Vec<Vec<F>>,
    pub batch: usize,
    pub mode: Mode,
    pub draw: Draw,
}

impl<F: Precision> Trial<F> {
    /// The subject in this case.
    pub fn new(subject: &LayerUnderTest, case: &Case) -> Result<Self, Unmet> {
        let shapes = subject.shapes(case);
        let model = planned(subject, case, &shapes)?;
        let mut trial = Self {
            model,
            inputs: Vec::new(),
            upstream: Vec::new(),
            batch: case.batch,
            mode: case.mode,
            draw: Draw::new(case.seed, 3),
        };
        // Off their first values, so that no bias is 0.
        let noise = Noise::new(case.seed).at("parameters");
        for (i, value) in trial.model.values_mut().iter_mut().enumerate() {
            *value = rounded(value.as_f64() + 0.2 * noise.normal(i as u64));
        }
        trial.draw_batch(subject, case);
        if !trial.model.state().is_empty() {
            // What a step of training leaves, in double precision for both.
            let mut before = Trial::<f64>::warming(subject, case, &shapes)?;
            before.draw_batch(subject, &Case { seed: case.seed.wrapping_add(1), ..case.clone() });
            let warm = Run::new(&before).pass(&before)?.state;
            for (value, warm) in trial.model.state_mut().iter_mut().zip(warm) {
                *value = rounded(warm);
            }
        }
        Ok(trial)
    }

    /// A trial at the layer's first state, of three samples in training.
    fn warming(subject: &LayerUnderTest, case: &Case, shapes: &[Shape]) -> Result<Self, Unmet> {
        let model = planned(subject, case, shapes)?;
        let (inputs, upstream) = (Vec::new(), Vec::new());
        let (mode, draw) = (Mode::Train, Draw::new(case.seed, 2));
        Ok(Self { model, inputs, upstream, batch: 3, mode, draw })
    }

    /// Draws inputs and upstream gradients.
    fn draw_batch(&mut self, subject: &LayerUnderTest, case: &Case) {
        let noise = Noise::new(case.seed);
        let numbers = |place: &str, k: usize, shape: &Shape| -> Vec<f64> {
            let noise = noise.at(place).step(k as u64);
            (0..self.batch * shape.size()).map(|i| noise.normal(i as u64)).collect()
        };
        let shapes = self.model.input_shapes();
        self.inputs = shapes
            .iter()
            .enumerate()
            .map(|(k, shape)| {
                let last = shape.last().copied().unwrap_or(1);
                let numbers = numbers("input", k, shape).into_iter().enumerate();
                let value = |(i, x): (usize, f64)| match subject.values_of(k) {
                    Values::Real => subject.away_from_kinks(case.magnitude * x),
                    Values::Below(n) => noise.at("index").below(i as u64, n) as f64,
                    Values::Mask => f64::from(u8::from(i % last == 0 || x > 0.0)),
                };
                numbers.map(value).map(rounded).collect()
            })
            .collect();
        let shapes = self.model.output_shapes();
        let gradient =
            |(k, shape)| numbers("upstream", k, shape).into_iter().map(rounded).collect();
        self.upstream = shapes.iter().enumerate().map(gradient).collect();
    }

    /// The same model with another batch.
    pub fn other(&self, subject: &LayerUnderTest, case: &Case, batch: usize) -> Self {
        let mut other = Self { batch, ..self.clone() };
        other.draw_batch(subject, &Case { seed: case.seed.wrapping_add(77), ..case.clone() });
        other
    }

    /// Some samples of the batch, with the numbers that they have in the whole.
    pub fn part(&self, samples: Range<usize>) -> Self {
        let rows = |values: &Vec<F>| self.rows(values, samples.clone()).to_vec();
        Self {
            model: self.model.clone(),
            inputs: self.inputs.iter().map(rows).collect(),
            upstream: self.upstream.iter().map(rows).collect(),
            batch: samples.len(),
            mode: self.mode,
            draw: self.draw.from_sample(samples.start),
        }
    }

    /// The batch this many times over.
    #[cfg(feature = "threads")]
    pub fn repeated(&self, times: usize) -> Self {
        let repeat = |values: &Vec<F>| values.repeat(times);
        Self {
            inputs: self.inputs.iter().map(repeat).collect(),
            upstream: self.upstream.iter().map(repeat).collect(),
            batch: self.batch * times,
            ..self.clone()
        }
    }

    /// The size of the terms that gradients are sums of: of inputs, parameters and upstream gradients together.
    pub fn scale(&self) -> f64 {
        self.upstream.iter().map(|list| largest(list)).fold(1.0, f64::max) * self.terms()
    }

    /// The size of the terms that outputs are sums of.
    pub fn terms(&self) -> f64 {
        let inputs = self.inputs.iter().map(|list| largest(list)).fold(1.0, f64::max);
        inputs * largest(self.model.values()).max(1.0)
    }

    /// These samples of a tensor for the whole batch.
    pub fn rows<'v>(&self, values: &'v [F], samples: Range<usize>) -> &'v [F] {
        let size = values.len().checked_div(self.batch).unwrap_or(0);
        values.get(samples.start * size..samples.end * size).unwrap_or_default()
    }
}

impl LayerUnderTest {
    pub(super) fn values_of(&self, input: usize) -> Values {
        self.values.get(input).copied().unwrap_or(Values::Real)
    }

    fn away_from_kinks(&self, x: f64) -> f64 {
        let near = self.kinks.iter().find(|&&kink| (x - kink).abs() < DISTANCE);
        near.map_or(x, |kink| if x < *kink { kink - DISTANCE } else { kink + DISTANCE })
    }
}

/// The model of the layer alone.
fn planned<F: Precision>(
    subject: &LayerUnderTest,
    case: &Case,
    shapes: &[Shape],
) -> Result<Model<F>, Unmet> {
    let Some(layer) = F::layer(subject, case) else {
        return Err(Unmet::NotApplicable(format!("there is no layer for {} numbers", F::NAME)));
    };
    Model::build(layer, shapes, case.seed)
        .map_err(|error| unexpected(format!("the plan for {shapes:?}"), error))
}

/// A number that both precisions hold exactly.
fn rounded<F: Precision>(x: f64) -> F {
    F::of(f64::from(x as f32))
}

/// An error where there must be none.
pub(super) fn unexpected(what: impl ToString, error: Error) -> Unmet {
    let (what, expected, got) = (what.to_string(), "no error".to_owned(), error.to_string());
    Unmet::Broken(Broken { what, expected, got: format!("the error: {got}") })
}

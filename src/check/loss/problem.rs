//! Batches of outputs and targets.

use super::frame::Frame;
use super::{Case, LossUnderTest, Outputs, Targets};
use crate::check::{Broken, Unmet};
use crate::data::{Classes, Target};
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::layer::Tensors;
use crate::loss::{Loss, LossPass, Total};
use crate::network::OutputGradients;
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;
use crate::tensor::View;

/// The targets of a batch.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    None,
    Classes(Vec<usize>),
    Values(Vec<f64>),
}

/// A batch, in double precision.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) frame: Frame,
    pub(super) batch: usize,
    /// One buffer for each output.
    pub(super) outputs: Vec<Vec<f64>>,
    pub(super) answer: Answer,
    pub(super) weights: Vec<f64>,
}

/// What a loss gives for a batch: the total, and the gradient for each output.
#[derive(Clone, Debug)]
pub(super) struct Measured<F> {
    pub(super) total: Total,
    pub(super) gradients: Vec<Vec<F>>,
}

impl<F: Scalar> Measured<F> {
    /// The total, then all gradients, as numbers to compare.
    pub(super) fn numbers(&self) -> Vec<f64> {
        let gradients = self.gradients.iter().flatten().map(|g| g.as_f64());
        [self.total.sum, self.total.weight].into_iter().chain(gradients).collect()
    }
}

impl Problem {
    /// The batch of this case.
    ///
    /// Targets lie on a grid of eighths, and outputs beside it, each place and each output by another distance. So no difference of two numbers is
    /// near a multiple of 1/8, where the bends of most losses are.
    pub(super) fn draw(subject: &LossUnderTest, case: &Case) -> Result<Self, Unmet> {
        let frame = subject.frame(&case.axes)?;
        let noise = Noise::new(case.seed);
        let grid = |u: f64, from: f64, to: f64| (8.0 * (from + u * (to - from))).round() / 8.0;
        let outputs = frame.outputs.iter().enumerate().map(|(k, (out, shape))| {
            let (noise, size) = (noise.at("output").step(k as u64), shape.size());
            let number = |i: usize| {
                let (u, beside) =
                    (noise.uniform(i as u64), 0.01 * (1 + i % size % 11) as f64 + 0.03 * k as f64);
                match out {
                    Outputs::Real => grid(u, -3.0, 3.0) + beside,
                    Outputs::Probabilities => grid(u, 0.125, 0.75) + beside,
                    Outputs::LogProbabilities => -grid(u, 0.0, 4.0) - beside,
                    Outputs::Positive | Outputs::OnePositive => grid(u, 0.5, 3.0) + beside,
                }
            };
            (0..case.batch * size).map(number).collect()
        });
        let outputs = outputs.collect();
        let noise_of_targets = noise.at("targets");
        let u = |i: usize| noise_of_targets.uniform(i as u64);
        let value = |i: usize| match frame.targets {
            Targets::Real => grid(u(i), -3.0, 3.0),
            Targets::Counts => (5.0 * u(i)).round(),
            Targets::Probabilities => grid(u(i), 0.0, 1.0),
            Targets::LogProbabilities => -grid(u(i), 0.0, 4.0),
            Targets::Bits => u(i).round(),
            Targets::Signs => 2.0 * u(i).round() - 1.0,
            Targets::None | Targets::Classes => 0.0,
        };
        let count = 0..case.batch * frame.target.size();
        let answer = match frame.targets {
            Targets::None => Answer::None,
            Targets::Classes => {
                let classes = last(&frame);
                Answer::Classes(count.map(|i| noise_of_targets.below(i as u64, classes)).collect())
            }
            _ => Answer::Values(count.map(value).collect()),
        };
        let weight = |i: usize| noise.at("weights").below(i as u64, 8) as f64 / 4.0;
        let weights = (0..case.batch).map(weight).collect();
        Ok(Self { frame, batch: case.batch, outputs, answer, weights })
    }

    /// The batch of this case with weights of 1.
    pub(super) fn unweighted(subject: &LossUnderTest, case: &Case) -> Result<Self, Unmet> {
        let mut problem = Self::draw(subject, case)?;
        problem.weights.fill(1.0);
        Ok(problem)
    }

    /// One sample with these outputs and targets all over.
    pub(super) fn constant(frame: &Frame, output: f64, target: f64) -> Self {
        let outputs = frame.outputs.iter().map(|(_, shape)| vec![output; shape.size()]).collect();
        let answer = match frame.targets {
            Targets::None => Answer::None,
            Targets::Classes => Answer::Classes(vec![0; frame.target.size()]),
            _ => Answer::Values(vec![target; frame.target.size()]),
        };
        Self { frame: frame.clone(), batch: 1, outputs, answer, weights: vec![1.0] }
    }

    /// These samples, in this order.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        let answer = match &self.answer {
            Answer::None => Answer::None,
            Answer::Classes(labels) => Answer::Classes(pick(labels, rows, self.batch)),
            Answer::Values(values) => Answer::Values(pick(values, rows, self.batch)),
        };
        Self {
            frame: self.frame.clone(),
            batch: rows.len(),
            outputs: self.outputs.iter().map(|output| pick(output, rows, self.batch)).collect(),
            answer,
            weights: pick(&self.weights, rows, self.batch),
        }
    }

    /// The same with outputs and targets as single precision has them.
    pub(super) fn rounded(mut self) -> Self {
        let round = |values: &mut Vec<f64>| {
            values.iter_mut().for_each(|x| *x = f64::from(*x as f32));
        };
        self.outputs.iter_mut().for_each(round);
        if let Answer::Values(values) = &mut self.answer {
            round(values);
        }
        self
    }

    /// What the loss says. The gradient buffers hold the number `held` before; without one, no gradient is asked for.
    pub(super) fn evaluate<F: Scalar>(
        &self,
        loss: &dyn Loss<F>,
        held: Option<F>,
    ) -> Result<Measured<F>, Error> {
        let numbers = |values: &[f64]| values.iter().map(|&x| F::of(x)).collect::<Vec<F>>();
        let buffers: Vec<Vec<F>> = self.outputs.iter().map(|output| numbers(output)).collect();
        let (shapes, weights) = (self.frame.shapes(), numbers(&self.weights));
        let ids: Vec<usize> = (0..buffers.len()).collect();
        let mut gradients: Vec<Vec<F>> = match held {
            Some(held) => buffers.iter().map(|buffer| vec![held; buffer.len()]).collect(),
            None => Vec::new(),
        };
        let values = match &self.answer {
            Answer::Values(values) => numbers(values),
            _ => Vec::new(),
        };
        let targets = match &self.answer {
            Answer::None => Target::None,
            Answer::Classes(labels) => {
                Target::Classes(Classes::trusted(labels, &self.frame.target))
            }
            Answer::Values(_) => {
                Target::Values(View::new(&values, self.batch, &self.frame.target)?)
            }
        };
        let asked = held.is_some();
        let lent = OutputGradients::new(&mut gradients, &ids, &shapes, self.batch);
        let total = loss.evaluate(LossPass {
            outputs: Tensors::new(&buffers, &ids, &shapes, self.batch),
            targets,
            weights: Some(&weights),
            gradients: asked.then_some(lent),
            parallel: Parallel::Off,
        })?;
        Ok(Measured { total, gradients })
    }

    /// What the loss says, with gradients; an error breaks the law.
    pub(super) fn measure<F: Scalar>(&self, loss: &dyn Loss<F>) -> Result<Measured<F>, Unmet> {
        self.evaluate(loss, Some(F::nan())).map_err(unexpected)
    }

    /// The sum of losses; an error breaks the law.
    pub(super) fn sum(&self, loss: &dyn Loss<f64>) -> Result<f64, Unmet> {
        Ok(self.evaluate(loss, None).map_err(unexpected)?.total.sum)
    }

    /// The numbers of one sample in a buffer of the whole batch.
    pub(super) fn row<'a, T>(&self, values: &'a [T], sample: usize) -> &'a [T] {
        let size = values.len() / self.batch.max(1);
        values.get(sample * size..(sample + 1) * size).unwrap_or_default()
    }

    /// The same, to change.
    pub(super) fn row_mut<'a, T>(&self, values: &'a mut [T], sample: usize) -> &'a mut [T] {
        let size = values.len() / self.batch.max(1);
        values.get_mut(sample * size..(sample + 1) * size).unwrap_or_default()
    }

    /// The largest magnitude among outputs, targets and 1.
    pub(super) fn size(&self) -> f64 {
        let values = match &self.answer {
            Answer::Values(values) => values.as_slice(),
            _ => &[],
        };
        self.outputs.iter().flatten().chain(values).fold(1.0, |most: f64, x| most.max(x.abs()))
    }
}

/// The length of the last axis of the first output.
pub(super) fn last(frame: &Frame) -> usize {
    let axis = |(_, shape): &(Outputs, Shape)| shape.last().copied();
    frame.outputs.first().and_then(axis).unwrap_or(1)
}

fn pick<T: Copy>(values: &[T], rows: &[usize], batch: usize) -> Vec<T> {
    let size = values.len() / batch.max(1);
    rows.iter().flat_map(|&row| values[row * size..(row + 1) * size].iter().copied()).collect()
}

/// An error where none was to be.
pub(super) fn unexpected(error: Error) -> Unmet {
    let (what, expected) = ("the evaluation".to_owned(), "no error".to_owned());
    Unmet::Broken(Broken { what, expected, got: error.to_string() })
}

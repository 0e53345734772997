//! What a metric is tried on.

use ndarray::{ArrayD, IxDyn};

use super::{Case, Kind};
use crate::check::{Unmet, broken};
use crate::data::Targets;
use crate::metric::{Metric, Tally, count_on};
use crate::scalar::Scalar;

/// The score of a class that a prediction is sure of; the others get its negative.
const SURE: f64 = 40.0;

/// Outputs, targets and weights of some samples.
#[derive(Clone, Debug)]
pub(super) struct Samples {
    kind: Kind,
    /// Row after row.
    outputs: Vec<f64>,
    /// Row after row; class indices as numbers.
    targets: Vec<f64>,
    pub(super) weights: Vec<f64>,
}

impl Samples {
    /// The samples of the case. All numbers are quarters, so that they are the same in both precisions and that there are ties.
    pub(super) fn of(case: &Case, kind: Kind) -> Self {
        let far = if case.far && kind.classes() == 0 { 1e6 } else { 0.0 };
        let number =
            |place: &str, i: usize| far + (4.0 * case.noise(place).normal(i as u64)).round() / 4.0;
        let width = kind.width();
        let targets = match kind {
            Kind::Numbers(_) => (0..case.len * width).map(|i| number("targets", i)).collect(),
            _ => {
                let noise = case.noise("targets");
                (0..case.len).map(|i| noise.below(i as u64, kind.classes()) as f64).collect()
            }
        };
        let noise = case.noise("weights");
        let weight = |i: usize| if i == 0 { 1.0 } else { noise.below(i as u64, 5) as f64 / 2.0 };
        Self {
            kind,
            outputs: (0..case.len * width).map(|i| number("outputs", i)).collect(),
            targets,
            weights: (0..case.len).map(weight).collect(),
        }
    }

    /// Samples of the case and some more, so that each class is there twice, all with a weight, and predicted without fault.
    pub(super) fn perfect(case: &Case, kind: Kind) -> Self {
        let more = 2 * kind.classes().max(4);
        let mut samples = Self::of(&Case { len: case.len + more, ..case.clone() }, kind);
        for row in 0..samples.len() {
            samples.weights[row] += 0.5;
            if row < more && kind.classes() > 0 {
                samples.targets[row] = (row % kind.classes()) as f64;
            }
            samples.predict(row, true);
        }
        samples
    }

    /// Makes the prediction of this row right, or as wrong as can be.
    pub(super) fn predict(&mut self, row: usize, right: bool) {
        let (kind, width) = (self.kind, self.kind.width());
        let outputs = &mut self.outputs[row * width..][..width];
        if kind.classes() == 0 {
            // Errors of either sign, so that they do not only shift the mean.
            let error = if right { 0.0 } else { [64.0, -96.0][row % 2] };
            let targets = &self.targets[row * width..];
            outputs.iter_mut().zip(targets).for_each(|(output, target)| *output = target + error);
            return;
        }
        let label = self.targets[row] as usize;
        let answer = if right { label } else { (label + 1) % kind.classes() };
        if let [logit] = outputs {
            *logit = if answer == 1 { SURE } else { -SURE };
        } else {
            // All others share the second place; the right class of a wrong answer comes last.
            outputs.fill(if right { -SURE } else { 0.0 });
            outputs[label] = -SURE;
            outputs[answer] = SURE;
        }
    }

    /// Makes outputs of this row NaN: all of them, or one.
    pub(super) fn lose(&mut self, row: usize, one: Option<usize>) {
        let width = self.kind.width();
        let outputs = &mut self.outputs[row * width..][..width];
        match one {
            Some(column) => outputs[column % width] = f64::NAN,
            None => outputs.fill(f64::NAN),
        }
    }

    /// Makes the target of this row one that is not allowed; false if any target is.
    pub(super) fn spoil_target(&mut self, row: usize) -> bool {
        match self.kind {
            Kind::Numbers(_) => return false,
            Kind::Binary => self.targets[row] = -0.5,
            Kind::Classes(_) | Kind::Logit => self.targets[row] = self.kind.classes() as f64,
        }
        true
    }

    pub(super) fn len(&self) -> usize {
        self.weights.len()
    }

    /// These rows.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        let pick = |values: &[f64]| {
            let width = values.len() / self.len().max(1);
            rows.iter().flat_map(|row| &values[row * width..][..width]).copied().collect()
        };
        Self {
            kind: self.kind,
            outputs: pick(&self.outputs),
            targets: pick(&self.targets),
            weights: pick(&self.weights),
        }
    }

    /// Counts on from a tally, with or without the weights; no rows at all leave it as it is.
    pub(super) fn add<F: Scalar>(
        &self,
        metric: &dyn Metric<F>,
        tally: &mut Tally,
        weighted: bool,
    ) -> Result<(), Unmet> {
        if self.len() == 0 {
            return Ok(());
        }
        let (outputs, targets) = (self.array(&self.outputs), self.array(&self.targets));
        let targets = if self.kind.is_indexed() {
            let labels: Vec<usize> = self.targets.iter().map(|&label| label as usize).collect();
            Targets::Classes(ndarray::Array1::from(labels).into_dyn().into_shared())
        } else {
            Targets::Values(targets.into_shared())
        };
        let weights: Vec<F> = self.weights.iter().map(|&weight| F::of(weight)).collect();
        let weights = weighted.then_some(weights.as_slice());
        count_on(metric, tally, &[outputs], targets, weights)
            .or_else(|error| broken("the count", "no error", error))
    }

    /// What the metric counts.
    pub(super) fn tally<F: Scalar>(&self, metric: &dyn Metric<F>) -> Result<Tally, Unmet> {
        let mut tally = metric.start();
        self.add(metric, &mut tally, true)?;
        Ok(tally)
    }

    /// The value of the metric.
    pub(super) fn value<F: Scalar>(&self, metric: &dyn Metric<F>) -> Result<f64, Unmet> {
        Ok(metric.value(&self.tally(metric)?))
    }

    fn array<F: Scalar>(&self, values: &[f64]) -> ArrayD<F> {
        let shape = [self.len(), values.len() / self.len().max(1)];
        ArrayD::from_shape_fn(IxDyn(&shape), |at| F::of(values[at[0] * shape[1] + at[1]]))
    }
}

//! Metrics: accumulators that can be merged, so that any partition of the data gives the value of the whole.

mod accuracy;
mod moments;

use std::fmt::Debug;

pub use accuracy::Accuracy;
pub(crate) use moments::Moments;

use crate::data::{Target, TargetKind};
use crate::error::Error;
use crate::goal::Goal;
use crate::layer::Tensors;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// What a metric has counted so far: plain numbers whose meaning the metric knows.
pub type Tally = Vec<f64>;

/// A measure of how good outputs are, counted over batches.
///
/// The metric itself holds settings alone; its counts are lent, so one metric serves any number of runs and threads.
pub trait Metric<F: Scalar>: Debug + Send + Sync {
    /// The name in histories and reports, such as `"accuracy"`.
    fn name(&self) -> String;

    /// Which way is better.
    fn goal(&self) -> Goal;

    /// Checks, once, that the model's outputs and the targets can be measured.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::Arity`], [`Error::TargetKind`] or [`Error::Argument`] naming this metric.
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error>;

    /// The counts before any batch.
    fn start(&self) -> Tally;

    /// Counts one batch.
    ///
    /// # Errors
    /// [`Error::Target`] for a target that this metric does not allow.
    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error>;

    /// Adds the counts of another part of the data. The default adds number by number.
    fn merge(&self, tally: &mut Tally, other: &Tally) {
        for (sum, more) in tally.iter_mut().zip(other) {
            *sum += more;
        }
    }

    /// The value; NaN if nothing was counted.
    fn value(&self, tally: &Tally) -> f64;
}

/// What is lent to a metric.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MetricPass<'a, F> {
    /// The model's outputs.
    pub outputs: Tensors<'a, F>,
    /// What they should have been.
    pub targets: Target<'a, F>,
    /// The weights of the samples; `None` stands for 1 each.
    pub weights: Option<&'a [F]>,
}

impl<'a, F: Scalar> MetricPass<'a, F> {
    /// A pass over these outputs and targets, without weights.
    pub fn new(outputs: Tensors<'a, F>, targets: Target<'a, F>) -> Self {
        Self { outputs, targets, weights: None }
    }

    /// The weight of a sample.
    pub fn weight(&self, sample: usize) -> f64 {
        self.weights.and_then(|weights| weights.get(sample)).map_or(1.0, |weight| weight.as_f64())
    }
}

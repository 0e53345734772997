//! Softmax and its logarithm.

use super::axis::Axis;
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// Positive numbers that sum to 1 along an axis: yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ).
///
/// A classifier should end without it and use a loss that takes logits: that is more accurate. Takes samples of at least one axis and keeps
/// their shape. Bridle: *Probabilistic interpretation of feedforward classification network outputs* (1990).
///
/// ```
/// use downhill::{Model, layer::Softmax};
/// let model: Model<f64> = Model::build(Softmax::default(), &[2.into()], 0)?;
/// assert_eq!(model.predict(&ndarray::array![[1e4, 1e4]])?, ndarray::array![[0.5, 0.5]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Softmax {
    /// The axis of the sample, counted from 0 without the batch axis; the last one by default (`None`).
    pub axis: Option<usize>,
}

impl<F: Scalar> Layer<F> for Softmax {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        Axis::check(plan, self.axis)?;
        let shape = plan.input()?;
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let axis = Axis::of(x.shape(), self.axis);
        let (x, mut y) = (x.values(), pass.outputs.one());
        let y = y.values();
        for start in axis.lines(x.len()) {
            let top = largest(x, axis, start);
            let mut sum = F::zero();
            for i in axis.line(start) {
                y[i] = (x[i] - top).fast_exp();
                sum += y[i];
            }
            for i in axis.line(start) {
                y[i] /= sum;
            }
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let y = pass.outputs.one();
        let axis = Axis::of(y.shape(), self.axis);
        let (y, dy) = (y.values(), pass.output_gradients.one().values());
        let Some(mut dx) = pass.input_gradients.one() else { return };
        let dx = dx.values();
        for start in axis.lines(y.len()) {
            let mean: F = axis.line(start).map(|i| y[i] * dy[i]).sum();
            for i in axis.line(start) {
                dx[i] = y[i] * (dy[i] - mean);
            }
        }
    }
}

/// The logarithm of [`Softmax`]: yᵢ = xᵢ − ln Σⱼ exp(xⱼ), precise also where the probabilities round to 0 or 1.
///
/// Takes samples of at least one axis and keeps their shape.
///
/// ```
/// use downhill::{Model, layer::LogSoftmax};
/// let model: Model<f64> = Model::build(LogSoftmax::default(), &[2.into()], 0)?;
/// assert_eq!(model.predict(&ndarray::array![[0.0, 1e4]])?, ndarray::array![[-1e4, 0.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogSoftmax {
    /// The axis of the sample, counted from 0 without the batch axis; the last one by default (`None`).
    pub axis: Option<usize>,
}

impl<F: Scalar> Layer<F> for LogSoftmax {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        Axis::check(plan, self.axis)?;
        let shape = plan.input()?;
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let axis = Axis::of(x.shape(), self.axis);
        let (x, mut y) = (x.values(), pass.outputs.one());
        let y = y.values();
        for start in axis.lines(x.len()) {
            let top = largest(x, axis, start);
            let sum: F = axis.line(start).map(|i| (x[i] - top).exp()).sum();
            let log = sum.ln();
            for i in axis.line(start) {
                // Not x − (top + log): the sum would round log away beside a large top.
                y[i] = x[i] - top - log;
            }
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let y = pass.outputs.one();
        let axis = Axis::of(y.shape(), self.axis);
        let (y, dy) = (y.values(), pass.output_gradients.one().values());
        let Some(mut dx) = pass.input_gradients.one() else { return };
        let dx = dx.values();
        for start in axis.lines(y.len()) {
            let sum: F = axis.line(start).map(|i| dy[i]).sum();
            for i in axis.line(start) {
                dx[i] = dy[i] - y[i].exp() * sum;
            }
        }
    }
}

/// The largest number on a line; subtracting it keeps every exponential at most 1.
fn largest<F: Scalar>(x: &[F], axis: Axis, start: usize) -> F {
    axis.line(start).map(|i| x[i]).fold(F::neg_infinity(), F::max)
}

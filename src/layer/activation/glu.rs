//! Gated linear units: one half of an axis lets the other half through.

use super::{Activation, Sigmoid, Silu, axis::Axis};
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The gated linear unit: y = a·sigmoid(b), where a and b are the first and second half of an axis.
///
/// Takes samples whose axis has an even length, and halves it. Dauphin, Fan, Auli, Grangier: *Language modeling with gated convolutional
/// networks* (ICML 2017, arXiv:1612.08083).
///
/// ```
/// use downhill::{Model, layer::Glu};
/// let model: Model<f64> = Model::build(Glu::default(), &[4.into()], 0)?;
/// let y = model.predict(&ndarray::array![[3.0, 5.0, 0.0, 1e4]])?;
/// assert_eq!(y, ndarray::array![[1.5, 5.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glu {
    /// The axis of the sample, counted from 0 without the batch axis; the last one by default (`None`).
    pub axis: Option<usize>,
}

impl<F: Scalar> Layer<F> for Glu {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        plan_half(plan, self.axis)
    }

    fn forward(&self, pass: Forward<'_, F>) {
        forward(pass, self.axis, |a, b| a * Sigmoid.value(b));
    }

    fn backward(&self, pass: Backward<'_, F>) {
        backward(pass, self.axis, |a, b| {
            let gate = Sigmoid.value(b);
            (gate, a * Sigmoid.slope(b, gate))
        });
    }
}

/// The gated unit of many transformers: y = a·sigmoid(a)·b, where a and b are the first and second half of an axis.
///
/// Takes samples whose axis has an even length, and halves it. Shazeer: *GLU variants improve transformer* (arXiv:2002.05202).
///
/// ```
/// use downhill::{Model, layer::SwiGlu};
/// let model: Model<f64> = Model::build(SwiGlu::default(), &[4.into()], 0)?;
/// let y = model.predict(&ndarray::array![[0.0, 1e4, 3.0, 5.0]])?;
/// assert_eq!(y, ndarray::array![[0.0, 5e4]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SwiGlu {
    /// The axis of the sample, counted from 0 without the batch axis; the last one by default (`None`).
    pub axis: Option<usize>,
}

impl<F: Scalar> Layer<F> for SwiGlu {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        plan_half(plan, self.axis)
    }

    fn forward(&self, pass: Forward<'_, F>) {
        forward(pass, self.axis, |a, b| Silu.value(a) * b);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        backward(pass, self.axis, |a, b| {
            let y = Silu.value(a);
            (Silu.slope(a, y) * b, y)
        });
    }
}

fn plan_half<F: Scalar>(plan: &mut Plan<'_, F>, axis: Option<usize>) -> Result<(), Error> {
    Axis::check(plan, axis)?;
    let shape = plan.input()?;
    let mut half = shape.to_vec();
    let position = axis.unwrap_or(shape.len().saturating_sub(1));
    if half[position] % 2 != 0 {
        let expected = format!("an even length on axis {position}");
        return Err(plan.refuse(expected, &shape, "make the layer before it twice as wide"));
    }
    half[position] /= 2;
    plan.output(half)
}

/// How many numbers of the flat buffer are a half: within a block of the axis and all axes after it, each half is contiguous.
fn half(shape: &Shape, axis: Option<usize>) -> usize {
    let axis = Axis::of(shape, axis);
    axis.len / 2 * axis.stride
}

fn forward<F: Scalar>(mut pass: Forward<'_, F>, axis: Option<usize>, value: impl Fn(F, F) -> F) {
    let x = pass.inputs.one();
    let half = half(x.shape(), axis);
    let mut y = pass.outputs.one();
    for (x, y) in x.values().chunks_exact(2 * half).zip(y.values().chunks_exact_mut(half)) {
        let (a, b) = x.split_at(half);
        for ((y, &a), &b) in y.iter_mut().zip(a).zip(b) {
            *y = value(a, b);
        }
    }
}

/// `slopes` gives the derivatives for a and for b.
fn backward<F: Scalar>(
    mut pass: Backward<'_, F>,
    axis: Option<usize>,
    slopes: impl Fn(F, F) -> (F, F),
) {
    let x = pass.inputs.one();
    let half = half(x.shape(), axis);
    let dy = pass.output_gradients.one().values().chunks_exact(half);
    let Some(mut dx) = pass.input_gradients.one() else { return };
    let blocks = x.values().chunks_exact(2 * half).zip(dx.values().chunks_exact_mut(2 * half));
    for ((x, dx), dy) in blocks.zip(dy) {
        let (a, b) = x.split_at(half);
        let (da, db) = dx.split_at_mut(half);
        let inputs = a.iter().zip(b).zip(dy);
        for ((da, db), ((&a, &b), &dy)) in da.iter_mut().zip(db).zip(inputs) {
            let (slope_a, slope_b) = slopes(a, b);
            *da = slope_a * dy;
            *db = slope_b * dy;
        }
    }
}

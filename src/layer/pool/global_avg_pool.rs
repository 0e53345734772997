//! The mean of each channel.

use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// The mean of each channel: y\[c\] = Σ x\[c, …\] / n, with the n numbers of a channel.
///
/// Takes samples of shape `[channels, …]` with at least one axis after the channels, such as `[channels, length]` and `[channels, height, width]`, and gives
/// `[channels]`. No settings, no parameters.
///
/// # Errors
/// Building the model fails if the sample has fewer than two axes.
///
/// ```
/// use downhill::{Model, layer::GlobalAvgPool};
/// let model: Model<f64> = Model::build(GlobalAvgPool, &[[2, 1, 2].into()], 7)?;
/// let y = model.predict(&ndarray::array![[[[1.0, 3.0]], [[4.0, 6.0]]]])?;
/// assert_eq!(y, ndarray::array![[2.0, 5.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GlobalAvgPool;

impl<F: Scalar> Layer<F> for GlobalAvgPool {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        plan_channels(plan)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let mut y = pass.outputs.one();
        let numbers = x.size() / y.size();
        let share = F::of(1.0 / numbers as f64);
        for (y, x) in y.values().iter_mut().zip(x.values().chunks_exact(numbers)) {
            *y = x.iter().copied().sum::<F>() * share;
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let Some(mut dx) = pass.input_gradients.one() else { return };
        let dy = pass.output_gradients.one();
        let numbers = dx.size() / dy.size();
        let share = F::of(1.0 / numbers as f64);
        for (dx, &dy) in dx.values().chunks_exact_mut(numbers).zip(dy.values()) {
            dx.fill(dy * share);
        }
    }
}

/// One number for each channel.
pub(super) fn plan_channels<F: Scalar>(plan: &mut Plan<'_, F>) -> Result<(), Error> {
    let input = plan.input()?;
    match *input.axes() {
        [channels, _, ..] => plan.output(channels),
        _ => {
            let fix =
                "leave the layer out, or add a Reshape before it that makes the axis of channels";
            Err(plan.refuse("an axis of channels and at least one more", &input, fix))
        }
    }
}

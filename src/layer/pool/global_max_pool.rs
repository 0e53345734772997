//! The largest number of each channel.

use super::global_avg_pool::plan_channels;
use super::maximum::beats;
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// The largest number of each channel: y\[c\] = max x\[c, …\].
///
/// Among equal numbers the first one gets the gradient. A NaN wins over every number, so that it is not hidden.
///
/// Takes samples of shape `[channels, …]` with at least one axis after the channels, such as `[channels, length]` and `[channels, height, width]`, and gives
/// `[channels]`. No settings, no parameters.
///
/// # Errors
/// Building the model fails if the sample has fewer than two axes.
///
/// ```
/// use downhill::{Model, layer::GlobalMaxPool};
/// let model: Model<f64> = Model::build(GlobalMaxPool, &[[2, 1, 2].into()], 7)?;
/// let y = model.predict(&ndarray::array![[[[1.0, 3.0]], [[6.0, 4.0]]]])?;
/// assert_eq!(y, ndarray::array![[3.0, 6.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GlobalMaxPool;

impl<F: Scalar> Layer<F> for GlobalMaxPool {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        plan_channels(plan)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let mut y = pass.outputs.one();
        let numbers = x.size() / y.size();
        for (y, x) in y.values().iter_mut().zip(x.values().chunks_exact(numbers)) {
            let larger = |most, &x| if beats(x, most) { x } else { most };
            *y = x.iter().fold(F::neg_infinity(), larger);
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let Some(mut dx) = pass.input_gradients.one() else { return };
        let (x, y) = (pass.inputs.one(), pass.outputs.one());
        let numbers = x.size() / y.size();
        let channels = dx.values().chunks_exact_mut(numbers).zip(x.values().chunks_exact(numbers));
        let outputs = y.values().iter().zip(pass.output_gradients.one().values());
        for ((dx, x), (&y, &dy)) in channels.zip(outputs) {
            dx.fill(F::zero());
            if let Some(first) = x.iter().position(|&x| x == y || x.is_nan()) {
                dx[first] = dy;
            }
        }
    }
}

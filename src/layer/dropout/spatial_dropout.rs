//! Channels left out at random.

use super::factors::Factors;
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// Leaves out each whole channel with probability `rate` in training, and scales what is kept by 1/(1 − rate); copies its input in evaluation.
///
/// Takes samples of shape `[channels, …]` and gives the same shape. Neighbours in an image or a sequence are so alike that [`Dropout`](super::Dropout) hides little; a
/// channel that is missing cannot be guessed from its neighbours. What is left out is a function of the seed, the step, the layer, the sample's number in the batch and the channel:
/// the same on any number of threads, and in whatever parts a batch is computed. No parameters. PyTorch's `Dropout1d` and `Dropout2d`.
///
/// (Tompson, Goroshin, Jain, LeCun, Bregler: *Efficient object localization using convolutional networks*, CVPR 2015.)
///
/// # Errors
/// Building the model fails if the sample has no axis, or if the rate is outside its range.
///
/// ```
/// use downhill::{Model, layer::{Chain, Conv2d, SpatialDropout}};
/// let chain = Chain::new().then(Conv2d::new(8, 3)).then(SpatialDropout::new(0.2));
/// let model: Model<f32> = Model::build(chain, &[[1, 5, 5].into()], 7)?;
/// assert_eq!(model.output_shapes(), [[8, 3, 3].into()]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SpatialDropout {
    /// The probability that a channel is left out, in [0, 1); 0.5 by default.
    pub rate: f64,
}

impl Default for SpatialDropout {
    fn default() -> Self {
        Self::new(0.5)
    }
}

impl SpatialDropout {
    /// A layer that leaves out this share of the channels.
    pub fn new(rate: f64) -> Self {
        Self { rate }
    }

    fn factors(&self, channels: Option<&usize>) -> Factors {
        Factors { rate: self.rate, parts: channels.copied().unwrap_or(1) }
    }
}

impl<F: Scalar> Layer<F> for SpatialDropout {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let input = plan.input()?;
        if input.is_empty() {
            let fix = "add a Reshape before it that makes the axis of channels";
            return Err(plan.refuse("an axis of channels", &input, fix));
        }
        self.factors(input.first()).plan(plan, "SpatialDropout")
    }

    fn forward(&self, pass: Forward<'_, F>) {
        self.factors(pass.inputs.one().shape().first()).forward(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        self.factors(pass.inputs.one().shape().first()).backward(pass);
    }
}

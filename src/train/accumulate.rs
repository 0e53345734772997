//! Losses of some samples, and the gradient of their sum.

use super::filled::check_weights;
use crate::data::Part;
use crate::error::Error;
use crate::loss::{Loss, LossPass, Total};
use crate::network::{Draw, Model, Workspace};
use crate::scalar::Scalar;

/// Forward, loss and backward over some samples: adds the gradient **of the sum** of their losses to `gradient` and returns sum and weight.
///
/// This is what a loop of your own builds on; a trainer's [`gradient`](super::Trainer::gradient) divides and regularizes as well.
///
/// # Errors
/// What the loss finds wrong with the targets; [`Error::Length`] if `gradient` has not the length of the parameters; [`Error::Cell`] if a sample's
/// weight is negative or not finite.
///
/// ```
/// use downhill::{prelude::*, network::Draw, train::accumulate};
/// let data = Dataset::new(ndarray::array![[1.0], [3.0]], ndarray::array![[2.0], [6.0]])?;
/// let model = Dense::new(1).without_bias().weight_init(init::Constant(1.0));
/// let mut model: Model<f64> = Model::build(model, &[1.into()], 7)?;
/// let (mut work, batch) = (Workspace::new(&model), Batch::of(&data)?);
/// let (mut gradient, mut total) = ([0.0], downhill::loss::Total::default());
/// for sample in 0..2 {
///     let (part, draw) = (batch.part(sample, sample + 1), Draw::new(7, 0).from_sample(sample));
///     total += accumulate(&Mse, &mut model, &mut work, &part, draw, &mut gradient)?;
/// }
/// assert_eq!(total.mean(), (1.0 + 9.0) / 2.0);
/// assert_eq!(gradient, [2.0 * -1.0 * 1.0 + 2.0 * -3.0 * 3.0]); // of the sum, not of the mean
/// # Ok::<(), downhill::Error>(())
/// ```
pub fn accumulate<F: Scalar>(
    loss: &dyn Loss<F>,
    model: &mut Model<F>,
    work: &mut Workspace<F>,
    samples: &Part<'_, F>,
    draw: Draw,
    gradient: &mut [F],
) -> Result<Total, Error> {
    check_weights(samples.weights(), |sample| sample)?;
    let total = losses(loss, model, work, samples, draw)?;
    work.backward(model, gradient, draw)?;
    Ok(total)
}

/// Forward and loss over some samples, with the gradient of the sum of their losses for the outputs.
pub(super) fn losses<F: Scalar>(
    loss: &dyn Loss<F>,
    model: &mut Model<F>,
    work: &mut Workspace<F>,
    samples: &Part<'_, F>,
    draw: Draw,
) -> Result<Total, Error> {
    work.load_part(samples)?;
    work.train(model, samples.len(), draw)?;
    let (outputs, gradients) = work.output_gradients()?;
    loss.evaluate(LossPass {
        outputs,
        targets: samples.target(),
        weights: samples.weights(),
        gradients: Some(gradients),
        parallel: draw.parallel,
    })
}

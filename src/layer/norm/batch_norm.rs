//! Normalisation over the batch.

use super::channels::Channels;
use super::running::Running;
use super::weights;
use crate::error::{Error, require};
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Each channel brought to mean 0 and variance 1 over the batch: y = (x − mean) / √(variance + ε) · weight + bias.
///
/// Takes samples of shape `[channels]`, `[channels, length]`, `[channels, height, width]` or longer, and gives the same shape; mean and variance are those of
/// all numbers of a channel in the batch that a pass is given: with [`accumulate`](crate::Fit::accumulate), of each part. The variance divides by
/// their count.
///
/// In training, the layer's state follows the batches: running ← (1 − momentum)·running + momentum·new, where the new variance divides by the count
/// less one. Evaluation uses `running_mean` and `running_var` in place of the batch's.
///
/// | field | default | range |
/// |---|---|---|
/// | `epsilon` (ε) | 1e-5 | > 0 |
/// | `momentum` | `Some(0.1)` | [0, 1]; with `None` the state is the mean over all batches so far |
/// | `affine` | true | without it there is neither weight nor bias |
/// | `track_running_stats` | true | without it there is no state, and evaluation uses the batch's statistics |
///
/// | parameter or state | shape | role | starts as |
/// |---|---|---|---|
/// | `weight` | `[channels]` | norm | 1 |
/// | `bias` | `[channels]` | norm | 0 |
/// | `running_mean` | `[channels]` | state | 0 |
/// | `running_var` | `[channels]` | state | 1 |
/// | `num_batches_tracked` | `[1]` | state, only if `momentum` is `None` | 0 |
///
/// All as PyTorch's, but for one case: where a channel has one number in the whole batch, PyTorch's training stops with an error. Here its distance from its own mean is
/// 0, the output is the bias, the gradient for x is 0, and the running variance stays as it is.
///
/// (Ioffe, Szegedy: *Batch normalization: accelerating deep network training by reducing internal covariate shift*, ICML 2015.)
///
/// # Errors
/// Building the model fails if the sample has no axis, or if a setting is outside its range.
///
/// ```
/// use downhill::prelude::*;
/// let model: Model<f64> = Model::build(BatchNorm { track_running_stats: false, ..BatchNorm::default() }, &[1.into()], 7)?;
/// let y = model.predict(&ndarray::array![[1.0], [3.0]])?; // mean 2, variance 1
/// assert!((y[[0, 0]] + 1.0).abs() < 1e-5 && (y[[1, 0]] - 1.0).abs() < 1e-5);
///
/// let model: Model<f32> = Model::build(Chain::new().then(Conv2d::new(8, 3)).then(BatchNorm2d::default()), &[[1, 5, 5].into()], 7)?;
/// assert_eq!(model.states()[1].path(), "1.batch_norm.running_var");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    /// What is added to the variance, above 0; 1e-5 by default.
    pub epsilon: f64,
    /// The weight of a new batch in the running statistics, in [0, 1]; 0.1 by default. With `None` all batches weigh the same.
    pub momentum: Option<f64>,
    /// Whether there are a weight and a bias; true by default.
    pub affine: bool,
    /// Whether evaluation uses running statistics; true by default.
    pub track_running_stats: bool,
}

/// [`BatchNorm`] by the name that it has where samples are `[channels]` or `[channels, length]`.
///
/// ```
/// use downhill::{Model, layer::BatchNorm1d};
/// let model: Model<f64> = Model::build(BatchNorm1d::default(), &[3.into()], 7)?;
/// let y = model.predict(&ndarray::array![[1.0, 2.0, 3.0]])?; // running mean 0, running variance 1
/// assert!((y[[0, 2]] - 3.0).abs() < 1e-4);
/// # Ok::<(), downhill::Error>(())
/// ```
pub type BatchNorm1d = BatchNorm;

/// [`BatchNorm`] by the name that it has where samples are `[channels, height, width]`.
///
/// ```
/// use downhill::{Model, layer::BatchNorm2d};
/// let layer = BatchNorm2d { affine: false, ..BatchNorm2d::default() };
/// let model: Model<f32> = Model::build(layer, &[[3, 8, 8].into()], 7)?;
/// assert_eq!(model.values().len(), 0);
/// # Ok::<(), downhill::Error>(())
/// ```
pub type BatchNorm2d = BatchNorm;

impl Default for BatchNorm {
    fn default() -> Self {
        Self { epsilon: 1e-5, momentum: Some(0.1), affine: true, track_running_stats: true }
    }
}

impl BatchNorm {
    fn channels(&self, input: &Shape) -> Option<Channels> {
        let &count = input.first()?;
        Some(Channels {
            count,
            plane: input.size() / count,
            epsilon: self.epsilon,
            running: self.track_running_stats.then_some(Running { momentum: self.momentum }),
        })
    }
}

impl<F: Scalar> Layer<F> for BatchNorm {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        require::positive("BatchNorm::epsilon", self.epsilon)?;
        let input = plan.input()?;
        let Some(channels) = self.channels(&input) else {
            let fix = "add a Reshape to [1] before it";
            return Err(plan.refuse("an axis of channels", &input, fix));
        };
        weights::plan(plan, &channels.count.into(), self.affine, true)?;
        if let Some(running) = channels.running {
            running.plan(plan, "BatchNorm", channels.count)?;
        }
        channels.plan(plan)
    }

    fn forward(&self, pass: Forward<'_, F>) {
        if let Some(channels) = self.channels(pass.inputs.one().shape()) {
            channels.forward(pass);
        }
    }

    fn backward(&self, pass: Backward<'_, F>) {
        if let Some(channels) = self.channels(pass.inputs.one().shape()) {
            channels.backward(pass);
        }
    }
}

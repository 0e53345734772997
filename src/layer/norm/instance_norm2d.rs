//! Normalisation of each channel of each image.

use super::channels::Channels;
use super::moments::Moments;
use super::rows::Rows;
use super::running::{self, Running};
use super::weights;
use crate::error::{Error, require};
use crate::layer::window::Planes;
use crate::layer::{Backward, Forward, Layer, Mode, Plan};
use crate::scalar::Scalar;

/// Each channel of each image brought to mean 0 and variance 1: y = (x − mean) / √(variance + ε) · weight + bias.
///
/// Takes samples of shape `[channels, height, width]` and gives the same shape. Mean and variance are those of the numbers of one channel of one image; the variance
/// divides by their count.
///
/// With `track_running_stats`, the layer's state follows the batches of training: running ← (1 − momentum)·running + momentum·new, where the new values are
/// the means over the batch of each image's mean and variance, which divides by the count less one. Evaluation then uses these.
///
/// | field | default | range |
/// |---|---|---|
/// | `epsilon` (ε) | 1e-5 | > 0 |
/// | `momentum` | 0.1 | [0, 1] |
/// | `affine` | false | with it there are a weight and a bias |
/// | `track_running_stats` | false | with it there is state, which evaluation uses |
///
/// | parameter or state | shape | role | starts as |
/// |---|---|---|---|
/// | `weight` | `[channels]` | norm | 1 |
/// | `bias` | `[channels]` | norm | 0 |
/// | `running_mean` | `[channels]` | state | 0 |
/// | `running_var` | `[channels]` | state | 1 |
///
/// All as PyTorch's, but for images of one number, where PyTorch's training stops with an error: here the output is the bias, and the running variance stays as it
/// is. Memory: one more tensor of the input's shape is kept for the gradient.
///
/// (Ulyanov, Vedaldi, Lempitsky: *Instance normalization: the missing ingredient for fast stylization*, 2016.)
///
/// # Errors
/// Building the model fails if the sample has not three axes, or if a setting is outside its range.
///
/// ```
/// use downhill::{Model, layer::InstanceNorm2d};
/// let model: Model<f64> = Model::build(InstanceNorm2d::default(), &[[1, 1, 2].into()], 7)?;
/// let y = model.predict(&ndarray::array![[[[1.0, 3.0]]], [[[10.0, 20.0]]]])?;
/// assert!((y[[0, 0, 0, 0]] + 1.0).abs() < 1e-5 && (y[[1, 0, 0, 1]] - 1.0).abs() < 1e-5);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InstanceNorm2d {
    /// What is added to the variance, above 0; 1e-5 by default.
    pub epsilon: f64,
    /// The weight of a new batch in the running statistics, in [0, 1]; 0.1 by default.
    pub momentum: f64,
    /// Whether there are a weight and a bias; false by default.
    pub affine: bool,
    /// Whether evaluation uses running statistics; false by default.
    pub track_running_stats: bool,
}

impl Default for InstanceNorm2d {
    fn default() -> Self {
        Self { epsilon: 1e-5, momentum: 0.1, affine: false, track_running_stats: false }
    }
}

impl InstanceNorm2d {
    fn running(&self) -> Option<Running> {
        self.track_running_stats.then_some(Running { momentum: Some(self.momentum) })
    }

    fn rows(&self, planes: Planes) -> Rows {
        let plane = planes.plane();
        Rows { size: plane, plane, centred: true, epsilon: self.epsilon }
    }

    fn channels(&self, planes: Planes) -> Channels {
        Channels {
            count: planes.channels,
            plane: planes.plane(),
            epsilon: self.epsilon,
            running: self.running(),
        }
    }

    fn is_fixed(&self, mode: Mode) -> bool {
        mode == Mode::Evaluate && self.track_running_stats
    }

    /// Moves the running statistics, if there are any.
    fn follow<F: Scalar>(&self, pass: &mut Forward<'_, F>, planes: Planes) {
        let (batch, x) = (pass.batch as f64, pass.inputs.one().values());
        let weight = self.running().and_then(|running| running.weight(&mut pass.states));
        let Some(weight) = weight.filter(|_| pass.batch > 0) else { return };
        for channel in 0..planes.channels {
            let images = x.chunks_exact(planes.plane()).skip(channel).step_by(planes.channels);
            let moments = images.map(|image| Moments::of(std::iter::once(image)));
            let mean = moments.clone().map(|image| image.mean).sum::<f64>() / batch;
            let variance = moments.map(|image| image.unbiased()).sum::<Option<f64>>();
            let variance = variance.map(|sum| sum / batch);
            running::follow(&mut pass.states, channel, weight, mean, variance);
        }
    }
}

impl<F: Scalar> Layer<F> for InstanceNorm2d {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        require::positive("InstanceNorm2d::epsilon", self.epsilon)?;
        let planes = Planes::planned(plan, 3)?;
        weights::plan(plan, &planes.channels.into(), self.affine, true)?;
        if let Some(running) = self.running() {
            running.plan(plan, "InstanceNorm2d", planes.channels)?;
            // What is kept for images one by one is room enough for both ways.
            self.channels(planes).plan_scratch(plan);
        }
        self.rows(planes).plan(plan)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let Some(planes) = Planes::of(pass.inputs.one().shape()) else { return };
        if self.is_fixed(pass.mode) {
            return self.channels(planes).forward(pass);
        }
        self.follow(&mut pass, planes);
        self.rows(planes).forward(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        let Some(planes) = Planes::of(pass.inputs.one().shape()) else { return };
        if self.is_fixed(pass.mode) {
            return self.channels(planes).backward(pass);
        }
        self.rows(planes).backward(pass);
    }

    fn name(&self) -> String {
        "instance_norm2d".to_owned()
    }
}

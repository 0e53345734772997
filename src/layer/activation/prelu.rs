//! The rectifier whose leak is learnt.

use std::sync::Arc;

use crate::error::{Error, require};
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::params::Role;
use crate::params::init::{Constant, He, Init};
use crate::scalar::Scalar;

/// The rectifier whose leak is learnt: y = x for x > 0, a·x otherwise. The slope at 0 is a.
///
/// Takes samples of any shape and keeps it; with a slope for each channel, the first axis of the sample counts the channels. He, Zhang, Ren,
/// Sun: *Delving deep into rectifiers* (ICCV 2015, arXiv:1502.01852).
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `slope` | `[1]`, or `[channels]` if `per_channel` | norm (so it does not decay, as in the paper) | `start` |
///
/// ```
/// use downhill::{Model, layer::PRelu};
/// let model: Model<f64> = Model::build(PRelu::default(), &[2.into()], 0)?;
/// assert_eq!(model.predict(&ndarray::array![[-4.0, 3.0]])?, ndarray::array![[-1.0, 3.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PRelu {
    /// Whether each channel has a slope of its own; by default all share one.
    pub per_channel: bool,
    /// The first value of every slope, any finite number; 0.25 by default.
    pub start: f64,
}

impl Default for PRelu {
    fn default() -> Self {
        Self { per_channel: false, start: 0.25 }
    }
}

impl<F: Scalar> Layer<F> for PRelu {
    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(He::normal().negative_slope(self.start)))
    }

    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        require::finite("PRelu::start", self.start)?;
        let shape = plan.input()?;
        let slopes = match (self.per_channel, shape.first()) {
            (false, _) => 1,
            (true, Some(&channels)) => channels,
            (true, None) => {
                let fix = "set per_channel to false, or add a Reshape to [1] before it";
                return Err(plan.refuse("an axis of channels", &shape, fix));
            }
        };
        let start = Arc::new(Constant(self.start));
        plan.param("slope", Role::Norm, slopes, (1, 1), Some(start))?;
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let slopes = &pass.params[0];
        let channel = x.size() / slopes.len();
        let mut y = pass.outputs.one();
        let channels = y.values().chunks_exact_mut(channel).zip(x.values().chunks_exact(channel));
        for ((y, x), &slope) in channels.zip(slopes.iter().cycle()) {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = if x > F::zero() { x } else { slope * x };
            }
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let x = pass.inputs.one();
        let dy = pass.output_gradients.one().values();
        let slopes = &pass.params[0];
        let channel = x.size() / slopes.len();
        let gradients = pass.gradients.get(0);
        let channels = x.values().chunks_exact(channel).zip(dy.chunks_exact(channel));
        for (i, (x, dy)) in channels.enumerate() {
            let leaks =
                x.iter().zip(dy).map(|(&x, &dy)| if x > F::zero() { F::zero() } else { x * dy });
            gradients[i % slopes.len()] += leaks.sum();
        }
        if let Some(mut dx) = pass.input_gradients.one() {
            let channels = x.values().chunks_exact(channel).zip(dy.chunks_exact(channel));
            let channels = dx.values().chunks_exact_mut(channel).zip(channels);
            for ((dx, (x, dy)), &slope) in channels.zip(slopes.iter().cycle()) {
                for ((dx, &x), &dy) in dx.iter_mut().zip(x).zip(dy) {
                    *dx = if x > F::zero() { dy } else { slope * dy };
                }
            }
        }
    }

    fn name(&self) -> String {
        "prelu".to_owned()
    }
}

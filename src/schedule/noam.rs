use crate::error::{Error, require};

use super::{Schedule, inverse_sqrt, saturate, some_steps};

/// The schedule of the first transformer: with n = step + 1,
/// d_model<sup>−½</sup> · min(n<sup>−½</sup>, n · warmup<sup>−3/2</sup>).
///
/// | field | meaning | range |
/// |---|---|---|
/// | `d_model` | width of the model | 1 or more |
/// | `warmup` | steps of the warm-up | 1 or more |
///
/// The peak, at the last step of the warm-up, is 1 / √(d_model · warmup). The formula is a rate and not a factor, so
/// use it with `learning_rate: 1.0`, or 2 as in tensor2tensor. Vaswani et al. 2017, "Attention Is All You Need",
/// equation 3, which counts steps from 1.
///
/// ```
/// use downhill::schedule::{Schedule, noam};
///
/// let schedule = noam(400, 100);
/// assert_eq!([49, 99, 399].map(|step| schedule.at(step)), [0.0025, 0.005, 0.0025]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noam {
    /// Width of the model.
    pub d_model: u64,
    /// Steps of the warm-up.
    pub warmup: u64,
}

/// The schedule of the first transformer; use it with `learning_rate: 1.0`. See [`Noam`].
///
/// ```
/// use downhill::schedule::{Schedule, noam};
/// assert_eq!(noam(400, 100).at(99), 1.0 / (400.0_f64 * 100.0).sqrt()); // the peak
/// ```
pub fn noam(d_model: u64, warmup: u64) -> Noam {
    Noam { d_model, warmup }
}

impl Schedule for Noam {
    fn at(&self, step: u64) -> f64 {
        let peak = 1.0 / (self.d_model as f64 * self.warmup as f64).sqrt();
        saturate(peak) * inverse_sqrt(self.warmup).at(step)
    }

    fn validate(&self) -> Result<(), Error> {
        require::that(self.d_model >= 1, "noam.d_model", self.d_model, "1 or more")?;
        some_steps("noam.warmup", self.warmup)
    }
}

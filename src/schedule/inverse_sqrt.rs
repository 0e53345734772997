use crate::error::Error;

use super::{Schedule, some_steps};

/// Linear warm-up, then decay by the square root: with n = step + 1, min(n / warmup, √(warmup / n)).
///
/// | field | meaning | range |
/// |---|---|---|
/// | `warmup` | steps of the warm-up; the factor is 1 at its last step | 1 or more |
///
/// It never ends, and needs no planned length of the run. This is [`noam`](super::noam) with its peak at 1, as in
/// fairseq's `inverse_sqrt`. T5's "inverse square root" has no rise: 1 / √max(n, warmup).
///
/// ```
/// use downhill::schedule::{Schedule, inverse_sqrt};
///
/// let schedule = inverse_sqrt(100);
/// assert_eq!([0, 49, 99, 399, 9_999].map(|step| schedule.at(step)), [0.01, 0.5, 1.0, 0.5, 0.1]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InverseSqrt {
    /// Steps of the warm-up.
    pub warmup: u64,
}

/// Linear warm-up, then decay by the square root. See [`InverseSqrt`].
///
/// ```
/// use downhill::schedule::{Schedule, inverse_sqrt};
/// assert_eq!([0, 3, 15].map(|step| inverse_sqrt(4).at(step)), [0.25, 1.0, 0.5]);
/// ```
pub fn inverse_sqrt(warmup: u64) -> InverseSqrt {
    InverseSqrt { warmup }
}

impl Schedule for InverseSqrt {
    fn at(&self, step: u64) -> f64 {
        let (n, warmup) = (step as f64 + 1.0, self.warmup as f64);
        (n / warmup).min((warmup / n).sqrt())
    }

    fn validate(&self) -> Result<(), Error> {
        some_steps("inverse_sqrt.warmup", self.warmup)
    }
}

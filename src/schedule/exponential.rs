use crate::error::{Error, require};

use super::{Schedule, power};

/// The same relative change at every step: gamma<sup>step</sup>.
///
/// | field | meaning | range |
/// |---|---|---|
/// | `gamma` | factor from one step to the next; above 1 it grows, as in a learning-rate range test | finite, 0 or more |
///
/// To halve every n steps, use `exponential(0.5_f64.powf(1.0 / n))`; to change once an epoch, use
/// [`every`](Schedule::every).
///
/// ```
/// use downhill::schedule::{Schedule, exponential};
///
/// assert_eq!([0, 1, 3].map(|step| exponential(0.5).at(step)), [1.0, 0.5, 0.125]);
/// assert_eq!(exponential(1.1).at(u64::MAX), f64::MAX);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exponential {
    /// Factor from one step to the next.
    pub gamma: f64,
}

/// A change by `gamma` at every step. See [`Exponential`].
///
/// ```
/// use downhill::schedule::{Schedule, exponential};
/// assert_eq!([0, 1, 2].map(|step| exponential(0.5).at(step)), [1.0, 0.5, 0.25]);
/// ```
pub fn exponential(gamma: f64) -> Exponential {
    Exponential { gamma }
}

impl Schedule for Exponential {
    fn at(&self, step: u64) -> f64 {
        power(self.gamma, step as f64)
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("exponential.gamma", self.gamma)
    }
}

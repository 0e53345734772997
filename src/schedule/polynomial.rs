use crate::error::{Error, require};

use super::anneal::mix;
use super::{Schedule, power, progress, some_steps};

/// Polynomial decay: to + (from − to) · (1 − min(step / steps, 1))<sup>power</sup>.
///
/// | field | meaning | default | range |
/// |---|---|---|---|
/// | `steps` | length of the decay | | 1 or more |
/// | `power` | 1 is a line, above 1 is steep at first | | finite, above 0 |
/// | `from` | factor at step 0 | 1 | finite, 0 or more |
/// | `to` | factor from step `steps` on | 0 | finite, 0 or more |
///
/// ```
/// use downhill::schedule::{Polynomial, Schedule, polynomial};
///
/// assert_eq!([0, 2, 4, 9].map(|step| polynomial(4, 2.0).at(step)), [1.0, 0.25, 0.0, 0.0]);
/// let schedule = Polynomial { to: 0.5, ..polynomial(4, 2.0) };
/// assert_eq!([0, 2, 4, 9].map(|step| schedule.at(step)), [1.0, 0.625, 0.5, 0.5]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Polynomial {
    /// Length of the decay.
    pub steps: u64,
    /// The exponent.
    pub power: f64,
    /// Factor at step 0.
    pub from: f64,
    /// Factor from step `steps` on.
    pub to: f64,
}

/// Polynomial decay from 1 to 0. See [`Polynomial`].
///
/// ```
/// use downhill::schedule::{Schedule, polynomial};
/// assert_eq!([0, 1, 2].map(|step| polynomial(2, 2.0).at(step)), [1.0, 0.25, 0.0]);
/// ```
pub fn polynomial(steps: u64, power: f64) -> Polynomial {
    Polynomial { steps, power, from: 1.0, to: 0.0 }
}

impl Schedule for Polynomial {
    fn at(&self, step: u64) -> f64 {
        mix(self.from, self.to, power(1.0 - progress(step, self.steps), self.power))
    }

    fn length(&self) -> Option<u64> {
        Some(self.steps)
    }

    fn validate(&self) -> Result<(), Error> {
        some_steps("polynomial.steps", self.steps)?;
        require::positive("polynomial.power", self.power)?;
        require::non_negative("polynomial.from", self.from)?;
        require::non_negative("polynomial.to", self.to)
    }
}

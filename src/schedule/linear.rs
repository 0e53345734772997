use crate::error::{Error, require};

use super::anneal::mix;
use super::{Schedule, progress, some_steps};

/// A straight line: from + (to − from) · min(step / steps, 1).
///
/// | field | meaning | range |
/// |---|---|---|
/// | `from` | factor at step 0 | finite, 0 or more |
/// | `to` | factor from step `steps` on | finite, 0 or more |
/// | `steps` | length of the line | 1 or more |
///
/// As a warm-up it differs from [`warmup`](super::warmup): it starts at `from`, and it reaches `to` one step after its
/// own last step, which is the first step of what follows it.
///
/// ```
/// use downhill::schedule::{Schedule, linear};
///
/// let schedule = linear(1.0, 0.0, 4);
/// assert_eq!([0, 1, 2, 3, 4, 5].map(|step| schedule.at(step)), [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linear {
    /// Factor at step 0.
    pub from: f64,
    /// Factor from step `steps` on.
    pub to: f64,
    /// Length of the line.
    pub steps: u64,
}

/// A straight line between two factors. See [`Linear`].
///
/// ```
/// use downhill::schedule::{Schedule, linear};
/// assert_eq!([0, 1, 2, 9].map(|step| linear(1.0, 0.5, 2).at(step)), [1.0, 0.75, 0.5, 0.5]);
/// ```
pub fn linear(from: f64, to: f64, steps: u64) -> Linear {
    Linear { from, to, steps }
}

impl Schedule for Linear {
    fn at(&self, step: u64) -> f64 {
        mix(self.from, self.to, 1.0 - progress(step, self.steps))
    }

    fn length(&self) -> Option<u64> {
        Some(self.steps)
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("linear.from", self.from)?;
        require::non_negative("linear.to", self.to)?;
        some_steps("linear.steps", self.steps)
    }
}

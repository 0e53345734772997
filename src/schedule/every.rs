use crate::error::Error;

use super::{Schedule, some_steps};

/// A schedule that moves on once in several steps; made by [`Schedule::every`].
///
/// The factor at `step` is that of `schedule` at ⌊step / steps⌋. With the number of batches in an epoch, it turns a
/// schedule that is written in epochs into one of steps.
///
/// | field | meaning | range |
/// |---|---|---|
/// | `schedule` | the factors | as there |
/// | `steps` | for how many steps each factor stays | 1 or more |
///
/// ```
/// use downhill::schedule::{Schedule, exponential};
///
/// let batches = 50;
/// let schedule = exponential(0.5).every(batches);
/// assert_eq!([0, 49, 50, 100].map(|step| schedule.at(step)), [1.0, 1.0, 0.5, 0.25]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Every<S> {
    /// The factors.
    pub schedule: S,
    /// For how many steps each factor stays.
    pub steps: u64,
}

impl<S: Schedule> Schedule for Every<S> {
    fn at(&self, step: u64) -> f64 {
        self.schedule.at(step.checked_div(self.steps).unwrap_or(0))
    }

    fn length(&self) -> Option<u64> {
        Some(self.schedule.length()?.saturating_mul(self.steps))
    }

    fn validate(&self) -> Result<(), Error> {
        self.schedule.validate()?;
        some_steps("every.steps", self.steps)
    }
}

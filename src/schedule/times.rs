use crate::error::Error;

use super::{Schedule, saturate};

/// The product of two schedules, both counted from step 0; made by [`Schedule::times`].
///
/// It ends when the longer one ends, and never if one of them does not. PyTorch calls this `ChainedScheduler`.
///
/// ```
/// use downhill::schedule::{Schedule, step_decay, warmup};
///
/// let schedule = warmup(4).times(step_decay(10, 0.5));
/// assert_eq!([0, 3, 9, 10].map(|step| schedule.at(step)), [0.25, 1.0, 1.0, 0.5]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times<A, B> {
    /// One factor.
    pub first: A,
    /// The other factor.
    pub second: B,
}

impl<A: Schedule, B: Schedule> Schedule for Times<A, B> {
    fn at(&self, step: u64) -> f64 {
        saturate(self.first.at(step) * self.second.at(step))
    }

    fn length(&self) -> Option<u64> {
        Some(self.first.length()?.max(self.second.length()?))
    }

    fn validate(&self) -> Result<(), Error> {
        self.first.validate()?;
        self.second.validate()
    }
}

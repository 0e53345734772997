use crate::error::Error;

use super::{Schedule, some_steps};

/// A schedule with a length; made by [`Schedule::for_steps`].
///
/// The factors are those of `schedule`. Its own length, if it has one, is replaced, so that it can also be left early.
///
/// | field | meaning | range |
/// |---|---|---|
/// | `schedule` | the factors | as there |
/// | `steps` | the length | 1 or more |
///
/// ```
/// use downhill::schedule::{Schedule, constant};
///
/// let schedule = constant(0.1).for_steps(100);
/// assert_eq!(schedule.length(), Some(100));
/// assert_eq!(schedule.then(constant(1.0)).at(100), 1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForSteps<S> {
    /// The factors.
    pub schedule: S,
    /// The length.
    pub steps: u64,
}

impl<S: Schedule> Schedule for ForSteps<S> {
    fn at(&self, step: u64) -> f64 {
        self.schedule.at(step)
    }

    fn length(&self) -> Option<u64> {
        Some(self.steps)
    }

    fn validate(&self) -> Result<(), Error> {
        self.schedule.validate()?;
        some_steps("for_steps.steps", self.steps)
    }
}

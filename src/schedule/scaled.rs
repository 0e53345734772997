use crate::error::{Error, require};

use super::{Schedule, saturate};

/// A schedule times a number; made by [`Schedule::scaled`].
///
/// | field | meaning | range |
/// |---|---|---|
/// | `schedule` | the factors | as there |
/// | `factor` | what they are multiplied by | finite, 0 or more |
///
/// ```
/// use downhill::schedule::{Schedule, cosine};
///
/// assert_eq!([0, 5].map(|step| cosine(10).scaled(0.5).at(step)), [0.5, 0.25]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaled<S> {
    /// The factors.
    pub schedule: S,
    /// What they are multiplied by.
    pub factor: f64,
}

impl<S: Schedule> Schedule for Scaled<S> {
    fn at(&self, step: u64) -> f64 {
        saturate(self.schedule.at(step) * self.factor)
    }

    fn length(&self) -> Option<u64> {
        self.schedule.length()
    }

    fn validate(&self) -> Result<(), Error> {
        self.schedule.validate()?;
        require::non_negative("scaled.factor", self.factor)
    }
}

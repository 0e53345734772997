use crate::error::{Error, require};

use super::Schedule;

/// A schedule that is kept within bounds; made by [`Schedule::clamped`].
///
/// | field | meaning | range |
/// |---|---|---|
/// | `schedule` | the factors | as there |
/// | `low` | the least factor | finite, 0 or more |
/// | `high` | the greatest factor | finite, `low` or more |
///
/// ```
/// use downhill::schedule::{Schedule, exponential};
///
/// let schedule = exponential(0.5).clamped(0.2, 1.0);
/// assert_eq!([1, 2, 3, 99].map(|step| schedule.at(step)), [0.5, 0.25, 0.2, 0.2]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clamped<S> {
    /// The factors.
    pub schedule: S,
    /// The least factor.
    pub low: f64,
    /// The greatest factor.
    pub high: f64,
}

impl<S: Schedule> Schedule for Clamped<S> {
    fn at(&self, step: u64) -> f64 {
        let factor = self.schedule.at(step);
        // Not `f64::clamp`, which panics if the bounds are the wrong way round; and NaN stays NaN.
        if factor > self.high {
            self.high
        } else if factor < self.low {
            self.low
        } else {
            factor
        }
    }

    fn length(&self) -> Option<u64> {
        self.schedule.length()
    }

    fn validate(&self) -> Result<(), Error> {
        self.schedule.validate()?;
        require::non_negative("clamped.low", self.low)?;
        require::that(
            self.high.is_finite() && self.high >= self.low,
            "clamped.high",
            self.high,
            "a finite number, clamped.low or more",
        )
    }
}

use crate::error::{Error, require};

use super::Schedule;

/// One schedule after the other; made by [`Schedule::then`].
///
/// Up to the [length](Schedule::length) L of `first` its factors are used; step L is step 0 of `next`. The whole has a
/// length if `next` has one.
///
/// # Errors
/// [`validate`](Schedule::validate) refuses a first schedule that never ends, because `next` would never come:
///
/// ```
/// use downhill::schedule::{Schedule, cosine, exponential};
///
/// let schedule = exponential(0.9).then(cosine(100));
/// assert_eq!(
///     schedule.validate().unwrap_err().to_string(),
///     "the length of the schedule before `then` = none is not allowed: use for_steps(n), as in \
///      constant(1.0).for_steps(100).then(cosine(2_000))"
/// );
/// let schedule = exponential(0.5).for_steps(2).then(cosine(100));
/// assert_eq!([0, 1, 2, 52].map(|step| schedule.at(step)), [1.0, 0.5, 1.0, 0.5]);
/// # schedule.validate().unwrap();
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Then<A, B> {
    /// What comes first.
    pub first: A,
    /// What comes after it.
    pub next: B,
}

impl<A: Schedule, B: Schedule> Schedule for Then<A, B> {
    fn at(&self, step: u64) -> f64 {
        match self.first.length() {
            Some(joint) if step >= joint => self.next.at(step - joint),
            _ => self.first.at(step),
        }
    }

    fn length(&self) -> Option<u64> {
        Some(self.first.length()?.saturating_add(self.next.length()?))
    }

    fn validate(&self) -> Result<(), Error> {
        self.first.validate()?;
        require::that(
            self.first.length().is_some(),
            "the length of the schedule before `then`",
            "none",
            "for_steps(n), as in constant(1.0).for_steps(100).then(cosine(2_000))",
        )?;
        self.next.validate()
    }
}

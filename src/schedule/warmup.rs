use crate::error::Error;

use super::{Schedule, some_steps};

/// A linear rise: min((step + 1) / steps, 1).
///
/// | field | meaning | range |
/// |---|---|---|
/// | `steps` | length of the rise | 1 or more |
///
/// The first update already moves (a factor of 0 would waste it), the last step of the warm-up has the factor 1, and so
/// has every later one:
///
/// | | 0 | 1 | 2 | 3 | 4 | 5 |
/// |---|---|---|---|---|---|---|
/// | `warmup(4)` | 0.25 | 0.5 | 0.75 | 1 | 1 | 1 |
/// | `warmup(4).then(linear(1.0, 0.0, 4))` | 0.25 | 0.5 | 0.75 | 1 | 1 | 0.75 |
///
/// The factor 1 thus comes twice at the joint with a schedule that starts at 1. Implementations differ: for the rise of
/// optax (and of Hugging Face), which starts at 0 and reaches 1 at step n, use [`linear`](super::linear)`(0.0, 1.0, n)`.
///
/// ```
/// use downhill::schedule::{Schedule, warmup};
///
/// assert_eq!([0, 1, 3, 4, 99].map(|step| warmup(4).at(step)), [0.25, 0.5, 1.0, 1.0, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warmup {
    /// Length of the rise.
    pub steps: u64,
}

/// A linear rise from 1 / `steps` to 1. See [`Warmup`].
///
/// ```
/// use downhill::schedule::{Schedule, warmup};
/// assert_eq!([0, 1, 2].map(|step| warmup(2).at(step)), [0.5, 1.0, 1.0]);
/// ```
pub fn warmup(steps: u64) -> Warmup {
    Warmup { steps }
}

impl Schedule for Warmup {
    fn at(&self, step: u64) -> f64 {
        if step < self.steps { (step as f64 + 1.0) / self.steps as f64 } else { 1.0 }
    }

    fn length(&self) -> Option<u64> {
        Some(self.steps)
    }

    fn validate(&self) -> Result<(), Error> {
        some_steps("warmup.steps", self.steps)
    }
}

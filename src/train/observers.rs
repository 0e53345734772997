//! The observers of a run.

use super::Observer;

/// The observers of a run.
pub(super) struct Observers<F>(pub Vec<Box<dyn Observer<F>>>);

impl<F> std::fmt::Debug for Observers<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} observers", self.0.len())
    }
}

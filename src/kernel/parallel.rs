//! How much of the machine a kernel may use.

/// Whether a kernel may use more than one thread.
///
/// A kernel splits its work by size alone and uses this value only to decide whether the pieces run side by side, so the numbers
/// are the same either way.
///
/// ```
/// use downhill::Parallel;
/// let (a, b) = Parallel::Off.join(|| 1 + 1, || 2 + 2);
/// assert_eq!((a, b), (2, 4));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Parallel {
    /// One piece after the other.
    #[default]
    Off,
    /// Pieces may run side by side on the thread pool that the caller entered.
    On,
}

impl Parallel {
    /// Runs both closures, side by side if that is allowed, and returns both results.
    pub fn join<A: Send, B: Send>(
        self,
        a: impl FnOnce() -> A + Send,
        b: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        #[cfg(feature = "threads")]
        if self == Self::On {
            return rayon::join(a, b);
        }
        (a(), b())
    }
}

//! How much of the machine a kernel may use.

#[cfg(feature = "threads")]
use std::sync::atomic::{AtomicBool, Ordering};

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
    /// Does `work` while the other thread of a pool of two stays awake: to wake it takes longer than a piece of work may.
    ///
    /// The other one takes the oldest work first, so it begins to look for pieces before it takes any. In a pool of more, a thread could begin to look
    /// while it waits for a part of a piece that somebody else waits for; so those are left to sleep. To be called on a thread of the pool, and by one
    /// caller at a time.
    pub(crate) fn awake<R: Send>(self, work: impl FnOnce() -> R + Send) -> R {
        #[cfg(feature = "threads")]
        if self == Self::On && rayon::current_num_threads() == 2 {
            let done = AtomicBool::new(false);
            let look = || {
                while !done.load(Ordering::Acquire) {
                    if rayon::yield_now() != Some(rayon::Yield::Executed) {
                        std::thread::yield_now();
                    }
                }
            };
            let work = || {
                let _end = Done(&done);
                work()
            };
            return rayon::join(work, look).0;
        }
        work()
    }
}

/// Says that the work is done when it ends, also if it panics.
#[cfg(feature = "threads")]
struct Done<'a>(&'a AtomicBool);

#[cfg(feature = "threads")]
impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

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
    /// Does `work` while all threads of the pool stay awake: to wake one takes longer than a piece of work may.
    ///
    /// To be called on a thread of the pool, and by one caller at a time: two who wait for each other's work to end would wait for ever.
    pub(crate) fn awake<R: Send>(self, work: impl FnOnce() -> R + Send) -> R {
        #[cfg(feature = "threads")]
        if self == Self::On {
            let done = Done(AtomicBool::new(false));
            return hold(rayon::current_num_threads().saturating_sub(1), &done, work);
        }
        work()
    }
}

#[cfg(feature = "threads")]
struct Done(AtomicBool);

/// Does `work` while so many other threads look for pieces of it.
///
/// They cannot do so in the place of a piece that somebody waits for: threads take the oldest work first, and this is older than any piece.
#[cfg(feature = "threads")]
fn hold<R: Send>(others: usize, done: &Done, work: impl FnOnce() -> R + Send) -> R {
    if others == 0 {
        // Also if the work panics.
        struct End<'a>(&'a Done);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                self.0.0.store(true, Ordering::Release);
            }
        }
        let _end = End(done);
        return work();
    }
    let look = || {
        while !done.0.load(Ordering::Acquire) {
            if rayon::yield_now() != Some(rayon::Yield::Executed) {
                std::thread::yield_now();
            }
        }
    };
    rayon::join(|| hold(others - 1, done, work), look).0
}

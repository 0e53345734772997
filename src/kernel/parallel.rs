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
            let (mut a, mut b) = (Some(a), Some(b));
            let (mut first, mut second) = (None, None);
            side_by_side(&mut || first = a.take().map(|a| a()), &mut || {
                second = b.take().map(|b| b())
            });
            if let (Some(first), Some(second)) = (first, second) {
                return (first, second);
            }
            unreachable!("both have run");
        }
        (a(), b())
    }

    /// How many pieces run at a time.
    pub(crate) fn threads(self) -> usize {
        match self {
            Self::Off => 1,
            #[cfg(feature = "threads")]
            Self::On => rayon::current_num_threads(),
            #[cfg(not(feature = "threads"))]
            Self::On => 1,
        }
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
            return self.join(work, look).0;
        }
        work()
    }
}

/// Runs both on the pool. They are called through a pointer, so that the pool's code is compiled once and not for every pair of closures.
#[cfg(feature = "threads")]
fn side_by_side(a: &mut (dyn FnMut() + Send), b: &mut (dyn FnMut() + Send)) {
    rayon::join(a, b);
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

#[cfg(all(test, feature = "threads"))]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn awake_ends_with_its_work_also_if_that_panics() -> Result<(), rayon::ThreadPoolBuildError> {
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
            for i in 0..100 {
                let sum = pool.install(|| {
                    Parallel::On.awake(|| {
                        let halves = || Parallel::On.join(|| i, || i + 1);
                        Parallel::On.join(halves, halves)
                    })
                });
                assert_eq!(sum, ((i, i + 1), (i, i + 1)));
            }
            let work = || pool.install(|| Parallel::On.awake(|| assert_eq!(threads, 0)));
            assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
            // The pool is as good as before.
            assert_eq!(pool.install(|| Parallel::On.awake(|| 7)), 7);
        }
        Ok(())
    }
}

//! Memory to work in, for any number of threads.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Things that threads take and put back: as many as were ever in use at the same time, so that nothing is made anew after the first uses.
#[derive(Debug)]
pub(super) struct Pool<T>(Mutex<Vec<T>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T> Pool<T> {
    /// Does `work` with one of the things, which is made if all of them are in use.
    pub fn lend<R>(&self, make: impl FnOnce() -> T, work: impl FnOnce(&mut T) -> R) -> R {
        let taken = self.things().pop();
        let mut thing = taken.unwrap_or_else(make);
        let result = work(&mut thing);
        self.things().push(thing);
        result
    }

    /// A thread that panicked has left the list as it was.
    fn things(&self) -> MutexGuard<'_, Vec<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

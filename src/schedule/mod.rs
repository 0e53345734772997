//! Factors on the learning rate (and on momentum, decay, clip threshold) as pure functions of the step.

use crate::error::Error;

/// A factor that is a pure function of the step. Step 0 is the first update.
pub trait Schedule: Send + Sync {
    /// The factor that update number `step` uses.
    fn at(&self, step: u64) -> f64;

    /// After how many steps the schedule has said all it has to say, if ever; [`then`](Schedule::then) continues there.
    fn length(&self) -> Option<u64> {
        None
    }

    /// Checks the settings; called when a trainer is built.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl<S: Fn(u64) -> f64 + Send + Sync> Schedule for S {
    fn at(&self, step: u64) -> f64 {
        self(step)
    }
}

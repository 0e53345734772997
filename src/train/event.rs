//! What a run tells those who watch it.

use super::{EpochRecord, History, StepRecord, StopReason};
use crate::error::Error;
use crate::network::Model;

/// What has just happened in a run.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A call of `fit` begins.
    #[non_exhaustive]
    Started {
        /// How many steps an epoch has.
        steps_per_epoch: u64,
        /// The step at which this call ends, if nothing stops it before.
        last_step: u64,
    },
    /// Something that a user should know, once.
    Warning(&'a str),
    /// An epoch begins.
    #[non_exhaustive]
    EpochStarted {
        /// The epoch, counted from 0.
        epoch: u64,
    },
    /// A step was taken, or skipped.
    Step(&'a StepRecord),
    /// An epoch ended.
    Epoch(&'a EpochRecord),
    /// The call of `fit` ends.
    Finished(&'a StopReason),
}

/// Watches a run, and may stop it. Any closure that takes an event and a control is one.
pub trait Observer<F>: Send + Sync {
    /// Sees one event.
    fn observe(&mut self, event: &Event<'_>, control: &mut Control<'_, F>);

    /// Checks the settings; called when a trainer is built.
    ///
    /// # Errors
    /// [`Error::Argument`] for a setting outside its range.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl<F, C> Observer<F> for C
where
    C: FnMut(&Event<'_>, &mut Control<'_, F>) + Send + Sync,
{
    fn observe(&mut self, event: &Event<'_>, control: &mut Control<'_, F>) {
        self(event, control);
    }
}

/// What an observer can look at and do.
#[derive(Debug)]
pub struct Control<'a, F> {
    pub(super) model: &'a Model<F>,
    pub(super) gradient: &'a [F],
    pub(super) history: &'a History,
    pub(super) rate_scale: &'a mut f64,
    pub(super) stop: &'a mut bool,
}

impl<F> Control<'_, F> {
    /// The model as it is now.
    pub fn model(&self) -> &Model<F> {
        self.model
    }

    /// The gradient of the last step, as it was handed to the optimizer.
    pub fn gradient(&self) -> &[F] {
        self.gradient
    }

    /// Everything that happened so far.
    pub fn history(&self) -> &History {
        self.history
    }

    /// Ends the run after this event.
    pub fn stop(&mut self) {
        *self.stop = true;
    }

    /// What the learning rate is multiplied by, besides its schedule. It is part of the saved state.
    pub fn rate_scale(&self) -> f64 {
        *self.rate_scale
    }

    /// Sets what the learning rate is multiplied by, besides its schedule; ignored unless it is finite and 0 or more.
    pub fn set_rate_scale(&mut self, scale: f64) {
        if scale.is_finite() && scale >= 0.0 {
            *self.rate_scale = scale;
        }
    }
}

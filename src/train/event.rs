//! What a run tells those who watch it.

use std::sync::Arc;

use super::{EpochRecord, History, StepRecord, StopReason};
use crate::error::Error;
use crate::goal::Goal;
use crate::metric::Metric;
use crate::network::Model;
use crate::scalar::Scalar;

/// What has just happened in a run.
///
/// ```
/// use downhill::prelude::*;
/// # use std::sync::{Arc, Mutex};
/// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
/// # let seen = Arc::new(Mutex::new(String::new()));
/// # let log = Arc::clone(&seen);
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default())
///     .on(move |event, _| {
///         let letter = match event {
///             Event::Started { .. } => "(",
///             Event::EpochStarted { .. } => "[",
///             Event::Step(_) => ".",
///             Event::Epoch(_) => "]",
///             Event::Finished(_) => ")",
///             _ => "",
///         };
///         log.lock().expect("nobody panicked").push_str(letter);
///     })
///     .build(&[1])?;
/// trainer.fit(&data, Fit::epochs(2).batch(1))?; // 2 samples
/// assert_eq!(seen.lock().expect("nobody panicked").as_str(), "([..][..])");
/// # Ok::<(), downhill::Error>(())
/// ```
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
///
/// ```
/// use downhill::prelude::*;
///
/// /// Ends the run when the loss is small enough.
/// struct GoodEnough(f64);
///
/// impl<F> Observer<F> for GoodEnough {
///     fn observe(&mut self, event: &Event<'_>, control: &mut Control<'_, F>) {
///         if let Event::Epoch(record) = event {
///             if record.deciding().loss < self.0 {
///                 control.stop();
///             }
///         }
///     }
/// }
///
/// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
/// let rule = Sgd { learning_rate: 0.1, ..Sgd::default() };
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, rule).observer(GoodEnough(1e-3)).build(&[1])?;
/// let run = trainer.fit(&data, Fit::epochs(10_000))?;
/// assert_eq!(run.reason, StopReason::Observer);
/// assert!(run.best().loss < 1e-3 && run.epochs < 10_000);
/// # Ok::<(), downhill::Error>(())
/// ```
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

/// A boxed observer is an observer, so that a program can choose one at run time.
///
/// ```
/// use downhill::prelude::*;
/// let observers: Vec<Box<dyn Observer<f32>>> = vec![Box::new(ReduceOnPlateau::new(Plateau::default()))];
/// let builder = Trainer::builder(Dense::new(1), Mse, Adam::default());
/// let trainer = observers.into_iter().fold(builder, |builder, observer| builder.observer(observer)).build(&[1])?;
/// # let _: Trainer<f32> = trainer;
/// # Ok::<(), Error>(())
/// ```
impl<F> Observer<F> for Box<dyn Observer<F>> {
    fn observe(&mut self, event: &Event<'_>, control: &mut Control<'_, F>) {
        (**self).observe(event, control);
    }

    fn validate(&self) -> Result<(), Error> {
        (**self).validate()
    }
}

/// What an observer can look at and do.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd { learning_rate: 0.1, ..Sgd::default() })
///     .on(|event, control| {
///         if let Event::Step(record) = event {
///             assert_eq!(control.history().steps.last(), Some(*record));
///             assert_eq!(control.gradient().len(), control.model().values().len());
///             control.set_learning_rate_scale(control.learning_rate_scale() / 2.0);
///             control.set_learning_rate_scale(f64::NAN); // ignored
///         }
///     })
///     .build(&[1])?;
/// trainer.fit(&data, Fit::steps(3))?;
/// assert_eq!(trainer.history().steps[2].learning_rate, 0.1 / 4.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
pub struct Control<'a, F> {
    pub(super) model: &'a Model<F>,
    pub(super) gradient: &'a [F],
    pub(super) history: &'a History,
    pub(super) goals: Goals<'a>,
    pub(super) learning_rate_scale: &'a mut f64,
    pub(super) stop: &'a mut bool,
    pub(super) failure: &'a mut Option<Error>,
}

impl<F> Control<'_, F> {
    /// The model as it is now.
    pub fn model(&self) -> &Model<F> {
        self.model
    }

    /// The gradient of the last step: what [`Trainer::last_gradient`](super::Trainer::last_gradient) shows.
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

    /// Ends the call of `fit` with this error, after this event; the first one counts. A trainer's own [`step`](super::Trainer::step) returns it too,
    /// after the step was taken.
    pub fn fail(&mut self, error: Error) {
        *self.stop = true;
        self.failure.get_or_insert(error);
    }

    /// Which way is better for a metric of this run, or for `"loss"`.
    ///
    /// # Errors
    /// [`Error::NoMatch`] if nothing of this name is measured.
    pub fn goal(&self, metric: &str) -> Result<Goal, Error> {
        (self.goals.0)(metric)
    }

    /// What the learning rate is multiplied by, besides its schedule. It is part of the saved state.
    pub fn learning_rate_scale(&self) -> f64 {
        *self.learning_rate_scale
    }

    /// Sets what the learning rate is multiplied by, besides its schedule; ignored unless it is finite and 0 or more.
    pub fn set_learning_rate_scale(&mut self, scale: f64) {
        if scale.is_finite() && scale >= 0.0 {
            *self.learning_rate_scale = scale;
        }
    }
}

/// The goals of a run's metrics, by name.
pub(super) struct Goals<'a>(pub &'a dyn Fn(&str) -> Result<Goal, Error>);

impl std::fmt::Debug for Goals<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Goals")
    }
}

/// Which way is better for a metric of this name, or for `"loss"`.
pub(super) fn goal_of<F: Scalar>(
    metrics: &[Arc<dyn Metric<F>>],
    name: &str,
) -> Result<Goal, Error> {
    if name == "loss" {
        return Ok(Goal::Minimize);
    }
    let known = metrics.iter().find(|metric| metric.name() == name);
    known.map(|metric| metric.goal()).ok_or_else(|| {
        let names = metrics.iter().map(|metric| metric.name());
        Error::no_match(name, "metric", std::iter::once("loss".to_owned()).chain(names))
    })
}

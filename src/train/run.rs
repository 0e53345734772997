//! What a call of `fit` did.

use std::time::Duration;

use super::{EpochRecord, Evaluation, StopReason};

/// What a call of `fit` did.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [3.0]], ndarray::array![[2.0], [6.0]])?;
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
/// trainer.fit(&data, Fit::epochs(2))?;
/// let run = trainer.fit(&data, Fit::epochs(3).batch(1))?;
/// assert_eq!(run.reason, StopReason::Completed);
/// assert_eq!((run.epochs, run.steps), (2 + 3, 2 + 6)); // of the whole run
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// What ended it.
    pub reason: StopReason,
    /// How many steps the run has taken, earlier calls included.
    pub steps: u64,
    /// How many epochs the run has finished, earlier calls included.
    pub epochs: u64,
    /// How long this call took.
    pub elapsed: Duration,
    pub(super) best: Option<EpochRecord>,
    pub(super) last: Option<EpochRecord>,
}

impl Run {
    /// Loss and metrics of the best epoch of the run, whose weights the trainer predicts with: of the validation data if there are any, else
    /// of the training data. Without validation, early stopping or a monitored metric the best epoch is the last, and so it is if what is monitored was
    /// NaN in all. Of a run that has finished no epoch, and of an epoch in which no step had a finite loss, the loss is NaN and [`Evaluation::metric`]
    /// is an error; [`best_epoch`](Run::best_epoch) tells the two apart.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0], [3.0], [4.0]], ndarray::array![[2.0], [4.0], [6.0], [8.0]])?;
    /// # let (train, validation) = data.split(0.5, 7)?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// let run = trainer.fit(&train, Fit::epochs(20).validate(&validation))?;
    /// assert_eq!(run.best(), trainer.evaluate(&validation)?);
    /// assert!(trainer.fit(&train, Fit::epochs(0))?.best().loss.is_finite());
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// let run = trainer.fit(&train, Fit::epochs(0))?; // of another trainer, which has no epoch yet
    /// assert!(run.best().loss.is_nan() && run.best().metric("loss").is_err());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn best(&self) -> Evaluation {
        let record = self.best.as_ref().or(self.last.as_ref());
        record.map_or_else(Evaluation::nothing, |record| record.deciding().clone())
    }

    /// The record of the best epoch, if an epoch was finished.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
    /// # let (train, validation) = data.split(0.5, 7)?;
    /// // A rate of 10 makes it worse and worse, so that the first epoch is the best.
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd { learning_rate: 10.0, ..Sgd::default() }).build(&[1])?;
    /// let run = trainer.fit(&train, Fit::epochs(5).validate(&validation))?;
    /// assert_eq!(run.best_epoch().map(|record| record.epoch), Some(0));
    /// assert_eq!(trainer.fit(&train, Fit::epochs(0))?.best_epoch().map(|record| record.epoch), Some(0));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn best_epoch(&self) -> Option<&EpochRecord> {
        self.best.as_ref().or(self.last.as_ref())
    }

    /// The record of the last finished epoch, if there is one.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// assert!(trainer.fit(&data, Fit::epochs(0))?.last_epoch().is_none());
    /// let run = trainer.fit(&data, Fit::epochs(5))?;
    /// assert_eq!(run.last_epoch(), trainer.history().epochs.last());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn last_epoch(&self) -> Option<&EpochRecord> {
        self.last.as_ref()
    }
}

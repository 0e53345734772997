//! How long and on what to train.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::data::{Order, Source};
use crate::error::{Error, require};
use crate::goal::Threshold;
use crate::scalar::Scalar;

/// How long, in what batches and on what validation data to train: the second argument of [`Trainer::fit`](super::Trainer::fit).
///
/// | setting | default |
/// |---|---|
/// | batch | 32 samples |
/// | accumulate | 1 part to a step |
/// | shuffle | on: a new order each epoch, a function of (seed, epoch) |
/// | validation | none |
/// | early stopping | off |
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::Array2::<f32>::ones((100, 1)), ndarray::Array2::<f32>::ones((100, 1)))?;
/// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
/// let run = trainer.fit(&data, Fit::epochs(20).batch(30).hold_out(0.1).patience(3))?;
/// assert_eq!(trainer.history().epochs[0].steps, 3); // 90 of 100 samples in batches of 30
/// assert!(run.epochs <= 20);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Fit<'a, F> {
    pub(super) end: End,
    pub(super) batch: usize,
    pub(super) accumulate: usize,
    pub(super) order: Order,
    pub(super) validation: Validation<'a, F>,
    pub(super) early: Option<EarlyStopping>,
    pub(super) monitor: Option<String>,
    pub(super) stop: Option<Arc<AtomicBool>>,
    pub(super) budget: Option<Duration>,
}

/// Where a call of `fit` ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Epochs(u64),
    ToEpoch(u64),
    Steps(u64),
    ToStep(u64),
}

#[derive(Clone)]
pub(super) enum Validation<'a, F> {
    None,
    Data(&'a dyn Source<F>),
    HoldOut(f64),
}

/// When a run that no longer improves ends.
///
/// It ends after the first epoch that is the (patience + 1)-th in a row without improvement; the epochs are counted over the whole run, or from
/// where an earlier call of `fit` ended by this rule. This is how PyTorch's plateau counts; Keras ends a run one epoch earlier, so its patience of 3
/// is 2 here. With patience 2 and no threshold:
///
/// | epoch | 0 | 1 | 2 | 3 | 4 | 5 | 6 |
/// |---|---|---|---|---|---|---|---|
/// | loss | 1.0 | 0.8 | 0.9 | 0.7 | 0.7 | 0.8 | 0.75 |
/// | in a row without improvement | 0 | 0 | 1 | 0 | 1 | 2 | 3: the run ends, with the weights of epoch 3 |
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[0.0]])?;
/// let early = EarlyStopping { patience: 3, threshold: Threshold::Relative(0.01) };
/// // At a rate of 0 no epoch improves on the first.
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd { learning_rate: 0.0, ..Sgd::default() }).build(&[1])?;
/// let run = trainer.fit(&data, Fit::epochs(100).early_stopping(early))?;
/// assert_eq!((run.reason, run.epochs), (StopReason::EarlyStopping, 1 + 3 + 1));
/// assert_eq!(EarlyStopping::default().patience, 5);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyStopping {
    /// How many epochs in a row without improvement are tolerated.
    pub patience: u64,
    /// By how much an epoch must be better than the best so far to count as an improvement.
    pub threshold: Threshold,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self { patience: 5, threshold: Threshold::Absolute(0.0) }
    }
}

impl<'a, F: Scalar> Fit<'a, F> {
    fn new(end: End) -> Self {
        Self {
            end,
            batch: 32,
            accumulate: 1,
            order: Order::Shuffled,
            validation: Validation::None,
            early: None,
            monitor: None,
            stop: None,
            budget: None,
        }
    }

    /// Trains for `count` epochs more; an epoch that an earlier call left unfinished is the first of them. If that epoch was over another number of
    /// samples than now, it is given up: its steps stay in the history, it gets no record, and the next epoch begins.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// trainer.fit(&data, Fit::steps(1).batch(5))?; // half an epoch of 10 samples
    /// trainer.fit(&data, Fit::epochs(2).batch(5))?;
    /// assert_eq!((trainer.epochs(), trainer.steps()), (2, 4));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn epochs(count: u64) -> Self {
        Self::new(End::Epochs(count))
    }

    /// Trains until the run has finished `epoch` epochs: the same line starts a run and resumes it.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// trainer.fit(&data, Fit::to_epoch(3))?;
    /// trainer.fit(&data, Fit::to_epoch(3))?; // nothing is left to do
    /// assert_eq!(trainer.epochs(), 3);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn to_epoch(epoch: u64) -> Self {
        Self::new(End::ToEpoch(epoch))
    }

    /// Trains for `count` steps more.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// trainer.fit(&data, Fit::steps(3))?;
    /// trainer.fit(&data, Fit::steps(3))?;
    /// assert_eq!(trainer.steps(), 6);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn steps(count: u64) -> Self {
        Self::new(End::Steps(count))
    }

    /// Trains until the run has taken `step` steps: the same line starts a run and resumes it.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// trainer.fit(&data, Fit::to_step(3))?;
    /// trainer.fit(&data, Fit::to_step(5))?;
    /// assert_eq!(trainer.steps(), 5);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn to_step(step: u64) -> Self {
        Self::new(End::ToStep(step))
    }

    /// Takes `size` samples at a time; at least 1. The last batch of an epoch may be smaller.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// trainer.fit(&data, Fit::epochs(1).batch(4))?; // 10 samples
    /// let sizes: Vec<f64> = trainer.history().steps.iter().map(|step| step.weight).collect();
    /// assert_eq!(sizes, [4.0, 4.0, 2.0]);
    /// assert!(matches!(trainer.fit(&data, Fit::epochs(1).batch(0)), Err(Error::Argument { .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn batch(self, size: usize) -> Self {
        Self { batch: size, ..self }
    }

    /// Takes `parts` batches to each step, and adds up their losses, weights and gradients before it divides once. The last step of an epoch may have
    /// fewer and smaller parts.
    ///
    /// Up to rounding, this is the step of one batch of all these samples, in the memory of one part, if each sample's outputs and loss depend on that sample
    /// alone; dropout draws the same numbers in both. It is another step in two cases:
    ///
    /// * [`BatchNorm`](crate::layer::BatchNorm) takes mean and variance of each part, and its running statistics follow the parts. (So do those of
    ///   [`InstanceNorm2d`](crate::layer::InstanceNorm2d), but only evaluation uses them.)
    /// * A loss that compares the samples of a batch with each other, such as `RankPairs` in the example `custom_loss`, sees those of one part.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// trainer.fit(&data, Fit::epochs(1).batch(2).accumulate(3))?; // 10 samples
    /// let sizes: Vec<f64> = trainer.history().steps.iter().map(|step| step.weight).collect();
    /// assert_eq!(sizes, [6.0, 4.0]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn accumulate(self, parts: usize) -> Self {
        Self { accumulate: parts, ..self }
    }

    /// Takes the samples in their own order instead of a new random one each epoch.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0], [3.0], [4.0]], ndarray::array![[2.0], [4.0], [6.0], [8.0]])?;
    /// let train = |fit: Fit<'_, f64>| {
    ///     let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd { learning_rate: 0.0, ..Sgd::default() }).build(&[1])?;
    ///     trainer.fit(&data, fit.batch(1))?;
    ///     Ok::<Vec<f64>, Error>(trainer.history().steps.iter().map(|step| step.loss).collect())
    /// };
    /// // At a rate of 0 the losses tell the samples apart.
    /// let losses = train(Fit::epochs(2).in_order())?;
    /// assert_eq!(losses[..4], losses[4..]);
    /// assert_ne!(losses, train(Fit::epochs(2))?);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn in_order(self) -> Self {
        Self { order: Order::AsGiven, ..self }
    }

    /// Measures loss and metrics on `data` after each epoch, and keeps the weights of the best.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0], [3.0], [4.0]], ndarray::array![[2.0], [4.0], [6.0], [8.0]])?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// let (train, validation) = data.split(0.75, 7)?;
    /// let run = trainer.fit(&train, Fit::epochs(3).validate(&validation))?;
    /// assert!(trainer.history().epochs.iter().all(|epoch| epoch.validation.is_some()));
    /// assert_eq!(run.best(), trainer.evaluate(&validation)?);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn validate(self, data: &'a dyn Source<F>) -> Self {
        Self { validation: Validation::Data(data), ..self }
    }

    /// Keeps a random `share` of the training data, in (0, 1), for validation; which samples is a function of the seed.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// trainer.fit(&data, Fit::epochs(1).hold_out(0.3))?; // 10 samples
    /// let history = trainer.history();
    /// assert_eq!(history.steps[0].weight, 7.0);
    /// assert!(history.epochs[0].validation.is_some());
    /// assert!(matches!(trainer.fit(&data, Fit::epochs(1).hold_out(1.0)), Err(Error::Argument { .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn hold_out(self, share: f64) -> Self {
        Self { validation: Validation::HoldOut(share), ..self }
    }

    /// Ends the run after the first epoch that is the (`patience` + 1)-th in a row without improvement; see [`EarlyStopping`].
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// // Targets of 0 for inputs of 0 are met from the start, so that nothing can improve.
    /// let run = trainer.fit(&data, Fit::epochs(100).patience(3))?;
    /// assert_eq!((run.reason, run.epochs), (StopReason::EarlyStopping, 1 + 3 + 1));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn patience(self, patience: u64) -> Self {
        self.early_stopping(EarlyStopping { patience, ..EarlyStopping::default() })
    }

    /// Ends the run when it no longer improves.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// let early = EarlyStopping { patience: 0, threshold: Threshold::Absolute(0.01) };
    /// let run = trainer.fit(&data, Fit::epochs(100).early_stopping(early))?; // nothing can improve
    /// assert_eq!(run.epochs, 2);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn early_stopping(self, early: EarlyStopping) -> Self {
        Self { early: Some(early), ..self }
    }

    /// Judges epochs by this metric, in its own direction, instead of the loss.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [-1.0], [2.0]], vec![0, 1, 0])?;
    /// let mut trainer = Trainer::builder(Dense::new(2), CrossEntropy::default(), Sgd::default()).build(&[1])?;
    /// let run = trainer.fit(&data, Fit::epochs(20).batch(1).monitor("accuracy"))?;
    /// let accuracies = trainer.history().epochs.iter().map(|epoch| epoch.training.metric("accuracy"));
    /// let best = accuracies.flatten().fold(0.0, f64::max);
    /// assert_eq!(run.best().metric("accuracy")?, best);
    /// assert!(matches!(trainer.fit(&data, Fit::epochs(1).monitor("recall")), Err(Error::NoMatch { .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn monitor(self, metric: impl Into<String>) -> Self {
        Self { monitor: Some(metric.into()), ..self }
    }

    /// Ends the run after the current step once the flag is set, for example by a Ctrl-C handler.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// use std::sync::{Arc, atomic::{AtomicBool, Ordering}};
    /// let flag = Arc::new(AtomicBool::new(false));
    /// flag.store(true, Ordering::Relaxed); // as a handler would
    /// let run = trainer.fit(&data, Fit::epochs(10).stop_flag(Arc::clone(&flag)))?;
    /// assert_eq!((run.reason, run.steps), (StopReason::Interrupted, 0));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn stop_flag(self, flag: Arc<AtomicBool>) -> Self {
        Self { stop: Some(flag), ..self }
    }

    /// Ends the run after the first step that ends later than this.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// use std::time::Duration;
    /// let run = trainer.fit(&data, Fit::epochs(1_000_000_000).time_budget(Duration::from_millis(5)))?;
    /// assert_eq!(run.reason, StopReason::TimeBudget);
    /// assert!(run.elapsed > Duration::from_millis(5));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn time_budget(self, budget: Duration) -> Self {
        Self { budget: Some(budget), ..self }
    }

    pub(super) fn validate_settings(&self) -> Result<(), Error> {
        require::at_least_one("Fit::batch", self.batch)?;
        require::at_least_one("Fit::accumulate", self.accumulate)?;
        require::that(
            self.batch.checked_mul(self.accumulate).is_some(),
            "Fit::accumulate",
            self.accumulate,
            "a smaller number of parts",
        )?;
        if let Validation::HoldOut(share) = self.validation {
            require::that(share > 0.0 && share < 1.0, "Fit::hold_out", share, "a share in (0, 1)")?;
        }
        self.early.map_or(Ok(()), |early| early.threshold.validate())
    }
}

impl<F> fmt::Debug for Fit<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fit")
            .field("end", &self.end)
            .field("batch", &self.batch)
            .field("accumulate", &self.accumulate)
            .field("order", &self.order)
            .field("early", &self.early)
            .field("monitor", &self.monitor)
            .finish_non_exhaustive()
    }
}

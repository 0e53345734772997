//! How long and on what to train.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crate::data::Source;
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
/// use downhill::train::Fit;
/// let plan: Fit<'_, f32> = Fit::epochs(20).batch(64).hold_out(0.1).patience(3);
/// ```
#[derive(Clone)]
pub struct Fit<'a, F> {
    pub(super) end: End,
    pub(super) batch: usize,
    pub(super) accumulate: usize,
    pub(super) shuffle: bool,
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
/// where an earlier call of `fit` ended by this rule. With patience 2 and no threshold:
///
/// | epoch | 0 | 1 | 2 | 3 | 4 | 5 | 6 |
/// |---|---|---|---|---|---|---|---|
/// | loss | 1.0 | 0.8 | 0.9 | 0.7 | 0.7 | 0.8 | 0.75 |
/// | in a row without improvement | 0 | 0 | 1 | 0 | 1 | 2 | 3: the run ends, with the weights of epoch 3 |
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
            shuffle: true,
            validation: Validation::None,
            early: None,
            monitor: None,
            stop: None,
            budget: None,
        }
    }

    /// Trains for `count` epochs more; an epoch that an earlier call left unfinished is the first of them.
    pub fn epochs(count: u64) -> Self {
        Self::new(End::Epochs(count))
    }

    /// Trains until the run has finished `epoch` epochs: the same line starts a run and resumes it.
    pub fn to_epoch(epoch: u64) -> Self {
        Self::new(End::ToEpoch(epoch))
    }

    /// Trains for `count` steps more.
    pub fn steps(count: u64) -> Self {
        Self::new(End::Steps(count))
    }

    /// Trains until the run has taken `step` steps: the same line starts a run and resumes it.
    pub fn to_step(step: u64) -> Self {
        Self::new(End::ToStep(step))
    }

    /// Takes `size` samples at a time; at least 1. The last batch of an epoch may be smaller.
    #[must_use]
    pub fn batch(self, size: usize) -> Self {
        Self { batch: size, ..self }
    }

    /// Takes `parts` batches to each step, and adds up their gradients: the same step as one batch of all their samples, in the memory of one
    /// part. The last step of an epoch may have fewer and smaller parts.
    #[must_use]
    pub fn accumulate(self, parts: usize) -> Self {
        Self { accumulate: parts, ..self }
    }

    /// Takes the samples in their own order instead of a new random one each epoch.
    #[must_use]
    pub fn in_order(self) -> Self {
        Self { shuffle: false, ..self }
    }

    /// Measures loss and metrics on `data` after each epoch, and keeps the weights of the best.
    #[must_use]
    pub fn validate(self, data: &'a dyn Source<F>) -> Self {
        Self { validation: Validation::Data(data), ..self }
    }

    /// Keeps a random `share` of the training data, in (0, 1), for validation; which samples is a function of the seed.
    #[must_use]
    pub fn hold_out(self, share: f64) -> Self {
        Self { validation: Validation::HoldOut(share), ..self }
    }

    /// Ends the run after `patience` epochs in a row without improvement; see [`EarlyStopping`].
    #[must_use]
    pub fn patience(self, patience: u64) -> Self {
        self.early_stopping(EarlyStopping { patience, ..EarlyStopping::default() })
    }

    /// Ends the run when it no longer improves.
    #[must_use]
    pub fn early_stopping(self, early: EarlyStopping) -> Self {
        Self { early: Some(early), ..self }
    }

    /// Judges epochs by this metric, in its own direction, instead of the loss.
    #[must_use]
    pub fn monitor(self, metric: impl Into<String>) -> Self {
        Self { monitor: Some(metric.into()), ..self }
    }

    /// Ends the run after the current step once the flag is set, for example by a Ctrl-C handler.
    #[must_use]
    pub fn stop_flag(self, flag: Arc<AtomicBool>) -> Self {
        Self { stop: Some(flag), ..self }
    }

    /// Ends the run after the first step that ends later than this.
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
            .field("shuffle", &self.shuffle)
            .field("early", &self.early)
            .field("monitor", &self.monitor)
            .finish_non_exhaustive()
    }
}

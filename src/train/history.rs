//! What happened in a run, step by step.

use crate::error::Error;

/// Every step and every epoch of a run. A resumed run has the history of an uninterrupted one.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [2.0], [3.0], [4.0]], ndarray::array![[2.0], [4.0], [6.0], [8.0]])?;
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
/// trainer.fit(&data, Fit::epochs(10).batch(2))?; // 4 samples
/// let history: &History = trainer.history();
/// assert_eq!((history.steps.len(), history.epochs.len()), (20, 10));
/// assert!(history.epochs[9].training.loss < history.epochs[0].training.loss);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// One record for each optimizer step.
    pub steps: Vec<StepRecord>,
    /// One record for each finished epoch.
    pub epochs: Vec<EpochRecord>,
}

/// One optimizer step.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [3.0]], ndarray::array![[2.0], [6.0]])?;
/// let model = Dense::new(1).without_bias().weight_init(init::Constant(0.0));
/// let mut trainer = Trainer::builder(model, Mse, Sgd::default()).clip(Clip::GlobalNorm(1.0)).build(&[1])?;
/// let record = trainer.step(&Batch::of(&data)?)?; // inputs 1 and 3, targets 2 and 6
/// assert_eq!((record.step, record.loss, record.weight), (0, (4.0 + 36.0) / 2.0, 2.0));
/// assert_eq!(record.gradient_norm, (2.0 * 2.0 * 1.0 + 2.0 * 6.0 * 3.0) / 2.0);
/// assert_eq!((record.clip_factor, record.learning_rate), (1.0 / record.gradient_norm, 1e-2));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct StepRecord {
    /// The step, counted from 0.
    pub step: u64,
    /// The epoch that it belongs to, counted from 0.
    pub epoch: u64,
    /// The mean loss over the step's samples, before the update and without penalties.
    pub loss: f64,
    /// The weight that the mean was divided by.
    pub weight: f64,
    /// What the regularizers add to the loss.
    pub penalty: f64,
    /// The learning rate, with schedule and plateau applied.
    pub learning_rate: f64,
    /// The Euclidean norm of the whole gradient before clipping.
    pub gradient_norm: f64,
    /// What clipping multiplied the norm by; 1 if it changed nothing.
    pub clip_factor: f64,
    /// Whether the update was left out, because something was not finite or because no sample counts (all weights 0, all targets ignored).
    pub skipped: bool,
}

/// One finished epoch.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [2.0], [3.0], [4.0]], ndarray::array![[2.0], [4.0], [6.0], [8.0]])?;
/// # let (train, validation) = data.split(0.5, 7)?;
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
/// trainer.fit(&train, Fit::epochs(2).validate(&validation))?;
/// let last = &trainer.history().epochs[1];
/// assert_eq!((last.epoch, last.steps), (1, 2));
/// assert_eq!(Some(last.deciding()), last.validation.as_ref());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct EpochRecord {
    /// The epoch, counted from 0.
    pub epoch: u64,
    /// How many optimizer steps the run has taken by its end.
    pub steps: u64,
    /// Loss and metrics over the training samples, each as it was before the update that it led to. Steps that were skipped, or whose loss is not
    /// finite, do not count; if none counts, the loss is NaN and there are no metrics.
    pub training: Evaluation,
    /// Loss and metrics over the validation data after the epoch, if there are any.
    pub validation: Option<Evaluation>,
}

impl EpochRecord {
    /// The evaluation that decisions are made by: of the validation data if there are any, else of the training data.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [3.0]], ndarray::array![[2.0], [6.0]])?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// trainer.fit(&data, Fit::epochs(1))?;
    /// let epoch = &trainer.history().epochs[0];
    /// assert_eq!(epoch.deciding(), &epoch.training); // there are no validation data
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn deciding(&self) -> &Evaluation {
        self.validation.as_ref().unwrap_or(&self.training)
    }

    /// Whether both were judged by validation data, or both by training data.
    pub(super) fn is_judged_like(&self, other: &Self) -> bool {
        self.validation.is_some() == other.validation.is_some()
    }
}

/// Loss and metrics over some data.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [3.0]], ndarray::array![[2.0], [6.0]])?;
/// let model = Dense::new(1).without_bias().weight_init(init::Constant(1.0));
/// let trainer = Trainer::builder(model, Mse, Sgd::default()).metric(MeanAbsoluteError).build(&[1])?;
/// let evaluation = trainer.evaluate(&data)?; // the errors are 1 and 3
/// assert_eq!(evaluation.loss, 5.0);
/// assert_eq!(evaluation.metrics, [("mean_absolute_error".to_owned(), 2.0)]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evaluation {
    /// The mean loss, without penalties.
    pub loss: f64,
    /// The metrics, by name, in the order in which the trainer was given them.
    pub metrics: Vec<(String, f64)>,
}

impl Evaluation {
    /// That of no data.
    pub(super) fn nothing() -> Self {
        Self { loss: f64::NAN, metrics: Vec::new() }
    }

    /// The value of a metric; `"loss"` is one too.
    ///
    /// # Errors
    /// [`Error::NoMatch`] if nothing of this name was measured; [`Error::Empty`] if nothing at all was, as in [`Run::best`](super::Run::best) of
    /// a run that has finished no epoch, and in the training of an epoch in which no step had a finite loss.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [3.0]], vec![0, 1])?;
    /// let trainer = Trainer::builder(Dense::new(2), CrossEntropy::default(), Sgd::default()).build(&[1])?;
    /// let evaluation = trainer.evaluate(&data)?;
    /// assert_eq!(evaluation.metric("loss")?, evaluation.loss);
    /// assert!((0.0..=1.0).contains(&evaluation.metric("accuracy")?));
    /// let error = evaluation.metric("recall").unwrap_err();
    /// assert_eq!(error.to_string(), "`recall` matches no metric; there are: loss, accuracy");
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn metric(&self, name: &str) -> Result<f64, Error> {
        if self.metrics.is_empty() && self.loss.is_nan() {
            let fix =
                "its loss is NaN; finish at least one epoch in which a step has a finite loss";
            return Err(Error::empty("this evaluation", fix));
        }
        if name == "loss" {
            return Ok(self.loss);
        }
        let found = self.metrics.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names = std::iter::once("loss").chain(self.metrics.iter().map(|(n, _)| n.as_str()));
            Error::no_match(name, "metric", names)
        })
    }
}

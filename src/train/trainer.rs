//! The trainer.

use std::sync::Arc;

use super::best::Best;
use super::event::{Control, Event, Goals, goal_of};
use super::observers::Observers;
use super::place::Place;
use super::rules::Rules;
use super::spare::Spare;
use super::tallies::fresh;
use super::threads::Threads;
use super::{History, TrainerBuilder};
use crate::data::Content;
use crate::error::Error;
use crate::kernel::large_pages::filled;
use crate::layer::Layer;
use crate::loss::Loss;
use crate::metric::{Metric, Tally};
use crate::network::{Model, Summary, Workspace};
use crate::optim::{Course, Memory, Optimizer};
use crate::scalar::Scalar;

/// Trains a model: owns the parameters, the optimizer's memory and the history of one run.
///
/// [`fit`](Trainer::fit) runs epochs; [`step`](Trainer::step) and [`gradient`](Trainer::gradient) are the two layers below it. A trainer is one
/// run: a second call of `fit` goes on where the first ended.
///
/// After a `fit` that was judged (by validation data, early stopping or [`Fit::monitor`](super::Fit::monitor)), [`predict`](Trainer::predict) and
/// [`evaluate`](Trainer::evaluate) use the **best** weights, whatever ended the run. Training goes on from the last. A step that nobody judges, by
/// [`step`](Trainer::step) or a `fit` without any of these, makes the last weights those that count again.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [2.0], [3.0], [4.0]], ndarray::array![[2.0], [4.0], [6.0], [8.0]])?;
/// # let (train, test) = data.split(0.5, 7)?;
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Adam { learning_rate: 0.1, ..Adam::default() }).build(&[1])?;
/// let before = trainer.evaluate(&test)?.loss;
/// trainer.fit(&train, Fit::epochs(100).validate(&test))?;
/// assert!(trainer.evaluate(&test)?.loss < before);
/// # Ok::<(), downhill::Error>(())
/// ```
pub struct Trainer<F> {
    pub(super) model: Model<F>,
    pub(super) rules: Rules<F>,
    pub(super) base_courses: Vec<Course>,
    pub(super) courses: Vec<Course>,
    pub(super) memory: Memory<F>,
    pub(super) metrics: Vec<Arc<dyn Metric<F>>>,
    pub(super) observers: Observers<F>,
    pub(super) threads: Threads,
    pub(super) place: Place,
    /// What the metrics have counted of the current epoch, by the metric's name.
    pub(super) tallies: Vec<(String, Tally)>,
    /// What they count from.
    pub(super) start: Vec<(String, Tally)>,
    /// What they have counted in the current step; it joins the epoch's counts if the step succeeds.
    pub(super) step_tallies: Vec<(String, Tally)>,
    pub(super) history: History,
    pub(super) best: Option<Best<F>>,
    pub(super) work: Workspace<F>,
    pub(super) gradient: Vec<F>,
    /// The loss that `gradient` belongs to; NaN if it is that of no step.
    pub(super) gradient_loss: f64,
    /// The gradient of [`gradient`](Trainer::gradient), which must not disturb that of the last step.
    pub(super) probe: Vec<F>,
    pub(super) spare: Spare<F>,
    pub(super) warned: bool,
}

impl<F: Scalar> Trainer<F> {
    /// Starts to put a trainer together from a model, a loss and an optimizer.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let trainer: Trainer<f32> = Trainer::builder(Dense::new(3), Mse, Sgd::default()).seed(7).build(&[2])?;
    /// assert_eq!(trainer.model().values().len(), 9);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn builder(
        model: impl Layer<F> + 'static,
        loss: impl Loss<F> + 'static,
        optimizer: impl Optimizer<F> + 'static,
    ) -> TrainerBuilder<F> {
        TrainerBuilder::new(model, loss, optimizer)
    }

    pub(super) fn new(
        model: Model<F>,
        rules: Rules<F>,
        courses: Vec<Course>,
        metrics: Vec<Arc<dyn Metric<F>>>,
        observers: Observers<F>,
        threads: Threads,
    ) -> Self {
        let memory = Memory::new(&*rules.optimizer, model.parameters(), model.values());
        Self {
            memory,
            work: Workspace::new(&model),
            gradient: filled(model.values().len(), F::zero()),
            gradient_loss: f64::NAN,
            probe: Vec::new(),
            spare: Spare::new(&model),
            base_courses: courses.clone(),
            courses,
            tallies: fresh(&metrics),
            step_tallies: fresh(&metrics),
            start: fresh(&metrics),
            metrics,
            observers,
            threads,
            place: Place::default(),
            history: History::default(),
            best: None,
            model,
            rules,
            warned: false,
        }
    }

    /// The model as it is after the last step.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let trainer: Trainer<f32> = Trainer::builder(Dense::new(3), Mse, Sgd::default()).build(&[2])?;
    /// assert_eq!(trainer.model().get("weight")?.shape(), [3, 2]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn model(&self) -> &Model<F> {
        &self.model
    }

    /// The model as it is after the last step, to change. After a `fit` that was judged, [`predict`](Trainer::predict) and
    /// [`evaluate`](Trainer::evaluate) use the best model, which this does not change.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use ndarray::array;
    /// let mut trainer: Trainer<f32> = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[2])?;
    /// trainer.model_mut().set("weight", &array![[1.0, -1.0]])?;
    /// assert_eq!(trainer.predict(&array![[5.0, 2.0]])?, array![[3.0]].into_dyn());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn model_mut(&mut self) -> &mut Model<F> {
        &mut self.model
    }

    /// The model of the best epoch; the last one if epochs were not judged.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
    /// # let (train, validation) = data.split(0.5, 7)?;
    /// // A rate of 10 makes it worse and worse, so that the first epoch is the best.
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd { learning_rate: 10.0, ..Sgd::default() }).build(&[1])?;
    /// trainer.fit(&train, Fit::epochs(5).validate(&validation))?;
    /// assert_ne!(trainer.best_model().values(), trainer.model().values());
    /// let x = ndarray::array![[3.0]];
    /// assert_eq!(trainer.predict(&x)?, trainer.best_model().predict(&x)?);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn best_model(&self) -> &Model<F> {
        self.best.as_ref().map_or(&self.model, |best| &best.model)
    }

    /// Every step and epoch so far.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// trainer.fit(&data, Fit::epochs(5))?;
    /// let losses: Vec<f64> = trainer.history().steps.iter().map(|step| step.loss).collect();
    /// assert_eq!(losses.len(), 5);
    /// assert!(losses.is_sorted_by(|a, b| a > b));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn history(&self) -> &History {
        &self.history
    }

    /// How many optimizer steps the run has taken.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// trainer.fit(&data, Fit::epochs(2).batch(4))?; // 10 samples: batches of 4, 4 and 2
    /// assert_eq!(trainer.steps(), 6);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn steps(&self) -> u64 {
        self.place.step
    }

    /// How many epochs the run has finished.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 1)), ndarray::Array2::<f32>::zeros((10, 1)))?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// trainer.fit(&data, Fit::steps(5).batch(4))?; // 3 steps to an epoch
    /// assert_eq!(trainer.epochs(), 1);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn epochs(&self) -> u64 {
        self.place.epoch
    }

    /// The layers, shapes and parameters as a table, with what decays and what is frozen.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let trainer: Trainer<f32> = Trainer::builder(Dense::new(3), Mse, AdamW::default()).freeze("bias").build(&[2])?;
    /// let table = trainer.summary().to_string();
    /// assert!(table.contains("bias (frozen)"));
    /// assert!(table.contains("[3, 2] = 6"));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn summary(&self) -> Summary {
        let course = |path: &str| {
            let at = self.model.parameters().iter().position(|p| p.path() == path);
            at.map_or(Course::default(), |at| self.base_courses[at])
        };
        self.model.summary().mark(|path| course(path).decay != 0.0, |path| !course(path).active)
    }

    /// The threads for one pass of so many samples.
    pub(super) fn threads_for(&self, samples: usize) -> Threads {
        if self.model.layout.is_little(samples) { Threads::default() } else { self.threads.clone() }
    }

    /// Whether data of this content can go through model and loss.
    pub(super) fn check(&self, content: &Content) -> Result<(), Error> {
        self.check_inputs(content)?;
        self.rules.loss.check(&self.model.output_shapes(), &content.targets)
    }

    /// Whether data of this content can go through the model.
    pub(super) fn check_inputs(&self, content: &Content) -> Result<(), Error> {
        let inputs = self.model.input_shapes();
        if content.inputs.len() != inputs.len() {
            return Err(Error::arity("the model", inputs.len(), content.inputs.len()));
        }
        for (position, (expected, got)) in inputs.iter().zip(&content.inputs).enumerate() {
            if expected != got {
                let fix = "build the trainer for the shape of one sample, or reshape the data";
                let expected = format!("samples of shape {expected}, as the model was built");
                return Err(Error::shape(format!("input {position}"), expected, got.clone(), fix));
            }
        }
        Ok(())
    }

    /// Tells the observers; says whether one of them wants to stop. The error is the first that one of them ends the run with.
    pub(crate) fn notify(&mut self, event: &Event<'_>) -> Result<bool, Error> {
        let (mut stop, mut failure) = (false, None);
        let metrics = &self.metrics;
        for observer in &mut self.observers.0 {
            let mut control = Control {
                model: &self.model,
                gradient: &self.gradient,
                history: &self.history,
                goals: Goals(&|name| goal_of(metrics, name)),
                learning_rate_scale: &mut self.place.learning_rate_scale,
                stop: &mut stop,
                failure: &mut failure,
            };
            observer.observe(event, &mut control);
        }
        failure.map_or(Ok(stop), Err)
    }
}

impl<F> std::fmt::Debug for Trainer<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trainer").field("place", &self.place).finish_non_exhaustive()
    }
}

//! Putting a trainer together.

use std::sync::Arc;

use super::event::{Control, Event, Observer};
use super::step::{Rules, Schedules};
use super::threads::Threads;
use super::{Group, Trainer};
use crate::clip::{Clip, NonFinite};
use crate::error::Error;
use crate::layer::Layer;
use crate::loss::Loss;
use crate::metric::Metric;
use crate::network::Model;
use crate::optim::{Course, Memory, Optimizer};
use crate::params::Select;
use crate::regularize::{Constraint, DecoupledDecay, Regularizer};
use crate::scalar::Scalar;
use crate::schedule::Schedule;
use crate::shape::Shape;

/// Collects the parts of a [`Trainer`]; [`build`](TrainerBuilder::build) checks them all.
///
/// ```
/// use downhill::prelude::*;
/// let build = |rate| {
///     Trainer::<f32>::builder(Dense::new(1), Mse, Sgd { learning_rate: rate, ..Sgd::default() })
///         .regularizer(L2::new(1e-4))
///         .clip(Clip::GlobalNorm(1.0))
///         .schedule(cosine(1000))
///         .build(&[3])
/// };
/// assert_eq!(build(0.1)?.model().values().len(), 4);
/// assert!(matches!(build(-0.1), Err(Error::Argument { .. })));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct TrainerBuilder<F> {
    layer: Arc<dyn Layer<F>>,
    loss: Box<dyn Loss<F>>,
    optimizer: Box<dyn Optimizer<F>>,
    regularizers: Vec<(Select, Arc<dyn Regularizer<F>>)>,
    constraints: Vec<(Select, Arc<dyn Constraint<F>>)>,
    decay: Option<DecoupledDecay>,
    groups: Vec<(Select, Group)>,
    frozen: Vec<Select>,
    clip: Option<Clip>,
    non_finite: NonFinite,
    schedules: Schedules,
    metrics: Vec<Arc<dyn Metric<F>>>,
    observers: Observers<F>,
    seed: u64,
    threads: Option<usize>,
}

/// The observers of a run.
pub(super) struct Observers<F>(pub Vec<Box<dyn Observer<F>>>);

impl<F> std::fmt::Debug for Observers<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} observers", self.0.len())
    }
}

impl<F: Scalar> TrainerBuilder<F> {
    pub(super) fn new(
        layer: impl Layer<F> + 'static,
        loss: impl Loss<F> + 'static,
        optimizer: impl Optimizer<F> + 'static,
    ) -> Self {
        Self {
            layer: Arc::new(layer),
            loss: Box::new(loss),
            optimizer: Box::new(optimizer),
            regularizers: Vec::new(),
            constraints: Vec::new(),
            decay: None,
            groups: Vec::new(),
            frozen: Vec::new(),
            clip: None,
            non_finite: NonFinite::default(),
            schedules: Schedules::default(),
            metrics: Vec::new(),
            observers: Observers(Vec::new()),
            seed: 0,
            threads: None,
        }
    }

    /// Adds a penalty on the weights to the objective; biases and norms are exempt by role.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[0.0]], ndarray::array![[0.0]])?;
    /// let model = Dense::new(1).weight_init(init::Constant(2.0));
    /// let mut trainer = Trainer::builder(model, Mse, Sgd::default()).regularizer(L2::new(0.5)).build(&[1])?;
    /// let record = trainer.step(&Batch::of(&data)?)?;
    /// assert_eq!(record.penalty, 0.5 / 2.0 * 2.0 * 2.0);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn regularizer(self, regularizer: impl Regularizer<F> + 'static) -> Self {
        self.regularizer_on(Select::decaying(), regularizer)
    }

    /// Adds a penalty on the parameters that `select` means.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[0.0]], ndarray::array![[0.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default())
    ///     .regularizer_on(Select::all(), L2::new(0.5)) // the bias too
    ///     .build(&[1])?;
    /// trainer.model_mut().values_mut().copy_from_slice(&[2.0, 4.0]);
    /// assert_eq!(trainer.step(&Batch::of(&data)?)?.penalty, 0.5 / 2.0 * (4.0 + 16.0));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn regularizer_on(
        mut self,
        select: impl Into<Select>,
        regularizer: impl Regularizer<F> + 'static,
    ) -> Self {
        self.regularizers.push((select.into(), Arc::new(regularizer)));
        self
    }

    /// Holds the weights to a condition after each update; biases and norms are exempt by role.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[-5.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).constraint(NonNegative).build(&[1])?;
    /// trainer.fit(&data, Fit::epochs(100))?; // the target is −5
    /// assert_eq!(trainer.model().get("weight")?[[0, 0]], 0.0);
    /// assert!(trainer.model().get("bias")?[0] < -4.0);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn constraint(self, constraint: impl Constraint<F> + 'static) -> Self {
        self.constraint_on(Select::decaying(), constraint)
    }

    /// Holds the parameters that `select` means to a condition after each update.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[-5.0]])?;
    /// let mut trainer =
    ///     Trainer::builder(Dense::new(1), Mse, Sgd::default()).constraint_on("bias", NonNegative).build(&[1])?;
    /// trainer.fit(&data, Fit::epochs(100))?; // the target is −5
    /// assert!(trainer.model().get("weight")?[[0, 0]] < -4.0);
    /// assert_eq!(trainer.model().get("bias")?[0], 0.0);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn constraint_on(
        mut self,
        select: impl Into<Select>,
        constraint: impl Constraint<F> + 'static,
    ) -> Self {
        self.constraints.push((select.into(), Arc::new(constraint)));
        self
    }

    /// Decays the weights besides the gradient step, whatever the optimizer; replaces the optimizer's own decay.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[0.0]], ndarray::array![[0.0]])?;
    /// let model = Dense::new(1).without_bias().weight_init(init::Constant(1.0));
    /// let rule = AdamW { learning_rate: 0.5, ..AdamW::default() };
    /// let mut trainer = Trainer::builder(model, Mse, rule).weight_decay(DecoupledDecay(0.5)).build(&[1])?;
    /// trainer.step(&Batch::of(&data)?)?; // the gradient is 0
    /// assert_eq!(trainer.model().values(), [1.0 - 0.5 * 0.5]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn weight_decay(self, decay: DecoupledDecay) -> Self {
        Self { decay: Some(decay), ..self }
    }

    /// Gives the parameters that `select` means settings of their own. Where groups overlap, the later one counts.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[1.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1).weight_init(init::Constant(0.0)), Mse, Sgd::default())
    ///     .group("bias", Group { learning_rate_scale: 0.5, ..Group::default() })
    ///     .build(&[1])?;
    /// trainer.step(&Batch::of(&data)?)?; // the gradients are the same
    /// let moved = trainer.model().values();
    /// assert!(moved[0] > 0.0 && moved[1] == 0.5 * moved[0]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn group(mut self, select: impl Into<Select>, group: Group) -> Self {
        self.groups.push((select.into(), group));
        self
    }

    /// Keeps the parameters that `select` means as they are, until [`Trainer::unfreeze`].
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[1.0]])?;
    /// let chain = Chain::new().named("body", Dense::new(4)).then(Relu).named("head", Dense::new(1));
    /// let mut trainer = Trainer::builder(chain, Mse, Sgd::default()).freeze("body.*").build(&[1])?;
    /// let body = trainer.model().get("body.weight")?.to_owned();
    /// trainer.fit(&data, Fit::epochs(5))?;
    /// assert_eq!(trainer.model().get("body.weight")?, body);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn freeze(mut self, select: impl Into<Select>) -> Self {
        self.frozen.push(select.into());
        self
    }

    /// Bounds the gradient.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[100.0]], ndarray::array![[100.0]])?;
    /// let model = Dense::new(1).without_bias().weight_init(init::Constant(0.0));
    /// let mut trainer = Trainer::builder(model, Mse, Sgd::default()).clip(Clip::GlobalNorm(1.0)).build(&[1])?;
    /// let record = trainer.step(&Batch::of(&data)?)?;
    /// assert_eq!((record.gradient_norm, record.clip_factor), (20_000.0, 1.0 / 20_000.0));
    /// assert_eq!(trainer.model().values(), [1e-2]); // the rate times 1
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn clip(self, clip: impl Into<Option<Clip>>) -> Self {
        Self { clip: clip.into(), ..self }
    }

    /// What to do with a loss or gradient that is not finite. The default is an error that names the place. Under the other policies such a loss is in the
    /// record of its step, and no part of the epoch's mean.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1e200]], ndarray::array![[0.0]])?;
    /// let build = |policy| Trainer::builder(Dense::new(1), Mse, Sgd::default()).non_finite(policy).build(&[1]);
    /// let batch = Batch::of(&data)?; // so large that its square is infinite
    /// assert!(build(NonFinite::Error)?.step(&batch).is_err());
    /// assert!(build(NonFinite::Skip)?.step(&batch)?.skipped);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn non_finite(self, policy: NonFinite) -> Self {
        Self { non_finite: policy, ..self }
    }

    /// Scales the learning rate, as a function of the step.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[1.0]])?;
    /// let rule = Sgd { learning_rate: 0.5, ..Sgd::default() };
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, rule).schedule(warmup(2)).build(&[1])?;
    /// trainer.fit(&data, Fit::steps(3))?;
    /// let rates: Vec<f64> = trainer.history().steps.iter().map(|step| step.learning_rate).collect();
    /// assert_eq!(rates, [0.25, 0.5, 0.5]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedules.rate = Some(Box::new(schedule));
        self
    }

    /// Scales the momentum (or first beta), as a function of the step.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[1.0]])?;
    /// # let build = |rule: Sgd| Trainer::builder(Dense::new(1), Mse, rule).seed(7);
    /// let with_momentum = Sgd { momentum: 0.9, ..Sgd::default() };
    /// let mut off = build(with_momentum).momentum_schedule(constant(0.0)).build(&[1])?;
    /// let mut plain = build(Sgd::default()).build(&[1])?;
    /// off.fit(&data, Fit::steps(5))?;
    /// plain.fit(&data, Fit::steps(5))?;
    /// assert_eq!(off.model().values(), plain.model().values());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn momentum_schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedules.momentum = Some(Box::new(schedule));
        self
    }

    /// Scales the decoupled weight decay, as a function of the step.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[0.0]], ndarray::array![[0.0]])?;
    /// let model = Dense::new(1).without_bias().weight_init(init::Constant(1.0));
    /// let mut trainer = Trainer::builder(model, Mse, Sgd { learning_rate: 0.5, ..Sgd::default() })
    ///     .weight_decay(DecoupledDecay(0.5))
    ///     .weight_decay_schedule(multi_step([1], 0.0)) // only in the first step
    ///     .build(&[1])?;
    /// trainer.fit(&data, Fit::steps(3))?; // the gradient is 0
    /// assert_eq!(trainer.model().values(), [1.0 - 0.5 * 0.5]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn weight_decay_schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedules.decay = Some(Box::new(schedule));
        self
    }

    /// Scales the clipping bound, as a function of the step; nothing without [`clip`](TrainerBuilder::clip).
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[100.0]], ndarray::array![[100.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default())
    ///     .clip(Clip::GlobalNorm(1.0))
    ///     .clip_schedule(step_decay(1, 0.5))
    ///     .build(&[1])?;
    /// trainer.fit(&data, Fit::steps(3))?;
    /// let norms = trainer.history().steps.iter().map(|step| step.gradient_norm * step.clip_factor);
    /// assert!(norms.zip([1.0, 0.5, 0.25]).all(|(norm, bound)| (norm - bound).abs() < 1e-12));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn clip_schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedules.clip = Some(Box::new(schedule));
        self
    }

    /// Measures one thing more. Without any, class targets are measured by [`Accuracy`](crate::metric::Accuracy).
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[1.0]])?;
    /// let trainer =
    ///     Trainer::builder(Dense::new(1), Mse, Sgd::default()).metric(MeanAbsoluteError).metric(R2).build(&[1])?;
    /// let names: Vec<String> = trainer.evaluate(&data)?.metrics.into_iter().map(|(name, _)| name).collect();
    /// assert_eq!(names, ["mean_absolute_error", "r2"]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn metric(mut self, metric: impl Metric<F> + 'static) -> Self {
        self.metrics.push(Arc::new(metric));
        self
    }

    /// Lets an observer see the run.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[0.0]])?;
    /// let rule = Plateau { patience: 0, factor: 0.5, ..Plateau::default() };
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd { learning_rate: 0.0, ..Sgd::default() })
    ///     .observer(ReduceOnPlateau::new(rule))
    ///     .build(&[1])?;
    /// trainer.fit(&data, Fit::epochs(3))?; // at a rate of 0 nothing improves after the first epoch
    /// assert_eq!(trainer.state().learning_rate_scale, 0.25);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn observer(mut self, observer: impl Observer<F> + 'static) -> Self {
        self.observers.0.push(Box::new(observer));
        self
    }

    /// Lets a closure see the run: `.on(|event, control| …)`.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use std::sync::{Arc, Mutex};
    /// # let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[0.0]])?;
    /// let seen = Arc::new(Mutex::new(Vec::new()));
    /// let log = Arc::clone(&seen);
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default())
    ///     .on(move |event, _| {
    ///         if let (Event::Epoch(record), Ok(mut log)) = (event, log.lock()) {
    ///             log.push(record.training.loss);
    ///         }
    ///     })
    ///     .build(&[1])?;
    /// trainer.fit(&data, Fit::epochs(3))?;
    /// assert_eq!(seen.lock().map(|seen| seen.len()).ok(), Some(3));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn on(
        self,
        observer: impl FnMut(&Event<'_>, &mut Control<'_, F>) + Send + Sync + 'static,
    ) -> Self {
        self.observer(observer)
    }

    /// The number that all random choices follow from. The default is 0.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let first = |seed| Trainer::<f64>::builder(Dense::new(3), Mse, Sgd::default()).seed(seed).build(&[2]);
    /// assert_eq!(first(7)?.model().values(), first(7)?.model().values());
    /// assert_ne!(first(7)?.model().values(), first(8)?.model().values());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How many threads to work on, 1 to 256; the numbers are the same for any. The default is as many as the machine has, up to 256.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
    /// let train = |threads| {
    ///     let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).threads(threads).build(&[1])?;
    ///     trainer.fit(&data, Fit::epochs(3))?;
    ///     Ok::<_, Error>(trainer.state())
    /// };
    /// assert_eq!(train(1)?, train(2)?);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn threads(self, count: usize) -> Self {
        Self { threads: Some(count), ..self }
    }

    /// Checks everything and builds the model for samples of this shape: `.build(&[64])`.
    ///
    /// # Errors
    /// The first thing that is wrong: a shape, a setting, a selection that matches nothing.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let build = |shape: &[usize]| Trainer::<f32>::builder(Dense::new(1), Mse, Sgd::default()).build(shape);
    /// assert_eq!(build(&[3])?.model().input_shapes(), [3.into()]);
    /// assert!(matches!(build(&[0]), Err(Error::Shape { .. })));
    /// let nothing = Trainer::<f32>::builder(Dense::new(1), Mse, Sgd::default()).freeze("head.*").build(&[3]);
    /// assert!(matches!(nothing, Err(Error::NoMatch { .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn build(self, input: &[usize]) -> Result<Trainer<F>, Error> {
        self.build_for(&[input.into()])
    }

    /// As [`build`](TrainerBuilder::build), for a model of several inputs.
    ///
    /// # Errors
    /// As [`build`](TrainerBuilder::build).
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let trainer: Trainer<f32> =
    ///     Trainer::builder(Sum, Mse, Sgd::default()).build_for(&[[2, 2].into(), [2, 2].into()])?;
    /// assert_eq!(trainer.model().input_shapes().len(), 2);
    /// assert_eq!(trainer.model().output_shapes(), [[2, 2].into()]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn build_for(self, inputs: &[Shape]) -> Result<Trainer<F>, Error> {
        self.loss.validate()?;
        self.optimizer.validate()?;
        Memory::check(&*self.optimizer)?;
        for schedule in [
            &self.schedules.rate,
            &self.schedules.momentum,
            &self.schedules.decay,
            &self.schedules.clip,
        ]
        .into_iter()
        .flatten()
        {
            schedule.validate()?;
        }
        for (position, metric) in self.metrics.iter().enumerate() {
            let name = metric.name();
            if self.metrics[..position].iter().any(|other| other.name() == name) {
                return Err(Error::argument(
                    "metric",
                    name,
                    "a metric of another name: values are found by it",
                ));
            }
        }
        self.observers.0.iter().try_for_each(|observer| observer.validate())?;
        if let Some(clip) = &self.clip {
            clip.validate()?;
        }
        if let Some(decay) = &self.decay {
            decay.validate()?;
        }
        let model = Model::build(Arc::clone(&self.layer), inputs, self.seed)?;
        let mut regularizers = Vec::with_capacity(self.regularizers.len());
        for (select, regularizer) in self.regularizers {
            regularizer.validate()?;
            regularizers.push((model.select(&select)?, regularizer));
        }
        let mut constraints = Vec::with_capacity(self.constraints.len());
        for (select, constraint) in self.constraints {
            constraint.validate()?;
            constraints.push((model.select(&select)?, constraint));
        }
        let decay = self.decay.map_or(self.optimizer.weight_decay(), |decay| decay.0);
        let mut courses: Vec<Course> =
            model.parameters().iter().map(|parameter| Course::of(parameter, decay)).collect();
        for (select, group) in &self.groups {
            group.validate()?;
            for id in model.select(select)? {
                courses[id].learning_rate_scale = group.learning_rate_scale;
                courses[id].decay = group.weight_decay.unwrap_or(courses[id].decay);
            }
        }
        for select in &self.frozen {
            for id in model.select(select)? {
                courses[id].active = false;
            }
        }
        let rules = Rules {
            loss: self.loss,
            optimizer: self.optimizer,
            regularizers,
            constraints,
            clip: self.clip,
            non_finite: self.non_finite,
            schedules: self.schedules,
            seed: self.seed,
        };
        let threads = Threads::new(self.threads)?;
        Ok(Trainer::new(model, rules, courses, self.metrics, self.observers, threads))
    }
}

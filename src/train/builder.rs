//! Putting a trainer together.

mod build;
mod schedules;

use std::sync::Arc;

use super::Group;
use super::event::{Control, Event, Observer};
use super::observers::Observers;
use super::schedules::Schedules;
use crate::clip::{Clip, NonFinite};
use crate::layer::Layer;
use crate::loss::Loss;
use crate::metric::Metric;
use crate::optim::Optimizer;
use crate::params::Select;
use crate::regularize::{Constraint, DecoupledDecay, Regularizer};
use crate::scalar::Scalar;

/// Collects the parts of a [`Trainer`](super::Trainer); [`build`](TrainerBuilder::build) checks them all.
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

    /// Keeps the parameters that `select` means as they are, until [`Trainer::unfreeze`](super::Trainer::unfreeze).
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
}

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
    pub fn regularizer(self, regularizer: impl Regularizer<F> + 'static) -> Self {
        self.regularizer_on(Select::decaying(), regularizer)
    }

    /// Adds a penalty on the parameters that `select` means.
    pub fn regularizer_on(
        mut self,
        select: impl Into<Select>,
        regularizer: impl Regularizer<F> + 'static,
    ) -> Self {
        self.regularizers.push((select.into(), Arc::new(regularizer)));
        self
    }

    /// Holds the weights to a condition after each update; biases and norms are exempt by role.
    pub fn constraint(self, constraint: impl Constraint<F> + 'static) -> Self {
        self.constraint_on(Select::decaying(), constraint)
    }

    /// Holds the parameters that `select` means to a condition after each update.
    pub fn constraint_on(
        mut self,
        select: impl Into<Select>,
        constraint: impl Constraint<F> + 'static,
    ) -> Self {
        self.constraints.push((select.into(), Arc::new(constraint)));
        self
    }

    /// Decays the weights besides the gradient step, whatever the optimizer; replaces the optimizer's own decay.
    pub fn decay(self, decay: DecoupledDecay) -> Self {
        Self { decay: Some(decay), ..self }
    }

    /// Gives the parameters that `select` means settings of their own. Where groups overlap, the later one counts.
    pub fn group(mut self, select: impl Into<Select>, group: Group) -> Self {
        self.groups.push((select.into(), group));
        self
    }

    /// Keeps the parameters that `select` means as they are, until [`Trainer::unfreeze`].
    pub fn freeze(mut self, select: impl Into<Select>) -> Self {
        self.frozen.push(select.into());
        self
    }

    /// Bounds the gradient.
    pub fn clip(self, clip: impl Into<Option<Clip>>) -> Self {
        Self { clip: clip.into(), ..self }
    }

    /// What to do with a loss or gradient that is not finite. The default is an error that names the place.
    pub fn non_finite(self, policy: NonFinite) -> Self {
        Self { non_finite: policy, ..self }
    }

    /// Scales the learning rate, as a function of the step.
    pub fn schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedules.rate = Some(Box::new(schedule));
        self
    }

    /// Scales the momentum (or first beta), as a function of the step.
    pub fn momentum_schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedules.momentum = Some(Box::new(schedule));
        self
    }

    /// Scales the decoupled weight decay, as a function of the step.
    pub fn decay_schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedules.decay = Some(Box::new(schedule));
        self
    }

    /// Scales the clipping bound, as a function of the step.
    pub fn clip_schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedules.clip = Some(Box::new(schedule));
        self
    }

    /// Measures one thing more. Without any, class targets are measured by [`Accuracy`](crate::metric::Accuracy).
    pub fn metric(mut self, metric: impl Metric<F> + 'static) -> Self {
        self.metrics.push(Arc::new(metric));
        self
    }

    /// Lets an observer see the run.
    pub fn observer(mut self, observer: impl Observer<F> + 'static) -> Self {
        self.observers.0.push(Box::new(observer));
        self
    }

    /// Lets a closure see the run: `.on(|event, control| …)`.
    pub fn on(
        self,
        observer: impl FnMut(&Event<'_>, &mut Control<'_, F>) + Send + Sync + 'static,
    ) -> Self {
        self.observer(observer)
    }

    /// The number that all random choices follow from. The default is 0.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// How many threads to work on; the numbers are the same for any. The default is as many as the machine has.
    pub fn threads(self, count: usize) -> Self {
        Self { threads: Some(count), ..self }
    }

    /// Checks everything and builds the model for samples of this shape: `.build(&[64])`.
    ///
    /// # Errors
    /// The first thing that is wrong: a shape, a setting, a selection that matches nothing.
    pub fn build(self, input: &[usize]) -> Result<Trainer<F>, Error> {
        self.build_for(&[input.into()])
    }

    /// As [`build`](TrainerBuilder::build), for a model of several inputs.
    ///
    /// # Errors
    /// As [`build`](TrainerBuilder::build).
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
        let mut courses: Vec<Course> = model
            .parameters()
            .iter()
            .map(|p| Course {
                decay: if p.role().decays() { decay } else { 0.0 },
                ..Course::default()
            })
            .collect();
        for (select, group) in &self.groups {
            group.validate()?;
            for id in model.select(select)? {
                courses[id].rate_scale = group.rate_scale;
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

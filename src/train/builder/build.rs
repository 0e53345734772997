//! The parts are checked and become a trainer.

use std::sync::Arc;

use super::TrainerBuilder;
use crate::error::Error;
use crate::network::Model;
use crate::optim::{Course, Memory};
use crate::params::Select;
use crate::scalar::Scalar;
use crate::shape::Shape;
use crate::train::rules::Rules;
use crate::train::threads::Threads;
use crate::train::{Group, Trainer};

impl<F: Scalar> TrainerBuilder<F> {
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
        self.validate()?;
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
        let courses = courses(&model, decay, &self.groups, &self.frozen)?;
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

    /// Checks what can be checked before there is a model.
    fn validate(&self) -> Result<(), Error> {
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
        Ok(())
    }
}

/// How each parameter takes part: decaying by so much, unless its group or the freezing says otherwise.
fn courses<F: Scalar>(
    model: &Model<F>,
    decay: f64,
    groups: &[(Select, Group)],
    frozen: &[Select],
) -> Result<Vec<Course>, Error> {
    let mut courses: Vec<Course> =
        model.parameters().iter().map(|parameter| Course::of(parameter, decay)).collect();
    for (select, group) in groups {
        group.validate()?;
        for id in model.select(select)? {
            courses[id].learning_rate_scale = group.learning_rate_scale;
            courses[id].decay = group.weight_decay.unwrap_or(courses[id].decay);
        }
    }
    for select in frozen {
        for id in model.select(select)? {
            courses[id].active = false;
        }
    }
    Ok(courses)
}

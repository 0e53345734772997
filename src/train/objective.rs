//! What training makes small: its value, its gradient, and the optimizer at work on it.
//!
//! Losses and gradients are sums until they are divided here, once.

use super::accumulate::losses;
use super::rows::in_batch;
use super::rules::{Chosen, Rules};
use super::spare::{Looks, Spare};
use crate::data::{Batch, Part};
use crate::error::Error;
use crate::loss::Total;
use crate::network::{Draw, Model, Workspace};
use crate::optim::{Course, Memory, Step, Tick};
use crate::regularize::{Regularizer, Weights};
use crate::scalar::Scalar;

/// The mean loss over a batch with the penalties on the parameters: what training makes small.
pub(super) struct Objective<'a, F> {
    pub rules: &'a Rules<F>,
    pub courses: &'a [Course],
    pub batch: &'a Batch<F>,
    /// Samples to a part.
    pub part: usize,
    pub draw: Draw,
}

impl<F: Scalar> Objective<'_, F> {
    /// Losses, penalties, and the gradient of mean loss plus penalties, which replaces what `gradient` held.
    pub fn evaluate(
        &self,
        model: &mut Model<F>,
        work: &mut Workspace<F>,
        gradient: &mut [F],
        look: Look<'_, F>,
    ) -> Result<(Total, f64), Error> {
        let mut total = Total::default();
        let mut from = 0;
        let whole = self.part >= self.batch.len();
        while from < self.batch.len() {
            let piece = self.batch.part(from, from + self.part.max(1));
            let draw = self.draw.from_sample(from);
            let mut pass = || {
                let found = losses(&*self.rules.loss, model, work, &piece, draw)?;
                if whole {
                    let (_, mut gradients) = work.output_gradients()?;
                    for position in 0..gradients.len() {
                        divide(gradients.get(position).values(), found.weight);
                    }
                }
                if from == 0 {
                    work.backward_anew(model, gradient, draw)?;
                } else {
                    work.backward(model, gradient, draw)?;
                }
                look(model, work, &piece, found).map(|()| found)
            };
            total += pass().map_err(|error| in_batch(error, from))?;
            from += piece.len();
        }
        if !whole {
            divide(gradient, total.weight);
        }
        freeze(model, self.courses, gradient);
        Ok((total, regularize(&self.rules.regularizers, model, self.courses, gradient)))
    }

    /// The mean loss, with the gradient of the objective, leaving layer state as it was.
    pub fn without_trace(
        &self,
        model: &mut Model<F>,
        work: &mut Workspace<F>,
        gradient: &mut [F],
        spare: &mut Spare<F>,
    ) -> Result<f64, Error> {
        spare.keep_state(model);
        let found = self.evaluate(model, work, gradient, &mut |_, _, _, _| Ok(()));
        spare.restore_state(model);
        found.map(|(total, _)| total.mean())
    }

    /// Runs the optimizer, and lends it the objective again if it asks. Looking elsewhere leaves no trace: layer state and gradient are then those of
    /// the first pass.
    #[expect(clippy::too_many_arguments)]
    pub fn update(
        &self,
        model: &mut Model<F>,
        memory: &mut Memory<F>,
        work: &mut Workspace<F>,
        gradient: &mut [F],
        looks: &mut Looks<F>,
        courses: &[Course],
        tick: Tick,
        loss: f64,
    ) -> Result<(), Error> {
        let optimizer = &*self.rules.optimizer;
        let evaluates = optimizer.evaluates();
        if evaluates {
            looks.keep(model, gradient);
        }
        // The optimizer holds the parameters while the loss is computed at points of its choice, so they are taken out of the model.
        let mut weights = std::mem::replace(model.values_vec(), std::mem::take(&mut looks.values));
        let parameters = model.parameters_arc();
        let mut evaluate = |point: &[F], gradient: &mut [F]| -> Result<f64, Error> {
            if !evaluates {
                let message = "to evaluate the loss, the rule's `evaluates` must return true";
                return Err(Error::other(optimizer.name(), message));
            }
            model.values_vec().clear();
            model.values_vec().extend_from_slice(point);
            let found = self.evaluate(model, work, gradient, &mut |_, _, _, _| Ok(()));
            model.state_mut().copy_from_slice(&looks.state);
            found.map(|(total, penalty)| total.mean() + penalty)
        };
        let step =
            Step::new(&mut weights, gradient, &parameters, courses, memory, tick, &mut evaluate);
        let result = step.and_then(|mut step| {
            (step.parallel, step.loss) = (self.draw.parallel, loss);
            optimizer.step(&mut step)
        });
        looks.values = std::mem::replace(model.values_vec(), weights);
        if evaluates {
            gradient.copy_from_slice(&looks.gradient);
        }
        result
    }
}

/// What sees each part once its loss is known.
pub(super) type Look<'a, F> =
    &'a mut dyn FnMut(&Model<F>, &Workspace<F>, &Part<'_, F>, Total) -> Result<(), Error>;

/// Turns the gradient of a sum into that of the mean.
fn divide<F: Scalar>(gradient: &mut [F], weight: f64) {
    if weight != 0.0 && weight != 1.0 {
        let share = F::of(1.0 / weight);
        gradient.iter_mut().for_each(|g| *g *= share);
    }
}

/// Frozen parameters have no gradient, so that they do not count in norms.
fn freeze<F: Scalar>(model: &Model<F>, courses: &[Course], gradient: &mut [F]) {
    for (parameter, _) in model.parameters().iter().zip(courses).filter(|(_, c)| !c.active) {
        gradient[parameter.range()].fill(F::zero());
    }
}

/// Adds the penalties' gradients, and returns the sum of the penalties.
fn regularize<F: Scalar>(
    regularizers: &[Chosen<dyn Regularizer<F>>],
    model: &Model<F>,
    courses: &[Course],
    gradient: &mut [F],
) -> f64 {
    let mut penalty = 0.0;
    for (ids, regularizer) in regularizers {
        for &id in ids.iter().filter(|&&id| courses[id].active) {
            let parameter = &model.parameters()[id];
            let weights = Weights::new(parameter, &model.values()[parameter.range()]);
            penalty += regularizer.penalty(weights);
            regularizer.add_gradient(weights, &mut gradient[parameter.range()]);
        }
    }
    penalty
}

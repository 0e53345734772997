//! The order of a step: this file is the definition of training.
//!
//! 1. **Forward, loss, backward** over the samples, in parts if accumulation is on; sums of losses, weights and gradients add up.
//! 2. **Divide** by the sum of the weights, once: the gradient for the outputs if all samples are one part, that for the parameters otherwise.
//! 3. **Regularize**: penalties add to the gradient.
//! 4. **Norm and finite check**: what is not finite ends the step here, with nothing changed.
//! 5. **Clip.**
//! 6. **Decay and update.**
//! 7. **Constrain.**

use std::sync::Arc;

use super::StepRecord;
use super::blame::{bad_parameter, blame, blame_outputs, diverged};
use super::filled::check_weights;
use super::rows::in_batch;
use super::spare::{Looks, Spare};
use crate::clip::{self, Clip, NonFinite};
use crate::data::{Batch, Part};
use crate::error::Error;
use crate::loss::{Loss, LossPass, Total};
use crate::network::{Draw, Model, Workspace};
use crate::optim::{Course, Memory, Optimizer, Step, Tick};
use crate::regularize::{Constraint, Regularizer, Weights, WeightsMut};
use crate::scalar::Scalar;
use crate::schedule::Schedule;

/// The rules of a run: everything about a step that does not change from one to the next.
#[derive(Debug)]
pub(super) struct Rules<F> {
    pub loss: Box<dyn Loss<F>>,
    pub optimizer: Box<dyn Optimizer<F>>,
    pub regularizers: Vec<Chosen<dyn Regularizer<F>>>,
    pub constraints: Vec<Chosen<dyn Constraint<F>>>,
    pub clip: Option<Clip>,
    pub non_finite: NonFinite,
    pub schedules: Schedules,
    pub seed: u64,
}

/// Something, and the parameters that it applies to.
pub(super) type Chosen<T> = (Vec<usize>, Arc<T>);

/// Factors on settings, as functions of the step.
#[derive(Default)]
pub(super) struct Schedules {
    pub rate: Option<Box<dyn Schedule>>,
    pub momentum: Option<Box<dyn Schedule>>,
    pub decay: Option<Box<dyn Schedule>>,
    pub clip: Option<Box<dyn Schedule>>,
}

impl std::fmt::Debug for Schedules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schedules").finish_non_exhaustive()
    }
}

/// The factors of one step.
#[derive(Clone, Copy)]
struct Factors {
    rate: f64,
    momentum: f64,
    decay: f64,
    clip: f64,
}

impl Schedules {
    /// What the schedules give at this step, for a rule of this momentum; 1 where there is none.
    fn at(&self, step: u64, momentum: f64) -> Result<Factors, Error> {
        let factor = |name: &str, schedule: &Option<Box<dyn Schedule>>| {
            let factor = schedule.as_ref().map_or(1.0, |schedule| schedule.at(step));
            if factor.is_finite() && factor >= 0.0 {
                return Ok(factor);
            }
            let name = format!("{name} at step {step}");
            Err(Error::argument(name, factor, "a schedule of finite numbers, 0 or more"))
        };
        let momentum_factor = factor("the momentum schedule", &self.momentum)?;
        if momentum > 0.0 && momentum * momentum_factor >= 1.0 {
            let name = format!("the momentum schedule at step {step}");
            let expected = format!(
                "a factor below {}, so that {momentum} times it stays below 1",
                1.0 / momentum
            );
            return Err(Error::argument(name, momentum_factor, expected));
        }
        Ok(Factors {
            rate: factor("the schedule", &self.rate)?,
            momentum: momentum_factor,
            decay: factor("the decay schedule", &self.decay)?,
            clip: factor("the clip schedule", &self.clip)?,
        })
    }
}

/// What a step reads and changes.
pub(super) struct Scene<'a, F> {
    pub model: &'a mut Model<F>,
    pub memory: &'a mut Memory<F>,
    pub work: &'a mut Workspace<F>,
    pub gradient: &'a mut Vec<F>,
    /// What the step goes back to if it fails.
    pub spare: &'a mut Spare<F>,
    pub courses: &'a mut [Course],
    /// How each parameter takes part before the decay schedule.
    pub base_courses: &'a [Course],
    pub learning_rate_scale: f64,
    pub step: u64,
    pub epoch: u64,
    pub draw: Draw,
    /// Samples to a part.
    pub part: usize,
    /// Sees the outputs of each part, for metrics.
    pub watch: Watch<'a, F>,
}

/// What sees the outputs of each part before the update.
pub(super) type Watch<'a, F> = &'a mut dyn FnMut(&Workspace<F>, &Part<'_, F>) -> Result<(), Error>;

/// What sees each part once its loss is known.
type Look<'a, F> =
    &'a mut dyn FnMut(&Model<F>, &Workspace<F>, &Part<'_, F>, Total) -> Result<(), Error>;

/// Takes one step on `batch`. After an error, parameters, optimizer memory and layer state are what they were.
pub(super) fn take<F: Scalar>(
    rules: &Rules<F>,
    scene: Scene<'_, F>,
    batch: &Batch<F>,
) -> Result<StepRecord, Error> {
    let Scene { model, memory, work, gradient, spare, step, .. } = scene;
    let factors = rules.schedules.at(step, rules.optimizer.momentum())?;
    let objective =
        Objective { rules, courses: scene.base_courses, batch, part: scene.part, draw: scene.draw };
    spare.keep_state(model);

    // 1 to 3: the mean loss, the penalties, and the gradient of both. The first part that leaves the numbers is the one to look at.
    let stop_early = rules.non_finite == NonFinite::Error;
    let mut look = |model: &Model<F>, work: &Workspace<F>, part: &Part<'_, F>, found: Total| {
        if stop_early && !found.sum.is_finite() {
            let error = blame_outputs(model, work, part, step);
            return Err(error.unwrap_or_else(|| diverged(step, "loss", None, found.mean())));
        }
        (scene.watch)(work, part)
    };
    let (total, penalty) = match objective.evaluate(model, work, gradient, &mut look) {
        Ok(found) => found,
        Err(error) => {
            spare.restore_state(model);
            return Err(error);
        }
    };

    // 4: norm and finite check.
    let parallel = scene.draw.parallel;
    let mut record = StepRecord {
        step,
        epoch: scene.epoch,
        loss: total.mean(),
        weight: total.weight,
        penalty,
        learning_rate: rules.optimizer.learning_rate() * factors.rate * scene.learning_rate_scale,
        gradient_norm: clip::norm(gradient, parallel),
        clip_factor: 1.0,
        skipped: false,
    };
    if total.weight == 0.0 {
        // No sample counts, so there is nothing to learn from.
        spare.restore_state(model);
        return Ok(StepRecord { skipped: true, ..record });
    }
    let bad_gradient =
        !record.gradient_norm.is_finite() && clip::check(model.parameters(), gradient).is_some();
    if !record.loss.is_finite() || !record.penalty.is_finite() || bad_gradient {
        match rules.non_finite {
            NonFinite::Error => {
                let part = scene.part.max(1);
                let last = batch.part((batch.len() - 1) / part * part, batch.len());
                let error = blame(model, work, &last, gradient, &record);
                spare.restore_state(model);
                return Err(error);
            }
            NonFinite::Skip => {
                spare.restore_state(model);
                return Ok(StepRecord { skipped: true, ..record });
            }
            NonFinite::Zero => {
                clip::zero_non_finite(gradient);
                spare.restore_state(model);
            }
        }
    }

    // 5: clip.
    if let Some(bound) = &rules.clip {
        let norm = if bad_gradient { clip::norm(gradient, parallel) } else { record.gradient_norm };
        let clipped =
            bound.apply(model.parameters(), model.values(), gradient, norm, factors.clip, parallel);
        record.clip_factor = clipped.factor;
    }

    // 6: decay and update.
    for (course, base) in scene.courses.iter_mut().zip(scene.base_courses) {
        *course = Course { decay: base.decay * factors.decay, ..*base };
    }
    let tick = Tick {
        step,
        learning_rate: record.learning_rate,
        momentum_factor: factors.momentum,
        ..Tick::new(0, 0.0)
    };
    let guarded = !rules.optimizer.stays_finite()
        || rules.optimizer.evaluates()
        || !rules.constraints.is_empty()
        || is_long::<F>(&tick, scene.courses, record.gradient_norm * record.clip_factor);
    if guarded {
        spare.keep(model.values(), memory);
    }
    let loss = total.mean() + penalty;
    let looks = &mut spare.looks;
    let moved = objective.update(model, memory, work, gradient, looks, scene.courses, tick, loss);

    // 7: constrain.
    let moved = moved.and_then(|()| {
        constrain(&rules.constraints, model, scene.courses);
        match guarded.then(|| bad_parameter(model)).flatten() {
            Some((path, value)) => Err(diverged(step, &path, None, value)),
            None => Ok(()),
        }
    });
    if let Err(error) = moved {
        if guarded {
            spare.restore(model, memory);
        }
        spare.restore_state(model);
        return Err(error);
    }
    Ok(record)
}

/// Whether a step is so long that it may leave the type's range, whatever the rule.
fn is_long<F: Scalar>(tick: &Tick, courses: &[Course], gradient_norm: f64) -> bool {
    let far = 1e-6 * F::max_value().as_f64();
    // Written so that NaN counts as long. A momentum above its setting can grow without end.
    let short = |course: &Course| {
        let rate = tick.learning_rate * course.learning_rate_scale;
        (rate + 1.0) * (gradient_norm + 1.0) < far && rate * course.decay < 2.0
    };
    !(tick.momentum_factor <= 1.0 && courses.iter().filter(|c| c.active).all(short))
}

/// Moves the parameters back to where the conditions hold.
fn constrain<F: Scalar>(
    constraints: &[Chosen<dyn Constraint<F>>],
    model: &mut Model<F>,
    courses: &[Course],
) {
    for (ids, constraint) in constraints {
        for &id in ids.iter().filter(|&&id| courses[id].active) {
            let (parameter, values) = model.parameter_mut(id);
            constraint.project(WeightsMut::new(parameter, values));
        }
    }
}

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
    fn evaluate(
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
    fn update(
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

/// Forward, loss and backward over some samples: adds the gradient **of the sum** of their losses to `gradient` and returns sum and weight.
///
/// This is what a loop of your own builds on; a trainer's [`gradient`](super::Trainer::gradient) divides and regularizes as well.
///
/// # Errors
/// What the loss finds wrong with the targets; [`Error::Length`] if `gradient` has not the length of the parameters; [`Error::Cell`] if a sample's
/// weight is negative or not finite.
///
/// ```
/// use downhill::{prelude::*, network::Draw, train::accumulate};
/// let data = Dataset::new(ndarray::array![[1.0], [3.0]], ndarray::array![[2.0], [6.0]])?;
/// let model = Dense::new(1).without_bias().weight_init(init::Constant(1.0));
/// let mut model: Model<f64> = Model::build(model, &[1.into()], 7)?;
/// let (mut work, batch) = (Workspace::new(&model), Batch::of(&data)?);
/// let (mut gradient, mut total) = ([0.0], downhill::loss::Total::default());
/// for sample in 0..2 {
///     let (part, draw) = (batch.part(sample, sample + 1), Draw::new(7, 0).from_sample(sample));
///     total += accumulate(&Mse, &mut model, &mut work, &part, draw, &mut gradient)?;
/// }
/// assert_eq!(total.mean(), (1.0 + 9.0) / 2.0);
/// assert_eq!(gradient, [2.0 * -1.0 * 1.0 + 2.0 * -3.0 * 3.0]); // of the sum, not of the mean
/// # Ok::<(), downhill::Error>(())
/// ```
pub fn accumulate<F: Scalar>(
    loss: &dyn Loss<F>,
    model: &mut Model<F>,
    work: &mut Workspace<F>,
    samples: &Part<'_, F>,
    draw: Draw,
    gradient: &mut [F],
) -> Result<Total, Error> {
    check_weights(samples.weights(), |sample| sample)?;
    let total = losses(loss, model, work, samples, draw)?;
    work.backward(model, gradient, draw)?;
    Ok(total)
}

/// Forward and loss over some samples, with the gradient of the sum of their losses for the outputs.
fn losses<F: Scalar>(
    loss: &dyn Loss<F>,
    model: &mut Model<F>,
    work: &mut Workspace<F>,
    samples: &Part<'_, F>,
    draw: Draw,
) -> Result<Total, Error> {
    work.load_part(samples)?;
    work.train(model, samples.len(), draw)?;
    let (outputs, gradients) = work.output_gradients()?;
    loss.evaluate(LossPass {
        outputs,
        targets: samples.target(),
        weights: samples.weights(),
        gradients: Some(gradients),
        parallel: draw.parallel,
    })
}

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

//! The order of a step: this file is the definition of training.
//!
//! 1. **Forward, loss, backward** over the samples, in parts if accumulation is on; sums of losses, weights and gradients add up.
//! 2. **Divide** by the sum of the weights, once: the gradient for the outputs if all samples are one part, that for the parameters otherwise.
//! 3. **Regularize**: penalties add to the gradient.
//! 4. **Norm and finite check**: what is not finite ends the step here, with nothing changed.
//! 5. **Clip.**
//! 6. **Decay and update.**
//! 7. **Constrain.**
//!
//! 1 to 3, and the update of 6, are those of an [`Objective`].

use super::StepRecord;
use super::blame::{bad_parameter, blame, blame_outputs, diverged};
use super::objective::Objective;
use super::rules::{Chosen, Rules};
use super::spare::Spare;
use crate::clip::{self, NonFinite};
use crate::data::{Batch, Part};
use crate::error::Error;
use crate::loss::Total;
use crate::network::{Draw, Model, Workspace};
use crate::optim::{Course, Memory, Tick};
use crate::regularize::{Constraint, WeightsMut};
use crate::scalar::Scalar;

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

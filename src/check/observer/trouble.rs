//! What no observer expects.

use super::scene::Scene;
use super::{Case, ObserverUnderTest};
use crate::check::trainer::must;
use crate::check::{Unmet, Verdict, equal, not_applicable, refused};
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::train::{EpochRecord, Evaluation, Event, StepRecord, StopReason};

/// A step of an epoch of one step.
fn step_record(number: u64, loss: f64) -> StepRecord {
    StepRecord {
        step: number,
        epoch: number,
        loss,
        weight: 1.0,
        penalty: 0.0,
        learning_rate: 0.1,
        gradient_norm: loss,
        clip_factor: 1.0,
        skipped: !loss.is_finite(),
    }
}

/// An epoch of one step.
fn epoch_record(number: u64, loss: f64) -> EpochRecord {
    let metrics = vec![("rmse".to_owned(), loss.sqrt())];
    let training = Evaluation { loss, metrics };
    EpochRecord { epoch: number, steps: number + 1, training, validation: None }
}

/// What a fresh observer does at each of these epochs of one step: the scale, and whether it stops.
fn answers<F: Scalar>(
    subject: &ObserverUnderTest<F>,
    case: &Case,
    losses: &[f64],
) -> Result<Vec<(f64, bool)>, Unmet> {
    let mut trainer = Scene::of(case)?.watched(subject)?;
    let mut state = trainer.state();
    let mut answers = Vec::new();
    for (number, &loss) in (0..).zip(losses) {
        let (step, epoch) = (step_record(number, loss), epoch_record(number, loss));
        state.history.steps.push(step);
        state.step = number + 1;
        must("a longer history", trainer.restore(&state))?;
        let mut stop = must("an event", trainer.notify(&Event::EpochStarted { epoch: number }))?;
        stop |= must("an event", trainer.notify(&Event::Step(&step)))?;
        state.learning_rate_scale = trainer.state().learning_rate_scale;
        state.history.epochs.push(epoch.clone());
        state.epoch = number + 1;
        must("a longer history", trainer.restore(&state))?;
        stop |= must("an event", trainer.notify(&Event::Epoch(&epoch)))?;
        state.learning_rate_scale = trainer.state().learning_rate_scale;
        answers.push((state.learning_rate_scale, stop));
    }
    Ok(answers)
}

/// A loss that is NaN is to it as bad as an infinite one, and the epochs after it count again.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn a_nan_loss_is_the_worst<F: Scalar>(subject: &ObserverUnderTest<F>, case: &Case) -> Verdict {
    let noise = Noise::new(case.seed).at("losses");
    let mut losses: Vec<f64> =
        (0..case.steps + 1).map(|epoch| noise.uniform(epoch) + 2.0 / (epoch + 1) as f64).collect();
    let at = case.moment() as usize;
    losses[at] = f64::INFINITY;
    let want = answers(subject, case, &losses)?;
    losses[at] = f64::NAN;
    let got = answers(subject, case, &losses)?;
    let mut both = got.into_iter().zip(want).enumerate();
    both.try_for_each(|(epoch, (got, want))| {
        equal(format_args!("scale and stop at epoch {epoch}, after NaN in epoch {at}"), got, want)
    })
}

/// Events in an order that no run has, with NaN for numbers, end in no panic.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn no_order_of_events_makes_it_panic<F: Scalar>(
    subject: &ObserverUnderTest<F>,
    case: &Case,
) -> Verdict {
    let mut trainer = Scene::of(case)?.watched(subject)?;
    let noise = Noise::new(case.seed).at("events");
    for i in 0..case.steps {
        let number = noise.below(2 * i, 5) as u64;
        let loss = if number == 3 { f64::NAN } else { noise.uniform(i) };
        let (step, epoch) = (step_record(number, loss), epoch_record(number, loss));
        let reason = [StopReason::Completed, StopReason::Interrupted][number as usize % 2];
        let event = match noise.below(2 * i + 1, 6) {
            0 => Event::Started { steps_per_epoch: number, last_step: number },
            1 => Event::Warning("a warning"),
            2 => Event::EpochStarted { epoch: number },
            3 => Event::Step(&step),
            4 => Event::Epoch(&epoch),
            _ => Event::Finished(&reason),
        };
        must("an event", trainer.notify(&event))?;
    }
    Ok(())
}

/// `validate` refuses the settings that are said to be bad, with a message that names the field.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn refuses_bad_settings<F: Scalar>(subject: &ObserverUnderTest<F>, _: &Case) -> Verdict {
    if subject.refused.is_empty() {
        return not_applicable("no bad settings are given");
    }
    let mut refusals = subject.refused.iter().enumerate();
    refusals.try_for_each(|(i, (bad, field))| {
        refused(format_args!("`validate` of bad settings {i}"), &bad.validate(), field)
    })
}

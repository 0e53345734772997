//! Whoever looks at a run changes nothing.

use super::compare::{outputs, same_tensors, same_text};
use super::{Case, TrainerUnderTest, after, fit, must, same_state};
use crate::check::{Unmet, Verdict, not_applicable, same_bits};
use crate::data::Batch;
use crate::scalar::Scalar;
use crate::train::Trainer;

/// Evaluating and predicting between the steps leaves the run as it is.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn evaluate_and_predict_change_nothing<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
) -> Verdict {
    between_steps(subject, case, |trainer, batch| {
        must("evaluation", trainer.evaluate(subject.data()))?;
        outputs(trainer.model(), batch).map(drop)
    })
}

/// Asking for a gradient between the steps leaves the run as it is.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn gradient_leaves_no_trace<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    between_steps(subject, case, |trainer, batch| {
        must("the gradient", trainer.gradient(batch)).map(drop)
    })
}

fn between_steps<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
    look: impl Fn(&mut Trainer<F>, &Batch<F>) -> Result<(), Unmet>,
) -> Verdict {
    let whole = after(subject, case, case.steps)?;
    let mut watched = subject.fresh(case.seed)?;
    let batch = case.sample(subject)?;
    for step in 1..=case.steps {
        look(&mut watched, &batch)?;
        fit(&mut watched, subject.data(), case.to_step(step))?;
    }
    same_state("the run that was looked at", &watched.state(), &whole.state())
}

/// Validation after each epoch changes no parameter, as long as nothing lowers the rate because of it.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn validation_does_not_touch_training<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
) -> Verdict {
    let data = subject.data();
    let plain = after(subject, case, case.steps)?.state();
    let mut judged = subject.fresh(case.seed)?;
    fit(&mut judged, data, case.to_step(case.steps).validate(data))?;
    let judged = judged.state();
    let steps = || judged.history.steps.iter().zip(&plain.history.steps);
    if steps().any(|(a, b)| a.learning_rate != b.learning_rate) {
        return not_applicable("an observer sets the rate by the validation loss");
    }
    for (judged, plain) in steps() {
        same_text(&format!("with validation: step {}", plain.step), judged, plain)?;
    }
    same_tensors("with validation", &judged.parameters, &plain.parameters)?;
    same_tensors("with validation", &judged.slots, &plain.slots)?;
    same_tensors("with validation", &judged.layer_state, &plain.layer_state)
}

/// `gradient` gives the loss and the gradient that a step on the same batch would have, to the bit.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn the_gradient_is_that_of_the_step<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
) -> Verdict {
    let mut trainer = after(subject, case, case.moment())?;
    let batch = case.sample(subject)?;
    let asked = must("the gradient", trainer.gradient(&batch).map(|g| (g.loss(), g.norm())))?;
    let record = must("a step", trainer.step(&batch))?;
    same_bits("the loss of the step", &[record.loss], &[asked.0])?;
    same_bits("the gradient's norm in the step", &[record.gradient_norm], &[asked.1])
}

//! The best weights are the best.

use std::sync::{Arc, Mutex};

use super::compare::outputs;
use super::{Case, TrainerUnderTest, must};
use crate::check::{Unmet, Verdict, ensure, equal, not_applicable, same_bits};
use crate::data::{Batch, Sampling, Source};
use crate::params::Select;
use crate::scalar::Scalar;
use crate::train::{Event, Fit, Group, TrainerBuilder};

/// Larger rates too, so that the last epoch is not always the best.
fn bold<F: Scalar>(builder: TrainerBuilder<F>, case: &Case) -> TrainerBuilder<F> {
    let learning_rate_scale = [1.0, 10.0, 100.0][case.pick % 3];
    builder.group(Select::all(), Group { learning_rate_scale, ..Group::default() })
}

fn plan<'a, F: Scalar>(case: &Case, data: &'a dyn Source<F>) -> Fit<'a, F> {
    let epochs = 1 + case.steps.min(5);
    // Epochs of not too many steps.
    let batch = case.batch.max(data.len() / 4);
    case.plain(Fit::to_epoch(epochs)).batch(batch).validate(data)
}

/// The best epoch is the first with the lowest validation loss that is a number, and evaluating on the same data afterwards gives what was recorded then.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn the_best_epoch_is_the_argmin<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
) -> Verdict {
    let data = subject.data();
    let mut trainer = subject.changed(case.seed, |builder| bold(builder, case))?;
    if trainer.fit(data, plan(case, data)).is_err() {
        return not_applicable("the rate is too large for the model");
    }
    let losses = trainer.history().epochs.iter().map(|epoch| epoch.deciding().loss);
    let judged = losses.enumerate().filter(|(_, loss)| !loss.is_nan());
    let argmin = judged.fold(None, |best, (epoch, loss)| match best {
        Some((_, least)) if loss >= least => best,
        _ => Some((epoch as u64, loss)),
    });
    let Some((epoch, loss)) = argmin else { return not_applicable("no epoch with a loss") };
    let best = trainer.state().best.map(|best| best.record.epoch);
    equal("the best epoch", best, Some(epoch))?;
    let again = must("evaluation", trainer.evaluate(data))?;
    same_bits("the loss of the best weights, evaluated again", &[again.loss], &[loss])
}

/// After training, the model answers as it did at the end of the best epoch.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn the_best_model_answers<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    let data = subject.data();
    let rows: Vec<usize> = (0..data.len()).collect();
    let mut batch = Batch::new(&data.content());
    must("a batch", data.fill(&rows, Sampling::evaluation(), &mut batch))?;
    type Answers<F> = Vec<Result<Vec<F>, Unmet>>;
    let answers: Arc<Mutex<Answers<F>>> = Arc::default();
    let (seen, asked) = (Arc::clone(&answers), batch.clone());
    let mut trainer = subject.changed(case.seed, |builder| {
        bold(builder, case).on(move |event, control| {
            if let (Event::Epoch(_), Ok(mut seen)) = (event, seen.lock()) {
                seen.push(outputs(control.model(), &asked));
            }
        })
    })?;
    let Ok(run) = trainer.fit(data, plan(case, data)) else {
        return not_applicable("the rate is too large for the model");
    };
    let Some(best) = run.best_epoch() else { return not_applicable("no epoch") };
    let seen = answers.lock().map(|seen| seen.clone()).unwrap_or_default();
    let Some(then) = seen.get(best.epoch as usize).cloned() else {
        return ensure(false, "the epochs that were announced", "the best one too", seen.len());
    };
    let then = then?;
    same_bits("the answers of the best model", &outputs(trainer.best_model(), &batch)?, &then)?;
    if data.content().inputs.len() > 1 {
        return Ok(());
    }
    let predicted = must("prediction", trainer.predict(&batch.input(0).array()))?;
    same_bits("what the trainer predicts", &predicted.into_iter().collect::<Vec<F>>(), &then)
}

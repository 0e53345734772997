//! How samples are put together to steps makes no difference.

use super::compare::near;
use super::{Case, TrainerUnderTest, after, fit};
use crate::check::{Verdict, close, equal, not_applicable};
use crate::scalar::Scalar;
use crate::train::Fit;

/// A step in several parts has the loss and gradient of one batch of all their samples, up to rounding, unless the model takes batch
/// statistics.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn parts_equal_the_batch<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    if subject.batch_statistics {
        return not_applicable("the model takes statistics over a batch");
    }
    let whole_case = Case { batch: case.batch * case.accumulate, accumulate: 1, ..case.clone() };
    let before = case.moment();
    let mut whole = after(subject, &whole_case, before)?;
    let mut parts = after(subject, &whole_case, before)?;
    fit(&mut whole, subject.data(), whole_case.to_step(before + 1))?;
    fit(&mut parts, subject.data(), case.to_step(before + 1))?;
    let (Some(one), Some(many)) = (whole.history().steps.last(), parts.history().steps.last())
    else {
        return equal("steps", parts.steps(), before + 1);
    };
    let slack = 1024.0 * F::epsilon().as_f64();
    close("the weight of a step in parts", &[many.weight], &[one.weight], slack, 0.0)?;
    let size = one.loss.abs().max(1.0);
    close("the loss of a step in parts", &[many.loss], &[one.loss], 0.0, slack * size)?;
    let (whole, parts) = (whole.last_gradient(), parts.last_gradient());
    near("the gradient of a step in parts", parts.values(), whole.values())
}

/// Whatever the size of a batch, an epoch counts every sample once: its steps have the weight of all data, and there is one record for each.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn an_epoch_counts_each_sample_once<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
) -> Verdict {
    let data = subject.data();
    let mut whole = subject.fresh(case.seed)?;
    fit(&mut whole, data, Fit::epochs(1).batch(data.len()))?;
    let mut epoch = subject.fresh(case.seed)?;
    fit(&mut epoch, data, case.plain(Fit::epochs(1)))?;
    let (whole, epoch) = (whole.history(), epoch.history());
    let steps = data.len().div_ceil(case.batch * case.accumulate);
    equal("the number of records of an epoch", epoch.steps.len(), steps)?;
    equal(
        "the steps",
        epoch.steps.iter().map(|s| s.step).collect(),
        (0..steps as u64).collect::<Vec<_>>(),
    )?;
    equal("the number of epochs", epoch.epochs.len(), 1)?;
    let weight = |steps: &[crate::train::StepRecord]| steps.iter().map(|s| s.weight).sum::<f64>();
    let slack = 1024.0 * F::epsilon().as_f64();
    let (got, want) = (weight(&epoch.steps), weight(&whole.steps));
    close("the weight of an epoch's steps", &[got], &[want], slack, 0.0)
}

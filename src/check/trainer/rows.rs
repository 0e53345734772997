//! In use, each row is for itself.

use super::compare::outputs;
use super::data::Rows;
use super::{Case, TrainerUnderTest, after, must};
use crate::check::{Verdict, close, not_applicable, same_bits};
use crate::data::Batch;
use crate::scalar::Scalar;

/// What a model in use answers to a row does not depend on the rows beside it, to the bit.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn each_row_is_answered_for_itself<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
) -> Verdict {
    let trainer = after(subject, case, case.moment())?;
    let rows = case.rows(subject.data().len());
    let together = outputs(trainer.best_model(), &case.sample(subject)?)?;
    let width = together.len() / rows.len().max(1);
    for (&row, together) in rows.iter().zip(together.chunks(width.max(1))) {
        let alone = must("a batch", Batch::of_rows(subject.data(), &[row]))?;
        let alone = outputs(trainer.best_model(), &alone)?;
        same_bits(format_args!("the outputs for row {row} among others"), together, &alone)?;
    }
    Ok(())
}

/// The loss over some rows is the mean of the losses of each, by their weights.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn evaluate_is_the_mean_over_the_rows<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
) -> Verdict {
    let trainer = after(subject, case, case.moment())?;
    let mut rows = case.rows(subject.data().len());
    rows.truncate(5);
    let evaluate = |rows: &[usize]| {
        must("evaluation", trainer.evaluate(&Rows { data: subject.data(), rows })).map(|e| e.loss)
    };
    let (mut sum, mut size, mut weight) = (0.0, 0.0, 0.0);
    for &row in &rows {
        // The record of a step is where a loss tells the weight of a row.
        let alone = must("a batch", Batch::of_rows(subject.data(), &[row]))?;
        let share = must("a step", subject.fresh(case.seed)?.step(&alone))?.weight;
        let loss = evaluate(&[row])?;
        (sum, size, weight) = (sum + share * loss, size + share * loss.abs(), weight + share);
    }
    if weight == 0.0 {
        return not_applicable("rows without weight");
    }
    let slack = 64.0 * F::epsilon().as_f64();
    let what = format_args!("the loss over rows {rows:?}").to_string();
    close(what, &[evaluate(&rows)?], &[sum / weight], slack, slack * size / weight)
}

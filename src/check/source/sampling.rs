//! What depends on the pass over the data, and what does not.

use super::filled::{all, cut, filled, same_answers, same_batch, same_inputs};
use super::{Case, SourceUnderTest};
use crate::check::{Verdict, broken, not_applicable};
use crate::data::Sampling;
use crate::scalar::Scalar;

/// Evaluation takes the samples as they are, whatever the seed and the epoch.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn evaluation_ignores_seed_and_epoch<F: Scalar>(
    subject: &SourceUnderTest<F>,
    case: &Case,
) -> Verdict {
    let source = &*subject.source;
    let rows = case.rows(source.len());
    let sampling = Case { training: false, ..case.clone() }.sampling();
    let want = filled(source, &rows, Sampling::evaluation())?;
    same_batch("the batch of a later evaluation", &filled(source, &rows, sampling)?, &want)
}

/// Unless it is said to augment, training sees the same samples as evaluation.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn training_sees_the_rows_as_they_are<F: Scalar>(
    subject: &SourceUnderTest<F>,
    case: &Case,
) -> Verdict {
    if subject.augments {
        return not_applicable("the source is said to augment");
    }
    let source = &*subject.source;
    let rows = case.rows(source.len());
    let sampling = Case { training: true, ..case.clone() }.sampling();
    let want = filled(source, &rows, Sampling::evaluation())?;
    same_batch("the batch for training", &filled(source, &rows, sampling)?, &want)
}

/// If it is said to augment, each epoch and each seed has inputs of its own.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn each_epoch_is_augmented_anew<F: Scalar>(
    subject: &SourceUnderTest<F>,
    case: &Case,
) -> Verdict {
    if !subject.augments {
        return not_applicable("the source is not said to augment");
    }
    let source = &*subject.source;
    let first = all(source, Sampling::new(case.seed, case.epoch))?;
    let others = [
        ("the next epoch", Sampling::new(case.seed, case.epoch + 1)),
        ("another seed", Sampling::new(case.seed + 1, case.epoch)),
        ("evaluation", Sampling::evaluation()),
    ];
    for (what, sampling) in others {
        let other = all(source, sampling)?;
        let whole = |batch| cut(batch, 0, source.len());
        if same_inputs(what, &whole(&other), &whole(&first)).is_ok() {
            let expected = "inputs that differ from those of the epoch";
            return broken(format_args!("all rows in {what}"), expected, "the same bits");
        }
    }
    Ok(())
}

/// Augmentation leaves targets and weights as they are, unless it is said to change them.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn augmentation_keeps_targets_and_weights<F: Scalar>(
    subject: &SourceUnderTest<F>,
    case: &Case,
) -> Verdict {
    if subject.changes_targets {
        return not_applicable("the source is said to change targets");
    }
    let source = &*subject.source;
    let rows = case.rows(source.len());
    let want = filled(source, &rows, Sampling::evaluation())?;
    let got = filled(source, &rows, Sampling::new(case.seed, case.epoch))?;
    let whole = |batch| cut(batch, 0, rows.len());
    same_answers("a batch for training", &whole(&got), &whole(&want))
}

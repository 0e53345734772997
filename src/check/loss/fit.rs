//! What does not fit is an error that names it.

use super::problem::last;
use super::{Answer, Case, LossUnderTest, Precision, Problem, Targets};
use crate::check::{Verdict, ensure, in_both, not_applicable, refused};
use crate::data::TargetKind;
use crate::error::Error;
use crate::shape::Shape;

/// A target that is not allowed is an error that names the loss and the row.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn targets_out_of_range_are_errors(subject: &LossUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LossUnderTest, case: &Case) -> Verdict {
        let (loss, problem) = (F::loss(subject), Problem::unweighted(subject, case)?);
        let row = case.pick % problem.batch;
        let refused_in_row = |answer: Answer, what: &str| {
            let result = Problem { answer, ..problem.clone() }.evaluate(loss, Some(F::zero()));
            let what = format!("{} evaluation with {what} in row {row}", F::NAME);
            refused(&what, &result, &loss.name())?;
            refused(&what, &result, &format!("row {row}"))
        };
        match &problem.answer {
            Answer::None => not_applicable("it takes no targets"),
            Answer::Classes(labels) => {
                // The first that is too large, and the largest there is.
                let first = (last(&problem.frame)..).find(|&c| Some(c) != subject.skipped_class);
                for class in first.into_iter().chain([usize::MAX]) {
                    let mut labels = labels.clone();
                    put(&mut labels, problem.batch, row, class);
                    refused_in_row(Answer::Classes(labels), &format!("class {class}"))?;
                }
                Ok(())
            }
            Answer::Values(_) if subject.refused_targets.is_empty() => {
                not_applicable("no target is said to be refused")
            }
            Answer::Values(values) => {
                for &value in &subject.refused_targets {
                    let mut values = values.clone();
                    put(&mut values, problem.batch, row, value);
                    refused_in_row(Answer::Values(values), &format!("target {value}"))?;
                }
                Ok(())
            }
        }
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Puts a target in the last place of a row.
fn put<T>(targets: &mut [T], batch: usize, row: usize, target: T) {
    let size = targets.len() / batch.max(1);
    if let Some(place) = ((row + 1) * size).checked_sub(1).and_then(|i| targets.get_mut(i)) {
        *place = target;
    }
}

/// The result of `check` in both precisions, which has to be an error that names the loss.
fn check_refuses(
    subject: &LossUnderTest,
    what: &str,
    outputs: &[Shape],
    kind: &TargetKind,
) -> Verdict {
    let (single, double) = (f32::loss(subject), f64::loss(subject));
    refused(format!("f32 check of {what}"), &single.check(outputs, kind), &single.name())?;
    refused(format!("f64 check of {what}"), &double.check(outputs, kind), &double.name())
}

/// Targets of the wrong kind are an error of `check` that names the loss.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn targets_of_another_kind_are_errors(subject: &LossUnderTest, case: &Case) -> Verdict {
    let frame = subject.frame(&case.axes)?;
    let shape = frame.outputs.first().map(|(_, shape)| shape.clone()).unwrap_or_default();
    let (outputs, target) = (frame.shapes(), frame.target);
    let (classes, values) = (TargetKind::Classes(target), TargetKind::Values(shape));
    let wrong = match frame.targets {
        Targets::None => vec![classes, values],
        // Probabilities may be right as well.
        Targets::Classes => vec![TargetKind::None],
        _ => vec![TargetKind::None, classes],
    };
    wrong.iter().try_for_each(|kind| {
        check_refuses(subject, &format!("targets that are {kind}"), &outputs, kind)
    })
}

/// Targets of the wrong shape are an error of `check` that names the loss.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn targets_of_another_shape_are_errors(subject: &LossUnderTest, case: &Case) -> Verdict {
    let frame = subject.frame(&case.axes)?;
    let longer = Shape::from([frame.target.axes(), &[2]].concat().as_slice());
    let mut wrong = vec![longer];
    if let Some((&first, rest)) = frame.target.split_first() {
        wrong.push([&[first + 1], rest].concat().as_slice().into());
    }
    for shape in wrong {
        let kind = match frame.targets {
            Targets::None => return not_applicable("it takes no targets"),
            Targets::Classes => TargetKind::Classes(shape),
            _ => TargetKind::Values(shape),
        };
        check_refuses(subject, &format!("targets that are {kind}"), &frame.shapes(), &kind)?;
    }
    Ok(())
}

/// One output more or less is an error of `check` that names the loss.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn another_number_of_outputs_is_an_error(subject: &LossUnderTest, case: &Case) -> Verdict {
    let frame = subject.frame(&case.axes)?;
    let (kind, outputs) = (frame.kind(), frame.shapes());
    let more: Vec<Shape> = outputs.iter().chain(outputs.first()).cloned().collect();
    let less = outputs.split_last().map_or(&[][..], |(_, less)| less);
    check_refuses(subject, "one output more", &more, &kind)?;
    check_refuses(subject, "one output less", less, &kind)
}

/// `validate` accepts these settings, and refuses bad ones with an error that names the field.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn bad_settings_are_refused(subject: &LossUnderTest, _: &Case) -> Verdict {
    let accepted = |what: &str, result: Result<(), Error>| {
        let error = result.err().map(|error| error.to_string()).unwrap_or_default();
        ensure(error.is_empty(), what, "no error", error)
    };
    accepted("f32 validate", f32::loss(subject).validate())?;
    accepted("f64 validate", f64::loss(subject).validate())?;
    subject.refused_settings.iter().try_for_each(|(loss, field)| {
        refused(format!("validate of {loss:?}"), &loss.validate(), field)
    })
}

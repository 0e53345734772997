//! What the source says of itself is what it gives.

use std::collections::BTreeMap;

use super::filled::{all, filled, same_batch};
use super::{Case, SourceUnderTest};
use crate::check::{Verdict, ensure, equal, finite, not_applicable};
use crate::data::{Source, Target};
use crate::scalar::Scalar;

/// Length and content are the same whenever they are asked for; it is empty if its length is 0.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn length_and_content_are_constant<F: Scalar>(
    subject: &SourceUnderTest<F>,
    case: &Case,
) -> Verdict {
    let source = &*subject.source;
    let (len, content) = (source.len(), source.content());
    equal("whether it is empty", source.is_empty(), len == 0)?;
    for rows in [case.rows(len), case.others(len)] {
        filled(source, &rows, case.sampling())?;
        equal(format_args!("the length after rows {rows:?}"), source.len(), len)?;
        equal(format_args!("the content after rows {rows:?}"), source.content(), content.clone())?;
    }
    Ok(())
}

/// A batch has the inputs, targets and weights that `content` says.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_batch_has_the_content<F: Scalar>(subject: &SourceUnderTest<F>, case: &Case) -> Verdict {
    let source = &*subject.source;
    let batch = filled(source, &case.rows(source.len()), case.sampling())?;
    equal("the content of a batch", batch.content().clone(), source.content())
}

/// All inputs, and targets that are numbers, are finite.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn values_are_finite<F: Scalar>(subject: &SourceUnderTest<F>, case: &Case) -> Verdict {
    let batch = all(&*subject.source, case.sampling())?;
    for i in 0..batch.content().inputs.len() {
        finite(format_args!("input {i} of all rows"), batch.input(i).values())?;
    }
    match batch.target() {
        Target::Values(values) => finite("target of all rows", values.values()),
        _ => Ok(()),
    }
}

/// Weights are finite, 0 or more, and not all of them 0.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn weights_are_weights<F: Scalar>(subject: &SourceUnderTest<F>, case: &Case) -> Verdict {
    let batch = all(&*subject.source, case.sampling())?;
    let Some(weights) = batch.weights() else { return not_applicable("it has no weights") };
    finite("weight", weights)?;
    for (row, &weight) in weights.iter().enumerate() {
        ensure(weight >= F::zero(), format_args!("weight of row {row}"), "0 or more", weight)?;
    }
    let any = weights.is_empty() || weights.iter().any(|&weight| weight > F::zero());
    ensure(any, "the weights of all rows", "one above 0", "0 everywhere")
}

/// Labels are below the number of classes.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn labels_are_below_the_classes<F: Scalar>(
    subject: &SourceUnderTest<F>,
    case: &Case,
) -> Verdict {
    let Some(classes) = subject.classes else {
        return not_applicable("no number of classes is claimed");
    };
    let batch = all(&*subject.source, case.sampling())?;
    let Target::Classes(labels) = batch.target() else {
        return equal("the targets", batch.target().kind().to_string(), "class indices".to_owned());
    };
    let bad = labels.labels().iter().find(|&&label| label >= classes);
    ensure(
        bad.is_none(),
        "a label",
        format_args!("a number below {classes}"),
        format_args!("{}", bad.unwrap_or(&0)),
    )
}

/// Each row has a name of its own, always the same.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn row_names_differ<F: Scalar>(subject: &SourceUnderTest<F>, case: &Case) -> Verdict {
    let source = &*subject.source;
    let names = |source: &dyn Source<F>| -> Vec<usize> {
        (0..source.len()).map(|row| source.row_name(row)).collect()
    };
    let before = names(source);
    filled(source, &case.rows(source.len()), case.sampling())?;
    equal("the names of all rows, asked again", &names(source), &before)?;
    let mut seen = BTreeMap::new();
    before.iter().enumerate().try_for_each(|(row, name)| match seen.insert(name, row) {
        None => Ok(()),
        Some(other) => equal(format_args!("a row with the name {name} of row {other}"), row, other),
    })
}

/// Taken as they are, the rows are those of the reference that is claimed, to the bit.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn agrees_with_its_reference<F: Scalar>(subject: &SourceUnderTest<F>, case: &Case) -> Verdict {
    let Some(reference) = &subject.reference else {
        return not_applicable("no reference is given");
    };
    let sampling = Case { training: false, ..case.clone() }.sampling();
    equal("the length", subject.source.len(), reference.len())?;
    equal("the content", subject.source.content(), reference.content())?;
    let want = all(&**reference, sampling)?;
    same_batch("all rows", &all(&*subject.source, sampling)?, &want)
}

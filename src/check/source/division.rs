//! The parts of a division hold each row once.

use std::collections::BTreeMap;

use super::filled::{all, same_sample};
use super::{Case, SourceUnderTest};
use crate::check::{Verdict, broken, equal, not_applicable};
use crate::scalar::Scalar;

/// The parts of each division that is claimed hold all rows, known by their names, each exactly once and with what it holds.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn divisions_hold_each_row_once<F: Scalar>(
    subject: &SourceUnderTest<F>,
    case: &Case,
) -> Verdict {
    if subject.divisions.is_empty() {
        return not_applicable("no division is given");
    }
    let (source, sampling) =
        (&*subject.source, Case { training: false, ..case.clone() }.sampling());
    let whole = all(source, sampling)?;
    let parts = &subject.divisions[case.pick % subject.divisions.len()];
    let mut left: BTreeMap<usize, usize> =
        (0..source.len()).map(|row| (source.row_name(row), row)).collect();
    for (number, part) in parts.iter().enumerate() {
        equal(format_args!("the content of part {number}"), part.content(), source.content())?;
        let batch = all(&**part, sampling)?;
        for i in 0..part.len() {
            let name = part.row_name(i);
            let what = format!("row {i} of part {number}, named {name}");
            let Some(row) = left.remove(&name) else {
                return broken(what, "a row of the whole that is in no other part", "none such");
            };
            same_sample(what, (&batch, i), (&whole, row))?;
        }
    }
    let lost: Vec<usize> = left.into_keys().collect();
    equal("the rows that are in no part", lost, Vec::new())
}

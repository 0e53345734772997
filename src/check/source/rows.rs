//! Each row stands for itself.

use super::filled::{cut, filled, same_batch, same_sample, same_samples};
use super::{Case, SourceUnderTest};
use crate::check::{Verdict, equal, not_applicable, refused};
use crate::data::Batch;
use crate::random::Noise;
use crate::scalar::Scalar;

/// A row of a batch is what it is alone.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_row_stands_for_itself<F: Scalar>(subject: &SourceUnderTest<F>, case: &Case) -> Verdict {
    let (source, sampling) = (&*subject.source, case.sampling());
    let rows = case.rows(source.len());
    let batch = filled(source, &rows, sampling)?;
    for (i, &row) in rows.iter().enumerate() {
        let alone = filled(source, &[row], sampling)?;
        same_sample(format_args!("row {row} among {rows:?}"), (&batch, i), (&alone, 0))?;
    }
    Ok(())
}

/// Rows asked for in another order come in that order.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn rows_come_in_the_order_asked_for<F: Scalar>(
    subject: &SourceUnderTest<F>,
    case: &Case,
) -> Verdict {
    let (source, sampling) = (&*subject.source, case.sampling());
    let rows = case.rows(source.len());
    let want = filled(source, &rows, sampling)?;
    let mut places: Vec<usize> = (0..rows.len()).collect();
    Noise::new(case.seed).at("order").shuffle(&mut places);
    let shuffled: Vec<usize> = places.iter().map(|&place| rows[place]).collect();
    let got = filled(source, &shuffled, sampling)?;
    for (i, &place) in places.iter().enumerate() {
        same_sample(format_args!("sample {i} of rows {shuffled:?}"), (&got, i), (&want, place))?;
    }
    Ok(())
}

/// A row that is asked for twice comes twice.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_row_may_come_twice<F: Scalar>(subject: &SourceUnderTest<F>, case: &Case) -> Verdict {
    let (source, sampling) = (&*subject.source, case.sampling());
    let mut rows = case.rows(source.len());
    let Some(&first) = rows.first() else { return not_applicable("it has no rows") };
    rows.push(first);
    rows.insert(0, first);
    let batch = filled(source, &rows, sampling)?;
    let alone = filled(source, &[first], sampling)?;
    for place in [0, 1, rows.len() - 1] {
        let what = format_args!("row {first} at place {place} of {rows:?}");
        same_sample(what, (&batch, place), (&alone, 0))?;
    }
    Ok(())
}

/// Rows in any parts, one after the other, are the rows of one batch.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn parts_of_a_batch_are_the_batch<F: Scalar>(
    subject: &SourceUnderTest<F>,
    case: &Case,
) -> Verdict {
    let (source, sampling) = (&*subject.source, case.sampling());
    let rows = case.rows(source.len());
    let whole = filled(source, &rows, sampling)?;
    let size = rows.len().div_ceil(case.parts).max(1);
    for (number, part) in rows.chunks(size).enumerate() {
        let (from, to) = (number * size, number * size + part.len());
        let batch = filled(source, part, sampling)?;
        let what = format_args!("rows {part:?} by themselves, of {rows:?}");
        same_samples(what, &cut(&batch, 0, part.len()), &cut(&whole, from, to))?;
    }
    Ok(())
}

/// No rows make an empty batch, also of one that was not.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn no_rows_make_an_empty_batch<F: Scalar>(
    subject: &SourceUnderTest<F>,
    case: &Case,
) -> Verdict {
    let (source, sampling) = (&*subject.source, case.sampling());
    let mut batch = filled(source, &case.rows(source.len()), sampling)?;
    super::filled::refill(source, &[], sampling, &mut batch)?;
    let view = batch.input(0);
    equal("numbers in the input of an empty batch", view.values().len(), 0)?;
    filled(source, &[], sampling).map(drop)
}

/// A row out of range is an error that names it, wherever it stands, and the source goes on as before.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_row_out_of_range_is_an_error_that_names_it<F: Scalar>(
    subject: &SourceUnderTest<F>,
    case: &Case,
) -> Verdict {
    let (source, sampling) = (&*subject.source, case.sampling());
    let rows = case.rows(source.len());
    let want = filled(source, &rows, sampling)?;
    // The length itself may be in the message as the bound.
    let beyond = source.len() + 1 + case.pick;
    for bad in [beyond, usize::MAX] {
        for place in [0, rows.len()] {
            let mut rows = rows.clone();
            rows.insert(place, bad);
            let mut batch = Batch::new(&source.content());
            let result = source.fill(&rows, sampling, &mut batch);
            refused(format_args!("filling with rows {rows:?}"), &result, &bad.to_string())?;
        }
    }
    let len = source.len();
    let result = source.fill(&[len], sampling, &mut Batch::new(&source.content()));
    refused(format_args!("filling with row {len}"), &result, &len.to_string())?;
    same_batch("the batch after an error", &filled(source, &rows, sampling)?, &want)
}

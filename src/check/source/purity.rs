//! What a row holds depends on nothing but the row and the pass over the data.

use std::thread::ScopedJoinHandle;

use super::filled::{all, filled, same_batch};
use super::{Case, SourceUnderTest};
use crate::check::{Verdict, broken, equal};
use crate::data::Sampling;
use crate::scalar::Scalar;

/// Asked twice for the same rows in the same pass, it gives the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn same_rows_same_bits<F: Scalar>(subject: &SourceUnderTest<F>, case: &Case) -> Verdict {
    let (source, sampling) = (&*subject.source, case.sampling());
    let rows = case.rows(source.len());
    let first = filled(source, &rows, sampling)?;
    same_batch("the batch, asked for again", &filled(source, &rows, sampling)?, &first)
}

/// What was asked for before, other rows or the same ones in another epoch, changes nothing.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn what_was_asked_before_does_not_matter<F: Scalar>(
    subject: &SourceUnderTest<F>,
    case: &Case,
) -> Verdict {
    let source = &*subject.fresh();
    let (rows, others) = (case.rows(source.len()), case.others(source.len()));
    let sampling = case.sampling();
    filled(source, &others, sampling)?;
    let want = filled(source, &rows, sampling)?;

    let source = &*subject.fresh();
    filled(source, &others, sampling)?;
    let later = Sampling::new(case.seed, case.epoch + 1);
    for between in [later, Sampling::evaluation()] {
        filled(source, &rows, between)?;
    }
    same_batch("the batch after another epoch", &filled(source, &rows, sampling)?, &want)?;
    filled(source, &others, later)?;
    same_batch("the batch after other rows", &filled(source, &rows, sampling)?, &want)
}

/// Made again, it has the same rows in the same order.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn made_again_it_is_the_same<F: Scalar>(subject: &SourceUnderTest<F>, case: &Case) -> Verdict {
    let (first, second) = (subject.fresh(), subject.fresh());
    equal("the length of the source made again", second.len(), first.len())?;
    equal("the content of the source made again", second.content(), first.content())?;
    let (want, got) = (all(&*first, case.sampling())?, all(&*second, case.sampling())?);
    same_batch("all rows of the source made again", &got, &want)
}

/// Asked from several threads at once, each gets the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn threads_agree<F: Scalar>(subject: &SourceUnderTest<F>, case: &Case) -> Verdict {
    let (source, sampling) = (&*subject.source, case.sampling());
    let (rows, others) = (case.rows(source.len()), case.others(source.len()));
    let want = [filled(source, &rows, sampling)?, filled(source, &others, sampling)?];
    let fill = |list| (0..8).map(|_| filled(source, list, sampling)).collect::<Result<Vec<_>, _>>();
    let there = std::thread::scope(|scope| {
        let ask = |list| scope.spawn(move || fill(list));
        [ask(&rows), ask(&others)].map(ScopedJoinHandle::join)
    });
    for (got, want) in there.into_iter().zip(&want) {
        let Ok(got) = got else { return broken("another thread", "no panic", "a panic") };
        let mut got = got?.into_iter();
        got.try_for_each(|got| same_batch("the batch on another thread", &got, want))?;
    }
    Ok(())
}

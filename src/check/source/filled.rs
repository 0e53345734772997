//! Batches, and how they are compared.

use std::fmt::Display;

use crate::check::trainer::must;
use crate::check::{Unmet, Verdict, broken, equal, same_bits};
use crate::data::{Batch, Part, Sampling, Source, Target};
use crate::scalar::Scalar;

/// A new batch of these rows.
pub(super) fn filled<F: Scalar>(
    source: &dyn Source<F>,
    rows: &[usize],
    sampling: Sampling,
) -> Result<Batch<F>, Unmet> {
    let mut batch = Batch::new(&source.content());
    refill(source, rows, sampling, &mut batch)?;
    Ok(batch)
}

/// Makes a batch hold these rows; an error breaks the law, and so does another number of samples.
pub(super) fn refill<F: Scalar>(
    source: &dyn Source<F>,
    rows: &[usize],
    sampling: Sampling,
    batch: &mut Batch<F>,
) -> Verdict {
    must(format_args!("filling with rows {rows:?}"), source.fill(rows, sampling, batch))?;
    equal(format_args!("the length of a batch of rows {rows:?}"), batch.len(), rows.len())
}

/// All rows, in their order.
pub(super) fn all<F: Scalar>(
    source: &dyn Source<F>,
    sampling: Sampling,
) -> Result<Batch<F>, Unmet> {
    filled(source, &(0..source.len()).collect::<Vec<_>>(), sampling)
}

/// Some samples of a batch.
pub(super) struct Cut<'a, F> {
    inputs: usize,
    part: Part<'a, F>,
}

/// Samples `from..to` of a batch.
pub(super) fn cut<F: Scalar>(batch: &Batch<F>, from: usize, to: usize) -> Cut<'_, F> {
    Cut { inputs: batch.content().inputs.len(), part: batch.part(from, to) }
}

/// Two batches are the same to the bit.
pub(super) fn same_batch<F: Scalar>(what: &str, got: &Batch<F>, want: &Batch<F>) -> Verdict {
    equal(format_args!("the length of {what}"), got.len(), want.len())?;
    same_samples(what, &cut(got, 0, got.len()), &cut(want, 0, want.len()))
}

/// Sample `i` of a batch is sample `j` of another.
pub(super) fn same_sample<F: Scalar>(
    what: impl Display,
    (got, i): (&Batch<F>, usize),
    (want, j): (&Batch<F>, usize),
) -> Verdict {
    same_samples(what, &cut(got, i, i + 1), &cut(want, j, j + 1))
}

/// The same samples to the bit.
pub(super) fn same_samples<F: Scalar>(
    what: impl Display,
    got: &Cut<'_, F>,
    want: &Cut<'_, F>,
) -> Verdict {
    same_inputs(&what, got, want)?;
    same_answers(&what, got, want)
}

/// The same inputs to the bit.
pub(super) fn same_inputs<F: Scalar>(
    what: impl Display,
    got: &Cut<'_, F>,
    want: &Cut<'_, F>,
) -> Verdict {
    equal(format_args!("{what}: number of inputs"), got.inputs, want.inputs)?;
    (0..got.inputs).try_for_each(|i| {
        let (got, want) = (got.part.input(i), want.part.input(i));
        same_bits(format_args!("{what}: input {i}"), got.values(), want.values())
    })
}

/// The same targets and weights to the bit.
pub(super) fn same_answers<F: Scalar>(
    what: impl Display,
    got: &Cut<'_, F>,
    want: &Cut<'_, F>,
) -> Verdict {
    match (got.part.target(), want.part.target()) {
        (Target::None, Target::None) => {}
        (Target::Classes(got), Target::Classes(want)) => {
            equal(format_args!("{what}: labels"), got.labels(), want.labels())?;
        }
        (Target::Values(got), Target::Values(want)) => {
            same_bits(format_args!("{what}: target"), got.values(), want.values())?;
        }
        (got, want) => return broken(format_args!("{what}: targets"), want.kind(), got.kind()),
    }
    match (got.part.weights(), want.part.weights()) {
        (Some(got), Some(want)) => same_bits(format_args!("{what}: weight"), got, want),
        (got, want) => equal(format_args!("{what}: weights"), got.is_some(), want.is_some()),
    }
}

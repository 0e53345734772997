//! What the memory of a batch held before is gone.

use super::filled::{filled, refill, same_batch};
use super::{Case, SourceUnderTest};
use crate::check::Verdict;
use crate::check::trainer::must;
use crate::data::Batch;
use crate::scalar::Scalar;

/// Every place of a batch is written: nothing is left of what it held before.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn every_place_is_written<F: Scalar>(subject: &SourceUnderTest<F>, case: &Case) -> Verdict {
    let (source, sampling) = (&*subject.source, case.sampling());
    let rows = case.rows(source.len());
    let content = source.content();
    let mut batch = Batch::new(&content);
    must("room for the batch", batch.resize(rows.len()))?;
    (0..content.inputs.len()).for_each(|i| batch.input_mut(i).fill(F::nan()));
    batch.values_mut().fill(F::nan());
    batch.labels_mut().fill(usize::MAX);
    batch.weights_mut().fill(F::nan());
    refill(source, &rows, sampling, &mut batch)?;
    let want = filled(source, &rows, sampling)?;
    same_batch("the batch in memory full of NaN", &batch, &want)
}

/// One batch serves larger and smaller numbers of rows in turn.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn one_batch_serves_all_sizes<F: Scalar>(subject: &SourceUnderTest<F>, case: &Case) -> Verdict {
    let (source, sampling) = (&*subject.source, case.sampling());
    let rows = case.rows(source.len());
    let (few, others) = (&rows[..rows.len() / 2], case.others(source.len()));
    let mut batch = Batch::new(&source.content());
    for list in [&rows[..], few, &others, &rows] {
        refill(source, list, sampling, &mut batch)?;
        let want = filled(source, list, sampling)?;
        same_batch(&format!("the used batch, filled with rows {list:?}"), &batch, &want)?;
    }
    Ok(())
}

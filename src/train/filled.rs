//! Batches that hold what was asked for.

use crate::data::{Batch, Content, Order, Sampling, Source};
use crate::error::Error;
use crate::scalar::Scalar;

/// The rows of `data` in their own order. Its length is asked here, and nowhere else.
pub(super) fn rows_of<F: Scalar>(data: &dyn Source<F>) -> Result<Vec<usize>, Error> {
    let mut rows = Vec::new();
    Order::AsGiven.rows_into(data.len(), 0, 0, &mut rows)?;
    Ok(rows)
}

/// Has `data` fill `batch`, and trusts nothing of it but the numbers: a source may be anybody's.
pub(super) fn fill<F: Scalar>(
    data: &dyn Source<F>,
    content: &Content,
    rows: &[usize],
    sampling: Sampling,
    batch: &mut Batch<F>,
) -> Result<(), Error> {
    data.fill(rows, sampling, batch)?;
    batch.expect(content, rows.len())?;
    check_weights(batch.weights(), |sample| {
        rows.get(sample).map_or(sample, |&row| data.row_name(row))
    })
}

/// Refuses a weight that would turn a loss around, or hide it; `row_of` names the row of a sample.
pub(super) fn check_weights<F: Scalar>(
    weights: Option<&[F]>,
    row_of: impl Fn(usize) -> usize,
) -> Result<(), Error> {
    for (sample, &weight) in weights.unwrap_or_default().iter().enumerate() {
        if !weight.is_finite() || weight < F::zero() {
            let expected = "a finite weight, 0 or more";
            return Err(Error::cell("the weights", row_of(sample), 0, weight, expected));
        }
    }
    Ok(())
}

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
    let weights = batch.weights().unwrap_or_default();
    let bad = weights.iter().position(|weight| !weight.is_finite() || *weight < F::zero());
    match bad.and_then(|at| Some((*rows.get(at)?, *weights.get(at)?))) {
        Some((row, weight)) => {
            let expected = "a finite weight, 0 or more";
            Err(Error::cell("the weights", data.row_name(row), 0, weight, expected))
        }
        None => Ok(()),
    }
}

//! An epoch of batches, for loops written by hand.

use super::{Batch, Content, Order, Sampling, Source};
use crate::error::Error;
use crate::scalar::Scalar;

/// The batches of one epoch, the last one smaller if the samples do not divide evenly. Made by
/// [`Dataset::batches`](super::Dataset::batches), or by [`Batches::new`] for any other source.
///
/// As an iterator it yields owned batches; [`next_into`](Batches::next_into) uses the memory of one batch again and again, and
/// [`rows`](Batches::rows) tells which samples come when.
///
/// ```
/// use downhill::data::{Batches, Dataset, Order};
/// use ndarray::Array2;
/// let data = Dataset::new(Array2::<f32>::zeros((10, 2)), ())?;
/// let batches = Batches::new(&data, 4, Order::AsGiven, 7, 0)?;
/// let rows: Vec<_> = batches.rows().map(<[usize]>::to_vec).collect();
/// assert_eq!(rows, [vec![0, 1, 2, 3], vec![4, 5, 6, 7], vec![8, 9]]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batches<'a, S: ?Sized> {
    source: &'a S,
    content: Content,
    order: Vec<usize>,
    size: usize,
    next: usize,
    sampling: Sampling,
}

impl<'a, S: ?Sized> Batches<'a, S> {
    /// The batches of `size` samples of one epoch of a run.
    ///
    /// # Errors
    /// [`Error::Argument`] if `size` is 0; [`Error::Other`] if there is no memory for the list of rows.
    pub fn new<F: Scalar>(
        source: &'a S,
        size: usize,
        order: Order,
        seed: u64,
        epoch: u64,
    ) -> Result<Self, Error>
    where
        S: Source<F>,
    {
        crate::error::require::at_least_one("the batch size", size)?;
        let mut rows = Vec::new();
        order.rows_into(source.len(), seed, epoch, &mut rows)?;
        Ok(Self {
            source,
            content: source.content(),
            order: rows,
            size,
            next: 0,
            sampling: Sampling::new(seed, epoch),
        })
    }

    /// The rows of each batch of the epoch, whatever was already taken.
    pub fn rows(&self) -> std::slice::Chunks<'_, usize> {
        self.order.chunks(self.size)
    }

    /// Fills `batch` with the next samples; `false` at the end of the epoch.
    ///
    /// # Errors
    /// What [`Source::fill`] finds wrong, and what [`Batch::expect`] finds wrong with what it did.
    pub fn next_into<F: Scalar>(&mut self, batch: &mut Batch<F>) -> Result<bool, Error>
    where
        S: Source<F>,
    {
        let left = self.order.get(self.next..).unwrap_or_default();
        let rows = left.get(..self.size).unwrap_or(left);
        if rows.is_empty() {
            return Ok(false);
        }
        self.next += rows.len();
        self.source.fill(rows, self.sampling, batch)?;
        batch.expect(&self.content, rows.len())?;
        Ok(true)
    }
}

/// The batches of a [`Dataset`](super::Dataset), each in memory of its own.
impl<F: Scalar> Iterator for Batches<'_, super::Dataset<F>> {
    type Item = Result<Batch<F>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut batch = Batch::new(&self.content);
        match self.next_into(&mut batch) {
            Ok(true) => Some(Ok(batch)),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.order.len().saturating_sub(self.next).div_ceil(self.size.max(1));
        (left, Some(left))
    }
}

//! In which order an epoch visits the samples.

use crate::buffer::reserve;
use crate::error::Error;
use crate::random::Noise;

/// The order in which an epoch visits the samples.
///
/// ```
/// use downhill::data::Order;
/// let mut rows = Vec::new();
/// Order::Shuffled.rows_into(5, 7, 0, &mut rows)?;
/// let first = rows.clone();
/// Order::Shuffled.rows_into(5, 7, 1, &mut rows)?;
/// assert_ne!(first, rows); // another epoch, another order
/// Order::Shuffled.rows_into(5, 7, 0, &mut rows)?;
/// assert_eq!(first, rows); // but always the same one for the same seed and epoch
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Order {
    /// A random permutation, which is a function of the seed and the epoch alone.
    #[default]
    Shuffled,
    /// The order of the data, in every epoch.
    AsGiven,
}

impl Order {
    /// Makes `rows` the order of `len` samples in this epoch. What `rows` held is forgotten; its memory is used again.
    ///
    /// # Errors
    /// [`Error::Other`] if there is no memory for a list of so many rows.
    pub fn rows_into(
        self,
        len: usize,
        seed: u64,
        epoch: u64,
        rows: &mut Vec<usize>,
    ) -> Result<(), Error> {
        rows.clear();
        reserve(rows, len, "the order of the samples")?;
        rows.extend(0..len);
        self.arrange(rows, seed, epoch);
        Ok(())
    }

    /// Brings `rows`, which are in the order of the data, into that of this epoch.
    pub(crate) fn arrange(self, rows: &mut [usize], seed: u64, epoch: u64) {
        if self == Self::Shuffled {
            Noise::new(seed).at("order").step(epoch).shuffle(rows);
        }
    }
}

/// Makes `rows` the shuffled order of `len` samples in this epoch: [`Order::Shuffled`].
///
/// # Errors
/// [`Error::Other`] if there is no memory for a list of so many rows.
///
/// ```
/// use downhill::data::{Order, order_into};
/// let (mut rows, mut same) = (Vec::new(), Vec::new());
/// order_into(100, 7, 3, &mut rows)?;
/// Order::Shuffled.rows_into(100, 7, 3, &mut same)?;
/// assert_eq!(rows, same);
/// rows.sort();
/// assert!(rows.into_iter().eq(0..100));
/// # Ok::<(), downhill::Error>(())
/// ```
pub fn order_into(len: usize, seed: u64, epoch: u64, rows: &mut Vec<usize>) -> Result<(), Error> {
    Order::Shuffled.rows_into(len, seed, epoch, rows)
}

//! Where batches come from.

use super::{Batch, TargetKind};
use crate::error::Error;
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// What one sample of a source holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The shape of each input.
    pub inputs: Vec<Shape>,
    /// The kind and shape of the targets.
    pub targets: TargetKind,
    /// Whether each sample has a weight.
    pub weighted: bool,
}

/// For which pass over the data a batch is filled: what augmentation may depend on, besides the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sampling {
    /// Random numbers of this run and epoch; take those of one sample with `noise.step(row)`.
    pub noise: Noise,
    /// The epoch, counted from 0.
    pub epoch: u64,
    /// Whether the samples are for training; augmentation leaves others as they are.
    pub training: bool,
}

impl Sampling {
    /// The pass over the data in this epoch of a run with this seed.
    pub fn new(seed: u64, epoch: u64) -> Self {
        Self { noise: Noise::new(seed).at("augment").step(epoch), epoch, training: true }
    }

    /// A pass that only measures: samples are taken as they are.
    pub fn evaluation() -> Self {
        Self { training: false, ..Self::new(0, 0) }
    }
}

/// Numbered samples that batches are made of: a [`Dataset`](super::Dataset), or anything else that can copy rows into a batch.
pub trait Source<F: Scalar>: Send + Sync {
    /// How many samples there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What each sample holds.
    fn content(&self) -> Content;

    /// Makes `batch`, which was made for this content, hold these rows in this order.
    ///
    /// # Errors
    /// [`Error::Cell`] or another error that names the row.
    fn fill(&self, rows: &[usize], sampling: Sampling, batch: &mut Batch<F>) -> Result<(), Error>;

    /// The name of a row for messages: its number in the data that the user knows, before any split.
    fn row_name(&self, row: usize) -> usize {
        row
    }
}

//! The cases that laws of sources are tried on.

use proptest::prelude::*;

use crate::check::Generate;
use crate::data::Sampling;
use crate::random::Noise;

/// Some rows, and for which pass over the data they are asked for.
///
/// `Case::default()` is the simplest one: one row as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// How many rows.
    pub batch: usize,
    /// Into how many parts they are divided.
    pub parts: usize,
    /// The seed of the run, and of which rows these are.
    pub seed: u64,
    /// The epoch.
    pub epoch: u64,
    /// Whether the rows are for training.
    pub training: bool,
    /// A number for whatever a law has to choose.
    pub pick: usize,
}

impl Default for Case {
    fn default() -> Self {
        Self { batch: 1, parts: 1, seed: 0, epoch: 0, training: false, pick: 0 }
    }
}

impl Generate for Case {
    fn any() -> BoxedStrategy<Self> {
        (1..24_usize, 1..6_usize, 0..1_u64 << 32, 0..5_u64, any::<bool>(), 0..1_000_usize)
            .prop_map(|(batch, parts, seed, epoch, training, pick)| Self {
                batch,
                parts,
                seed,
                epoch,
                training,
                pick,
            })
            .boxed()
    }
}

impl Case {
    /// The pass over the data.
    pub fn sampling(&self) -> Sampling {
        Sampling { training: self.training, ..Sampling::new(self.seed, self.epoch) }
    }

    /// As many rows of `len` as the case has, drawn one by one, so that a row may come twice; none if there are none.
    pub fn rows(&self, len: usize) -> Vec<usize> {
        self.drawn("rows", len, self.batch)
    }

    /// Other rows, of another number.
    pub fn others(&self, len: usize) -> Vec<usize> {
        self.drawn("others", len, 1 + self.pick % 31)
    }

    fn drawn(&self, purpose: &str, len: usize, count: usize) -> Vec<usize> {
        let noise = Noise::new(self.seed).at(purpose);
        (0..count.min(len * count)).map(|i| noise.below(i as u64, len)).collect()
    }
}

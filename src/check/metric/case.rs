//! The cases that laws of metrics are tried on.

use proptest::prelude::*;

use crate::check::Generate;
use crate::random::Noise;

/// Some samples, cut into parts.
///
/// `Case::default()` is the simplest one: a single sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// How many samples.
    pub len: usize,
    /// Into how many parts they are divided; some may be empty.
    pub parts: usize,
    /// The seed of outputs, targets, weights and parts.
    pub seed: u64,
    /// What is measured; taken modulo the number of kinds that the metric takes.
    pub kind: usize,
    /// A sample, taken modulo their number.
    pub pick: usize,
    /// Whether numbers lie far from 0, where sums of squares cancel.
    pub far: bool,
}

impl Default for Case {
    fn default() -> Self {
        Self { len: 1, parts: 1, seed: 0, kind: 0, pick: 0, far: false }
    }
}

impl Generate for Case {
    fn any() -> BoxedStrategy<Self> {
        (1..40_usize, 1..7_usize, 0..1_u64 << 32, 0..7_usize, 0..1_000_usize, any::<bool>())
            .prop_map(|(len, parts, seed, kind, pick, far)| Self {
                len,
                parts,
                seed,
                kind,
                pick,
                far,
            })
            .boxed()
    }
}

impl Case {
    /// The random numbers for a purpose.
    pub fn noise(&self, purpose: &str) -> Noise {
        Noise::new(self.seed).at(purpose)
    }

    /// The rows of each part, in order.
    pub fn partition(&self, len: usize) -> Vec<Vec<usize>> {
        let noise = self.noise("parts");
        let mut parts = vec![Vec::new(); self.parts.max(1)];
        for row in 0..len {
            let part = noise.below(row as u64, parts.len());
            parts[part].push(row);
        }
        parts
    }
}

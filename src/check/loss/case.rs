//! The cases that laws of losses are tried on.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::check::Generate;

/// A batch of outputs and targets, to be drawn.
///
/// A law takes from a case what it needs. `Case::default()` is the simplest one: a single sample with a single number.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// How many samples.
    pub batch: usize,
    /// The axes of a sample; if the loss cannot take them, others are found that it can.
    pub axes: Vec<usize>,
    /// The seed of outputs, targets and weights.
    pub seed: u64,
    /// A sample or a number; taken modulo the number of those.
    pub pick: usize,
    /// A number in (0, 1).
    pub share: f64,
}

impl Default for Case {
    fn default() -> Self {
        Self { batch: 1, axes: Vec::new(), seed: 0, pick: 0, share: 0.5 }
    }
}

impl Generate for Case {
    fn any() -> BoxedStrategy<Self> {
        let axes = vec(1..4_usize, 0..3);
        (1..5_usize, axes, 0..1_u64 << 32, 0..1_000_usize, 0.05..0.95)
            .prop_map(|(batch, axes, seed, pick, share)| Self { batch, axes, seed, pick, share })
            .boxed()
    }
}

//! The cases that laws of layers are tried on.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::check::Generate;
use crate::layer::Mode;

/// How many choices a case holds.
const CHOICES: usize = 32;

/// A batch and the choices that a layer and its shapes are drawn by.
///
/// A law takes from a case what it needs. `Case::default()` is the simplest one: one sample of the smallest shape, in evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// How many samples.
    pub batch: usize,
    /// Where the settings and shapes of the subject are drawn from, by [`Pick`](super::Pick); 0 is the simplest choice.
    pub choices: Vec<usize>,
    /// Training or evaluation.
    pub mode: Mode,
    /// The spread of the inputs.
    pub magnitude: f64,
    /// The seed of inputs, parameters and upstream gradients, and of what the layer draws.
    pub seed: u64,
    /// A sample; taken modulo the number of those.
    pub pick: usize,
}

impl Default for Case {
    fn default() -> Self {
        let mode = Mode::Evaluate;
        Self { batch: 1, choices: Vec::new(), mode, magnitude: 1.0, seed: 0, pick: 0 }
    }
}

impl Generate for Case {
    fn any() -> BoxedStrategy<Self> {
        let choices = vec(0..1_000_usize, CHOICES);
        let mode = select(vec![Mode::Evaluate, Mode::Train, Mode::Train]);
        let magnitude = select(vec![1.0, 1.5, 0.03, 20.0]);
        (1..5_usize, choices, mode, magnitude, 0..1_u64 << 32, 0..1_000_usize)
            .prop_map(|(batch, choices, mode, magnitude, seed, pick)| Self {
                batch,
                choices,
                mode,
                magnitude,
                seed,
                pick,
            })
            .boxed()
    }
}

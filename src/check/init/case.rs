//! The cases that laws of initialisers are tried on.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::check::Generate;
use crate::random::Noise;

/// A tensor to be given its first values.
///
/// `Case::default()` is the simplest one: a single number.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The shape, of rank 1 to 4.
    pub shape: Vec<usize>,
    /// How many inputs feed one output.
    pub fan_in: usize,
    /// How many outputs one input feeds.
    pub fan_out: usize,
    /// The seed of the run.
    pub seed: u64,
    /// How much longer another tensor is, at least 1.
    pub longer: usize,
    /// A gain.
    pub gain: f64,
}

impl Default for Case {
    fn default() -> Self {
        Self { shape: vec![1], fan_in: 1, fan_out: 1, seed: 0, longer: 1, gain: 1.0 }
    }
}

impl Generate for Case {
    fn any() -> BoxedStrategy<Self> {
        let shape = prop_oneof![
            3 => vec(1..9_usize, 1..5),
            1 => vec(1..70_usize, 1..3),
        ];
        let fan = || prop_oneof![4 => 1..5_000_usize, 1 => Just(1)];
        (shape, fan(), fan(), 0..1_u64 << 32, 1..50_usize, 0.01..10.0)
            .prop_map(|(shape, fan_in, fan_out, seed, longer, gain)| Self {
                shape,
                fan_in,
                fan_out,
                seed,
                longer,
                gain,
            })
            .boxed()
    }
}

impl Case {
    /// Inputs per output, outputs per input.
    pub fn fans(&self) -> (usize, usize) {
        (self.fan_in, self.fan_out)
    }

    /// The random numbers of the parameter at this path.
    pub fn noise(&self, path: &str) -> Noise {
        Noise::new(self.seed).at("init").at(path)
    }
}

//! The cases that laws of augmentations are tried on.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::check::Generate;
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A sample and a stream of random numbers. `Case::default()` is the simplest one: a single number.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The shape of the sample, unless the subject claims shapes of its own.
    pub shape: Vec<usize>,
    /// The seed of the sample's numbers and of the random numbers.
    pub seed: u64,
    /// The magnitude of the numbers, as a power of ten from −10 to 10, for laws of magnitudes.
    pub exponent: i32,
    /// A number of the sample or a claimed shape; taken modulo the number of those.
    pub pick: usize,
}

impl Default for Case {
    fn default() -> Self {
        Self { shape: vec![1], seed: 0, exponent: 0, pick: 0 }
    }
}

impl Generate for Case {
    fn any() -> BoxedStrategy<Self> {
        let exponent = prop_oneof![3 => Just(0), 2 => -10..=10];
        (vec(1..8_usize, 1..4), 0..1_u64 << 32, exponent, 0..1_000_usize)
            .prop_map(|(shape, seed, exponent, pick)| Self { shape, seed, exponent, pick })
            .boxed()
    }
}

impl Case {
    /// Numbers for a sample of this shape, none nearer to 0 than 0.05. `which` makes others of the same kind.
    pub fn numbers<F: Scalar>(&self, shape: &Shape, which: u64) -> Vec<F> {
        let noise = Noise::new(self.seed).at("numbers").step(which);
        let away = |x: f64| if x < 0.0 { x - 0.05 } else { x + 0.05 };
        // Rounded to f32, so that both precisions start from the same numbers.
        (0..shape.size() as u64).map(|i| F::of(f64::from(away(noise.normal(i)) as f32))).collect()
    }

    /// The random numbers that the subject is lent. `which` makes others.
    pub fn noise(&self, which: u64) -> Noise {
        Noise::new(self.seed).at("noise").step(which)
    }
}

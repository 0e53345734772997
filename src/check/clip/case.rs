//! The cases that laws of clipping are tried on.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::check::Generate;
use crate::random::Noise;

/// Gradients of some tensors. `Case::default()` is the simplest one: a single number.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The shapes of the tensors.
    pub shapes: Vec<Vec<usize>>,
    /// The seed of weights and gradients.
    pub seed: u64,
    /// The magnitude of the gradients, as a power of ten from −38 to 38.
    pub exponent: i32,
    /// The bound, as a share of the largest norm, for laws of what is clipped.
    pub share: f64,
    /// An element or a tensor; taken modulo the number of those.
    pub pick: usize,
}

impl Default for Case {
    fn default() -> Self {
        Self { shapes: vec![vec![1]], seed: 0, exponent: 0, share: 0.5, pick: 0 }
    }
}

impl Generate for Case {
    fn any() -> BoxedStrategy<Self> {
        let shape = prop_oneof![4 => vec(1..6_usize, 1..4), 1 => Just(vec![65]), 1 => Just(vec![])];
        let exponent = prop_oneof![3 => Just(0), 2 => -38..=38, 1 => Just(38), 1 => Just(-38)];
        (vec(shape, 1..5), 0..1_u64 << 32, exponent, 0.05..0.95, 0..1_000_usize)
            .prop_map(|(shapes, seed, exponent, share, pick)| Self {
                shapes,
                seed,
                exponent,
                share,
                pick,
            })
            .boxed()
    }
}

impl Case {
    /// How many numbers the tensors hold.
    pub fn size(&self) -> usize {
        self.shapes.iter().map(|shape| shape.iter().product::<usize>()).sum()
    }

    /// Weights of the normal distribution.
    pub fn weights(&self) -> Vec<f64> {
        let noise = Noise::new(self.seed).at("weights");
        (0..self.size() as u64).map(|i| noise.normal(i)).collect()
    }

    /// Gradients of the case's magnitude.
    pub fn gradient(&self) -> Vec<f64> {
        let (noise, scale) = (Noise::new(self.seed).at("gradient"), 10_f64.powi(self.exponent));
        (0..self.size() as u64).map(|i| (scale * noise.normal(i)).clamp(-1e38, 1e38)).collect()
    }
}

//! The cases that laws of regularizers and constraints are tried on.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::check::Generate;
use crate::check::optimizer::parameters;
use crate::params::Parameter;
use crate::random::Noise;

/// The weights of one tensor. `Case::default()` is the simplest one: a single number.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The shape of the tensor.
    pub shape: Vec<usize>,
    /// The seed of the weights.
    pub seed: u64,
    /// The magnitude of the weights, as a power of ten from −30 to 30, for laws of magnitudes.
    pub exponent: i32,
    /// A weight or a unit; taken modulo the number of those.
    pub pick: usize,
    /// A number in (0, 1).
    pub share: f64,
}

impl Default for Case {
    fn default() -> Self {
        Self { shape: vec![1], seed: 0, exponent: 0, pick: 0, share: 0.5 }
    }
}

impl Generate for Case {
    fn any() -> BoxedStrategy<Self> {
        let exponent = prop_oneof![3 => Just(0), 2 => -30..=30, 1 => Just(30), 1 => Just(-30)];
        (vec(1..6_usize, 1..4), 0..1_u64 << 32, exponent, 0..1_000_usize, 0.05..0.95)
            .prop_map(|(shape, seed, exponent, pick, share)| Self {
                shape,
                seed,
                exponent,
                pick,
                share,
            })
            .boxed()
    }
}

impl Case {
    /// The tensor, as a parameter of a model.
    pub fn parameter(&self) -> Parameter {
        parameters(std::slice::from_ref(&self.shape)).swap_remove(0)
    }

    /// How many weights there are.
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// Weights of ordinary size, none nearer to 0 than 0.05. `which` makes others of the same kind.
    pub fn weights(&self, which: u64) -> Vec<f64> {
        let noise = Noise::new(self.seed).at("weights").step(which);
        let away = |x: f64| if x < 0.0 { x - 0.05 } else { x + 0.05 };
        (0..self.size() as u64).map(|i| away(noise.normal(i))).collect()
    }

    /// The same weights at the magnitude of the case.
    pub fn scaled(&self, which: u64) -> Vec<f64> {
        let scale = 10_f64.powi(self.exponent);
        self.weights(which).into_iter().map(|w| w * scale).collect()
    }
}

//! Steps of one size, by sign.

use super::math::blemish;
use super::{Block, Optimizer, Slot, Tick};
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// Lion: each element moves by the rate, in the direction that gradient and momentum agree on.
///
/// ```text
/// w ← (1 − learning_rate · weight_decay) · w        parameters that decay: weights, unless a group says otherwise
/// w ← w − learning_rate · sign(beta1 · m + (1 − beta1) · g)
/// m ← beta2 · m + (1 − beta2) · g
/// ```
///
/// The sign of 0 is 0.
///
/// | field | default | range | |
/// |---|---|---|---|
/// | `learning_rate` | 1e-4 | ≥ 0 | step of each element; 3 to 10 times smaller than for [`AdamW`](super::AdamW) |
/// | `beta1` | 0.9 | [0, 1) | weight of the momentum in the direction; follows the momentum schedule |
/// | `beta2` | 0.99 | [0, 1) | share of the momentum that is kept |
/// | `weight_decay` | 1e-3 | ≥ 0 | share of the weights that each update takes off, per unit of rate |
///
/// | slot | |
/// |---|---|
/// | `momentum` | m |
///
/// # Errors
/// [`validate`](Optimizer::validate) refuses settings outside these ranges.
///
/// # Source
/// Chen et al., [Symbolic discovery of optimization algorithms](https://arxiv.org/abs/2302.06675) (2023), program 1. The defaults are optax's.
///
/// ```
/// use downhill::optim::{Block, Lion, Optimizer, Tick};
/// let (mut w, mut m) = ([1.0, 1.0, 1.0], [0.0; 3]);
/// Lion::default().update(&Tick::new(1, 0.1), Block::new(&mut w, &[1e-9, -1e9, 0.0], [&mut m]));
/// assert_eq!(w, [0.9, 1.1, 1.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lion {
    /// Step of each element; finite, 0 or more.
    pub learning_rate: f64,
    /// Weight of the momentum in the direction, in [0, 1).
    pub beta1: f64,
    /// Share of the momentum that is kept, in [0, 1).
    pub beta2: f64,
    /// Share of the weights that each update takes off, per unit of rate; finite, 0 or more.
    pub weight_decay: f64,
}

impl Default for Lion {
    fn default() -> Self {
        Self { learning_rate: 1e-4, beta1: 0.9, beta2: 0.99, weight_decay: 1e-3 }
    }
}

impl<F: Scalar> Optimizer<F> for Lion {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("momentum")]
    }

    fn momentum(&self) -> f64 {
        self.beta1
    }

    #[inline(always)]
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let (keep, rate) = (F::of(tick.keep), F::of(tick.learning_rate));
        let beta1 = tick.momentum(self.beta1);
        let (mix, fresh) = (F::of(beta1), F::of(1.0 - beta1));
        let (old, new) = (F::of(self.beta2), F::of(1.0 - self.beta2));
        let [momentum] = block.slots.split();
        for ((w, &g), m) in block.weights.iter_mut().zip(block.gradient).zip(momentum) {
            *w = keep * *w - rate * (sign(mix * *m + fresh * g) + blemish(g));
            *m = old * *m + new * g;
        }
    }

    fn weight_decay(&self) -> f64 {
        self.weight_decay
    }

    fn fuses_decay(&self) -> bool {
        true
    }

    fn stays_finite(&self) -> bool {
        true
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("Lion::learning_rate", self.learning_rate)?;
        require::below_one("Lion::beta1", self.beta1)?;
        require::below_one("Lion::beta2", self.beta2)?;
        require::non_negative("Lion::weight_decay", self.weight_decay)
    }
}

/// 1, −1 or 0; `signum` has no 0.
#[inline]
fn sign<F: Scalar>(x: F) -> F {
    let up = if x > F::zero() { F::one() } else { F::zero() };
    let down = if x < F::zero() { F::one() } else { F::zero() };
    up - down
}

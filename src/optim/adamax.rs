//! Adam with the largest gradient in the place of the mean square.

use super::math::{bias_correction, validate};
use super::{Block, Optimizer, Slot, Tick};
use crate::error::Error;
use crate::scalar::Scalar;

/// Adamax: the average gradient divided by the largest recent gradient. Squares nothing.
///
/// ```text
/// m ← beta1 · m + (1 − beta1) · g
/// u ← max(beta2 · u, |g| + epsilon)
/// w ← w − learning_rate / (1 − beta1ᵗ) · m / u
/// ```
///
/// | field | default | range | |
/// |---|---|---|---|
/// | `learning_rate` | 2e-3 | ≥ 0 | about the largest step of an element |
/// | `beta1` | 0.9 | [0, 1) | share of the average gradient that is kept; follows the momentum schedule |
/// | `beta2` | 0.999 | [0, 1) | how slowly a large gradient is forgotten |
/// | `epsilon` | 1e-8 | > 0 | keeps the division finite |
///
/// | slot | |
/// |---|---|
/// | `first_moment` | m |
/// | `largest` | u |
///
/// # Errors
/// [`validate`](Optimizer::validate) refuses settings outside these ranges.
///
/// # Source
/// Kingma and Ba, [Adam: a method for stochastic optimization](https://arxiv.org/abs/1412.6980) (2014), algorithm 2, which has no ε; it stands where
/// PyTorch has it.
///
/// ```
/// use downhill::optim::{Adamax, Block, Optimizer, Tick};
/// let (mut w, mut m, mut u) = ([1.0], [0.0], [0.0]);
/// Adamax::default().update(&Tick::new(1, 0.1), Block::new(&mut w, &[-2.0], [&mut m, &mut u]));
/// assert!((w[0] - 1.1_f64).abs() < 1e-8);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adamax {
    /// About the largest step of an element; finite, 0 or more.
    pub learning_rate: f64,
    /// Share of the average gradient that is kept, in [0, 1).
    pub beta1: f64,
    /// Share of the largest gradient that is kept, in [0, 1).
    pub beta2: f64,
    /// Added to each gradient's magnitude; above 0.
    pub epsilon: f64,
}

impl Default for Adamax {
    fn default() -> Self {
        Self { learning_rate: 2e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
    }
}

impl<F: Scalar> Optimizer<F> for Adamax {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("first_moment"), Slot::new("largest")]
    }

    fn momentum(&self) -> f64 {
        self.beta1
    }

    #[inline(always)]
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let beta1 = tick.momentum(self.beta1);
        let keep = F::of(tick.keep);
        let rate = F::of(tick.learning_rate / bias_correction(beta1, tick.updates));
        let (share, rest) = (F::of(beta1), F::of(1.0 - beta1));
        let (fade, epsilon) = (F::of(self.beta2), F::of(self.epsilon));
        let [first, largest] = block.slots.split();
        let moves = block.weights.iter_mut().zip(block.gradient);
        for (((w, &g), m), u) in moves.zip(first).zip(largest) {
            let average = share * *m + rest * g;
            let (old, new) = (fade * *u, g.abs() + epsilon);
            // Written so that a gradient of NaN is taken.
            let largest = if old > new { old } else { new };
            (*m, *u) = (average, largest);
            *w = keep * *w - rate * (average / largest);
        }
    }

    fn fuses_decay(&self) -> bool {
        true
    }

    fn stays_finite(&self) -> bool {
        true
    }

    fn validate(&self) -> Result<(), Error> {
        validate::<F>("Adamax", self.learning_rate, [self.beta1, self.beta2], self.epsilon)
    }
}

//! Steps that find their own length.

use super::math::{most, require_epsilon, squarable};
use super::{Block, Optimizer, Slot, Tick};
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// Adadelta: steps have the recent size of the steps before, so that no rate needs to be found.
///
/// ```text
/// s ← rho · s + (1 − rho) · g²
/// x = √(u + epsilon) / √(s + epsilon) · g
/// u ← rho · u + (1 − rho) · x²
/// w ← w − learning_rate · x
/// ```
///
/// | field | default | range | |
/// |---|---|---|---|
/// | `learning_rate` | 1 | ≥ 0 | factor on the step that was found |
/// | `rho` | 0.9 | [0, 1) | smoothing constant of the averages |
/// | `epsilon` | 1e-6 | > 0 | under both roots; its own root is the size of the first steps |
///
/// | slot | |
/// |---|---|
/// | `square` | s |
/// | `step_square` | u |
///
/// # Errors
/// [`validate`](Optimizer::validate) refuses settings outside these ranges.
///
/// # Source
/// Zeiler, [ADADELTA: an adaptive learning rate method](https://arxiv.org/abs/1212.5701) (2012), algorithm 1; the factor is PyTorch's.
///
/// ```
/// use downhill::optim::{Adadelta, Block, Optimizer, Tick};
/// let (mut w, mut s, mut u) = ([1.0], [0.0], [0.0]);
/// let rule = Adadelta { rho: 0.75, ..Adadelta::default() };
/// rule.update(&Tick::new(1, 1.0), Block::new(&mut w, &[4.0], [&mut s, &mut u]));
/// assert!((w[0] - (1.0 - 1e-3 * 2.0_f64)).abs() < 1e-9); // √epsilon / √4 · 4
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adadelta {
    /// Factor on the step that the rule finds; finite, 0 or more.
    pub learning_rate: f64,
    /// Smoothing constant: the share of the averages that is kept, in [0, 1).
    pub rho: f64,
    /// Added under both roots; above 0.
    pub epsilon: f64,
}

impl Default for Adadelta {
    fn default() -> Self {
        Self { learning_rate: 1.0, rho: 0.9, epsilon: 1e-6 }
    }
}

impl<F: Scalar> Optimizer<F> for Adadelta {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("square"), Slot::new("step_square")]
    }

    #[inline(always)]
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let (keep, rate) = (F::of(tick.keep), F::of(tick.learning_rate));
        let (epsilon, most) = (F::of(self.epsilon), most());
        let (old, new) = (F::of(self.rho), F::of(1.0 - self.rho));
        let [square, step_square] = block.slots.split();
        let moves = block.weights.iter_mut().zip(block.gradient);
        for (((w, &g), s), u) in moves.zip(square).zip(step_square) {
            let g = squarable(g, most);
            *s = old * *s + new * g * g;
            // One root of the quotient would be faster, but the quotient can be too small for the type.
            let x = (*u + epsilon).sqrt() / (*s + epsilon).sqrt() * g;
            *u = old * *u + new * x * x;
            *w = keep * *w - rate * x;
        }
    }

    fn fuses_decay(&self) -> bool {
        true
    }

    fn stays_finite(&self) -> bool {
        true
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("Adadelta::learning_rate", self.learning_rate)?;
        require::below_one("Adadelta::rho", self.rho)?;
        require_epsilon::<F>("Adadelta::epsilon", self.epsilon)
    }
}

//! Steps that shrink with the gradients seen so far.

use super::math::{most, require_epsilon, squarable};
use super::{Block, Optimizer, Slot, Start, Tick};
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// Adagrad: each element's steps shrink with the sum of its squared gradients. Suits sparse gradients.
///
/// ```text
/// s ← s + g²
/// w ← w − learning_rate / (1 + (t − 1) · lr_decay) · g / (√s + epsilon)
/// ```
///
/// | field | default | range | |
/// |---|---|---|---|
/// | `learning_rate` | 1e-2 | ≥ 0 | length of the first step of each element |
/// | `lr_decay` | 0 | ≥ 0 | how fast the rate falls with the updates, besides the sum |
/// | `initial_accumulator` | 0 | ≥ 0 | what s starts at |
/// | `epsilon` | 1e-10 | > 0 | keeps the division finite |
///
/// | slot | |
/// |---|---|
/// | `sum` | s |
///
/// # Errors
/// [`validate`](Optimizer::validate) refuses settings outside these ranges.
///
/// # Source
/// Duchi, Hazan, Singer, [Adaptive subgradient methods](https://jmlr.org/papers/v12/duchi11a.html) (2011), the diagonal form of figure 1, as
/// PyTorch has it: ε is added to the root and not under it.
///
/// ```
/// use downhill::optim::{Adagrad, Block, Optimizer, Tick};
/// let (mut w, mut sum) = ([1.0], [0.0]);
/// Adagrad::default().update(&Tick::new(1, 0.1), Block::new(&mut w, &[5.0], [&mut sum]));
/// assert_eq!(sum, [25.0]);
/// assert!((w[0] - 0.9_f64).abs() < 1e-9); // the first step is as long as the rate
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adagrad {
    /// Length of the first step of each element; finite, 0 or more.
    pub learning_rate: f64,
    /// The rate is divided by 1 + (t − 1) · this; finite, 0 or more.
    pub lr_decay: f64,
    /// What the sum of squares starts at; finite, 0 or more.
    pub initial_accumulator: f64,
    /// Added to the root; above 0.
    pub epsilon: f64,
}

impl Default for Adagrad {
    fn default() -> Self {
        Self { learning_rate: 1e-2, lr_decay: 0.0, initial_accumulator: 0.0, epsilon: 1e-10 }
    }
}

impl<F: Scalar> Optimizer<F> for Adagrad {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("sum").start(Start::Value(self.initial_accumulator))]
    }

    #[inline(always)]
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let before = tick.updates.saturating_sub(1) as f64;
        let rate = F::of(tick.learning_rate / (1.0 + before * self.lr_decay));
        let (keep, epsilon) = (F::of(tick.keep), F::of(self.epsilon));
        let (most, full) = (most(), F::max_value());
        let [sum] = block.slots.split();
        for ((w, &g), s) in block.weights.iter_mut().zip(block.gradient).zip(sum) {
            let g = squarable(g, most);
            let sum = *s + g * g;
            // Unlike an average, a sum has no bound of its own. Written so that NaN stays.
            *s = if sum > full { full } else { sum };
            *w = keep * *w - rate * g / (s.sqrt() + epsilon);
        }
    }

    fn fuses_decay(&self) -> bool {
        true
    }

    fn stays_finite(&self) -> bool {
        true
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("Adagrad::learning_rate", self.learning_rate)?;
        require::non_negative("Adagrad::lr_decay", self.lr_decay)?;
        require::non_negative("Adagrad::initial_accumulator", self.initial_accumulator)?;
        require_epsilon::<F>("Adagrad::epsilon", self.epsilon)
    }
}

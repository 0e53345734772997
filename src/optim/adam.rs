//! Momentum and step sizes from two moving averages.

use super::math::{Moments, bias_correction, validate};
use super::{Block, Optimizer, Slot, Tick};
use crate::error::Error;
use crate::scalar::Scalar;

/// Adam: the average gradient divided by its root mean square, each freed of its bias towards zero.
///
/// ```text
/// m ← beta1 · m + (1 − beta1) · g
/// v ← beta2 · v + (1 − beta2) · g²
/// w ← w − learning_rate · m̂ / (√v̂ + epsilon)        m̂ = m / (1 − beta1ᵗ),  v̂ = v / (1 − beta2ᵗ)
/// ```
///
/// With `amsgrad` the largest v so far stands in the place of v in the last line.
///
/// | field | default | range | |
/// |---|---|---|---|
/// | `learning_rate` | 1e-3 | ≥ 0 | about the largest step of an element |
/// | `beta1` | 0.9 | [0, 1) | share of the average gradient that is kept; follows the momentum schedule |
/// | `beta2` | 0.999 | [0, 1) | share of the average square that is kept |
/// | `epsilon` | 1e-8 | > 0 | keeps the division finite |
/// | `amsgrad` | false | | never lets a step size grow again |
///
/// | slot | |
/// |---|---|
/// | `first_moment` | m |
/// | `second_moment` | v |
/// | `largest_second_moment` | only with `amsgrad` |
///
/// Weight decay belongs either to the objective ([`regularize`](crate::regularize)) or to the update ([`AdamW`](super::AdamW)).
///
/// # Errors
/// [`validate`](Optimizer::validate) refuses settings outside these ranges.
///
/// # Source
/// Kingma and Ba, [Adam: a method for stochastic optimization](https://arxiv.org/abs/1412.6980) (2014), algorithm 1; ε is added after the
/// correction, as there, and not before it, as in the shortened form at the end of the paper's section 2. `amsgrad`: Reddi, Kale, Kumar,
/// [On the convergence of Adam and beyond](https://arxiv.org/abs/1904.09237), algorithm 2; as in PyTorch the largest of the *uncorrected* v is
/// kept, and corrected afterwards. If a schedule changes beta1, the correction takes its present value, as in PyTorch.
///
/// ```
/// use downhill::optim::{Adam, Block, Optimizer, Tick};
/// let (mut w, mut m, mut v) = ([1.0, 1.0], [0.0; 2], [0.0; 2]);
/// Adam::default().update(&Tick::new(1, 0.1), Block::new(&mut w, &[3.0, -400.0], [&mut m, &mut v]));
/// // Whatever the gradient's size, the first step is as long as the rate.
/// assert!((w[0] - 0.9_f64).abs() < 1e-8 && (w[1] - 1.1_f64).abs() < 1e-8);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// About the largest step of an element; finite, 0 or more.
    pub learning_rate: f64,
    /// Share of the average gradient that is kept, in [0, 1).
    pub beta1: f64,
    /// Share of the average square that is kept, in [0, 1).
    pub beta2: f64,
    /// Added to the root; above 0.
    pub epsilon: f64,
    /// Whether to divide by the largest average square so far.
    pub amsgrad: bool,
}

impl Default for Adam {
    fn default() -> Self {
        Self { learning_rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, amsgrad: false }
    }
}

impl<F: Scalar> Optimizer<F> for Adam {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        let names = ["first_moment", "second_moment", "largest_second_moment"];
        names.into_iter().take(if self.amsgrad { 3 } else { 2 }).map(Slot::new).collect()
    }

    fn momentum(&self) -> f64 {
        self.beta1
    }

    #[inline(always)]
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let beta1 = tick.momentum(self.beta1);
        let moments = Moments::new(beta1, self.beta2);
        // The corrections are moved out of the loop: m̂ / (√v̂ + ε) = (r / c) · m / (√v + r · ε), where c corrects m and r² corrects v.
        let root = bias_correction(self.beta2, tick.updates).sqrt();
        let rate = F::of(tick.learning_rate * root / bias_correction(beta1, tick.updates));
        let (keep, epsilon) = (F::of(tick.keep), F::of(self.epsilon * root));
        let moves = block.weights.iter_mut().zip(block.gradient);
        if self.amsgrad {
            let [first, second, largest] = block.slots.split();
            for ((((w, &g), m), v), top) in moves.zip(first).zip(second).zip(largest) {
                let (m, v, _) = moments.take(g, m, v);
                // Written so that NaN stays.
                let largest = if *top > v { *top } else { v };
                *top = largest;
                *w = keep * *w - rate * m / (largest.sqrt() + epsilon);
            }
        } else {
            let [first, second] = block.slots.split();
            for (((w, &g), m), v) in moves.zip(first).zip(second) {
                let (m, v, _) = moments.take(g, m, v);
                *w = keep * *w - rate * m / (v.sqrt() + epsilon);
            }
        }
    }

    fn fuses_decay(&self) -> bool {
        true
    }

    fn stays_finite(&self) -> bool {
        true
    }

    fn validate(&self) -> Result<(), Error> {
        validate::<F>("Adam", self.learning_rate, [self.beta1, self.beta2], self.epsilon)
    }
}

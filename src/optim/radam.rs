//! Adam without the wild first steps.

use super::math::{Moments, bias_correction, validate};
use super::{Block, Optimizer, Slot, Tick};
use crate::error::Error;
use crate::scalar::Scalar;

/// RAdam: Adam that divides by the root mean square only when enough gradients have been seen to know it; a warm-up that needs no setting.
///
/// ```text
/// m, v, m̂ and v̂ as for Adam
/// ρ∞ = 2 / (1 − beta2) − 1,   ρ = ρ∞ − 2 · t · beta2ᵗ / (1 − beta2ᵗ)
/// w ← w − learning_rate · r · m̂ / (√v̂ + epsilon′)       if ρ > 5, with r² = (ρ − 4)(ρ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ)
/// w ← w − learning_rate · m̂                              if not
/// ```
///
/// with epsilon′ = epsilon / √(1 − beta2ᵗ).
///
/// | field | default | range | |
/// |---|---|---|---|
/// | `learning_rate` | 1e-3 | ≥ 0 | about the largest step of an element, after the first few |
/// | `beta1` | 0.9 | [0, 1) | share of the average gradient that is kept; follows the momentum schedule |
/// | `beta2` | 0.999 | [0, 1) | share of the average square that is kept; up to 0.666 the rule never divides |
/// | `epsilon` | 1e-8 | > 0 | keeps the division finite |
///
/// | slot | |
/// |---|---|
/// | `first_moment` | m |
/// | `second_moment` | v |
///
/// # Errors
/// [`validate`](Optimizer::validate) refuses settings outside these ranges.
///
/// # Source
/// Liu et al., [On the variance of the adaptive learning rate and beyond](https://arxiv.org/abs/1908.03265) (2019), algorithm 2. As in the authors'
/// code and PyTorch the threshold is 5 (the paper says 4), and ε is added before the correction.
///
/// ```
/// use downhill::optim::{Block, Optimizer, RAdam, Tick};
/// let (mut w, mut m, mut v) = ([1.0], [0.0], [0.0]);
/// RAdam::default().update(&Tick::new(1, 0.1), Block::new(&mut w, &[2.0], [&mut m, &mut v]));
/// assert!((w[0] - 0.8_f64).abs() < 1e-12); // the first steps are those of momentum
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RAdam {
    /// About the largest step of an element; finite, 0 or more.
    pub learning_rate: f64,
    /// Share of the average gradient that is kept, in [0, 1).
    pub beta1: f64,
    /// Share of the average square that is kept, in [0, 1).
    pub beta2: f64,
    /// Added to the root; above 0.
    pub epsilon: f64,
}

impl Default for RAdam {
    fn default() -> Self {
        Self { learning_rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
    }
}

impl RAdam {
    /// By what the variance of the step sizes is made up for after `updates` gradients, if it is finite by then.
    fn rectification(&self, updates: u64) -> Option<f64> {
        let (t, beta) = (updates as f64, self.beta2);
        let limit = 2.0 / (1.0 - beta) - 1.0;
        let length = limit - 2.0 * t * beta.powf(t) / bias_correction(beta, updates);
        let term = |length: f64| (length - 4.0) * (length - 2.0) / length;
        (length > 5.0).then(|| (term(length) / term(limit)).sqrt())
    }
}

impl<F: Scalar> Optimizer<F> for RAdam {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("first_moment"), Slot::new("second_moment")]
    }

    fn momentum(&self) -> f64 {
        self.beta1
    }

    #[inline(always)]
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let beta1 = tick.momentum(self.beta1);
        let moments = Moments::new(beta1, self.beta2);
        let keep = F::of(tick.keep);
        let rate = tick.learning_rate / bias_correction(beta1, tick.updates);
        let [first, second] = block.slots.split();
        let moves = block.weights.iter_mut().zip(block.gradient).zip(first).zip(second);
        if let Some(rectification) = self.rectification(tick.updates) {
            let root = bias_correction(self.beta2, tick.updates).sqrt();
            let (rate, epsilon) = (F::of(rate * rectification * root), F::of(self.epsilon));
            for (((w, &g), m), v) in moves {
                let (m, v, _) = moments.take(g, m, v);
                *w = keep * *w - rate * m / (v.sqrt() + epsilon);
            }
        } else {
            let rate = F::of(rate);
            for (((w, &g), m), v) in moves {
                let (m, ..) = moments.take(g, m, v);
                *w = keep * *w - rate * m;
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
        validate::<F>("RAdam", self.learning_rate, [self.beta1, self.beta2], self.epsilon)
    }
}

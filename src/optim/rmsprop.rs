//! Steps relative to the recent size of the gradient.

use super::math::{most, require_epsilon, squarable};
use super::{Block, Optimizer, Slot, Tick};
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// RMSProp: the gradient divided by its recent root mean square.
///
/// ```text
/// s ← alpha · s + (1 − alpha) · g²
/// a ← alpha · a + (1 − alpha) · g                       only if centered
/// x = g / (√s + epsilon)                                centered: √max(s − a², 0) in the place of √s
/// w ← w − learning_rate · x                             without momentum
/// d ← momentum · d + x,  w ← w − learning_rate · d      with momentum
/// ```
///
/// | field | default | range | |
/// |---|---|---|---|
/// | `learning_rate` | 1e-2 | ≥ 0 | step length for a gradient of its usual size |
/// | `alpha` | 0.99 | [0, 1) | smoothing constant of the averages |
/// | `epsilon` | 1e-8 | > 0 | keeps the division finite |
/// | `centered` | false | | divides by the standard deviation instead |
/// | `momentum` | 0 | [0, 1) | share of the direction that is kept |
///
/// | slot | |
/// |---|---|
/// | `square` | s |
/// | `mean` | a; only if centered |
/// | `momentum` | d; only with momentum |
///
/// # Errors
/// [`validate`](Optimizer::validate) refuses settings outside these ranges.
///
/// # Source
/// Tieleman and Hinton, lecture 6.5 of *Neural networks for machine learning* (2012); centred by Graves,
/// [Generating sequences with recurrent neural networks](https://arxiv.org/abs/1308.0850), equations 38 to 45. As PyTorch: ε outside the root,
/// the rate outside the direction. Unlike PyTorch, a variance that rounding makes negative counts as 0 and not as NaN.
///
/// ```
/// use downhill::optim::{Block, Optimizer, RmsProp, Tick};
/// let (mut w, mut square) = ([1.0], [0.0]);
/// let rule = RmsProp { alpha: 0.75, ..RmsProp::default() };
/// rule.update(&Tick::new(1, 0.1), Block::new(&mut w, &[4.0], [&mut square]));
/// assert_eq!(square, [4.0]);
/// assert!((w[0] - 0.8_f64).abs() < 1e-8); // 0.1 · 4 / √4
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp {
    /// Step length for a gradient of its usual size; finite, 0 or more.
    pub learning_rate: f64,
    /// Smoothing constant: the share of the averages that is kept, in [0, 1).
    pub alpha: f64,
    /// Added to the root; above 0.
    pub epsilon: f64,
    /// Whether to divide by the standard deviation instead of the root mean square.
    pub centered: bool,
    /// Share of the last step's direction that is kept, in [0, 1).
    pub momentum: f64,
}

impl Default for RmsProp {
    fn default() -> Self {
        Self { learning_rate: 1e-2, alpha: 0.99, epsilon: 1e-8, centered: false, momentum: 0.0 }
    }
}

impl<F: Scalar> Optimizer<F> for RmsProp {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        let used = [("square", true), ("mean", self.centered), ("momentum", self.momentum != 0.0)];
        used.into_iter().filter(|(_, used)| *used).map(|(name, _)| Slot::new(name)).collect()
    }

    fn momentum(&self) -> f64 {
        self.momentum
    }

    #[inline(always)]
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let (rate, epsilon, most) = (F::of(tick.learning_rate), F::of(self.epsilon), most());
        let (old, new) = (F::of(self.alpha), F::of(1.0 - self.alpha));
        let keep = F::of(tick.keep);
        let momentum = F::of(tick.momentum(self.momentum));
        let plain = |g: F, s: &mut F| {
            let g = squarable(g, most);
            *s = old * *s + new * g * g;
            g / (s.sqrt() + epsilon)
        };
        let centered = |g: F, s: &mut F, a: &mut F| {
            let g = squarable(g, most);
            *s = old * *s + new * g * g;
            *a = old * *a + new * g;
            let variance = *s - *a * *a;
            // Written so that NaN stays.
            let variance = if variance < F::zero() { F::zero() } else { variance };
            g / (variance.sqrt() + epsilon)
        };
        let follow = |w: &mut F, d: &mut F, x: F| {
            *d = momentum * *d + x;
            *w = keep * *w - rate * *d;
        };
        let moves = block.weights.iter_mut().zip(block.gradient);
        // One loop for each set of slots: a loop with optional slots would not vectorise.
        match (self.centered, self.momentum != 0.0) {
            (false, false) => {
                let [square] = block.slots.split();
                moves.zip(square).for_each(|((w, &g), s)| *w = keep * *w - rate * plain(g, s));
            }
            (false, true) => {
                let [square, direction] = block.slots.split();
                let moves = moves.zip(square).zip(direction);
                moves.for_each(|(((w, &g), s), d)| follow(w, d, plain(g, s)));
            }
            (true, false) => {
                let [square, mean] = block.slots.split();
                let moves = moves.zip(square).zip(mean);
                moves.for_each(|(((w, &g), s), a)| *w = keep * *w - rate * centered(g, s, a));
            }
            (true, true) => {
                let [square, mean, direction] = block.slots.split();
                let moves = moves.zip(square).zip(mean).zip(direction);
                moves.for_each(|((((w, &g), s), a), d)| follow(w, d, centered(g, s, a)));
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
        require::non_negative("RmsProp::learning_rate", self.learning_rate)?;
        require::below_one("RmsProp::alpha", self.alpha)?;
        require_epsilon::<F>("RmsProp::epsilon", self.epsilon)?;
        require::below_one("RmsProp::momentum", self.momentum)
    }
}

//! Stochastic gradient descent.

use super::{Block, Optimizer, Slot, Tick};
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// Stochastic gradient descent: a step against the gradient, with momentum if asked for.
///
/// ```text
/// d ← momentum · d + (1 − dampening) · g        at the first update d ← g
/// w ← w − learning_rate · d                     with nesterov: g + momentum · d in the place of d
/// ```
///
/// Without momentum d is g and nothing is remembered. The rate multiplies the direction and is not part of it, so a new rate acts at once.
///
/// | field | default | range | |
/// |---|---|---|---|
/// | `learning_rate` | 1e-2 | ≥ 0 | step length per unit of gradient |
/// | `momentum` | 0 | [0, 1) | share of the direction that is kept |
/// | `dampening` | 0 | [0, 1] | share of the gradient that is held back from the direction |
/// | `nesterov` | false | needs momentum, no dampening | looks ahead along the direction |
///
/// | slot | |
/// |---|---|
/// | `momentum` | d; only with momentum |
///
/// # Errors
/// [`validate`](Optimizer::validate) refuses settings outside these ranges.
///
/// # Source
/// Sutskever et al., [On the importance of initialization and momentum in deep learning](https://proceedings.mlr.press/v28/sutskever13.html)
/// (2013), in PyTorch's form: the paper has the rate inside the direction, and PyTorch does not dampen the first gradient.
///
/// ```
/// use downhill::optim::{Block, Optimizer, Sgd, Tick};
/// let sgd = Sgd { learning_rate: 0.1, momentum: 0.5, ..Sgd::default() };
/// let (mut w, mut direction) = ([1.0], [0.0]);
/// for t in 1..=2 {
///     sgd.update(&Tick::new(t, 0.1), Block::new(&mut w, &[2.0], [&mut direction]));
/// }
/// assert_eq!(direction, [3.0]); // 0.5 · 2 + 2
/// assert_eq!(w, [1.0 - 0.1 * 2.0 - 0.1 * 3.0]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// Step length per unit of gradient; finite, 0 or more.
    pub learning_rate: f64,
    /// Share of the last step's direction that is kept, in [0, 1).
    pub momentum: f64,
    /// Share by which a new gradient is weakened as it enters the direction, in [0, 1].
    pub dampening: f64,
    /// Whether to look ahead along the direction.
    pub nesterov: bool,
}

impl Default for Sgd {
    fn default() -> Self {
        Self { learning_rate: 1e-2, momentum: 0.0, dampening: 0.0, nesterov: false }
    }
}

impl<F: Scalar> Optimizer<F> for Sgd {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        if self.momentum == 0.0 { Vec::new() } else { vec![Slot::new("momentum")] }
    }

    fn momentum(&self) -> f64 {
        self.momentum
    }

    #[inline(always)]
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let (keep, rate) = (F::of(tick.keep), F::of(tick.learning_rate));
        if self.momentum == 0.0 {
            for (w, &g) in block.weights.iter_mut().zip(block.gradient) {
                *w = keep * *w - rate * g;
            }
            return;
        }
        let momentum = F::of(tick.momentum(self.momentum));
        // The first direction is the gradient itself, without dampening.
        let fresh = F::of(if tick.updates == 1 { 1.0 } else { 1.0 - self.dampening });
        let [direction] = block.slots.split();
        for ((w, &g), d) in block.weights.iter_mut().zip(block.gradient).zip(direction) {
            *d = momentum * *d + fresh * g;
            *w = keep * *w - rate * if self.nesterov { g + momentum * *d } else { *d };
        }
    }

    fn fuses_decay(&self) -> bool {
        true
    }

    fn stays_finite(&self) -> bool {
        true
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("Sgd::learning_rate", self.learning_rate)?;
        require::below_one("Sgd::momentum", self.momentum)?;
        require::share("Sgd::dampening", self.dampening)?;
        let sound = !self.nesterov || (self.momentum > 0.0 && self.dampening == 0.0);
        require::that(sound, "Sgd::nesterov", true, "a momentum above 0 and no dampening with it")
    }
}

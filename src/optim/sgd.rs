//! Stochastic gradient descent.

use super::{Block, Optimizer, Slot, Tick};
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// Stochastic gradient descent, with momentum if asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sgd {
    /// Step length per unit of gradient; finite, 0 or more.
    pub learning_rate: f64,
    /// Share of the last step's direction that is kept, in [0, 1).
    pub momentum: f64,
    /// Share by which a new gradient is weakened as it enters the direction.
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

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let rate = F::of(tick.learning_rate);
        if self.momentum == 0.0 {
            for (w, &g) in block.weights.iter_mut().zip(block.gradient) {
                *w -= rate * g;
            }
            return;
        }
        let momentum = F::of(tick.momentum(self.momentum));
        // The first direction is the gradient itself, without dampening.
        let fresh = F::of(if tick.updates == 1 { 1.0 } else { 1.0 - self.dampening });
        let [direction] = block.slots.split();
        for ((w, &g), d) in block.weights.iter_mut().zip(block.gradient).zip(direction) {
            *d = momentum * *d + fresh * g;
            *w -= rate * if self.nesterov { g + momentum * *d } else { *d };
        }
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("Sgd::learning_rate", self.learning_rate)?;
        require::below_one("Sgd::momentum", self.momentum)?;
        require::share("Sgd::dampening", self.dampening)?;
        let sound = !self.nesterov || (self.momentum > 0.0 && self.dampening == 0.0);
        require::that(sound, "Sgd::nesterov", true, "a momentum above 0 and no dampening with it")
    }
}

//! Adam with decoupled weight decay.

use super::math::validate;
use super::{Adam, Block, Optimizer, Slot, Tick};
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// AdamW: [`Adam`], and the weights shrink by a share of themselves at each update.
///
/// ```text
/// w ← (1 − learning_rate · weight_decay) · w        parameters that decay: weights, unless a group says otherwise
/// w ← the update of Adam
/// ```
///
/// | field | default | range | |
/// |---|---|---|---|
/// | `learning_rate` | 1e-3 | ≥ 0 | about the largest step of an element |
/// | `beta1` | 0.9 | [0, 1) | share of the average gradient that is kept; follows the momentum schedule |
/// | `beta2` | 0.999 | [0, 1) | share of the average square that is kept |
/// | `epsilon` | 1e-8 | > 0 | keeps the division finite |
/// | `amsgrad` | false | | never lets a step size grow again |
/// | `weight_decay` | 1e-2 | ≥ 0 | share of the weights that each update takes off, per unit of rate |
///
/// The slots are those of [`Adam`].
///
/// # Errors
/// [`validate`](Optimizer::validate) refuses settings outside these ranges.
///
/// # Source
/// Loshchilov and Hutter, [Decoupled weight decay regularization](https://arxiv.org/abs/1711.05101) (2017), algorithm 2. As in PyTorch the decay
/// is multiplied by the learning rate; the paper multiplies it by the schedule's factor alone, so its λ is learning_rate · weight_decay here.
///
/// ```
/// use downhill::optim::{Adam, AdamW, Optimizer};
/// let rule = AdamW { weight_decay: 0.1, ..AdamW::default() };
/// // The decay is the trainer's work: it knows which parameters decay.
/// assert_eq!(Optimizer::<f32>::weight_decay(&rule), 0.1);
/// assert_eq!(Optimizer::<f32>::weight_decay(&Adam::default()), 0.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW {
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
    /// Share of the weights that each update takes off, per unit of rate; finite, 0 or more.
    pub weight_decay: f64,
}

impl AdamW {
    /// The rule without the decay.
    fn adam(&self) -> Adam {
        let Self { learning_rate, beta1, beta2, epsilon, amsgrad, weight_decay: _ } = *self;
        Adam { learning_rate, beta1, beta2, epsilon, amsgrad }
    }
}

impl Default for AdamW {
    fn default() -> Self {
        let Adam { learning_rate, beta1, beta2, epsilon, amsgrad } = Adam::default();
        Self { learning_rate, beta1, beta2, epsilon, amsgrad, weight_decay: 1e-2 }
    }
}

impl<F: Scalar> Optimizer<F> for AdamW {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        Optimizer::<F>::slots(&self.adam())
    }

    fn momentum(&self) -> f64 {
        self.beta1
    }

    #[inline(always)]
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        self.adam().update(tick, block);
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
        validate::<F>("AdamW", self.learning_rate, [self.beta1, self.beta2], self.epsilon)?;
        require::non_negative("AdamW::weight_decay", self.weight_decay)
    }
}

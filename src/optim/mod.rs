//! Optimizers: how a gradient moves the parameters.
//!
//! | rule | slots | what it adds |
//! |---|---|---|
//! | [`Sgd`] | 0 or 1 | a step against the gradient; momentum |
//! | [`Lion`] | 1 | steps of one size, by the sign of gradient and momentum |
//! | [`Adagrad`] | 1 | step sizes that shrink with the gradients seen so far |
//! | [`RmsProp`] | 1 to 3 | step sizes from the recent gradients |
//! | [`Adadelta`] | 2 | step sizes without a rate to find |
//! | [`Adam`] | 2 or 3 | momentum and step sizes, without bias |
//! | [`AdamW`] | 2 or 3 | Adam with decay of the weights |
//! | [`Adamax`] | 2 | Adam with the largest gradient in the place of the mean square |
//! | [`RAdam`] | 2 | Adam with a warm-up of its own |
//! | [`NAdam`] | 2 | Adam that looks ahead |
//!
//! In the formulas w is a parameter, g its gradient, and t counts its updates from 1. All rules keep these promises:
//!
//! - **A zero gradient** in a fresh run moves nothing, and neither does a rate of zero.
//! - **Large gradients.** The square of an `f32` above 1.8e19 is infinite, and an infinite average would stop an element for ever. Rules that
//!   square the gradient therefore use at most 2⁶³ (`f32`) or 2⁵¹¹ (`f64`) of it, in all their averages, so a step has the size that it has
//!   for any other large gradient. Only [`Sgd`], whose step is as large as the gradient, can leave the type's range.
//! - **NaN and infinity** in a gradient give parameters that are not finite, in every rule: divergence is never hidden.
//! - **ε** is above zero, in the model's type too.
//! - **Weight decay** is not in the rules. L2 belongs to the objective ([`regularize`](crate::regularize)); decoupled decay is asked for by
//!   [`Optimizer::weight_decay`] and done by [`Step::apply`].

mod adadelta;
mod adagrad;
mod adam;
mod adamax;
mod adamw;
mod block;
mod lion;
mod math;
mod memory;
mod nadam;
mod radam;
mod rmsprop;
mod sgd;
mod shared;
mod slot;
mod step;

use std::fmt::Debug;

pub use adadelta::Adadelta;
pub use adagrad::Adagrad;
pub use adam::Adam;
pub use adamax::Adamax;
pub use adamw::AdamW;
pub use block::{Block, MOST_SLOTS, Slots, TensorInfo};
pub use lion::Lion;
pub use memory::Memory;
#[cfg(feature = "check")]
pub(crate) use memory::place;
pub use nadam::NAdam;
pub use radam::RAdam;
pub use rmsprop::RmsProp;
pub use sgd::Sgd;
pub use slot::{Extent, Slot, Start};
pub use step::{Course, Step};

use crate::error::Error;
use crate::scalar::Scalar;

/// A rule that moves parameters along a gradient.
///
/// The rule is a plain description: settings in public fields, and no state. What it remembers between steps are **slots**, which it names and
/// the trainer keeps, so saving, resuming, freezing, grouping, scheduling, clipping, decay and threads cost a rule no line at all.
///
/// ```
/// use downhill::{Error, Scalar, optim::{Block, Optimizer, Slot, Tick}};
///
/// /// Moves along a moving average, by at most the rate.
/// #[derive(Debug)]
/// struct Bounded { learning_rate: f64, momentum: f64 }
///
/// impl<F: Scalar> Optimizer<F> for Bounded {
///     fn learning_rate(&self) -> f64 {
///         self.learning_rate
///     }
///     fn slots(&self) -> Vec<Slot> {
///         vec![Slot::new("average")]
///     }
///     fn update(&self, tick: &Tick, block: Block<'_, F>) {
///         let (rate, momentum) = (F::of(tick.learning_rate), F::of(tick.momentum(self.momentum)));
///         let [average] = block.slots.split();
///         for ((w, &g), a) in block.weights.iter_mut().zip(block.gradient).zip(average) {
///             *a = momentum * *a + (F::one() - momentum) * g;
///             *w -= rate * *a / (F::one() + a.abs());
///         }
///     }
/// }
///
/// let (rule, mut w, mut average) = (Bounded { learning_rate: 0.5, momentum: 0.5 }, [1.0], [0.0]);
/// rule.update(&Tick::new(1, 0.5), Block::new(&mut w, &[2.0], [&mut average]));
/// assert_eq!((w, average), ([1.0 - 0.5 * 1.0 / 2.0], [1.0]));
/// ```
pub trait Optimizer<F: Scalar>: Debug + Send + Sync {
    /// The learning rate that schedules, groups and plateaus scale.
    fn learning_rate(&self) -> f64;

    /// What the rule remembers between steps.
    fn slots(&self) -> Vec<Slot> {
        Vec::new()
    }

    /// Moves one block of parameters.
    ///
    /// `#[inline(always)]` above it lets the trainer compile its loop for the widest vectors of the machine as well.
    fn update(&self, tick: &Tick, block: Block<'_, F>);

    /// The momentum (or first beta) that a schedule scales, for rules that take theirs from [`Tick::momentum`]; 0 for all others. The trainer
    /// sees to it that it stays below 1.
    fn momentum(&self) -> f64 {
        0.0
    }

    /// How large a block has to be. The default, [`Grain::Element`], lets the trainer cut anywhere.
    fn grain(&self) -> Grain {
        Grain::Element
    }

    /// Decoupled weight decay: before each update the trainer multiplies the decaying parameters by 1 − learning_rate · weight_decay.
    fn weight_decay(&self) -> f64 {
        0.0
    }

    /// Whether [`update`](Optimizer::update) itself multiplies each weight by [`Tick::keep`], as it moves it: one sweep over the weights instead of two. The
    /// default lets the trainer do it before.
    ///
    /// ```
    /// use downhill::{Scalar, optim::{Block, Optimizer, Sgd, Tick}};
    /// #[derive(Debug)]
    /// struct Plain;
    /// impl<F: Scalar> Optimizer<F> for Plain {
    ///     # fn learning_rate(&self) -> f64 {
    ///     #     0.1
    ///     # }
    ///     fn update(&self, tick: &Tick, block: Block<'_, F>) {
    ///         let (keep, rate) = (F::of(tick.keep), F::of(tick.learning_rate));
    ///         for (w, &g) in block.weights.iter_mut().zip(block.gradient) {
    ///             *w = keep * *w - rate * g;
    ///         }
    ///     }
    ///     fn fuses_decay(&self) -> bool {
    ///         true
    ///     }
    /// }
    /// // The law of decay (feature `check`) holds a rule to it.
    /// assert!(Optimizer::<f32>::fuses_decay(&Plain) && Optimizer::<f32>::fuses_decay(&Sgd::default()));
    /// ```
    fn fuses_decay(&self) -> bool {
        false
    }

    /// Whether finite gradients, parameters and slots always give finite ones, as long as the step is far from the end of the type's range. The
    /// trainer then spares itself a copy of all parameters and slots at each step, to go back to when the update leaves something that is not finite.
    /// The laws of optimizers (feature `check`) test it. After an error
    /// of a rule that says so, parameters may have moved.
    fn stays_finite(&self) -> bool {
        false
    }

    /// Checks the settings; called when a trainer is built.
    ///
    /// # Errors
    /// [`Error::Argument`] for a setting outside its range.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }

    /// One whole step, for rules that need the loss and gradient at other points (line searches, sharpness-aware rules).
    ///
    /// The default applies [`update`](Optimizer::update) to all blocks.
    ///
    /// # Errors
    /// What [`Step::evaluate`] returns.
    fn step(&self, step: &mut Step<'_, F>) -> Result<(), Error> {
        step.update_by(self.grain(), &step::Rule(self))
    }

    /// Whether [`step`](Optimizer::step) calls [`Step::evaluate`]. The trainer then keeps a copy to go back to if the loss cannot be computed there.
    fn evaluates(&self) -> bool {
        false
    }

    /// The name in messages and saved states. The default is the type's name.
    fn name(&self) -> String {
        crate::names::snake_case(std::any::type_name::<Self>())
    }
}

/// How large a block a rule must be given.
///
/// ```
/// use downhill::optim::{Adam, Grain, Optimizer};
/// assert_eq!(Optimizer::<f32>::grain(&Adam::default()), Grain::Element);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Each element moves by itself: blocks may be cut anywhere.
    Element,
    /// A tensor moves as a whole: a block is exactly one tensor.
    Tensor,
}

/// Where in the run an update takes place, and the numbers that schedules have changed.
///
/// ```
/// use downhill::optim::Tick;
/// let first = Tick::new(1, 1e-3);
/// assert_eq!((first.step, first.updates, first.learning_rate), (0, 1, 1e-3));
/// assert_eq!(first.momentum(0.9), 0.9); // no schedule of the momentum
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Tick {
    /// The optimizer step of the run, counted from 0.
    pub step: u64,
    /// How often these parameters have been updated, this update included: 1 at the first. It stands still while they are frozen.
    pub updates: u64,
    /// The learning rate with schedule, group and plateau applied.
    pub learning_rate: f64,
    /// What the momentum schedule gives; 1 without one.
    pub momentum_factor: f64,
    /// What a rule that [fuses decay](Optimizer::fuses_decay) multiplies each weight by before it moves it: 1 − learning_rate · weight_decay, and 1
    /// without decay. For all other rules it is 1, and the weights are decayed already.
    pub keep: f64,
}

impl Tick {
    /// Update number `updates` (1 is the first) at this rate, in step `updates - 1`.
    pub fn new(updates: u64, learning_rate: f64) -> Self {
        let step = updates.saturating_sub(1);
        Self { step, updates, learning_rate, momentum_factor: 1.0, keep: 1.0 }
    }

    /// A momentum (or first beta) as the schedule has it now.
    pub fn momentum(&self, base: f64) -> f64 {
        base * self.momentum_factor
    }
}

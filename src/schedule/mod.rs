//! Factors on the learning rate (and on momentum, decay, clip threshold) as pure functions of the step.
//!
//! A schedule answers one question: by what factor is the configured number multiplied in update number `step`?
//! Step 0 is the first update. Nothing is counted or remembered, so asking twice gives the same answer, and a run that
//! was saved and resumed needs no more than its step.
//!
//! ```
//! use downhill::schedule::{Schedule, cosine, warmup};
//!
//! let schedule = warmup(100).then(cosine(2_000));
//! assert_eq!(schedule.at(0), 0.01);      // the first update uses 1 % of the configured rate
//! assert_eq!(schedule.at(99), 1.0);      // the last step of the warm-up
//! assert_eq!(schedule.at(1_100), 0.5);   // half-way down the cosine
//! assert_eq!(schedule.at(9_999), 0.0);   // past the end it stays there
//! # schedule.validate().unwrap();
//! ```
//!
//! Any function of the step is a schedule too, and can be combined like the others:
//!
//! ```
//! use downhill::schedule::{Schedule, warmup};
//!
//! let schedule = warmup(10).then(|step: u64| 1.0 / (1.0 + 0.01 * step as f64));
//! assert_eq!(schedule.at(110), 0.5);
//! ```
//!
//! # Which one
//!
//! | for | use |
//! |---|---|
//! | a run of known length | [`warmup`]`(n).then(`[`cosine`]`(m))`, or [`linear`] or [`polynomial`] in place of the cosine |
//! | the fewest steps, with a high peak rate | [`one_cycle`] with its [momentum](OneCycle::momentum) |
//! | a run that may be prolonged | [`warmup_stable_decay`] |
//! | a run without an end | [`inverse_sqrt`], [`exponential`] |
//! | transformers as first published | [`noam`] |
//! | the classic drops for image models | [`step_decay`], [`multi_step`] |
//! | several minima of one run | [`warm_restarts`], [`cyclic`] |
//! | drops when the loss stalls | [`Plateau`], a function of the losses and not of the step |
//!
//! and put them together with [`then`](Schedule::then), [`for_steps`](Schedule::for_steps),
//! [`scaled`](Schedule::scaled), [`times`](Schedule::times), [`every`](Schedule::every) and
//! [`clamped`](Schedule::clamped).
//!
//! # The factors, step by step
//!
//! | schedule | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 |
//! |---|---|---|---|---|---|---|---|---|---|
//! | `constant(0.5)` | 0.5 | 0.5 | 0.5 | 0.5 | 0.5 | 0.5 | 0.5 | 0.5 | 0.5 |
//! | `step_decay(3, 0.5)` | 1 | 1 | 1 | 0.5 | 0.5 | 0.5 | 0.25 | 0.25 | 0.25 |
//! | `multi_step([2, 6], 0.1)` | 1 | 1 | 0.1 | 0.1 | 0.1 | 0.1 | 0.01 | 0.01 | 0.01 |
//! | `exponential(0.9)` | 1 | 0.9 | 0.81 | 0.729 | 0.656 | 0.59 | 0.531 | 0.478 | 0.43 |
//! | `linear(1.0, 0.2, 4)` | 1 | 0.8 | 0.6 | 0.4 | 0.2 | 0.2 | 0.2 | 0.2 | 0.2 |
//! | `polynomial(4, 2.0)` | 1 | 0.563 | 0.25 | 0.063 | 0 | 0 | 0 | 0 | 0 |
//! | `cosine(4)` | 1 | 0.854 | 0.5 | 0.146 | 0 | 0 | 0 | 0 | 0 |
//! | `warm_restarts(4)` | 1 | 0.854 | 0.5 | 0.146 | 1 | 0.854 | 0.5 | 0.146 | 1 |
//! | `cyclic(0.1, 1.0, 3)` | 0.1 | 0.4 | 0.7 | 1 | 0.7 | 0.4 | 0.1 | 0.4 | 0.7 |
//! | `one_cycle(9)` | 0.04 | 0.651 | 0.994 | 0.899 | 0.706 | 0.463 | 0.229 | 0.061 | 0 |
//! | `inverse_sqrt(3)` | 0.333 | 0.667 | 1 | 0.866 | 0.775 | 0.707 | 0.655 | 0.612 | 0.577 |
//! | `noam(4, 3)` | 0.096 | 0.192 | 0.289 | 0.25 | 0.224 | 0.204 | 0.189 | 0.177 | 0.167 |
//! | `warmup(4)` | 0.25 | 0.5 | 0.75 | 1 | 1 | 1 | 1 | 1 | 1 |
//! | `warmup(4).then(linear(1.0, 0.0, 4))` | 0.25 | 0.5 | 0.75 | 1 | 1 | 0.75 | 0.5 | 0.25 | 0 |
//! | `warmup_stable_decay(2, 2, 4)` | 0.5 | 1 | 1 | 1 | 1 | 0.75 | 0.5 | 0.25 | 0 |
//!
//! # Promises
//!
//! With settings that [`validate`](Schedule::validate) accepts, every schedule of this module is finite and not
//! negative for every step up to `u64::MAX`; what would overflow stays at `f64::MAX`. With settings that it refuses the
//! numbers mean nothing, but there is still no panic. Powers and cosines are computed by `libm`, not by the platform,
//! so that a run gets the same factors everywhere.

mod anneal;
mod clamped;
mod constant;
mod cosine;
mod cyclic;
mod every;
mod exponential;
mod for_steps;
mod inverse_sqrt;
mod linear;
mod multi_step;
mod noam;
mod one_cycle;
mod plateau;
mod polynomial;
mod scaled;
mod step_decay;
mod then;
mod times;
mod warm_restarts;
mod warmup;
mod warmup_stable_decay;

pub use crate::goal::{Goal, Threshold, Watch};
pub use anneal::Anneal;
pub use clamped::Clamped;
pub use constant::{Constant, constant};
pub use cosine::{Cosine, cosine};
pub use cyclic::{Cyclic, CyclicMode, cyclic};
pub use every::Every;
pub use exponential::{Exponential, exponential};
pub use for_steps::ForSteps;
pub use inverse_sqrt::{InverseSqrt, inverse_sqrt};
pub use linear::{Linear, linear};
pub use multi_step::{MultiStep, multi_step};
pub use noam::{Noam, noam};
pub use one_cycle::{OneCycle, OneCycleMomentum, one_cycle};
pub use plateau::Plateau;
pub use polynomial::{Polynomial, polynomial};
pub use scaled::Scaled;
pub use step_decay::{StepDecay, step_decay};
pub use then::Then;
pub use times::Times;
pub use warm_restarts::{WarmRestarts, warm_restarts};
pub use warmup::{Warmup, warmup};
pub use warmup_stable_decay::{WarmupStableDecay, warmup_stable_decay};

use std::fmt;

use crate::error::{Error, require};

/// A factor that is a pure function of the step. Step 0 is the first update.
///
/// Every `Fn(u64) -> f64` is a schedule, and so is a `Box<dyn Schedule>`. A new one needs [`at`](Schedule::at); the
/// rest has defaults.
///
/// ```
/// use downhill::schedule::{Schedule, constant, cosine};
///
/// #[derive(Debug)]
/// struct Sawtooth(u64);
/// impl Schedule for Sawtooth {
///     fn at(&self, step: u64) -> f64 {
///         1.0 - (step % self.0) as f64 / self.0 as f64
///     }
/// }
///
/// let mut choices: Vec<Box<dyn Schedule>> = vec![Sawtooth(4).boxed(), cosine(10).boxed()];
/// choices.push(constant(0.5).for_steps(5).then(Sawtooth(2)).boxed());
/// assert_eq!(choices[0].at(3), 0.25);
/// assert_eq!(choices[2].at(6), 0.5);
/// ```
pub trait Schedule: Send + Sync {
    /// The factor that update number `step` uses.
    fn at(&self, step: u64) -> f64;

    /// After how many steps the schedule has said all it has to say, if ever; [`then`](Schedule::then) continues there.
    ///
    /// [`at`](Schedule::at) still answers past this length, as a rule with the last factor.
    fn length(&self) -> Option<u64> {
        None
    }

    /// Checks the settings; called when a trainer is built.
    ///
    /// # Errors
    /// [`Error::Argument`] for the first setting outside its documented range.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Continues with `next` where this schedule ends; `next` counts from 0 there. See [`Then`].
    fn then<S: Schedule>(self, next: S) -> Then<Self, S>
    where
        Self: Sized,
    {
        Then { first: self, next }
    }

    /// Ends after `steps` steps, so that [`then`](Schedule::then) can follow. See [`ForSteps`].
    fn for_steps(self, steps: u64) -> ForSteps<Self>
    where
        Self: Sized,
    {
        ForSteps { schedule: self, steps }
    }

    /// Multiplies every factor by `factor`. See [`Scaled`].
    fn scaled(self, factor: f64) -> Scaled<Self>
    where
        Self: Sized,
    {
        Scaled { schedule: self, factor }
    }

    /// Multiplies this schedule with another one, step by step. See [`Times`].
    fn times<S: Schedule>(self, other: S) -> Times<Self, S>
    where
        Self: Sized,
    {
        Times { first: self, second: other }
    }

    /// Moves on once in `steps` steps, such as once an epoch. See [`Every`].
    fn every(self, steps: u64) -> Every<Self>
    where
        Self: Sized,
    {
        Every { schedule: self, steps }
    }

    /// Keeps every factor between `low` and `high`. See [`Clamped`].
    fn clamped(self, low: f64, high: f64) -> Clamped<Self>
    where
        Self: Sized,
    {
        Clamped { schedule: self, low, high }
    }

    /// This schedule on the heap, for lists and fields that hold schedules of several types.
    fn boxed<'a>(self) -> Box<dyn Schedule + 'a>
    where
        Self: Sized + 'a,
    {
        Box::new(self)
    }
}

impl<S: Fn(u64) -> f64 + Send + Sync> Schedule for S {
    fn at(&self, step: u64) -> f64 {
        self(step)
    }
}

impl Schedule for Box<dyn Schedule + '_> {
    fn at(&self, step: u64) -> f64 {
        (**self).at(step)
    }

    fn length(&self) -> Option<u64> {
        (**self).length()
    }

    fn validate(&self) -> Result<(), Error> {
        (**self).validate()
    }
}

/// A schedule of unknown type shows its length only.
impl fmt::Debug for dyn Schedule + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule").field("length", &self.length()).finish_non_exhaustive()
    }
}

/// Checks a number of steps.
fn some_steps(argument: &str, steps: u64) -> Result<(), Error> {
    require::that(steps >= 1, argument, steps, "1 or more")
}

/// How much of `steps` has passed, from 0 to 1. No steps at all are over at once.
fn progress(step: u64, steps: u64) -> f64 {
    if step >= steps { 1.0 } else { step as f64 / steps as f64 }
}

/// `base` to the power of `exponent`.
fn power(base: f64, exponent: f64) -> f64 {
    saturate(libm::pow(base, exponent))
}

/// The largest number in place of infinity, which would turn into NaN when it is multiplied by 0.
fn saturate(factor: f64) -> f64 {
    factor.min(f64::MAX)
}

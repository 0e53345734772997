//! A rule that is chosen at run time.

use std::sync::Arc;

use super::{Block, Grain, Optimizer, Slot, Step, Tick};
use crate::error::Error;
use crate::scalar::Scalar;

/// Hands every method on to what the pointer points to.
macro_rules! forward {
    ($(#[$doc:meta])* $pointer:ident) => {
        $(#[$doc])*
        impl<F: Scalar, O: Optimizer<F> + ?Sized> Optimizer<F> for $pointer<O> {
            fn learning_rate(&self) -> f64 {
                (**self).learning_rate()
            }

            fn slots(&self) -> Vec<Slot> {
                (**self).slots()
            }

            fn update(&self, tick: &Tick, block: Block<'_, F>) {
                (**self).update(tick, block);
            }

            fn momentum(&self) -> f64 {
                (**self).momentum()
            }

            fn grain(&self) -> Grain {
                (**self).grain()
            }

            fn weight_decay(&self) -> f64 {
                (**self).weight_decay()
            }

            fn fuses_decay(&self) -> bool {
                (**self).fuses_decay()
            }

            fn stays_finite(&self) -> bool {
                (**self).stays_finite()
            }

            fn validate(&self) -> Result<(), Error> {
                (**self).validate()
            }

            fn step(&self, step: &mut Step<'_, F>) -> Result<(), Error> {
                (**self).step(step)
            }

            fn evaluates(&self) -> bool {
                (**self).evaluates()
            }

            fn name(&self) -> String {
                (**self).name()
            }
        }
    };
}

forward! {
    /// A shared rule is a rule, so that a program can choose one at run time: `Arc<dyn Optimizer<F>>` or `Box<dyn Optimizer<F>>`.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use downhill::prelude::*;
    /// let choose = |name: &str| -> Result<Arc<dyn Optimizer<f32>>, Error> {
    ///     match name {
    ///         "sgd" => Ok(Arc::new(Sgd::default())),
    ///         "adam" => Ok(Arc::new(Adam::default())),
    ///         other => Err(Error::no_match(other, "optimizer", ["sgd", "adam"])),
    ///     }
    /// };
    /// let trainer = Trainer::builder(Dense::new(1), Mse, choose("adam")?).build(&[2])?;
    /// assert_eq!(trainer.state().slots.len(), 2 * 2); // two slots for each of weight and bias
    /// # Ok::<(), Error>(())
    /// ```
    Arc
}
forward!(
    /// A boxed rule is a rule, as a shared one is.
    Box
);

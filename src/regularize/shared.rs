//! Penalties and conditions that are chosen at run time.

use std::sync::Arc;

use super::{Constraint, Regularizer, Weights, WeightsMut};
use crate::error::Error;
use crate::scalar::Scalar;

/// Hands every method on to what the pointer points to.
macro_rules! forward {
    ($(#[$regularizer:meta])* $(; $(#[$constraint:meta])*)? in $pointer:ident) => {
        $(#[$regularizer])*
        impl<F: Scalar, R: Regularizer<F> + ?Sized> Regularizer<F> for $pointer<R> {
            fn penalty(&self, tensor: Weights<'_, F>) -> f64 {
                (**self).penalty(tensor)
            }

            fn add_gradient(&self, tensor: Weights<'_, F>, gradient: &mut [F]) {
                (**self).add_gradient(tensor, gradient);
            }

            fn validate(&self) -> Result<(), Error> {
                (**self).validate()
            }
        }

        $($(#[$constraint])*)?
        impl<F: Scalar, C: Constraint<F> + ?Sized> Constraint<F> for $pointer<C> {
            fn project(&self, tensor: WeightsMut<'_, F>) {
                (**self).project(tensor);
            }

            fn validate(&self) -> Result<(), Error> {
                (**self).validate()
            }
        }
    };
}

forward! {
    /// A boxed penalty is a penalty, so that a program can choose one at run time: `Box<dyn Regularizer<F>>` or `Arc<dyn Regularizer<F>>`.
    ///
    /// ```
    /// use downhill::prelude::*;
    /// let sparse = true;
    /// let penalty: Box<dyn Regularizer<f32>> = if sparse { Box::new(L1::new(0.5)) } else { Box::new(L2::new(0.5)) };
    /// let model = Dense::new(1).weight_init(init::Constant(4.0));
    /// let mut trainer = Trainer::builder(model, Mse, Adam::default()).regularizer(penalty).build(&[1])?;
    /// let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[0.0]])?;
    /// assert_eq!(trainer.step(&Batch::of(&data)?)?.penalty, 0.5 * 4.0);
    /// # Ok::<(), Error>(())
    /// ```
    ;
    /// A boxed condition is a condition, as a boxed penalty is a penalty.
    in Box
}
forward!(in Arc);

//! Losses that compare each output with the target at its place.

use std::fmt::Debug;

use super::fit::{self, Want};
use super::walk::each_number;
use super::{Loss, LossPass, Total};
use crate::data::TargetKind;
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A loss that compares each number with the target at its place. Whatever implements it is a [`Loss`].
///
/// The loss of a sample is the mean over its numbers. As a [`Loss`] it gives the weighted sum over samples, and the sum of the weights to divide it by. With equal
/// weights the quotient is PyTorch's `reduction='mean'`; see [reduction](super#reduction).
///
/// Takes one output of any shape, and targets of the same shape; to a single unit, `[1]`, single numbers go as well.
///
/// ```
/// use downhill::{Scalar, loss::{self, ElementLoss}};
/// /// (p − t)⁴
/// #[derive(Debug)]
/// struct Quartic;
/// impl ElementLoss for Quartic {
///     fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
///         (prediction - target).powi(4)
///     }
///     fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
///         F::of(4.0) * (prediction - target).powi(3)
///     }
/// }
/// let outputs = [ndarray::array![[2.0_f64]].into_dyn()];
/// let (total, _) = loss::measure(&Quartic, &outputs, ndarray::array![[1.0]], None)?;
/// assert_eq!(total.mean(), 1.0);
/// # Ok::<(), downhill::Error>(())
/// ```
pub trait ElementLoss {
    /// The loss of one number. NaN in must be NaN out.
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F;

    /// Its derivative for the prediction.
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F;

    /// What targets may be, if not any finite number: says so for a target that may not.
    ///
    /// # Errors
    /// A phrase such as `"a number in [0, 1]"`.
    fn allows<F: Scalar>(&self, _target: F) -> Result<(), &'static str> {
        Ok(())
    }

    /// Checks the settings; called when a trainer is built.
    ///
    /// # Errors
    /// [`Error::Argument`] for a setting outside its range.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl<F: Scalar, E: ElementLoss + Debug + Send + Sync> Loss<F> for E {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let [output] = fit::shapes::<Self, 1>(outputs)?;
        fit::check::<Self>(Want::Like(output), targets.into())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        each_number::<Self, F, Self, _>(pass, |_| self)
    }

    fn validate(&self) -> Result<(), Error> {
        ElementLoss::validate(self)
    }
}

//! A loss that is chosen at run time.

use std::sync::Arc;

use super::{Loss, LossPass, Total};
use crate::data::TargetKind;
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A shared loss is a loss, so that a program can choose one at run time: `Arc<dyn Loss<F>>` (also `Arc::from(boxed)`).
///
/// ```
/// use std::sync::Arc;
/// use downhill::prelude::*;
/// let outliers = true;
/// let loss: Arc<dyn Loss<f32>> = if outliers { Arc::new(Huber::default()) } else { Arc::new(Mse) };
/// let trainer = Trainer::builder(Dense::new(1), loss, Adam::default()).build(&[2])?;
/// let data = Dataset::new(ndarray::array![[0.0, 0.0]], ndarray::array![[3.0]])?;
/// assert_eq!(trainer.evaluate(&data)?.loss, 3.0 - 0.5); // not 3²
/// # Ok::<(), Error>(())
/// ```
impl<F: Scalar, L: Loss<F> + ?Sized> Loss<F> for Arc<L> {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        (**self).check(outputs, targets)
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        (**self).evaluate(pass)
    }

    fn validate(&self) -> Result<(), Error> {
        (**self).validate()
    }

    fn name(&self) -> String {
        (**self).name()
    }

    fn ignore_index(&self) -> Option<usize> {
        (**self).ignore_index()
    }
}

//! Losses that compare each output with the target at its place.

use std::fmt::Debug;

use super::{Loss, LossPass, Total};
use crate::data::{Target, TargetKind};
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A loss that compares each number with the target at its place. Whatever implements it is a [`Loss`]: the weighted sum over samples of the
/// mean over a sample's numbers.
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
    /// The loss of one number.
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
        let name = Loss::<F>::name(self);
        let [output] = outputs else { return Err(Error::arity(name, 1, outputs.len())) };
        match targets {
            TargetKind::Values(shape) if shape == output => Ok(()),
            TargetKind::Values(shape) => {
                let expected = format!("targets of the output's shape {output}");
                let fix = "reshape the targets, or change the last layer's units";
                Err(Error::shape(name, expected, shape.clone(), fix))
            }
            other => {
                let expected = format!("numbers of shape {output} per sample");
                Err(Error::target_kind(name, expected, other.to_string()))
            }
        }
    }

    fn evaluate(&self, mut pass: LossPass<'_, F>) -> Result<Total, Error> {
        let output = pass.outputs.one();
        let Target::Values(target) = pass.targets else {
            let got = pass.targets.kind().to_string();
            return Err(Error::target_kind(Loss::<F>::name(self), "numbers", got));
        };
        let share = 1.0 / output.size().max(1) as f64;
        let mut total = Total::default();
        for (sample, (prediction, target)) in output.rows().zip(target.rows()).enumerate() {
            if let Some((value, expected)) =
                target.iter().find_map(|&t| self.allows(t).err().map(|expected| (t, expected)))
            {
                return Err(Error::target(Loss::<F>::name(self), sample, value, expected));
            }
            let weight = pass.weight(sample);
            total.weight += weight.as_f64();
            if weight == F::zero() {
                continue;
            }
            let sum: f64 =
                prediction.iter().zip(target).map(|(&p, &t)| self.value(p, t).as_f64()).sum();
            total.sum += weight.as_f64() * share * sum;
        }
        if let Some(mut gradients) = pass.gradients.take() {
            let mut gradient = gradients.one();
            for (sample, ((gradient, prediction), target)) in
                gradient.rows().zip(output.rows()).zip(target.rows()).enumerate()
            {
                let factor = pass.weight(sample) * F::of(share);
                for ((gradient, &p), &t) in gradient.iter_mut().zip(prediction).zip(target) {
                    *gradient =
                        if factor == F::zero() { F::zero() } else { factor * self.slope(p, t) };
                }
            }
        }
        Ok(total)
    }

    fn validate(&self) -> Result<(), Error> {
        ElementLoss::validate(self)
    }
}

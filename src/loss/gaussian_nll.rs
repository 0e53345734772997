//! The likelihood of numbers with a predicted uncertainty.

use std::f64::consts::TAU;

use super::fit::{self, Want};
use super::numeric::at_least;
use super::walk::{each_sample, row};
use super::{Loss, LossPass, Total};
use crate::data::TargetKind;
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The negative logarithm of a normal distribution's density, whose mean m and variance v are both predicted: (ln v + (m − t)² / v) / 2; with `full`
/// also ln(2π) / 2.
///
/// Takes two outputs, the mean and the variance, and targets of the mean's shape. The variance has the mean's shape, or is a single number for the
/// whole sample. One below `epsilon` (a negative one too) counts as `epsilon`, and its gradient is the one there, so that it can grow again: end
/// the variance's branch with a [`Softplus`](crate::layer::Softplus). Nix, Weigend: *Estimating the mean and variance of the target probability
/// distribution* (ICNN 1994).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, GaussianNll};
/// use ndarray::array;
/// let outputs = [array![[1.0, 3.0]].into_dyn(), array![[1.0, 4.0]].into_dyn()];
/// let (total, gradients) = loss::measure(&GaussianNll::default(), &outputs, array![[0.0, 1.0]], None)?;
/// assert!((total.mean() - (1.0 + 4.0_f64.ln() + 1.0) / 4.0).abs() < 1e-12);
/// assert_eq!(gradients[0], array![[0.5, 0.25]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianNll {
    /// Whether to add the constant ln(2π) / 2; false by default.
    pub full: bool,
    /// The least variance: above 0; 10⁻⁶ by default.
    pub epsilon: f64,
}

impl Default for GaussianNll {
    fn default() -> Self {
        Self { full: false, epsilon: 1e-6 }
    }
}

fn fits(mean: &Shape, variance: &Shape) -> Result<(), Error> {
    if variance == mean || variance.size() == 1 {
        return Ok(());
    }
    let expected = format!("a variance of shape {mean} or [1]");
    let fix = "make the second output like the first";
    Err(Error::shape(fit::name::<GaussianNll>(), expected, variance.clone(), fix))
}

impl<F: Scalar> Loss<F> for GaussianNll {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let [mean, variance] = fit::shapes::<Self, 2>(outputs)?;
        fits(mean, variance)?;
        fit::check::<Self>(Want::Like(mean), targets.into())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        let [mean, variance] = fit::outputs::<Self, F, 2>(&pass)?;
        fits(mean.shape(), variance.shape())?;
        let target = fit::values::<Self, F>(&pass, Want::Like(mean.shape()))?;
        let share = 1.0 / mean.size().max(1) as f64;
        let constant = if self.full { 0.5 * TAU.ln() } else { 0.0 };
        each_sample(pass, |sample, gradients| {
            // A single variance is repeated for as long as there are means.
            let variances = variance.row(sample).iter().cycle();
            // For each number: the variance, and how far off the mean is.
            let points =
                mean.row(sample).iter().zip(target.row(sample)).zip(variances).map(
                    |((m, t), v)| (at_least(self.epsilon, v.as_f64()), m.as_f64() - t.as_f64()),
                );
            let sum: f64 =
                points.clone().map(|(v, d)| 0.5 * (v.ln() + d * (d / v)) + constant).sum();
            if let Some(gradients) = gradients {
                for (g, (v, d)) in row(gradients, 0, sample).iter_mut().zip(points.clone()) {
                    *g = F::of(share * (d / v));
                }
                let gradient = row(gradients, 1, sample);
                let slopes = points.map(|(v, d)| 0.5 * share * (1.0 / v - (d / v) * (d / v)));
                if let [one] = gradient {
                    *one = F::of(slopes.sum());
                } else {
                    gradient.iter_mut().zip(slopes).for_each(|(g, slope)| *g = F::of(slope));
                }
            }
            Ok(Total { sum: share * sum, weight: 1.0 })
        })
    }

    fn validate(&self) -> Result<(), Error> {
        require::positive("GaussianNll::epsilon", self.epsilon)
    }
}

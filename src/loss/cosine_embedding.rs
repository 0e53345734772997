//! Pairs by their angle.

use super::fit::{self, Want};
use super::numeric::{hinge, step};
use super::walk::{each_sample, row};
use super::{Loss, LossPass, Total};
use crate::data::TargetKind;
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;
use crate::tensor::View;

/// Added to both squared lengths, so that the angle to a zero vector is defined: a right one.
const EPSILON: f64 = 1e-12;

/// Pairs by their angle: 1 − cos(a, b) for those that belong together (t = 1), and max(0, cos(a, b) − `margin`) for the others (t = −1).
///
/// Takes two outputs of one shape, each sample's numbers together being one vector, and one target for each sample, 1 or −1. The cosine with a zero
/// vector is 0. Bromley, Guyon, LeCun, Säckinger, Shah: *Signature verification using a "siamese" time delay neural network* (NIPS 1993).
///
/// ```
/// use downhill::loss::{self, CosineEmbedding};
/// use ndarray::array;
/// let outputs = [array![[1.0, 0.0], [1.0, 0.0]].into_dyn(), array![[0.0, 2.0], [0.0, 2.0]].into_dyn()];
/// let (total, _) = loss::measure(&CosineEmbedding::default(), &outputs, array![1.0, -1.0], None)?;
/// assert_eq!(total.mean(), 0.5);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CosineEmbedding {
    /// The cosine up to which others are far enough apart: in [−1, 1]; 0 by default.
    pub margin: f64,
}

fn dot<F: Scalar>(a: &[F], b: &[F]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a.as_f64() * b.as_f64()).sum()
}

impl<F: Scalar> Loss<F> for CosineEmbedding {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let [a, b] = fit::shapes::<Self, 2>(outputs)?;
        fit::alike::<Self>(a, b)?;
        fit::check::<Self>(Want::One, targets.into())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        let pair: [View<'_, F>; 2] = fit::outputs::<Self, F, 2>(&pass)?;
        fit::alike::<Self>(pair[0].shape(), pair[1].shape())?;
        let target = fit::values::<Self, F>(&pass, Want::One)?;
        each_sample(pass, |sample, gradients| {
            let targets = target.row(sample);
            fit::allowed::<Self, F>(sample, targets, fit::is_sign)?;
            let [a, b] = pair.map(|view| view.row(sample));
            let squares = [dot(a, a) + EPSILON, dot(b, b) + EPSILON];
            let lengths = squares[0].sqrt() * squares[1].sqrt();
            let cosine = dot(a, b) / lengths;
            let (value, slope) = if targets.iter().all(|&t| t > F::zero()) {
                (1.0 - cosine, -1.0)
            } else {
                (hinge(cosine - self.margin), step(cosine - self.margin))
            };
            if let Some(gradients) = gradients {
                for (position, (own, other)) in [(a, b), (b, a)].into_iter().enumerate() {
                    let gradient = row(gradients, position, sample).iter_mut();
                    for (g, (own, other)) in gradient.zip(own.iter().zip(other)) {
                        let along = cosine * own.as_f64() / squares[position];
                        *g = F::of(slope * (other.as_f64() / lengths - along));
                    }
                }
            }
            Ok(Total { sum: value, weight: 1.0 })
        })
    }

    fn validate(&self) -> Result<(), Error> {
        let inside = (-1.0..=1.0).contains(&self.margin);
        require::that(inside, "CosineEmbedding::margin", self.margin, "a number in [-1, 1]")
    }
}

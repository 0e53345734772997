//! Which of two comes first.

use super::fit::{self, Want};
use super::numeric::{hinge, step};
use super::walk::{each_sample, row};
use super::{Loss, LossPass, Total};
use crate::data::TargetKind;
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Which of two comes first: max(0, `margin` − t (a − b)), where the first score a should be the larger one for t = 1, and the smaller one for
/// t = −1.
///
/// Takes two outputs of one shape, and targets of that shape, 1 or −1. Herbrich, Graepel, Obermayer: *Support
/// vector learning for ordinal regression* (ICANN 1999).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, MarginRanking};
/// use ndarray::array;
/// let outputs = [array![[1.0], [1.0]].into_dyn(), array![[3.0], [3.0]].into_dyn()];
/// let (total, _) = loss::measure(&MarginRanking::default(), &outputs, array![1.0, -1.0], None)?;
/// assert_eq!(total.mean(), 1.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MarginRanking {
    /// How far apart the two have to be: a finite number; 0 by default.
    pub margin: f64,
}

impl<F: Scalar> Loss<F> for MarginRanking {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let [a, b] = fit::shapes::<Self, 2>(outputs)?;
        fit::alike::<Self>(a, b)?;
        fit::check::<Self>(Want::Like(a), targets.into())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        let [a, b] = fit::outputs::<Self, F, 2>(&pass)?;
        fit::alike::<Self>(a.shape(), b.shape())?;
        let target = fit::values::<Self, F>(&pass, Want::Like(a.shape()))?;
        let (share, margin) = (1.0 / a.size().max(1) as f64, F::of(self.margin));
        each_sample(pass, |sample, gradients| {
            let targets = target.row(sample);
            fit::allowed::<Self, F>(sample, targets, fit::is_sign)?;
            let pairs = a.row(sample).iter().zip(b.row(sample)).zip(targets);
            let gaps = pairs.map(|((&a, &b), &t)| (margin - t * (a - b), t));
            let sum: f64 = gaps.clone().map(|(gap, _)| hinge(gap).as_f64()).sum();
            if let Some(gradients) = gradients {
                for (position, side) in [-share, share].into_iter().enumerate() {
                    let gradient = row(gradients, position, sample);
                    for (g, (gap, t)) in gradient.iter_mut().zip(gaps.clone()) {
                        *g = F::of(side) * t * step(gap);
                    }
                }
            }
            Ok(Total { sum: share * sum, weight: 1.0 })
        })
    }

    fn validate(&self) -> Result<(), Error> {
        require::finite("MarginRanking::margin", self.margin)
    }
}

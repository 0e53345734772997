//! Closer to the one that belongs to it than to the one that does not.

use super::fit::{self, Want};
use super::numeric::{hinge, sign, step};
use super::walk::{each_sample, row};
use super::{Loss, LossPass, Total};
use crate::data::TargetKind;
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// An anchor a should be closer to the positive p that belongs to it than to the negative n: max(0, |a − p| − |a − n| + `margin`), where |d| is
/// the `p`-norm of d + `epsilon`.
///
/// Takes three outputs of one shape, anchor, positive and negative, each sample's numbers together being one vector, and no targets. With `swap` the
/// negative counts from the anchor or from the positive, whichever it is closer to. Where two vectors coincide the norm's slope is 0. Schroff,
/// Kalenichenko, Philbin: *FaceNet* (CVPR 2015); swap: Balntas, Riba, Ponsa, Mikolajczyk: *Learning local feature descriptors with
/// triplets* (BMVC 2016).
///
/// ```
/// use downhill::loss::{self, Triplet};
/// use ndarray::array;
/// let outputs = [array![[0.0]].into_dyn(), array![[1.0]].into_dyn(), array![[1.5]].into_dyn()];
/// let (total, gradients) = loss::measure(&Triplet::default(), &outputs, (), None)?;
/// assert!((total.mean() - 0.5).abs() < 1e-5);
/// assert_eq!(gradients[2], array![[-1.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Triplet {
    /// How much closer: a finite number; 1 by default.
    pub margin: f64,
    /// Which norm measures distances: 1 or more, and finite; 2 by default.
    pub p: f64,
    /// Added to each difference: a finite number, 0 or more; 10⁻⁶ by default.
    pub epsilon: f64,
    /// Whether the distance from the positive to the negative counts if it is the smaller one; false by default.
    pub swap: bool,
}

impl Default for Triplet {
    fn default() -> Self {
        Self { margin: 1.0, p: 2.0, epsilon: 1e-6, swap: false }
    }
}

impl Triplet {
    fn difference<F: Scalar>(&self, a: F, b: F) -> f64 {
        a.as_f64() - b.as_f64() + self.epsilon
    }

    /// The norm, scaled by the largest difference so that no power overflows or vanishes.
    fn distance<F: Scalar>(&self, a: &[F], b: &[F]) -> f64 {
        let sizes = a.iter().zip(b).map(|(&a, &b)| self.difference(a, b).abs());
        let largest = sizes.clone().fold(0.0, |m, d| if d > m { d } else { m });
        if largest == 0.0 {
            return sizes.sum(); // 0, or NaN if there is one
        }
        largest * sizes.map(|d| (d / largest).powf(self.p)).sum::<f64>().powf(self.p.recip())
    }

    /// The slope of the norm for one difference.
    fn slope(&self, difference: f64, distance: f64) -> f64 {
        if distance == 0.0 {
            return 0.0;
        }
        sign(difference) * (difference.abs() / distance).powf(self.p - 1.0)
    }
}

impl<F: Scalar> Loss<F> for Triplet {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let [anchor, positive, negative] = fit::shapes::<Self, 3>(outputs)?;
        fit::alike::<Self>(anchor, positive)?;
        fit::alike::<Self>(anchor, negative)?;
        fit::check::<Self>(Want::None, targets.into())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        let triple = fit::outputs::<Self, F, 3>(&pass)?;
        fit::alike::<Self>(triple[0].shape(), triple[1].shape())?;
        fit::alike::<Self>(triple[0].shape(), triple[2].shape())?;
        fit::check::<Self>(Want::None, (&pass.targets).into())?;
        each_sample(pass, |sample, gradients| {
            let [a, p, n] = triple.map(|view| view.row(sample));
            let (near, far) = (self.distance(a, p), self.distance(a, n));
            let between = self.distance(p, n);
            let swapped = self.swap && between < far;
            let gap = near - if swapped { between } else { far } + self.margin;
            let active = step(gap);
            // Each distance pulls at two of the three.
            let pull = |((&a, &p), &n): ((&F, &F), &F)| {
                let near = active * self.slope(self.difference(a, p), near);
                if swapped {
                    let far = active * self.slope(self.difference(p, n), between);
                    [near, -near - far, far]
                } else {
                    let far = active * self.slope(self.difference(a, n), far);
                    [near - far, -near, far]
                }
            };
            if let Some(gradients) = gradients {
                for position in 0..3 {
                    let pulls = a.iter().zip(p).zip(n).map(pull);
                    for (g, pull) in row(gradients, position, sample).iter_mut().zip(pulls) {
                        *g = F::of(pull[position]);
                    }
                }
            }
            Ok(Total { sum: hinge(gap), weight: 1.0 })
        })
    }

    fn validate(&self) -> Result<(), Error> {
        require::finite("Triplet::margin", self.margin)?;
        require::that(self.p.is_finite() && self.p >= 1.0, "Triplet::p", self.p, "1 or more")?;
        require::non_negative("Triplet::epsilon", self.epsilon)
    }
}

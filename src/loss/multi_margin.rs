//! The hinge loss of several classes.

use super::fit::{self, Want};
use super::numeric::{hinge, step, taint};
use super::walk::each_label;
use super::{Loss, LossPass, Total, per_class};
use crate::data::TargetKind;
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The hinge loss of several classes: `class_weights`ᵧ · Σ max(0, `margin` − xᵧ + xᵢ)^`p` / classes, over all classes i but the target's class y.
///
/// The support vector machine of many classes; for two see [`Hinge`](super::Hinge). The classes are on the last axis of the one output; the
/// targets are class indices of the output's shape without it. The sum is divided by sample weight × places: `class_weights` do not count there.
/// Weston, Watkins: *Support vector machines for multi-class pattern recognition* (ESANN 1999).
///
/// # Errors
/// A class index out of range is an [`Error::Target`].
///
/// ```
/// use downhill::loss::{self, MultiMargin};
/// use ndarray::array;
/// let outputs = [array![[3.0, 2.5, 0.0, 2.0]].into_dyn()];
/// let (total, _) = loss::measure(&MultiMargin::default(), &outputs, vec![0], None)?;
/// assert_eq!(total.mean(), 0.5 / 4.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MultiMargin {
    /// How far the target's class has to be ahead: a finite number; 1 by default.
    pub margin: f64,
    /// The power that violations are raised to: 1 or 2; 1 by default.
    pub p: u32,
    /// How much each class counts as the target: one number of 0 or more for each; `None`, the default, for 1 each.
    pub class_weights: Option<Vec<f64>>,
}

impl Default for MultiMargin {
    fn default() -> Self {
        Self { margin: 1.0, p: 1, class_weights: None }
    }
}

impl<F: Scalar> Loss<F> for MultiMargin {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let [output] = fit::shapes::<Self, 1>(outputs)?;
        let classes = fit::classes::<Self>(output)?;
        per_class::check("MultiMargin::class_weights", &self.class_weights, classes)?;
        fit::check::<Self>(Want::ClassesOf(output), targets.into())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        each_label::<Self, F>(pass, None, |label, scores, gradient| {
            let scale = per_class::of(&self.class_weights, label) / scores.len() as f64;
            let own = scores.get(label).map_or(0.0, |score| score.as_f64());
            // How much each class is in the way; the target's own is not.
            let gap = |class: usize, x: F| {
                if class == label { 0.0 } else { self.margin - own + x.as_f64() }
            };
            let gaps = scores.iter().enumerate().map(|(class, &x)| gap(class, x));
            let power = |gap: f64| if self.p == 2 { gap * gap } else { gap };
            let sum: f64 = gaps.map(|gap| power(hinge(gap))).sum();
            if let Some(gradient) = gradient {
                let mut pull = 0.0;
                for (class, (g, &x)) in gradient.iter_mut().zip(scores).enumerate() {
                    let gap = gap(class, x);
                    let push = if self.p == 2 { 2.0 * hinge(gap) } else { step(gap) };
                    pull += push;
                    *g = F::of(scale * push);
                }
                gradient.iter_mut().skip(label).take(1).for_each(|g| *g -= F::of(scale * pull));
            }
            Total { sum: scale * sum + taint(scores), weight: 1.0 }
        })
    }

    fn validate(&self) -> Result<(), Error> {
        require::finite("MultiMargin::margin", self.margin)?;
        require::that((1..=2).contains(&self.p), "MultiMargin::p", self.p, "1 or 2")?;
        per_class::validate("MultiMargin::class_weights", &self.class_weights)
    }
}

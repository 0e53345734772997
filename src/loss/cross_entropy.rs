//! Cross-entropy between classes, from logits.

use super::fit::{self, Want};
use super::walk::{each_label, each_place};
use super::{Loss, LossPass, Total, numeric::charge, per_class};
use crate::data::{Target, TargetKind};
use crate::error::{Error, require};
use crate::kernel::sum;
use crate::kernel::wide::{Loop, wide};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The cross-entropy between classes, from logits x: −ln softmax(x)ᵧ at the target's class y, or −Σ tᵢ ln softmax(x)ᵢ for target probabilities t.
///
/// The classes are on the last axis of the one output; any axes before it are places (time steps, pixels). The kind of the targets decides:
/// class indices of the output's shape without its last axis, or probabilities of the output's whole shape (in [0, 1]; that they sum to 1 is
/// not checked). Finite for every finite logit whose loss the type can hold. A logit of −∞ is a class that cannot be: it costs nothing as long
/// as nothing is expected of it.
///
/// The weight that the sum is divided by is that of the places: with class indices Σ sample weight × class weight over the places that are not
/// ignored, with probabilities the number of places × sample weight. If all are ignored the mean is 0, and a trainer leaves the step out.
///
/// Each target becomes (1 − `label_smoothing`) t + `label_smoothing` / classes, and class i then counts `class_weights`ᵢ times. Bridle:
/// *Probabilistic interpretation of feedforward classification network outputs* (1990); smoothing: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna:
/// *Rethinking the Inception architecture for computer vision* (CVPR 2016).
///
/// # Errors
/// A class index out of range, or a probability outside [0, 1], is an [`Error::Target`].
///
/// ```
/// use downhill::loss::{self, CrossEntropy};
/// use ndarray::array;
/// let logits = [array![[0.0, 0.0], [1e4, -1e4]].into_dyn()];
/// let (total, gradients) = loss::measure(&CrossEntropy::default(), &logits, vec![0, 1], None)?;
/// assert!((total.sum - (2.0_f64.ln() + 2e4)).abs() < 1e-6);
/// assert_eq!(gradients[0], array![[-0.5, 0.5], [1.0, -1.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CrossEntropy {
    /// The share of each target that is spread over all classes: in [0, 1]; 0 by default.
    pub label_smoothing: f64,
    /// How much each class counts: one number of 0 or more for each; `None`, the default, for 1 each.
    pub class_weights: Option<Vec<f64>>,
    /// A class index that marks places without a target; `None`, the default, for none.
    pub ignore_index: Option<usize>,
}

impl CrossEntropy {
    /// The loss of a place of which `expected` says the target probability of each class.
    fn place<F: Scalar>(
        &self,
        scores: &[F],
        expected: impl Fn(usize) -> f64,
        mut gradient: Option<&mut [F]>,
    ) -> f64 {
        let even = self.label_smoothing / scores.len() as f64;
        let share = |class| {
            let target = (1.0 - self.label_smoothing) * expected(class) + even;
            per_class::of(&self.class_weights, class) * target
        };
        let (largest, sum) = softmax(scores, gradient.as_deref_mut());
        let (top, rest) = (largest.as_f64(), sum.ln());
        let costs = scores.iter().map(|x| top - x.as_f64() + rest).enumerate();
        let value = costs.map(|(class, cost)| charge(share(class), cost)).sum();
        if let Some(gradient) = gradient {
            let mass: f64 = (0..scores.len()).map(share).sum();
            for (class, g) in gradient.iter_mut().enumerate() {
                *g = F::of(g.as_f64() / sum * mass - share(class));
            }
        }
        value
    }
}

/// The loss of a place of this class alone.
fn place_of<F: Scalar>(
    label: usize,
    weight: f64,
    scores: &[F],
    mut gradient: Option<&mut [F]>,
) -> f64 {
    let (largest, sum) = softmax(scores, gradient.as_deref_mut());
    if let Some(gradient) = gradient {
        wide::<Scale, _>((&mut *gradient, F::of(weight / sum)));
        if let Some(g) = gradient.get_mut(label) {
            *g -= F::of(weight);
        }
    }
    let score = scores.get(label).map_or(f64::NAN, |score| score.as_f64());
    charge(weight, largest.as_f64() - score + sum.ln())
}

/// The largest of the scores, and the sum of the exponentials of what each is below it, which `exponentials` takes.
fn softmax<F: Scalar>(scores: &[F], exponentials: Option<&mut [F]>) -> (F, f64) {
    let (mut top, mut total) = (F::zero(), 0.0);
    wide::<Softmax, _>((scores, exponentials, &mut top, &mut total));
    (top, total)
}

struct Softmax;

impl<'a, F: Scalar> Loop<(&'a [F], Option<&'a mut [F]>, &'a mut F, &'a mut f64)> for Softmax {
    #[inline(always)]
    fn run((scores, to, top, total): (&'a [F], Option<&'a mut [F]>, &'a mut F, &'a mut f64)) {
        // It passes over NaN, which makes the sum of exponentials NaN.
        let largest = sum::largest(scores);
        *top = largest;
        *total = match to {
            Some(to) => {
                for (e, &x) in to.iter_mut().zip(scores) {
                    *e = (x - largest).fast_exp();
                }
                sum::sum(to, to, |e, _| e.as_f64())
            }
            None => sum::sum(scores, scores, |x, _| (x - largest).fast_exp().as_f64()),
        };
    }
}

struct Scale;

impl<'a, F: Scalar> Loop<(&'a mut [F], F)> for Scale {
    #[inline(always)]
    fn run((values, factor): (&'a mut [F], F)) {
        values.iter_mut().for_each(|value| *value *= factor);
    }
}

impl<F: Scalar> Loss<F> for CrossEntropy {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let [output] = fit::shapes::<Self, 1>(outputs)?;
        let classes = fit::classes::<Self>(output)?;
        per_class::check("CrossEntropy::class_weights", &self.class_weights, classes)?;
        fit::check::<Self>(Want::ClassesOrLike(output), targets.into())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        if let Target::Classes(_) = pass.targets {
            return each_label::<Self, F>(pass, self.ignore_index, |label, scores, gradient| {
                let weight = per_class::of(&self.class_weights, label);
                if self.label_smoothing == 0.0 {
                    return Total { sum: place_of(label, weight, scores, gradient), weight };
                }
                let expected = |class| if class == label { 1.0 } else { 0.0 };
                Total { sum: self.place(scores, expected, gradient), weight }
            });
        }
        let [output] = fit::outputs::<Self, F, 1>(&pass)?;
        let target = fit::values::<Self, F>(&pass, Want::ClassesOrLike(output.shape()))?;
        let places = output.size() / fit::classes::<Self>(output.shape())?;
        each_place::<Self, F>(pass, |place, scores, gradient| {
            let from = place * scores.len();
            let targets = target.values().get(from..from + scores.len()).unwrap_or_default();
            fit::allowed::<Self, F>(place / places.max(1), targets, fit::is_probability)?;
            let expected = |class: usize| targets.get(class).map_or(0.0, |t| t.as_f64());
            Ok(Total { sum: self.place(scores, expected, gradient), weight: 1.0 })
        })
    }

    fn ignore_index(&self) -> Option<usize> {
        self.ignore_index
    }

    fn validate(&self) -> Result<(), Error> {
        require::share("CrossEntropy::label_smoothing", self.label_smoothing)?;
        per_class::validate("CrossEntropy::class_weights", &self.class_weights)
    }
}

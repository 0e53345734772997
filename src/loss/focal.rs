//! Cross-entropy of yes or no that looks at what is still hard.

use super::ElementLoss;
use super::fit::is_probability;
use crate::error::{Error, require};
use crate::layer::{Activation, LogSigmoid, Sigmoid};
use crate::scalar::Scalar;

/// The cross-entropy of yes or no that looks at what is still hard: −`alpha`ₜ (1 − pₜ)^`gamma` ln pₜ from logits x, where pₜ is the probability σ(x) of a yes
/// for t = 1 and that of a no for t = 0.
///
/// `alpha`ₜ is `alpha` for t = 1 and 1 − `alpha` for t = 0. With targets in between, pₜ = t σ(x) + (1 − t) σ(−x), `alpha`ₜ likewise, and the
/// logarithm is the cross-entropy. Takes one output of any shape and targets of the same shape in [0, 1]. Lin, Goyal, Girshick, He, Dollár: *Focal loss
/// for dense object detection* (ICCV 2017).
///
/// The loss of a sample is the mean over its numbers; [that of a batch](super#reduction) is the weighted mean over samples.
///
/// ```
/// use downhill::loss::{self, Focal};
/// use ndarray::array;
/// let (total, _) = loss::measure(&Focal::default(), &[array![[0.0, 1e4]].into_dyn()], array![[1.0, 0.0]], None)?;
/// assert!((total.mean() - (2.0_f64.ln() / 16.0 + 7500.0) / 2.0).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Focal {
    /// How much a yes counts, and a no the rest: in [0, 1], or `None` for 1 each; 0.25 by default.
    pub alpha: Option<f64>,
    /// How fast the easy ones fade: 0 or more, and 0 is cross-entropy; 2 by default.
    pub gamma: f64,
}

impl Default for Focal {
    fn default() -> Self {
        Self { alpha: Some(0.25), gamma: 2.0 }
    }
}

impl ElementLoss for Focal {
    #[inline]
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        let at = Point::new(prediction, target);
        self.share(target) * at.miss.powf(F::of(self.gamma)) * at.cost
    }

    #[inline]
    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        let (one, at) = (F::one(), Point::new(prediction, target));
        // d miss / dx = yes · no · (1 − 2t). Divided by miss, which is `yes` or `no` for a plain target, it stays finite where both vanish.
        let ratio = if at.miss == F::zero() { one } else { at.yes * at.no / at.miss };
        let more = F::of(self.gamma) * at.cost * ratio * (one - target - target);
        let slope = (one - target) * at.yes - target * at.no;
        self.share(target) * at.miss.powf(F::of(self.gamma)) * (slope + more)
    }

    fn allows<F: Scalar>(&self, target: F) -> Result<(), &'static str> {
        is_probability(target)
    }

    fn validate(&self) -> Result<(), Error> {
        self.alpha.map_or(Ok(()), |alpha| require::share("Focal::alpha", alpha))?;
        require::non_negative("Focal::gamma", self.gamma)
    }
}

impl Focal {
    /// alphaₜ.
    fn share<F: Scalar>(&self, target: F) -> F {
        let Some(alpha) = self.alpha.map(F::of) else { return F::one() };
        alpha * target + (F::one() - alpha) * (F::one() - target)
    }
}

/// What both the value and the slope are made of.
struct Point<F> {
    /// σ(x) and σ(−x): not 1 − σ(x), which rounds to 0 early.
    yes: F,
    no: F,
    /// 1 − pₜ.
    miss: F,
    /// The cross-entropy.
    cost: F,
}

impl<F: Scalar> Point<F> {
    fn new(x: F, target: F) -> Self {
        let (yes, no, against) = (Sigmoid.value(x), Sigmoid.value(-x), F::one() - target);
        Self {
            yes,
            no,
            miss: yes * against + no * target,
            cost: -target * LogSigmoid.value(x) - against * LogSigmoid.value(-x),
        }
    }
}

//! Clipping: bounds on the gradient before the update.
//!
//! [`Clip`] says what is bounded, [`Norm`] how it is measured, and [`NonFinite`] what happens to a gradient that has no size.

mod non_finite;
mod norm;
mod pieces;
mod sum;
mod unit;

pub use non_finite::{NonFinite, check, first_non_finite, zero_non_finite};
pub(crate) use norm::Magnitude;
pub use norm::{Norm, norm};
pub(crate) use unit::unit_size;

use crate::error::{Error, require};
use crate::kernel::parallel::Parallel;
use crate::params::Parameter;
use crate::scalar::Scalar;

/// A bound on the gradient.
///
/// Where a norm is bounded, a norm above the bound is brought down to it by one factor, bound / norm, so the direction is kept, and a norm at or
/// below the bound changes no bit. Nothing is added to the norm; PyTorch adds 1e-6 and so shrinks gradients that meet the bound, too.
///
/// The result is right to 4 units in the last place for gradients and bounds of any size: four gradients of 1e20, clipped to the norm 1, become
/// 0.5 each in `f32`.
///
/// ```
/// use downhill::{Clip, Parallel, clip::norm};
/// let mut gradient = [1e20_f32; 4];
/// let size = norm(&gradient, Parallel::Off);
/// let clipped = Clip::GlobalNorm(1.0).apply(&[], &[], &mut gradient, size, 1.0, Parallel::Off);
/// assert_eq!(gradient, [0.5; 4]);
/// assert!((clipped.factor / 0.5e-20 - 1.0).abs() < 1e-7);
/// assert!(Clip::GlobalNorm(-1.0).validate().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Clip {
    /// Every element lies between −bound and bound: g ← min(max(g, −c), c). The direction changes.
    Value(f64),

    /// The Euclidean norm of all gradients together is at most this: g ← g · min(1, c / ‖g‖).
    ///
    /// R. Pascanu, T. Mikolov, Y. Bengio: On the difficulty of training recurrent neural networks. ICML 2013.
    GlobalNorm(f64),

    /// Another norm of all gradients together is at most `max`.
    GlobalNormOf {
        /// The bound.
        max: f64,
        /// How the size is measured.
        norm: Norm,
    },

    /// The Euclidean norm of each parameter's gradient is at most this. The direction of the whole changes.
    TensorNorm(f64),

    /// The gradient of each unit is bounded by a share of the unit's weights: ‖g‖ ≤ factor · max(‖w‖, epsilon).
    ///
    /// A unit is one place of the first axis: the incoming weights of one neuron or one output channel. A tensor with fewer than two axes is one unit.
    ///
    /// A. Brock, S. De, S. L. Smith, K. Simonyan: High-performance large-scale image recognition without normalization. ICML 2021.
    Adaptive {
        /// The largest share, above 0; the paper uses 0.01 for large batches and up to 0.16 for small ones.
        factor: f64,
        /// The least norm that a unit's weights count with, above 0, so that weights at zero can leave it; 1e-3 in the paper.
        epsilon: f64,
    },
}

/// What clipping did in one step.
///
/// ```
/// use downhill::{Clip, Parallel::Off, clip::norm};
/// let mut gradient = [3.0, 4.0];
/// let size = norm(&gradient, Off);
/// let clipped = Clip::GlobalNorm(2.5).apply(&[], &[], &mut gradient, size, 1.0, Off);
/// assert_eq!((clipped.factor, gradient), (0.5, [1.5, 2.0]));
/// let clipped = Clip::GlobalNorm(2.5).apply(&[], &[], &mut gradient, 2.5, 1.0, Off);
/// assert_eq!(clipped.factor, 1.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Clipped {
    /// The global Euclidean norm after by the one before: what the gradient was multiplied by, all in all. 1 if nothing was changed, NaN if it could
    /// not be clipped.
    pub factor: f64,
}

impl Clip {
    /// Clips `gradient` in place.
    ///
    /// * `parameters`, `weights` are needed by [`TensorNorm`](Clip::TensorNorm) (the first) and [`Adaptive`](Clip::Adaptive) (both), and may be empty
    ///   for the others.
    /// * `norm` is the Euclidean norm of the whole gradient, by [`norm`].
    /// * `scale` is what a schedule multiplies the bound by.
    /// * `parallel` changes no bit.
    ///
    /// A gradient of zeros stays as it is; so a parameter that is frozen takes no part if its gradient was set to zero before. A unit whose weights
    /// are not finite is not clipped.
    ///
    /// The gradient is left as it is, with NaN as factor, if it has a NaN or infinity (see [`check`]), if the bound times `scale` is
    /// negative or NaN, or if the lengths do not fit `parameters`.
    pub fn apply<F: Scalar>(
        &self,
        parameters: &[Parameter],
        weights: &[F],
        gradient: &mut [F],
        norm: f64,
        scale: f64,
        parallel: Parallel,
    ) -> Clipped {
        // The norm of finite gradients may be beyond f64, too; then they are measured again below.
        let finite =
            norm.is_finite() || (norm == f64::INFINITY && first_non_finite(gradient).is_none());
        let total = parameters.last().map_or(0, |last| last.range().end);
        let fits = match self {
            Self::TensorNorm(_) => gradient.len() == total,
            Self::Adaptive { .. } => gradient.len() == total && weights.len() == total,
            _ => true,
        };
        let bound = scale * self.bound().1;
        if !finite || !fits || bound.is_nan() || bound < 0.0 {
            return Clipped { factor: f64::NAN };
        }
        let before = if norm.is_finite() {
            Magnitude::new(norm)
        } else {
            Norm::L2.measure(gradient, parallel)
        };
        let changed = match *self {
            Self::GlobalNorm(_) => shrink(gradient, before, bound, parallel),
            Self::GlobalNormOf { norm, .. } => {
                shrink(gradient, norm.measure(gradient, parallel), bound, parallel)
            }
            Self::Value(_) => clamp(gradient, F::of(bound), parallel),
            Self::TensorNorm(_) => {
                let mut changed = false;
                for parameter in parameters {
                    let gradient = gradient.get_mut(parameter.range()).unwrap_or_default();
                    let size = Norm::L2.measure(gradient, parallel);
                    changed |= shrink(gradient, size, bound, parallel);
                }
                changed
            }
            Self::Adaptive { epsilon, .. } => {
                let mut changed = false;
                for parameter in parameters {
                    let gradient = gradient.get_mut(parameter.range()).unwrap_or_default();
                    let weights = weights.get(parameter.range()).unwrap_or_default();
                    let unit = unit_size(parameter.shape());
                    for (g, w) in gradient.chunks_mut(unit).zip(weights.chunks(unit)) {
                        let weight = Norm::L2.of(w, parallel);
                        // Not `f64::max`, which would take epsilon for NaN.
                        let weight = if weight < epsilon { epsilon } else { weight };
                        let size = Norm::L2.measure(g, parallel);
                        changed |= shrink(g, size, bound * weight, parallel);
                    }
                }
                changed
            }
        };
        let factor = match self {
            _ if !changed => 1.0,
            Self::GlobalNorm(_) => Magnitude::new(bound).relative_to(before),
            _ => Norm::L2.measure(gradient, parallel).relative_to(before),
        };
        Clipped { factor }
    }

    /// Checks the bound.
    ///
    /// # Errors
    /// [`Error::Argument`] for a bound (or factor, or epsilon) that is not a finite number above 0: zero would stop training, a negative bound would turn
    /// the gradient around, and to measure the norm without a bound needs no clipping. Also what [`Norm::validate`] finds.
    pub fn validate(&self) -> Result<(), Error> {
        let (name, bound) = self.bound();
        let expected = "a finite number above 0 (for no bound, leave clipping out: the norm is measured all the same)";
        require::that(bound.is_finite() && bound > 0.0, name, bound, expected)?;
        match *self {
            Self::GlobalNormOf { norm, .. } => norm.validate(),
            Self::Adaptive { epsilon, .. } => require::positive("Clip::Adaptive::epsilon", epsilon),
            _ => Ok(()),
        }
    }

    /// What a schedule scales, with its name.
    fn bound(&self) -> (&'static str, f64) {
        match *self {
            Self::Value(max) => ("Clip::Value", max),
            Self::GlobalNorm(max) => ("Clip::GlobalNorm", max),
            Self::GlobalNormOf { max, .. } => ("Clip::GlobalNormOf::max", max),
            Self::TensorNorm(max) => ("Clip::TensorNorm", max),
            Self::Adaptive { factor, .. } => ("Clip::Adaptive::factor", factor),
        }
    }
}

/// Brings a norm above the bound down to it; returns whether it was above.
fn shrink<F: Scalar>(gradient: &mut [F], size: Magnitude, bound: f64, parallel: Parallel) -> bool {
    let above = size.norm() > bound;
    if above {
        size.resize(gradient, bound, parallel);
    }
    above
}

/// Moves every element between −bound and bound; returns whether one was outside.
fn clamp<F: Scalar>(gradient: &mut [F], bound: F, parallel: Parallel) -> bool {
    let outside = Norm::Max.of(gradient, parallel) > bound.as_f64();
    if outside {
        // Comparisons run in vector registers; `max` and `min` take care of NaN, which cannot be here, and do not.
        pieces::for_each(gradient, parallel, &|g| {
            let low = if *g < -bound { -bound } else { *g };
            *g = if low > bound { bound } else { low };
        });
    }
    outside
}

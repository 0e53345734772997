//! The Gaussian error linear unit.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI};

use std::sync::Arc;

use super::{Activation, sigmoid::sigmoid};
use crate::params::init::{He, Init};
use crate::scalar::Scalar;

/// The coefficient of x³ in the approximation.
const CUBIC: f64 = 0.044_715;

/// The Gaussian error linear unit: y = x·Φ(x), where Φ is the distribution function of the normal distribution.
///
/// The two forms differ by less than 0.001. Models should be used in the form in which they were trained. Takes samples of any shape and
/// keeps it. Hendrycks, Gimpel: *Gaussian error linear units* (arXiv:1606.08415).
///
/// ```
/// use downhill::layer::{Activation, Gelu};
/// assert!((Gelu::Exact.value(1.0_f64) - 0.841345).abs() < 1e-6);
/// assert!((Gelu::Tanh.value(1.0_f64) - 0.841192).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gelu {
    /// y = x·(1 + erf(x/√2)) / 2; the default.
    #[default]
    Exact,
    /// y = x·(1 + tanh(u)) / 2 with u = √(2/π)·(x + 0.044715·x³).
    Tanh,
}

impl Activation for Gelu {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        match self {
            Self::Exact => Exact.value(x),
            Self::Tanh => Approximate.value(x),
        }
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, y: F) -> F {
        match self {
            Self::Exact => Exact.slope(x, y),
            Self::Tanh => Approximate.slope(x, y),
        }
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Some(Arc::new(He::normal()))
    }

    // A choice within the loop would compute both forms for each number.
    #[inline(always)]
    fn each_value<F: Scalar>(&self, x: Option<&[F]>, y: &mut [F]) {
        match self {
            Self::Exact => Exact.each_value(x, y),
            Self::Tanh => Approximate.each_value(x, y),
        }
    }

    #[inline(always)]
    fn each_slope<F: Scalar>(&self, from: [&[F]; 2], dy: Option<&[F]>, dx: &mut [F]) {
        match self {
            Self::Exact => Exact.each_slope(from, dy, dx),
            Self::Tanh => Approximate.each_slope(from, dy, dx),
        }
    }
}

struct Exact;

impl Activation for Exact {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        x * normal_cdf(x)
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, _y: F) -> F {
        normal_cdf(x) + x * normal_pdf(x)
    }
}

struct Approximate;

impl Activation for Approximate {
    #[inline(always)]
    fn value<F: Scalar>(&self, x: F) -> F {
        x * approximate_cdf(x)
    }

    #[inline(always)]
    fn slope<F: Scalar>(&self, x: F, _y: F) -> F {
        let p = approximate_cdf(x);
        // p rounds to 0 or 1 long before x² can overflow, and infinity times 0 would be NaN.
        if p == F::zero() || p == F::one() {
            return p;
        }
        let du = F::of(FRAC_2_PI.sqrt()) * (F::one() + F::of(3.0 * CUBIC) * x * x);
        p + x * p * (F::one() - p) * F::of(2.0) * du
    }
}

#[inline(always)]
fn normal_cdf<F: Scalar>(x: F) -> F {
    F::of(0.5) * (F::one() + (x * F::of(FRAC_1_SQRT_2)).erf())
}

#[inline(always)]
fn normal_pdf<F: Scalar>(x: F) -> F {
    F::of(FRAC_2_PI.sqrt() / 2.0) * (F::of(-0.5) * x * x).fast_exp()
}

/// (1 + tanh(u)) / 2, which is the logistic function of 2u and does not cancel there.
#[inline(always)]
fn approximate_cdf<F: Scalar>(x: F) -> F {
    let u = F::of(FRAC_2_PI.sqrt()) * (x + F::of(CUBIC) * x * x * x);
    sigmoid(F::of(2.0) * u)
}

//! Small functions that many losses share. None of them turns NaN into a number, as `max`, `signum`-by-comparison and `clamp` do.

use crate::scalar::Scalar;

/// `x`, but not less than `least`.
#[inline]
pub(super) fn at_least<F: Scalar>(least: F, x: F) -> F {
    if x < least { least } else { x }
}

/// `x` where it is above 0, and 0 elsewhere.
#[inline]
pub(super) fn hinge<F: Scalar>(x: F) -> F {
    at_least(F::zero(), x)
}

/// The slope of [`hinge`]: 1 above 0, and 0 elsewhere.
#[inline]
pub(super) fn step<F: Scalar>(x: F) -> F {
    hinge(sign(x))
}

/// 1, −1, or 0 at 0.
#[inline]
pub(super) fn sign<F: Scalar>(x: F) -> F {
    if x == F::zero() { F::zero() } else { x.signum() }
}

/// `share` × `cost`, where something impossible of which there is no share costs nothing: 0 × ∞ = 0.
#[inline]
pub(super) fn charge(share: f64, cost: f64) -> f64 {
    if share == 0.0 && cost == f64::INFINITY { 0.0 } else { share * cost }
}

/// NaN if there is one among `values`, and 0 otherwise: for losses whose formula does not read every number.
pub(super) fn taint<F: Scalar>(values: &[F]) -> f64 {
    if values.iter().any(|value| value.is_nan()) { f64::NAN } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_stays_nan() {
        let functions: [fn(f64) -> f64; 4] = [|x| at_least(1.0, x), hinge, step, sign];
        assert!(functions.iter().all(|f| f(f64::NAN).is_nan()));
        assert!(charge(0.0, f64::NAN).is_nan());
        assert_eq!([-2.0, -0.0, 0.0, 2.0].map(sign), [-1.0, 0.0, 0.0, 1.0]);
        assert_eq!([-2.0, 0.0, 2.0].map(step), [0.0, 0.0, 1.0]);
    }
}

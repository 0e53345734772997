//! Norms that neither overflow nor underflow on the way.

use super::pieces::for_each;
use super::sum::sum;
use crate::error::{Error, require};
use crate::kernel::parallel::Parallel;
use crate::power_of_two::{SMALLEST_UNIT, unit_of};
use crate::scalar::Scalar;

/// 2⁻⁹⁰⁰. Squares below f64's range err by at most 2⁻¹⁰⁷⁵ each, so not even 2⁴⁰ of them are felt in a sum above this.
const SAFE_SUM: f64 = SMALLEST_UNIT * (1_u128 << 100) as f64;

/// How the size of a vector is measured.
///
/// ```
/// use downhill::{Parallel, clip::Norm};
/// let v = [3.0_f32, -4.0];
/// assert_eq!(Norm::L1.of(&v, Parallel::Off), 7.0);
/// assert_eq!(Norm::L2.of(&v, Parallel::Off), 5.0);
/// assert_eq!(Norm::Max.of(&v, Parallel::Off), 4.0);
/// assert!(Norm::P(0.5).validate().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Norm {
    /// Σ |x|.
    L1,
    /// √Σ x², the Euclidean norm.
    L2,
    /// max |x|.
    Max,
    /// (Σ |x|ᵖ)^(1/p) for a finite p of at least 1.
    P(f64),
}

impl Norm {
    /// The norm of `values`.
    ///
    /// * Right to 4 units in the last place of `f64` for L1, L2 and Max whatever the size of the values: squares that would overflow or vanish
    ///   are rescaled. For `P` the error grows with the error of the power function, a few units.
    /// * The same bits on every run and for any number of threads.
    /// * 0 for no values. NaN if a value is NaN; infinite if a value is infinite, or if the norm itself is above `f64::MAX`. A finite norm
    ///   therefore tells that every value is finite.
    pub fn of<F: Scalar>(self, values: &[F], parallel: Parallel) -> f64 {
        self.measure(values, parallel).norm()
    }

    /// Checks p.
    ///
    /// # Errors
    /// [`Error::Argument`] for a p below 1 (not a norm), NaN or infinite.
    pub fn validate(self) -> Result<(), Error> {
        let Self::P(p) = self else { return Ok(()) };
        let expected = "a finite number, 1 or more (Norm::Max is the limit of large p)";
        require::that(p.is_finite() && p >= 1.0, "Norm::P", p, expected)
    }

    pub(crate) fn measure<F: Scalar>(self, values: &[F], parallel: Parallel) -> Magnitude {
        let absolute = |factor: f64| sum(values, parallel, move |x| (x * factor).abs());
        let plain = match self {
            Self::L1 => absolute(1.0),
            Self::L2 => {
                let squares = sum(values, parallel, |x| x * x);
                if squares < SAFE_SUM { f64::NAN } else { squares.sqrt() }
            }
            Self::Max | Self::P(_) => f64::NAN,
        };
        if plain.is_finite() {
            return Magnitude::new(plain);
        }
        let largest = largest(values);
        if largest == 0.0 || !largest.is_finite() {
            return Magnitude::new(largest);
        }
        let unit = unit_of(largest);
        let inverse = 1.0 / unit;
        // One sum for both of these rare cases: each would be compiled for every instruction set.
        let powers = |exponent: Option<f64>| {
            sum(values, parallel, move |x| match exponent {
                None => (x * inverse) * (x * inverse),
                Some(p) => (x.abs() / largest).powf(p),
            })
        };
        let value = match self {
            Self::L1 => absolute(inverse),
            Self::L2 => powers(None).sqrt(),
            Self::Max => largest * inverse,
            Self::P(p) => powers(Some(p)).powf(1.0 / p) * (largest * inverse),
        };
        Magnitude { value, unit }
    }
}

/// The Euclidean norm of `values`, as [`Norm::L2`] measures it.
///
/// ```
/// use downhill::{Parallel, clip::norm};
/// assert_eq!(norm(&[3e30_f32, 4e30], Parallel::Off), f64::from(3e30_f32).hypot(f64::from(4e30_f32)));
/// assert_eq!(norm(&[3e-200, 4e-200], Parallel::Off), 5e-200);
/// ```
pub fn norm<F: Scalar>(values: &[F], parallel: Parallel) -> f64 {
    Norm::L2.of(values, parallel)
}

/// The largest magnitude; NaN if there is one.
fn largest<F: Scalar>(values: &[F]) -> f64 {
    // Sixteen maxima side by side: one alone would wait for each comparison.
    const LANES: usize = 16;
    let larger = |a: F, b: F| if b <= a || a.is_nan() { a } else { b };
    let mut lanes = [F::zero(); LANES];
    for row in values.chunks(LANES) {
        for (most, x) in lanes.iter_mut().zip(row) {
            *most = larger(*most, x.abs());
        }
    }
    lanes.into_iter().fold(F::zero(), larger).as_f64()
}

/// A norm as `value` × `unit`, which may be beyond the range of `f64`. The unit is a power of two, so the product is exact where it is in range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Magnitude {
    value: f64,
    unit: f64,
}

impl Magnitude {
    pub(crate) fn new(norm: f64) -> Self {
        if !norm.is_finite() {
            return Self { value: norm, unit: 1.0 };
        }
        let unit = unit_of(norm);
        Self { value: norm / unit, unit }
    }

    pub(crate) fn norm(self) -> f64 {
        self.value * self.unit
    }

    /// Whether the measured values were all finite.
    pub(crate) fn is_finite(self) -> bool {
        self.value.is_finite()
    }

    /// This norm divided by `other`; 1 if that is 0.
    pub(crate) fn relative_to(self, other: Self) -> f64 {
        if other.value == 0.0 {
            return 1.0;
        }
        (self.value / other.value) * (self.unit / other.unit)
    }

    /// Stretches `values`, whose norm this is (finite, above 0), to the norm `to`. Their direction is kept.
    pub(crate) fn resize<F: Scalar>(self, values: &mut [F], to: f64, parallel: Parallel) {
        let factor = F::of(to / self.norm());
        if factor.is_normal() && self.norm().is_normal() {
            return for_each(values, parallel, &|x| *x *= factor);
        }
        // The factor, or even the norm, is beyond the type's range, but no step of this is.
        let (unit, value) = (1.0 / self.unit, 1.0 / self.value);
        for_each(values, parallel, &|x| *x = F::of(x.as_f64() * unit * value * to));
    }
}

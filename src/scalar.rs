//! The number types that models are made of.

use std::fmt::{Debug, Display};
use std::iter::Sum;

use ndarray::ScalarOperand;
use num_traits::{Float, NumAssign};

use crate::kernel::gemm::{Gemm, gemm_f32, gemm_f64, gemm_plain};

/// A number that parameters, gradients and data are made of: `f32` or `f64`.
///
/// Hyper-parameters are always `f64`; [`Scalar::of`] brings them into the model's type.
///
/// ```
/// use downhill::Scalar;
/// fn halve<F: Scalar>(x: F) -> F {
///     F::of(0.5) * x
/// }
/// assert_eq!(halve(3.0_f32), 1.5);
/// assert_eq!(<f64 as Scalar>::NAME, "f64");
/// ```
pub trait Scalar:
    Float + NumAssign + ScalarOperand + Sum + Default + Debug + Display + Send + Sync + 'static
{
    /// The type's name in messages and files, `"f32"` or `"f64"`.
    const NAME: &'static str;

    /// The nearest value of this type to `value`.
    fn of(value: f64) -> Self;

    /// This value in double precision.
    fn as_f64(self) -> f64;

    /// The error function, 2/√π ∫₀ˣ exp(−t²) dt.
    fn erf(self) -> Self;

    /// The matrix product of this type. The default is the plain loop that specifies it.
    #[doc(hidden)]
    fn gemm(job: Gemm<'_, Self>) {
        gemm_plain(job);
    }
}

impl Scalar for f32 {
    const NAME: &'static str = "f32";

    #[inline]
    fn of(value: f64) -> Self {
        value as f32
    }

    #[inline]
    fn as_f64(self) -> f64 {
        f64::from(self)
    }

    #[inline]
    fn erf(self) -> Self {
        libm::erff(self)
    }

    #[inline]
    fn gemm(job: Gemm<'_, Self>) {
        gemm_f32(job);
    }
}

impl Scalar for f64 {
    const NAME: &'static str = "f64";

    #[inline]
    fn of(value: f64) -> Self {
        value
    }

    #[inline]
    fn as_f64(self) -> f64 {
        self
    }

    #[inline]
    fn erf(self) -> Self {
        libm::erf(self)
    }

    #[inline]
    fn gemm(job: Gemm<'_, Self>) {
        gemm_f64(job);
    }
}

//! The number types that models are made of.

use std::fmt::{Debug, Display};
use std::iter::Sum;

use ndarray::ScalarOperand;
use num_traits::{Float, NumAssign};

use crate::kernel::functions;
use crate::kernel::gemm::{Gemm, Matrix, gemm_f32, gemm_f64, gemm_plain, pack_f32, pack_f64};

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

    /// eˣ, as `exp`, in a form that loops over `f32` take many numbers at a time in; then off by at most 2 units in the last place.
    fn fast_exp(self) -> Self {
        self.exp()
    }

    /// eˣ − 1, as `exp_m1`; see [`fast_exp`](Scalar::fast_exp).
    fn fast_exp_m1(self) -> Self {
        self.exp_m1()
    }

    /// The hyperbolic tangent, as `tanh`; off by at most 3 units in the last place of an `f32`. See [`fast_exp`](Scalar::fast_exp).
    fn fast_tanh(self) -> Self {
        self.tanh()
    }

    /// The matrix product of this type. The default is the plain loop that specifies it.
    #[doc(hidden)]
    fn gemm(job: Gemm<'_, Self>) {
        gemm_plain(job);
    }

    /// Copies a right factor as that product reads it, and says whether it reads copies at all. The plain loop does not.
    #[doc(hidden)]
    fn pack(_k: usize, _n: usize, _b: Matrix<'_, Self>, _to: &mut [Self]) -> bool {
        false
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

    #[inline(always)]
    fn erf(self) -> Self {
        functions::erf(self)
    }

    #[inline(always)]
    fn fast_exp(self) -> Self {
        functions::exp(self)
    }

    #[inline(always)]
    fn fast_exp_m1(self) -> Self {
        functions::exp_m1(self)
    }

    #[inline(always)]
    fn fast_tanh(self) -> Self {
        functions::tanh(self)
    }

    #[inline]
    fn gemm(job: Gemm<'_, Self>) {
        gemm_f32(job);
    }

    #[inline]
    fn pack(k: usize, n: usize, b: Matrix<'_, f32>, to: &mut [f32]) -> bool {
        pack_f32(k, n, b, to);
        true
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

    #[inline]
    fn pack(k: usize, n: usize, b: Matrix<'_, f64>, to: &mut [f64]) -> bool {
        pack_f64(k, n, b, to);
        true
    }
}

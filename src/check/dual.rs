//! Numbers that carry a slope.

use std::cell::Cell;
use std::cmp::Ordering;
use std::f64::consts;
use std::fmt;
use std::iter::Sum;
use std::num::FpCategory;
use std::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

use num_traits::{Float, Num, NumCast, One, ToPrimitive, Zero};

use crate::scalar::Scalar;

/// A number with its slope for one other number: what is computed with it has the exact slope, by the rules of differentiation.
///
/// It is a [`Scalar`], so that everything that is generic in the number type can be computed with it. Comparisons look at the value alone.
///
/// ```
/// use downhill::check::Dual;
/// use num_traits::Float;
/// let x = Dual { value: 3.0, slope: 1.0 };
/// assert_eq!(x * x, Dual { value: 9.0, slope: 6.0 });
/// assert_eq!(x.ln().slope, 1.0 / 3.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Dual {
    /// The number.
    pub value: f64,
    /// By how much it grows where the other number grows by 1.
    pub slope: f64,
}

thread_local! {
    static LOST: Cell<bool> = const { Cell::new(false) };
}

/// Whether a slope was lost on this thread since the last call: a number was taken for an `f64`, which has none.
pub(super) fn slope_was_lost() -> bool {
    LOST.replace(false)
}

impl Dual {
    /// The number alone.
    fn lose_slope(self) -> f64 {
        if self.slope != 0.0 {
            LOST.set(true);
        }
        self.value
    }

    /// A constant.
    const fn flat(value: f64) -> Self {
        Self { value, slope: 0.0 }
    }

    /// The value of a function here, whose derivative here is this. What has no influence is left out, so that 0·∞ is 0: an exponential may overflow on
    /// its way into a function that is flat there.
    fn through(self, value: f64, derivative: f64) -> Self {
        let idle = self.slope == 0.0 || derivative == 0.0 && !self.slope.is_nan();
        Self { value, slope: if idle { 0.0 } else { self.slope * derivative } }
    }
}

impl fmt::Display for Dual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (slope {})", self.value, self.slope)
    }
}

impl PartialEq for Dual {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl PartialOrd for Dual {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl Neg for Dual {
    type Output = Self;

    fn neg(self) -> Self {
        Self { value: -self.value, slope: -self.slope }
    }
}

/// An operator by the slopes of both sides, and its assigning form.
macro_rules! operator {
    ($trait:ident $method:ident $assign:ident $assigning:ident |$a:ident, $b:ident| $value:expr, $slope:expr) => {
        impl $trait for Dual {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                Self { value: $value, slope: $slope }
            }
        }

        impl $assign for Dual {
            fn $assigning(&mut self, other: Self) {
                *self = $trait::$method(*self, other);
            }
        }
    };
}

operator!(Add add AddAssign add_assign |a, b| a.value + b.value, a.slope + b.slope);
operator!(Sub sub SubAssign sub_assign |a, b| a.value - b.value, a.slope - b.slope);
operator!(Mul mul MulAssign mul_assign |a, b| a.value * b.value,
    b.through(0.0, a.value).slope + a.through(0.0, b.value).slope);
operator!(Div div DivAssign div_assign |a, b| a.value / b.value,
    a.through(0.0, 1.0 / b.value).slope - b.through(0.0, a.value / (b.value * b.value)).slope);
operator!(Rem rem RemAssign rem_assign |a, b| a.value % b.value,
    a.slope - b.through(0.0, (a.value / b.value).trunc()).slope);

impl Sum for Dual {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::zero(), Add::add)
    }
}

impl Zero for Dual {
    fn zero() -> Self {
        Self::flat(0.0)
    }

    fn is_zero(&self) -> bool {
        self.value == 0.0
    }
}

impl One for Dual {
    fn one() -> Self {
        Self::flat(1.0)
    }
}

impl Num for Dual {
    type FromStrRadixErr = <f64 as Num>::FromStrRadixErr;

    fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
        f64::from_str_radix(text, radix).map(Self::flat)
    }
}

impl ToPrimitive for Dual {
    fn to_i64(&self) -> Option<i64> {
        self.value.to_i64()
    }

    fn to_u64(&self) -> Option<u64> {
        self.value.to_u64()
    }

    fn to_f64(&self) -> Option<f64> {
        Some(self.lose_slope())
    }
}

impl NumCast for Dual {
    fn from<T: ToPrimitive>(number: T) -> Option<Self> {
        number.to_f64().map(Self::flat)
    }
}

/// Constants, and questions about the value.
macro_rules! by_value {
    ($($constant:ident)*; $($question:ident -> $answer:ty),*; $($step:ident)*) => {
        $(fn $constant() -> Self {
            Self::flat(<f64 as Float>::$constant())
        })*

        $(fn $question(self) -> $answer {
            Float::$question(self.value)
        })*

        $(fn $step(self) -> Self {
            Self::flat(Float::$step(self.value))
        })*
    };
}

/// Functions by their derivative, in terms of the argument and the function's own value.
macro_rules! by_derivative {
    ($($name:ident |$x:ident, $y:ident| $derivative:expr;)*) => {
        $(fn $name(self) -> Self {
            let $x = self.value;
            let $y = Float::$name($x);
            self.through($y, $derivative)
        })*
    };
}

impl Float for Dual {
    by_value! {
        nan infinity neg_infinity neg_zero min_value min_positive_value max_value epsilon;
        is_nan -> bool, is_infinite -> bool, is_finite -> bool, is_normal -> bool, classify -> FpCategory,
        is_sign_positive -> bool, is_sign_negative -> bool, integer_decode -> (u64, i16, i8);
        floor ceil round trunc signum
    }

    by_derivative! {
        fract |_x, _y| 1.0;
        abs |x, _y| x.signum();
        recip |_x, y| -y * y;
        sqrt |_x, y| 0.5 / y;
        cbrt |_x, y| 1.0 / (3.0 * y * y);
        exp |_x, y| y;
        exp2 |_x, y| y * consts::LN_2;
        exp_m1 |x, _y| x.exp();
        ln |x, _y| 1.0 / x;
        ln_1p |x, _y| 1.0 / (1.0 + x);
        log2 |x, _y| 1.0 / (x * consts::LN_2);
        log10 |x, _y| 1.0 / (x * consts::LN_10);
        sin |x, _y| x.cos();
        cos |x, _y| -x.sin();
        tan |_x, y| 1.0 + y * y;
        asin |x, _y| 1.0 / (1.0 - x * x).sqrt();
        acos |x, _y| -1.0 / (1.0 - x * x).sqrt();
        atan |x, _y| 1.0 / (1.0 + x * x);
        sinh |x, _y| x.cosh();
        cosh |x, _y| x.sinh();
        tanh |_x, y| 1.0 - y * y;
        asinh |x, _y| 1.0 / (x * x + 1.0).sqrt();
        acosh |x, _y| 1.0 / (x * x - 1.0).sqrt();
        atanh |x, _y| 1.0 / (1.0 - x * x);
    }

    fn mul_add(self, factor: Self, more: Self) -> Self {
        let value = self.value.mul_add(factor.value, more.value);
        Self { value, slope: (self * factor + more).slope }
    }

    fn powi(self, power: i32) -> Self {
        self.through(self.value.powi(power), self.value.powi(power - 1) * power as f64)
    }

    fn powf(self, power: Self) -> Self {
        let value = self.value.powf(power.value);
        let base = self.through(value, power.value * self.value.powf(power.value - 1.0));
        Self { slope: base.slope + power.through(value, value * self.value.ln()).slope, value }
    }

    fn log(self, base: Self) -> Self {
        self.ln() / base.ln()
    }

    fn max(self, other: Self) -> Self {
        if self.value >= other.value || other.value.is_nan() { self } else { other }
    }

    fn min(self, other: Self) -> Self {
        if self.value <= other.value || other.value.is_nan() { self } else { other }
    }

    fn abs_sub(self, other: Self) -> Self {
        (self - other).max(Self::zero())
    }

    fn hypot(self, other: Self) -> Self {
        let length = (self * self + other * other).sqrt();
        Self { value: self.value.hypot(other.value), ..length }
    }

    fn atan2(self, other: Self) -> Self {
        let square = self.value * self.value + other.value * other.value;
        let turn = self.slope * other.value - other.slope * self.value;
        Self { value: self.value.atan2(other.value), slope: turn / square }
    }

    fn sin_cos(self) -> (Self, Self) {
        (self.sin(), self.cos())
    }
}

impl ndarray::ScalarOperand for Dual {}

impl Scalar for Dual {
    const NAME: &'static str = "dual";

    fn of(value: f64) -> Self {
        Self::flat(value)
    }

    fn as_f64(self) -> f64 {
        self.lose_slope()
    }

    fn erf(self) -> Self {
        let derivative = consts::FRAC_2_SQRT_PI * (-self.value * self.value).exp();
        self.through(libm::erf(self.value), derivative)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every function has the slope of its differences.
    #[test]
    fn slopes_are_those_of_differences() {
        type Named = (&'static str, fn(Dual) -> Dual);
        let functions: &[Named] = &[
            ("fract", Dual::fract),
            ("abs", |x| (x - Dual::of(0.9)).abs()),
            ("recip", Dual::recip),
            ("sqrt", Dual::sqrt),
            ("cbrt", Dual::cbrt),
            ("exp", Dual::exp),
            ("exp2", Dual::exp2),
            ("exp_m1", Dual::exp_m1),
            ("ln", Dual::ln),
            ("ln_1p", Dual::ln_1p),
            ("log2", Dual::log2),
            ("log10", Dual::log10),
            ("log", |x| x.log(x + Dual::of(2.0))),
            ("sin", Dual::sin),
            ("cos", Dual::cos),
            ("tan", Dual::tan),
            ("asin", Dual::asin),
            ("acos", Dual::acos),
            ("atan", Dual::atan),
            ("sinh", Dual::sinh),
            ("cosh", Dual::cosh),
            ("tanh", Dual::tanh),
            ("asinh", Dual::asinh),
            ("acosh", |x| (x + Dual::of(2.0)).acosh()),
            ("atanh", Dual::atanh),
            ("erf", Scalar::erf),
            ("powi", |x| x.powi(-3)),
            ("powf", |x| x.powf(x)),
            ("mul_add", |x| x.mul_add(x, x)),
            ("max", |x| x.max(x * x)),
            ("min", |x| x.min(x * x)),
            ("abs_sub", |x| x.abs_sub(x * x)),
            ("hypot", |x| x.hypot(x * x)),
            ("atan2", |x| x.atan2(x * x)),
            ("sin_cos", |x| x.sin_cos().0 / x.sin_cos().1),
            ("remainder", |x| (x * Dual::of(5.0)) % x.exp()),
            ("sum", |x| [x, x * x, -x / (x + x.exp())].into_iter().sum()),
        ];
        for (name, function) in functions {
            for x in [0.2, 0.45, 0.7] {
                let at = |x: f64| function(Dual::flat(x)).value;
                let want = (at(x + 1e-5) - at(x - 1e-5)) / 2e-5;
                let got = function(Dual { value: x, slope: 1.0 });
                assert_eq!(got.value, at(x), "{name}({x})");
                let near = (got.slope - want).abs() <= 1e-7 * want.abs().max(1.0);
                assert!(near, "slope of {name}({x}): {} and {want}", got.slope);
            }
        }
    }
}

//! What a law finds, and the comparisons that laws are made of.

use std::fmt::Display;

use crate::error::Error;
use crate::scalar::Scalar;

/// `Ok` if the law holds in this case; what comes of it if not.
pub type Verdict = Result<(), Unmet>;

/// Why a law did not hold in a case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmet {
    /// It is broken.
    #[error(transparent)]
    Broken(Broken),
    /// It says nothing about this subject or this case, for this reason: a claim that was not made, a single tensor where the law is about two.
    #[error("not applicable: {0}")]
    NotApplicable(String),
}

/// How a law is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: expected {expected}, got {got}")]
pub struct Broken {
    /// What was compared: `"f32 weight[3]"`.
    pub what: String,
    /// What the law asks for.
    pub expected: String,
    /// What came.
    pub got: String,
}

/// The verdict of a broken law.
///
/// # Errors
/// Always.
pub fn broken(what: impl Display, expected: impl Display, got: impl Display) -> Verdict {
    let (what, expected, got) = (what.to_string(), expected.to_string(), got.to_string());
    Err(Unmet::Broken(Broken { what, expected, got }))
}

/// The verdict of a law that says nothing here.
///
/// # Errors
/// Always.
pub fn not_applicable(reason: impl Display) -> Verdict {
    Err(Unmet::NotApplicable(reason.to_string()))
}

/// A law in both precisions. It holds if it does in each of those that the subject and the case have, and says nothing if it says nothing in either.
pub(super) fn in_both<S: ?Sized, C: ?Sized>(
    subject: &S,
    case: &C,
    single: fn(&S, &C) -> Verdict,
    double: fn(&S, &C) -> Verdict,
) -> Verdict {
    match single(subject, case) {
        Ok(()) => match double(subject, case) {
            Err(Unmet::NotApplicable(_)) => Ok(()),
            verdict => verdict,
        },
        Err(Unmet::NotApplicable(_)) => double(subject, case),
        broken => broken,
    }
}

/// Something holds; if not, `what` was to be `expected` and is `got`.
///
/// # Errors
/// [`Unmet::Broken`] if it does not hold.
pub fn ensure(
    holds: bool,
    what: impl Display,
    expected: impl Display,
    got: impl Display,
) -> Verdict {
    if holds { Ok(()) } else { broken(what, expected, got) }
}

/// Two values are equal.
///
/// # Errors
/// [`Unmet::Broken`] with both values if they are not.
pub fn equal<T: PartialEq + std::fmt::Debug>(what: impl Display, got: T, want: T) -> Verdict {
    ensure(got == want, what, format_args!("{want:?}"), format_args!("{got:?}"))
}

/// The same numbers to the bit: −0 is not 0, and any NaN is any other.
///
/// ```
/// use downhill::check::same_bits;
/// assert!(same_bits("weight", &[0.1_f32, f32::NAN], &[0.1, f32::NAN]).is_ok());
/// assert!(same_bits("weight", &[0.0_f64], &[-0.0]).is_err());
/// ```
///
/// # Errors
/// [`Unmet::Broken`] with the first difference.
pub fn same_bits<F: Scalar>(what: impl Display, got: &[F], want: &[F]) -> Verdict {
    let same =
        |a: F, b: F| a.as_f64().to_bits() == b.as_f64().to_bits() || a.is_nan() && b.is_nan();
    each(&what, got, want, same, "the same bits")
}

/// Numbers that differ by at most `rtol` of the expected one and `atol` more. Infinities have to be equal, and NaN stands for NaN.
///
/// ```
/// use downhill::check::close;
/// assert!(close("rate", &[1.001], &[1.0], 1e-2, 0.0).is_ok());
/// assert!(close("rate", &[1.1], &[1.0], 1e-2, 0.0).is_err());
/// ```
///
/// # Errors
/// [`Unmet::Broken`] with the first difference that is larger.
pub fn close<F: Scalar>(
    what: impl Display,
    got: &[F],
    want: &[F],
    rtol: f64,
    atol: f64,
) -> Verdict {
    let near = |a: F, b: F| {
        let (a, b) = (a.as_f64(), b.as_f64());
        a == b || a.is_nan() && b.is_nan() || (a - b).abs() <= rtol * b.abs() + atol
    };
    each(&what, got, want, near, &format!("within {rtol:e} of it + {atol:e}"))
}

/// All of these are finite.
///
/// # Errors
/// [`Unmet::Broken`] with the first that is not.
pub fn finite<F: Scalar>(what: impl Display, values: &[F]) -> Verdict {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(i) => broken(format_args!("{what}[{i}]"), "a finite number", values[i]),
    }
}

/// Something was refused, with an error whose message contains `name`.
///
/// # Errors
/// [`Unmet::Broken`] if it was accepted, or if the message does not say `name`.
pub fn refused<T>(what: impl Display, result: &Result<T, Error>, name: &str) -> Verdict {
    let expected = format_args!("an error that names `{name}`").to_string();
    match result {
        Ok(_) => broken(what, expected, "no error"),
        Err(error) => {
            let message = error.to_string();
            ensure(message.contains(name), what, expected, format_args!("the error: {message}"))
        }
    }
}

fn each<F: Scalar>(
    what: &impl Display,
    got: &[F],
    want: &[F],
    alike: impl Fn(F, F) -> bool,
    how: &str,
) -> Verdict {
    equal(format_args!("the length of {what}"), got.len(), want.len())?;
    match got.iter().zip(want).position(|(&a, &b)| !alike(a, b)) {
        None => Ok(()),
        // `{:?}` prints as many digits as tell the numbers apart.
        Some(i) => broken(
            format_args!("{what}[{i}]"),
            format_args!("{:?} ({how})", want[i]),
            format_args!("{:?}", got[i]),
        ),
    }
}

//! Ranges that hyper-parameters are checked against; each check names the argument and what it may be.
//!
//! ```
//! use downhill::error::require;
//! assert!(require::positive("learning_rate", 1e-3).is_ok());
//! assert!(require::positive("learning_rate", f64::NAN).is_err());
//! ```

use super::Error;

/// `value` is finite and greater than zero.
///
/// # Errors
/// [`Error::Argument`] otherwise.
///
/// ```
/// use downhill::error::require;
/// assert!(require::positive("rate", 1e-3).is_ok());
/// assert!(require::positive("rate", 0.0).is_err());
/// ```
pub fn positive(argument: &str, value: f64) -> Result<(), Error> {
    that(value.is_finite() && value > 0.0, argument, value, "a finite number above 0")
}

/// `value` is finite and at least zero.
///
/// # Errors
/// [`Error::Argument`] otherwise.
///
/// ```
/// use downhill::error::require;
/// assert!(require::non_negative("rate", 0.0).is_ok());
/// assert!(require::non_negative("rate", -1.0).is_err());
/// ```
pub fn non_negative(argument: &str, value: f64) -> Result<(), Error> {
    that(value.is_finite() && value >= 0.0, argument, value, "a finite number, 0 or more")
}

/// `value` is finite.
///
/// # Errors
/// [`Error::Argument`] otherwise.
///
/// ```
/// use downhill::error::require;
/// assert!(require::finite("shift", -5.0).is_ok());
/// assert!(require::finite("shift", f64::INFINITY).is_err());
/// ```
pub fn finite(argument: &str, value: f64) -> Result<(), Error> {
    that(value.is_finite(), argument, value, "a finite number")
}

/// `value` lies in [0, 1).
///
/// # Errors
/// [`Error::Argument`] otherwise.
///
/// ```
/// use downhill::error::require;
/// assert!(require::below_one("beta", 0.0).is_ok());
/// assert!(require::below_one("beta", 1.0).is_err());
/// ```
pub fn below_one(argument: &str, value: f64) -> Result<(), Error> {
    that((0.0..1.0).contains(&value), argument, value, "a number in [0, 1)")
}

/// `value` lies in [0, 1].
///
/// # Errors
/// [`Error::Argument`] otherwise.
///
/// ```
/// use downhill::error::require;
/// assert!(require::share("part", 1.0).is_ok());
/// assert!(require::share("part", 1.5).is_err());
/// ```
pub fn share(argument: &str, value: f64) -> Result<(), Error> {
    that((0.0..=1.0).contains(&value), argument, value, "a number in [0, 1]")
}

/// `value` is at least one.
///
/// # Errors
/// [`Error::Argument`] otherwise.
///
/// ```
/// use downhill::error::require;
/// assert!(require::at_least_one("batch", 1).is_ok());
/// assert!(require::at_least_one("batch", 0).is_err());
/// ```
pub fn at_least_one(argument: &str, value: usize) -> Result<(), Error> {
    that(value >= 1, argument, value, "1 or more")
}

/// `allowed` holds; if not, `argument` was `value` but must be `expected`.
///
/// # Errors
/// [`Error::Argument`] otherwise.
///
/// ```
/// use downhill::error::require;
/// let error = require::that(3 % 2 == 0, "width", 3, "an even number").unwrap_err();
/// assert_eq!(error.to_string(), "width = 3 is not allowed: use an even number");
/// ```
pub fn that(
    allowed: bool,
    argument: &str,
    value: impl ToString,
    expected: &str,
) -> Result<(), Error> {
    if allowed { Ok(()) } else { Err(Error::argument(argument, value, expected)) }
}

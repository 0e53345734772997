//! Settings with a number for each class.

use crate::error::{Error, require};

/// The number for a class: 1 if there are none, the single one if there is one.
pub(super) fn of(numbers: &Option<Vec<f64>>, class: usize) -> f64 {
    match numbers.as_deref() {
        Some([all]) => *all,
        Some(each) => each.get(class).copied().unwrap_or(1.0),
        None => 1.0,
    }
}

/// One number, or one for each class.
pub(super) fn check(
    argument: &str,
    numbers: &Option<Vec<f64>>,
    classes: usize,
) -> Result<(), Error> {
    match numbers.as_ref().map(Vec::len) {
        None | Some(1) => Ok(()),
        Some(len) if len == classes => Ok(()),
        Some(len) => Err(Error::length(argument, len, classes, "the classes of the output")),
    }
}

/// Finite numbers, 0 or more.
pub(super) fn validate(argument: &str, numbers: &Option<Vec<f64>>) -> Result<(), Error> {
    numbers.iter().flatten().try_for_each(|&number| require::non_negative(argument, number))
}

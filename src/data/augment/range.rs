//! Settings that are drawn from a range.

use std::ops::RangeInclusive;

use crate::error::{Error, require};

/// Refuses a range if `rule` refuses one of its ends, or if they are the wrong way round.
pub(super) fn check(
    argument: &str,
    range: &RangeInclusive<f64>,
    rule: impl Fn(&str, f64) -> Result<(), Error>,
) -> Result<(), Error> {
    let (start, end) = (*range.start(), *range.end());
    rule(argument, start)?;
    rule(argument, end)?;
    let ordered = start <= end && (end - start).is_finite();
    let expected = "a range that starts at or below its end and spans a finite length";
    require::that(ordered, argument, format!("{range:?}"), expected)
}

/// The number at this share of the range: the start itself at 0, and everywhere if the range holds one number.
pub(super) fn at(range: &RangeInclusive<f64>, share: f64) -> f64 {
    range.start() + (range.end() - range.start()) * share
}

//! Every value is written, finite, and within its bounds.

use super::{Case, InitUnderTest};
use crate::check::{Verdict, ensure, finite, not_applicable, same_bits};

/// Every value is written, and none depends on what was there before.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn every_value_is_written(subject: &InitUnderTest, case: &Case) -> Verdict {
    let over = |before| subject.rule.over(before, &case.shape, case.fans(), case.noise("weight"));
    let over_zeros = over(0.0);
    same_bits("value over NaN", &over(f64::NAN), &over_zeros)?;
    same_bits("value over 7", &over(7.0), &over_zeros)
}

/// Values are finite in tensors of any shape, and for any fans that can be counted.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn finite_for_any_shape_and_fans(subject: &InitUnderTest, case: &Case) -> Verdict {
    let extremes = [case.fans(), (1, 1), (0, 0), (usize::MAX, usize::MAX), (1, usize::MAX)];
    extremes.into_iter().try_for_each(|fans| {
        let values = subject.rule.draw(&case.shape, fans, case.noise("weight"));
        finite(format_args!("value for fans {fans:?} "), &values)
    })
}

/// Values lie within the bounds that are claimed.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn stays_within_its_bounds(subject: &InitUnderTest, case: &Case) -> Verdict {
    let Some(bounds) = &subject.bounds else { return not_applicable("no bounds are claimed") };
    let (low, high) = bounds(case.fan_in, case.fan_out);
    // A few units in the last place, for a bound that is computed another way.
    let room = 1e-14 * low.abs().max(high.abs());
    let values = subject.rule.draw(&[1_000], case.fans(), case.noise("weight"));
    values.iter().enumerate().try_for_each(|(i, &value)| {
        ensure(
            value >= low - room && value <= high + room,
            format_args!("value[{i}]"),
            format_args!("a number from {low} to {high}"),
            value,
        )
    })
}

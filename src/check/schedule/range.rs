//! Factors that a rate can be multiplied by.

use super::{Case, ScheduleUnderTest};
use crate::check::{Verdict, ensure, finite};

/// What rounding may add to a bound, relative to it.
const ROUNDING: f64 = 1e-12;

/// The factor is finite at every step that can be counted.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn finite_at_any_step(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    subject
        .steps(case)
        .into_iter()
        .try_for_each(|step| finite(format_args!("factor at step {step} "), &[subject.at(step)]))
}

/// The factor stays within the bounds that are claimed; if none are, it is not negative.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn stays_within_its_bounds(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let (low, high) = subject.claims.bounds.unwrap_or((0.0, f64::INFINITY));
    subject.steps(case).into_iter().try_for_each(|step| {
        let factor = subject.at(step);
        ensure(
            factor >= low - ROUNDING * low.abs() && factor <= high + ROUNDING * high.abs(),
            format_args!("factor at step {step}"),
            format_args!("a number from {low} to {high}"),
            factor,
        )
    })
}

//! The curve has the shape that is claimed.

use std::ops::Range;

use super::{Case, ScheduleUnderTest};
use crate::check::{Verdict, close, ensure, equal, not_applicable, same_bits};
use crate::schedule::Schedule;

/// What two factors may differ by because each is rounded.
const ROUNDING: f64 = 1e-15;

/// Where it is said to rise, a later factor is never smaller; where it is said to fall, never larger. Rounding is no fall and no rise.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn monotone_where_claimed(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let claims = &subject.claims;
    if claims.rises.is_empty() && claims.falls.is_empty() {
        return not_applicable("no steps are said to rise or fall");
    }
    let along = |range: &Range<u64>, way: &str, keeps: fn(f64, f64) -> bool| {
        let len = range.end.saturating_sub(range.start).max(1);
        let inside = |step: u64| range.start + step % len;
        let turn = subject.schedule.length().unwrap_or(0);
        let steps = case.around(turn).into_iter();
        let mut steps: Vec<u64> =
            steps.flat_map(|step| [inside(step), inside(step.saturating_add(1))]).collect();
        steps.sort_unstable();
        steps.windows(2).try_for_each(|pair| {
            let (now, later) = (subject.at(pair[0]), subject.at(pair[1]));
            ensure(
                keeps(now, later),
                format_args!("factor at step {}", pair[1]),
                format_args!("{way} than {now} of step {}", pair[0]),
                later,
            )
        })
    };
    claims.rises.iter().try_for_each(|steps| {
        along(steps, "no less", |now, later| later >= now * (1.0 - ROUNDING))
    })?;
    claims
        .falls
        .iter()
        .try_for_each(|steps| along(steps, "no more", |now, later| later <= now * (1.0 + ROUNDING)))
}

/// After the period that is claimed, every factor comes again.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn periodic_where_claimed(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let Some(period) = subject.claims.period else { return not_applicable("no period is claimed") };
    case.around(period).into_iter().try_for_each(|step| {
        let Some(later) = period.checked_mul(case.count).and_then(|more| step.checked_add(more))
        else {
            return Ok(());
        };
        let what =
            format_args!("factor at step {later}, which is {step} some periods later,").to_string();
        close(what, &[subject.at(later)], &[subject.at(step)], 1e-12, 0.0)
    })
}

/// The first update, step 0, uses the first factor that is claimed.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn starts_where_claimed(subject: &ScheduleUnderTest, _: &Case) -> Verdict {
    let Some(first) = subject.claims.starts else {
        return not_applicable("no first factor is claimed");
    };
    close("factor at step 0", &[subject.at(0)], &[first], 1e-12, 0.0)
}

/// At its length the factor is the last one that is claimed.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn ends_where_claimed(subject: &ScheduleUnderTest, _: &Case) -> Verdict {
    let Some(last) = subject.claims.ends else {
        return not_applicable("no last factor is claimed");
    };
    let end = subject.schedule.length().unwrap_or(u64::MAX);
    close(format_args!("factor at step {end}"), &[subject.at(end)], &[last], 1e-12, 1e-300)
}

/// Where it is said to hold, the factor does not change after the length.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn holds_after_its_length(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let (true, Some(length)) = (subject.claims.holds, subject.schedule.length()) else {
        return not_applicable("it is not said to hold a last factor");
    };
    let last = subject.at(length);
    case.around(0).into_iter().try_for_each(|more| {
        let step = length.saturating_add(more);
        same_bits(format_args!("factor at step {step}"), &[subject.at(step)], &[last])
    })
}

/// At the joints that are said to be continuous, the factor changes by no more than is stated.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn continuous_where_claimed(subject: &ScheduleUnderTest, _: &Case) -> Verdict {
    if subject.claims.joints.is_empty() {
        return not_applicable("no joint is said to be continuous");
    }
    subject.claims.joints.iter().try_for_each(|&(step, most)| {
        let (before, after) = (subject.at(step.saturating_sub(1)), subject.at(step));
        ensure(
            (after - before).abs() <= most * (1.0 + 1e-12),
            format_args!("factor at step {step}"),
            format_args!("within {most} of {before} one step before"),
            after,
        )
    })
}

/// Where a reference is given, it has its factors and its length.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn agrees_with_its_reference(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let Some(reference) = &subject.claims.reference else {
        return not_applicable("no reference is given");
    };
    equal("the length", subject.schedule.length(), reference.length())?;
    subject.steps(case).into_iter().try_for_each(|step| {
        let (got, want) = (subject.at(step), reference.at(step));
        close(format_args!("factor at step {step}"), &[got], &[want], 1e-12, 1e-300)
    })
}

//! Combinations are what they say of their parts.

use super::subject::{Made, Shared};
use super::{Case, ScheduleUnderTest};
use crate::check::{Verdict, broken, close, equal, not_applicable, same_bits};
use crate::schedule::Schedule;

/// `first.then(next)` is `first` before its length and `next`, counted from 0, from there on: to the bit, and as long as both.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn joins_at_the_stated_step(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let Some(Made::Joined(first, next)) = &subject.claims.made else {
        return not_applicable("it is not said to join two schedules");
    };
    let Some(joint) = first.length() else {
        return broken("the length of the first part", "a length", "none");
    };
    case.around(joint).into_iter().try_for_each(|step| {
        let (part, want) = match step.checked_sub(joint) {
            Some(since) => ("next", next.at(since)),
            None => ("first", first.at(step)),
        };
        same_bits(format_args!("factor at step {step}, of `{part}`,"), &[subject.at(step)], &[want])
    })?;
    let whole = next.length().map(|next| joint.saturating_add(next));
    equal("the length", subject.schedule.length(), whole)
}

/// `scaled` multiplies every factor, stops at the largest number, and keeps the length.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn scaled_multiplies(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let Some(Made::Scaled(of, factor)) = &subject.claims.made else {
        return not_applicable("it is not said to scale a schedule");
    };
    factors(subject, case, of, |step| (of.at(step) * factor).min(f64::MAX))?;
    equal("the length", subject.schedule.length(), of.length())
}

/// `times` multiplies two schedules step by step, both counted from 0, and ends with the longer one.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn times_multiplies(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let Some(Made::Product(a, b)) = &subject.claims.made else {
        return not_applicable("it is not said to be a product");
    };
    let product = |step| (a.at(step) * b.at(step)).min(f64::MAX);
    factors(subject, case, a, product)?;
    factors(subject, case, b, product)?;
    let longer = a.length().and_then(|a| Some(a.max(b.length()?)));
    equal("the length", subject.schedule.length(), longer)
}

/// `for_steps` changes the length and no factor.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn for_steps_changes_the_length_alone(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let Some(Made::Cut(of, steps)) = &subject.claims.made else {
        return not_applicable("it is not said to give a schedule a length");
    };
    factors(subject, case, of, |step| of.at(step))?;
    equal("the length", subject.schedule.length(), Some(*steps))
}

/// `every` keeps each factor for so many steps, and is as many times as long.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn every_keeps_each_factor(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let Some(Made::Slowed(of, steps)) = &subject.claims.made else {
        return not_applicable("it is not said to slow a schedule down");
    };
    let slow = |step: u64| of.at(step.checked_div(*steps).unwrap_or(0));
    factors(subject, case, of, slow)?;
    case.around(*steps).into_iter().try_for_each(|step| factor(subject, step, slow(step)))?;
    equal(
        "the length",
        subject.schedule.length(),
        of.length().map(|length| length.saturating_mul(*steps)),
    )
}

/// `clamped` gives the bound for a factor beyond it, any other factor unchanged, and the same length.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn clamped_changes_what_is_outside_alone(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let Some(Made::Clamped(of, low, high)) = &subject.claims.made else {
        return not_applicable("it is not said to clamp a schedule");
    };
    factors(subject, case, of, |step| match of.at(step) {
        factor if factor < *low => *low,
        factor if factor > *high => *high,
        factor => factor,
    })?;
    equal("the length", subject.schedule.length(), of.length())
}

/// The factors at the steps of the case and around the end of a part.
fn factors(
    subject: &ScheduleUnderTest,
    case: &Case,
    part: &Shared,
    want: impl Fn(u64) -> f64,
) -> Verdict {
    let turn = part.length().unwrap_or(0);
    case.around(turn).into_iter().try_for_each(|step| factor(subject, step, want(step)))
}

fn factor(subject: &ScheduleUnderTest, step: u64, want: f64) -> Verdict {
    close(format_args!("factor at step {step}"), &[subject.at(step)], &[want], 1e-15, 0.0)
}

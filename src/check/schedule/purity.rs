//! The factor is a function of the step and of nothing else.

use super::{Case, ScheduleUnderTest};
use crate::check::{Verdict, broken, equal, same_bits};
use crate::schedule::Schedule;

/// Asked twice for the same step, it gives the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn same_step_same_bits(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    subject.steps(case).into_iter().try_for_each(|step| {
        let (first, second) = (subject.at(step), subject.at(step));
        same_bits(format_args!("factor at step {step}, asked again"), &[second], &[first])
    })
}

/// The order in which steps are asked for changes no factor.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn order_of_asking_does_not_matter(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let mut steps = subject.steps(case);
    let forwards = subject.factors(&steps);
    steps.reverse();
    let mut backwards = subject.factors(&steps);
    backwards.reverse();
    steps.reverse();
    same_bits(format_args!("factors at {steps:?}, asked backwards,"), &backwards, &forwards)
}

/// Asked from other threads, it gives the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn threads_agree(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let steps = subject.steps(case);
    let here = subject.factors(&steps);
    let there = std::thread::scope(|scope| {
        let ask = || scope.spawn(|| subject.factors(&steps));
        [ask(), ask()].map(std::thread::ScopedJoinHandle::join)
    });
    there.into_iter().try_for_each(|there| match there {
        Ok(there) => same_bits("factors on another thread", &there, &here),
        Err(_) => broken("another thread", "no panic", "a panic"),
    })
}

/// The length is the same whenever it is asked for, and at least one step.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn length_is_stable(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let before = subject.schedule.length();
    if before == Some(0) {
        return broken("the length", "1 or more, or none", 0);
    }
    for &step in &case.steps {
        subject.at(step);
        equal(
            format_args!("the length after asking for step {step}"),
            subject.schedule.length(),
            before,
        )?;
    }
    Ok(())
}

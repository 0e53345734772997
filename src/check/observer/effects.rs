//! An observer does what it says, and nothing else.

use std::sync::{Arc, Mutex};

use super::scene::Scene;
use super::{Case, ObserverUnderTest};
use crate::check::trainer::same_state;
use crate::check::{Verdict, ensure, not_applicable};
use crate::clip::NonFinite;
use crate::scalar::Scalar;
use crate::train::StopReason;

/// It stops no run unless it is said to.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn stops_only_if_it_says_so<F: Scalar>(subject: &ObserverUnderTest<F>, case: &Case) -> Verdict {
    if subject.stops {
        return not_applicable("the observer is said to stop runs");
    }
    let (state, reason) = Scene::of(case)?.whole(subject)?;
    let what = format_args!("what ended the run after step {}", state.step);
    ensure(reason != StopReason::Observer, what, "the number of steps", "the observer")
}

/// Unless it is said to scale the rate, the run is the one that nobody watches, to the bit.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn scales_only_if_it_says_so<F: Scalar>(
    subject: &ObserverUnderTest<F>,
    case: &Case,
) -> Verdict {
    if subject.scales.is_some() {
        return not_applicable("the observer is said to scale the rate");
    }
    let scene = Scene::of(case)?;
    let (watched, _) = scene.whole(subject)?;
    let mut alone = scene.trainer(case.seed, NonFinite::Skip, |builder| builder)?;
    scene.to_step(&mut alone, watched.step)?;
    same_state("the run that was watched", &watched, &alone.state())
}

/// What it scales the rate by stays within the bounds that it is said to have.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn the_scale_stays_within_its_bounds<F: Scalar>(
    subject: &ObserverUnderTest<F>,
    case: &Case,
) -> Verdict {
    let Some((low, high)) = subject.scales else {
        return not_applicable("the observer is not said to scale the rate");
    };
    let scene = Scene::of(case)?;
    let seen: Arc<Mutex<Vec<f64>>> = Arc::default();
    let log = Arc::clone(&seen);
    let mut trainer = scene.trainer(case.seed, NonFinite::Skip, |builder| {
        (subject.join)(builder).on(move |_, control| {
            if let Ok(mut log) = log.lock() {
                log.push(control.learning_rate_scale());
            }
        })
    })?;
    scene.to_step(&mut trainer, case.steps)?;
    let scales = seen.lock().map(|seen| seen.clone()).unwrap_or_default();
    scales.into_iter().enumerate().try_for_each(|(event, scale)| {
        let expected = format_args!("a number from {low} to {high}");
        ensure(
            (low..=high).contains(&scale),
            format_args!("the scale at event {event}"),
            expected,
            scale,
        )
    })
}

//! A run that is cut, or fails, goes on as if it had not.

use super::scene::Scene;
use super::{Case, ObserverUnderTest};
use crate::check::trainer::{must, same_state};
use crate::check::{Verdict, broken, not_applicable};
use crate::clip::NonFinite;
use crate::scalar::Scalar;
use crate::train::{Fit, StopReason};

/// A run whose state is put into another trainer, with a fresh observer, is the uninterrupted run to the bit.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_cut_run_is_the_whole_run<F: Scalar>(
    subject: &ObserverUnderTest<F>,
    case: &Case,
) -> Verdict {
    let scene = Scene::of(case)?;
    let mut first = scene.watched(subject)?;
    let ended = scene.to_step(&mut first, case.moment())?;
    let mut second = scene.watched(subject)?;
    must("putting the state back", second.restore(&first.state()))?;
    if ended != StopReason::Observer {
        scene.to_step(&mut second, case.steps)?;
    }
    same_state("the run that was cut", &second.state(), &scene.whole(subject)?.0)
}

/// A run in two calls of `fit`, with one observer, is the run in one.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn two_calls_are_one<F: Scalar>(subject: &ObserverUnderTest<F>, case: &Case) -> Verdict {
    let scene = Scene::of(case)?;
    let mut trainer = scene.watched(subject)?;
    if scene.to_step(&mut trainer, case.moment())? != StopReason::Observer {
        scene.to_step(&mut trainer, case.steps)?;
    }
    same_state("the run in two calls", &trainer.state(), &scene.whole(subject)?.0)
}

/// Training for no epochs is no reason to do anything.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn no_epochs_change_nothing<F: Scalar>(subject: &ObserverUnderTest<F>, case: &Case) -> Verdict {
    let scene = Scene::of(case)?;
    let mut trainer = scene.watched(subject)?;
    let ended = scene.to_step(&mut trainer, case.moment())?;
    let before = trainer.state();
    for nothing in [Fit::epochs(0), Fit::steps(0)] {
        scene.fit(&mut trainer, nothing)?;
        same_state("after no epochs", &trainer.state(), &before)?;
    }
    if ended != StopReason::Observer {
        scene.to_step(&mut trainer, case.steps)?;
    }
    same_state("the run after that", &trainer.state(), &scene.whole(subject)?.0)
}

/// A run that has ended by an error goes on with better data as if nothing had happened.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn an_error_leaves_no_trace<F: Scalar>(subject: &ObserverUnderTest<F>, case: &Case) -> Verdict {
    let clean = Case { bad_row: None, validate: false, ..case.clone() };
    let scene = Scene::of(&clean)?;
    let bad = scene.spoiled(case.bad_row.unwrap_or(0));
    let mut trainer =
        scene.trainer(case.seed, NonFinite::Error, |builder| (subject.join)(builder))?;
    match trainer.fit(&bad, scene.plan(Fit::to_step(case.steps))) {
        Err(_) => {}
        Ok(run) if run.reason == StopReason::Observer || trainer.epochs() == 0 => {
            return not_applicable("the run ends before it comes to the bad row");
        }
        Ok(_) => return broken("training with NaN in a cell", "an error", "no error"),
    }
    scene.to_step(&mut trainer, case.steps)?;
    let mut whole =
        scene.trainer(case.seed, NonFinite::Error, |builder| (subject.join)(builder))?;
    scene.to_step(&mut whole, case.steps)?;
    same_state("the run after the error", &trainer.state(), &whole.state())
}

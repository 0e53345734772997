//! What an observer does follows from the run.

use super::scene::Scene;
use super::{Case, ObserverUnderTest};
use crate::check::Verdict;
use crate::check::trainer::{must, same_state};
use crate::clip::NonFinite;
use crate::scalar::Scalar;
use crate::train::Trainer;

/// Two fresh observers do the same to the same run.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn same_run_same_bits<F: Scalar>(subject: &ObserverUnderTest<F>, case: &Case) -> Verdict {
    let scene = Scene::of(case)?;
    let (first, second) = (scene.whole(subject)?.0, scene.whole(subject)?.0);
    same_state("the same run once more", &second, &first)
}

/// Two runs that take turns, each with an observer of its own, are as each of them alone.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn runs_do_not_disturb_each_other<F: Scalar>(
    subject: &ObserverUnderTest<F>,
    case: &Case,
) -> Verdict {
    let scene = Scene::of(case)?;
    let fresh = |seed| scene.trainer(seed, NonFinite::Skip, |builder| (subject.join)(builder));
    let turns = |trainers: &mut [Trainer<F>]| {
        (1..=case.steps).try_for_each(|step| {
            trainers.iter_mut().try_for_each(|trainer| scene.to_step(trainer, step).map(drop))
        })
    };
    let mut alone = [fresh(case.seed)?];
    turns(&mut alone)?;
    let mut both = [fresh(case.seed)?, fresh(case.seed + 1)?];
    turns(&mut both)?;
    same_state("the run that took turns with another", &both[0].state(), &alone[0].state())
}

/// A run that is put back to its start goes the same way again, with the observer that has seen it all.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_second_run_is_like_the_first<F: Scalar>(
    subject: &ObserverUnderTest<F>,
    case: &Case,
) -> Verdict {
    let scene = Scene::of(case)?;
    let mut trainer = scene.watched(subject)?;
    let start = trainer.state();
    scene.to_step(&mut trainer, case.steps)?;
    let first = trainer.state();
    must("putting the start back", trainer.restore(&start))?;
    scene.to_step(&mut trainer, case.steps)?;
    same_state("the run from its start again", &trainer.state(), &first)
}

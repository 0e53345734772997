//! A run is a function of its seed.

use super::compare::outputs;
use super::{Case, TrainerUnderTest, after, fit, must, same_state};
use crate::check::{Verdict, ensure, not_applicable, same_bits};
use crate::data::Batch;
use crate::scalar::Scalar;
use crate::train::Trainer;

/// Two fresh trainers of one seed are the same after any number of steps, to the bit.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn same_seed_same_bits<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    let run = || {
        let mut trainer = subject.fresh(case.seed)?;
        fit(&mut trainer, subject.data(), case.full(case.steps, subject.data()))?;
        Ok(trainer.state())
    };
    same_state("a second run", &run()?, &run()?)
}

/// Another seed gives other parameters to start with, and another gradient if the model draws random numbers.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn another_seed_another_run<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    if subject.same_start && !subject.draws {
        return not_applicable("nothing is said to depend on the seed");
    }
    let mut one = subject.fresh(case.seed)?;
    let mut other = subject.fresh(case.seed + 1)?;
    if !subject.same_start {
        let differ = one.model().values() != other.model().values();
        ensure(differ, "the parameters of the next seed", "other numbers", "the same")?;
    }
    if subject.draws {
        // Three hundred samples, so that two draws that agree on all of them do so for a reason.
        let rows: Vec<usize> = (0..300).map(|i| i % subject.data().len()).collect();
        let batch = must("a batch", Batch::of_rows(subject.data(), &rows))?;
        let start = one.model().values().to_vec();
        other.model_mut().values_mut().copy_from_slice(&start);
        let gradient = |trainer: &mut Trainer<F>| {
            must("the gradient", trainer.gradient(&batch).map(|g| g.values().to_vec()))
        };
        let differ = gradient(&mut one)? != gradient(&mut other)?;
        ensure(differ, "the gradient with the next seed", "other numbers", "the same")?;
    }
    Ok(())
}

/// Any number of threads gives the same bits, in training and in use.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn any_number_of_threads<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    let data = subject.data();
    let run = |threads| {
        let mut trainer = subject.changed(case.seed, |builder| builder.threads(threads))?;
        fit(&mut trainer, data, case.full(case.steps, data))?;
        Ok(trainer)
    };
    let (one, many) = (run(1)?, run(case.threads)?);
    let what = format!("{} threads", case.threads);
    same_state(&what, &many.state(), &one.state())?;
    let loss = |trainer: &Trainer<F>| must("evaluation", trainer.evaluate(data)).map(|e| e.loss);
    same_bits(format_args!("{what}: loss in use"), &[loss(&many)?], &[loss(&one)?])
}

/// Two runs that take turns are the same as each of them alone.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn runs_do_not_disturb_each_other<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
) -> Verdict {
    let seeds = [case.seed, case.seed + 1];
    let alone = |seed| after(subject, &Case { seed, ..case.clone() }, case.steps);
    let alone = [alone(seeds[0])?, alone(seeds[1])?];
    let mut turns = [subject.fresh(seeds[0])?, subject.fresh(seeds[1])?];
    for step in 1..=case.steps {
        for trainer in &mut turns {
            fit(trainer, subject.data(), case.to_step(step))?;
        }
    }
    for (turn, alone) in turns.iter().zip(&alone) {
        same_state("a run that took turns with another", &turn.state(), &alone.state())?;
    }
    let batch = case.sample(subject)?;
    same_bits(
        "its outputs",
        &outputs(turns[0].model(), &batch)?,
        &outputs(alone[0].model(), &batch)?,
    )
}

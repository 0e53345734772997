//! A pass is a function of the batch, the parameters, the seed and the step.

use super::{Case, LayerUnderTest, Precision, Run, Trial};
use crate::check::{Verdict, ensure, equal, in_both, not_applicable, same_bits};
use crate::layer::Mode;
use crate::network::Draw;

/// Evaluation gives the same bits at any step, before and after training, and changes no layer state.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn evaluation_depends_on_the_input_alone(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, &Case { mode: Mode::Evaluate, ..case.clone() })?;
        let mut run = Run::new(&trial);
        let want = run.pass(&trial)?;
        same_bits(
            format_args!("{} layer state after evaluation", F::NAME),
            &want.state,
            trial.model.state(),
        )?;
        let later = Trial { draw: Draw::new(case.seed, 9), ..trial.clone() };
        run.pass(&later)?.is(&want, "evaluated at another step")?;
        let mut training = trial.other(subject, case, trial.batch);
        training.mode = Mode::Train;
        run.pass(&training)?;
        run.pass(&trial)?.is(&want, "evaluated after training")
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Training is a function of the batch, the seed and the step: the same again, in memory that was used in between.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn training_is_a_function_of_seed_and_step(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, &Case { mode: Mode::Train, ..case.clone() })?;
        let want = Run::new(&trial).pass(&trial)?;
        let mut run = Run::new(&trial);
        run.pass(&Trial { draw: Draw::new(case.seed, 8), ..trial.clone() })?;
        run.pass(&trial)?.is(&want, "at the same step again")
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Training draws random numbers if it is said to: then other steps give other outputs. If not, they give the same.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn draws_are_as_claimed(subject: &LayerUnderTest, case: &Case) -> Verdict {
    let trial = Trial::<f64>::new(subject, &Case { mode: Mode::Train, ..case.clone() })?;
    // Enough samples to tell chance from none, and not one mask, which may hide everything, in all of them.
    let trial = trial.other(subject, case, 16);
    let mut run = Run::new(&trial);
    let first = run.forward(&trial)?;
    let mut others = false;
    for step in 0..16 {
        let now = run.forward(&Trial { draw: Draw::new(case.seed, step), ..trial.clone() })?;
        others |= now != first;
    }
    let claim = if subject.draws { "others, since it draws" } else { "the same; say .draws()" };
    let got = if others { "others" } else { "the same" };
    ensure(others == subject.draws, "f64 outputs at other steps of training", claim, got)
}

/// Other forward passes between are harmless: the last one before `backward` counts.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn the_last_forward_counts(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        let want = Run::new(&trial).pass(&trial)?;
        let mut run = Run::new(&trial);
        run.forward(&trial)?;
        run.forward(&trial)?;
        run.pass(&trial)?.is(&want, "after three times forward")?;
        let mut run = Run::new(&trial);
        run.forward(&trial.other(subject, case, trial.batch))?;
        run.pass(&trial)?.is(&want, "after forward of another batch")
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Two workspaces used in turns give what each gives alone.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn workspaces_do_not_mix(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        let other = trial.other(subject, case, trial.batch);
        let want = Run::new(&trial).pass(&trial)?;
        let (mut one, mut two) = (Run::new(&trial), Run::new(&other));
        let outputs = one.forward(&trial)?;
        two.forward(&other)?;
        one.finish(&trial, outputs)?.is(&want, "with another workspace in between")
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A larger batch before leaves no trace.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_larger_batch_leaves_no_trace(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        let want = Run::new(&trial).pass(&trial)?;
        let larger = trial.other(subject, case, 2 * trial.batch + 1);
        let mut run = Run::new(&trial);
        run.pass(&larger)?;
        run.pass(&trial)?.is(&want, "after a larger batch")
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A model that is built again, and a copy of a model, compute the same.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn models_built_alike_are_alike(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        let want = Run::new(&trial).pass(&trial)?;
        Run::new(&trial.clone()).pass(&trial)?.is(&want, "by a copy")?;
        let again = Trial::<F>::new(subject, case)?;
        let (shapes, others) = (trial.model.output_shapes(), again.model.output_shapes());
        equal("the shapes of the outputs, built again", others, shapes)?;
        Run::new(&again).pass(&again)?.is(&want, "by a model that was built again")
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Any number of threads gives the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
#[cfg(feature = "threads")]
pub fn threads_change_nothing(subject: &LayerUnderTest, case: &Case) -> Verdict {
    use std::sync::OnceLock;

    use crate::check::broken;
    use crate::kernel::parallel::Parallel;

    /// So many numbers that kernels split their work.
    const NUMBERS: usize = 60_000;
    const COUNTS: [usize; 4] = [3, 1, 2, 8];
    static POOLS: [OnceLock<Option<rayon::ThreadPool>>; 4] = [const { OnceLock::new() }; 4];

    if !case.seed.is_multiple_of(16) {
        return not_applicable("one case of sixteen is enough for a large batch");
    }
    let trial = Trial::<f32>::new(subject, case)?;
    let sizes = trial.inputs.iter().chain(&trial.upstream).map(Vec::len).max().unwrap_or(1);
    let mut trial = trial.repeated(NUMBERS / sizes.max(1) + 1);
    let want = Run::new(&trial).pass(&trial)?;
    trial.draw = trial.draw.parallel(Parallel::On);
    let threads = COUNTS[case.pick % 4];
    let made = || rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok();
    let Some(pool) = POOLS[case.pick % 4].get_or_init(made) else {
        return broken("the thread pool", format_args!("{threads} threads"), "none");
    };
    let got = pool.install(|| Run::new(&trial).pass(&trial))?;
    got.is(&want, format_args!("by {threads} threads"))
}

/// Any number of threads gives the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
#[cfg(not(feature = "threads"))]
pub fn threads_change_nothing(_: &LayerUnderTest, _: &Case) -> Verdict {
    not_applicable("the feature `threads` is off")
}

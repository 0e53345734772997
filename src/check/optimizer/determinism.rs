//! The same steps give the same numbers.

#[cfg(feature = "threads")]
use std::sync::OnceLock;

use super::{Case, OptimizerUnderTest, Precision, Run, train};
use crate::check::{Verdict, in_both, same_bits};

/// The same weights and gradients give the same bits.
pub fn same_input_same_bits(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let rule = F::rule(subject)?;
        let run = || -> Result<Vec<F>, _> {
            let mut run = Run::new(rule, &case.shapes, &case.weights());
            train(&mut run, case, 0..case.steps)?;
            Ok(run.state())
        };
        let first = run()?;
        same_bits(format_args!("{} state of a second run", F::NAME), &run()?, &first)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Two runs of one rule, taken in turns, give what each gives alone.
pub fn runs_do_not_mix(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let other = Case { seed: case.seed + 1, shapes: vec![vec![3]], ..case.clone() };
        let rule = F::rule(subject)?;
        let start = |case: &Case| Run::new(rule, &case.shapes, &case.weights());
        let mut alone = start(case);
        train(&mut alone, case, 0..case.steps)?;
        let (mut one, mut two) = (start(case), start(&other));
        for step in 0..case.steps {
            train(&mut two, &other, step..step + 1)?;
            train(&mut one, case, step..step + 1)?;
        }
        let what = format_args!("{} state of a run that takes turns with another", F::NAME);
        same_bits(what, &one.state(), &alone.state())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Any number of threads gives the same bits.
#[cfg(feature = "threads")]
pub fn threads_change_nothing(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    use super::case::normal;
    use crate::check::broken;
    use crate::random::Noise;

    // Large enough to be shared between threads, and not a round number.
    const SIZE: usize = 140_001;
    let numbers = |place| normal(Noise::new(case.seed).at(place)).take(SIZE);
    let weights: Vec<f64> = numbers("weights").collect();
    let gradient: Vec<f32> = numbers("gradient").map(|g| g as f32).collect();
    let rule = f32::rule(subject)?;
    let fresh = || Run::flat(rule, &weights);
    let step = |run: &mut Run<'_, f32>| {
        let took = run.step(&mut |_, g| {
            g.copy_from_slice(&gradient);
            Ok(0.0)
        });
        took.or_else(|error| broken("f32 step 1", "no error", error))
    };
    let threads = 2 + case.pick % 3;
    let Some(pool) = pool(threads) else {
        return broken("the thread pool", format_args!("{threads} threads"), "none");
    };
    let (mut alone, mut together) = (fresh(), fresh().side_by_side());
    step(&mut alone)?;
    pool.install(|| step(&mut together))?;
    let what = |of: &str| format!("f32 {of} after {threads} threads");
    same_bits(what("weight"), &together.weights, &alone.weights)?;
    let slots = together.memory.slots().iter().zip(together.memory.buffers());
    for ((slot, got), want) in slots.zip(alone.memory.buffers()) {
        same_bits(what(&format!("slot `{}`", slot.name())), got, want)?;
    }
    Ok(())
}

/// A pool of 2, 3 or 4 threads, made once: to start threads takes longer than the step that they are for.
#[cfg(feature = "threads")]
fn pool(threads: usize) -> Option<&'static rayon::ThreadPool> {
    static POOLS: [OnceLock<Option<rayon::ThreadPool>>; 3] = [const { OnceLock::new() }; 3];
    let made = || rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok();
    POOLS.get(threads - 2)?.get_or_init(made).as_ref()
}

/// Any number of threads gives the same bits.
#[cfg(not(feature = "threads"))]
pub fn threads_change_nothing(_: &OptimizerUnderTest, _: &Case) -> Verdict {
    crate::check::not_applicable("the feature `threads` is off")
}

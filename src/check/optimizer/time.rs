//! Steps are counted for each parameter, and for a long time.

use super::{Case, OptimizerUnderTest, Precision, Run};
use crate::check::{Verdict, ensure, finite, in_both, not_applicable, same_bits};

/// A tensor that was frozen from the start begins, once it is not, as in a fresh run.
pub fn thawed_starts_afresh(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let weights = case.weights();
        let mut thawed = Run::<F>::new(F::rule(subject)?, &case.shapes, &weights);
        let id = case.pick % case.shapes.len();
        let place = thawed.parameters[id].range();
        let shapes = std::slice::from_ref(&case.shapes[id]);
        let mut fresh = Run::<F>::new(F::rule(subject)?, shapes, &weights[place.clone()]);
        let frozen = 1 + case.moment();
        for step in 0..frozen + case.steps {
            let gradient = case.gradient(step);
            thawed.courses[id].active = step >= frozen;
            super::step(&mut thawed, &gradient)?;
            if step >= frozen {
                super::step(&mut fresh, &gradient[place.clone()])?;
            }
        }
        let what =
            format_args!("{} state of tensor {id}, frozen for {frozen} steps before", F::NAME);
        same_bits(what, &thawed.tensor_state(id), &fresh.tensor_state(0))
    }
    if subject.claims.whole_model {
        return not_applicable("it looks at all parameters at once");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// However many updates there have been, the next one gives finite numbers.
pub fn late_updates_stay_finite(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        const COUNTS: [u64; 6] = [1 << 20, (1 << 31) - 1, 1 << 32, 1 << 53, 1 << 60, 1 << 63];
        let mut run = Run::<F>::new(F::rule(subject)?, &case.shapes, &case.weights());
        let count = COUNTS[case.pick % COUNTS.len()];
        run.memory.updates_mut().fill(count);
        (run.tick.step, run.tick.updates) = (count, count + 1);
        for step in 0..case.steps {
            super::step(&mut run, &case.plain_gradient(step))?;
        }
        finite(format_args!("{} state after update {count}", F::NAME), &run.state())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A momentum schedule between 0 and 1 gives finite numbers.
pub fn momentum_schedule_stays_finite(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let mut run = Run::<F>::new(F::rule(subject)?, &case.shapes, &case.weights());
        for step in 0..case.steps {
            // From 0 up to the moment, then down again.
            run.tick.momentum_factor = match step % 3 {
                0 => 0.0,
                1 => case.moment,
                _ => 1.0,
            };
            super::step(&mut run, &case.plain_gradient(step))?;
        }
        finite(format_args!("{} state", F::NAME), &run.state())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A momentum schedule acts on a rule that claims to follow it.
pub fn momentum_schedule_acts(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        // Where a sign decides, few numbers would often do the same, and those far from zero always.
        let many = Case { shapes: vec![vec![64]], ..case.clone() };
        let rule = F::rule(subject)?;
        let run = |factor: f64| -> Result<Vec<F>, _> {
            let mut run = Run::flat(rule, &many.weights());
            run.tick.momentum_factor = factor;
            for step in 0..8 {
                super::step(&mut run, &many.plain_gradient(step))?;
            }
            Ok(run.weights)
        };
        let same = run(1.0)? == run(0.5)?;
        let what = format_args!("{} weights at half the momentum", F::NAME);
        ensure(!same, what, "other weights than at the full momentum", "the same weights")
    }
    if !subject.claims.follows_momentum {
        return not_applicable("it does not claim to follow a momentum schedule");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

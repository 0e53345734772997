//! What has no reason to move does not move.

use super::{Case, OptimizerUnderTest, Precision, Run, train};
use crate::check::{Verdict, in_both, same_bits};

/// A learning rate of zero moves no weight.
pub fn rate_zero_moves_nothing(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let mut run = Run::<F>::new(F::rule(subject)?, &case.shapes, &case.weights()).rate(0.0);
        let before = run.weights.clone();
        for step in 0..case.steps {
            super::step(&mut run, &case.plain_gradient(step))?;
        }
        same_bits(format_args!("{} weight", F::NAME), &run.weights, &before)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// In a fresh run without decay, gradients of zero move no weight.
pub fn zero_gradient_moves_nothing(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let run = Run::<F>::new(F::rule(subject)?, &case.shapes, &case.weights());
        let mut run = run.without_decay();
        let before = run.weights.clone();
        for _ in 0..case.steps {
            super::step(&mut run, &vec![0.0; case.size()])?;
        }
        same_bits(format_args!("{} weight", F::NAME), &run.weights, &before)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A frozen tensor keeps its weights and all that is remembered of it.
pub fn frozen_keeps_everything(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let mut run = Run::<F>::new(F::rule(subject)?, &case.shapes, &case.weights());
        let frozen = case.pick % case.shapes.len();
        train(&mut run, case, 0..case.moment())?;
        let before = run.tensor_state(frozen);
        run.courses[frozen].active = false;
        train(&mut run, case, case.moment()..case.steps)?;
        let what = format_args!("{} state of tensor {frozen}, frozen", F::NAME);
        same_bits(what, &run.tensor_state(frozen), &before)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

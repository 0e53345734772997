//! What has no reason to move does not move.

use super::{Case, OptimizerUnderTest, Precision, Run, train};
use crate::check::{Verdict, same_bits};

/// A learning rate of zero moves no weight.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn rate_zero_moves_nothing(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let mut run = Run::<F>::new(F::rule(subject), &case.shapes, &case.weights()).rate(0.0);
        let before = run.weights.clone();
        train(&mut run, case, 0..case.steps)?;
        same_bits(format_args!("{} weight", F::NAME), &run.weights, &before)
    }
    law::<f32>(subject, case)?;
    law::<f64>(subject, case)
}

/// In a fresh run without decay, gradients of zero move no weight.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn zero_gradient_moves_nothing(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let run = Run::<F>::new(F::rule(subject), &case.shapes, &case.weights());
        let mut run = run.without_decay();
        let before = run.weights.clone();
        for _ in 0..case.steps {
            super::step(&mut run, &vec![0.0; case.size()])?;
        }
        same_bits(format_args!("{} weight", F::NAME), &run.weights, &before)
    }
    law::<f32>(subject, case)?;
    law::<f64>(subject, case)
}

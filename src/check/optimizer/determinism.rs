//! The same steps give the same numbers.

use super::{Case, OptimizerUnderTest, Precision, Run, train};
use crate::check::{Verdict, same_bits};

/// The same weights and gradients give the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn same_input_same_bits(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let run = || -> Result<Vec<F>, _> {
            let mut run = Run::new(F::rule(subject), &case.shapes, &case.weights());
            train(&mut run, case, 0..case.steps)?;
            Ok(run.state())
        };
        same_bits(format_args!("{} state of a second run", F::NAME), &run()?, &run()?)
    }
    law::<f32>(subject, case)?;
    law::<f64>(subject, case)
}

//! A run that is cut goes on as if it had not been.

use super::{Case, TrainerUnderTest, after, fit, must, same_state};
use crate::check::Verdict;
use crate::scalar::Scalar;
use crate::train::StopReason;

/// A run whose state is taken out after any step and put into a fresh trainer of any seed is the uninterrupted run to the bit, history included.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_cut_run_is_the_whole_run<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
) -> Verdict {
    let data = subject.data();
    let mut whole = subject.fresh(case.seed)?;
    fit(&mut whole, data, case.full(case.steps, data))?;

    let mut first = subject.fresh(case.seed)?;
    let ended = fit(&mut first, data, case.full(case.moment().min(case.steps), data))?.reason;
    let mut second = subject.fresh(case.seed ^ 1)?;
    must("putting the state back", second.restore(&first.state()))?;
    // What has ended by itself would start to be patient anew.
    if ended != StopReason::EarlyStopping {
        fit(&mut second, data, case.full(case.steps, data))?;
    }
    same_state("the run that was cut", &second.state(), &whole.state())
}

/// A trainer that is put back to an earlier state of its own takes the same steps again.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn going_back_repeats_the_run<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
) -> Verdict {
    let data = subject.data();
    let mut trainer = after(subject, case, case.moment().min(case.steps - 1))?;
    let before = trainer.state();
    fit(&mut trainer, data, case.to_step(case.steps))?;
    let once = trainer.state();
    must("putting the state back", trainer.restore(&before))?;
    same_state("the state put back", &trainer.state(), &before)?;
    fit(&mut trainer, data, case.to_step(case.steps))?;
    same_state("the second time", &trainer.state(), &once)
}

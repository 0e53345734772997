//! A run that was stopped can go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Case, TrainerUnderTest, after, fit, same_state};
use crate::check::Verdict;
use crate::scalar::Scalar;
use crate::train::{Event, Fit};

/// A run that a number of steps, a flag, a time budget, an observer or early stopping has ended goes on as if it had not.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_stopped_run_goes_on<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    let (data, moment) = (subject.data(), case.moment());
    // Judged by the loss in any case, because early stopping is.
    let plan = || case.to_step(case.steps).monitor("loss");
    let mut whole = subject.fresh(case.seed)?;
    fit(&mut whole, data, plan())?;

    let flag = Arc::new(AtomicBool::new(false));
    let (way, raised) = (case.pick % 5, Arc::clone(&flag));
    let mut stopped = subject.changed(case.seed, |builder| {
        builder.on(move |event, control| {
            let Event::Step(record) = event else { return };
            if record.step + 1 == moment {
                match way {
                    0 => control.stop(),
                    1 => raised.store(true, Ordering::Relaxed),
                    _ => {}
                }
            }
        })
    })?;
    let first = match way {
        0 => plan(),
        1 => plan().stop_flag(Arc::clone(&flag)),
        2 => plan().time_budget(Duration::ZERO),
        3 => plan().patience(0),
        _ => case.to_step(moment.min(case.steps)).monitor("loss"),
    };
    fit(&mut stopped, data, first)?;
    fit(&mut stopped, data, plan())?;
    let mut state = stopped.state();
    // From where patience counts is the one thing that early stopping may leave behind.
    state.patience_from = whole.state().patience_from;
    same_state("the run that was stopped", &state, &whole.state())
}

/// Training for no epochs and no steps changes nothing, and the run goes on as if it had not been asked.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn no_epochs_change_nothing<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    let data = subject.data();
    let mut trainer = after(subject, case, case.moment().clamp(1, case.steps))?;
    let before = trainer.state();
    for nothing in [Fit::epochs(0), Fit::steps(0), Fit::to_epoch(0), Fit::to_step(0)] {
        fit(&mut trainer, data, case.plain(nothing))?;
        same_state("after no epochs", &trainer.state(), &before)?;
    }
    fit(&mut trainer, data, case.to_step(case.steps))?;
    let whole = after(subject, case, case.steps)?;
    same_state("the run after that", &trainer.state(), &whole.state())
}

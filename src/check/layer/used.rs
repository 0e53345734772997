//! What the plan declares is used.

use super::run::MEMORY;
use super::{Case, LayerUnderTest, Run, Trial};
use crate::check::{Verdict, ensure, not_applicable};
use crate::layer::Mode;

/// So many samples that no part of a layer is idle by chance.
const SAMPLES: usize = 40;

/// A trial of many samples in training.
fn many(subject: &LayerUnderTest, case: &Case) -> Result<Trial<f64>, crate::check::Unmet> {
    let case = Case { mode: Mode::Train, magnitude: 1.0, ..case.clone() };
    Ok(Trial::new(subject, &case)?.other(subject, &case, SAMPLES))
}

/// Every parameter changes an output, and has a gradient.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn every_parameter_counts(subject: &LayerUnderTest, case: &Case) -> Verdict {
    let mut trial = many(subject, case)?;
    let mut run = Run::new(&trial);
    let first = run.pass(&trial)?;
    let parameters = trial.model.parameters().to_vec();
    if parameters.is_empty() {
        return not_applicable("it has no parameters");
    }
    for parameter in parameters {
        let (path, range) = (parameter.path(), parameter.range());
        let values = trial.model.values()[range.clone()].to_vec();
        let moved = trial.model.values_mut()[range.clone()].iter_mut().enumerate();
        moved.for_each(|(i, value)| *value = 1.5 * *value + 0.25 + i as f64 / 8.0);
        let changes = run.forward(&trial)? != first.outputs;
        trial.model.values_mut()[range.clone()].copy_from_slice(&values);
        ensure(changes, format_args!("f64 outputs with another {path}"), "others", "the same")?;
        let moves = first.parameters[range].iter().any(|&g| g != 0.0);
        ensure(moves, format_args!("f64 gradient for {path}"), "not only zeros", "zeros")?;
    }
    Ok(())
}

/// Training moves every number of the layer state, and keeps it finite.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn training_moves_all_state(subject: &LayerUnderTest, case: &Case) -> Verdict {
    let trial = many(subject, case)?;
    if trial.model.state().is_empty() {
        return not_applicable("it has no state");
    }
    let after = Run::new(&trial).pass(&trial)?.state;
    for tensor in trial.model.states() {
        for i in tensor.range() {
            let (before, after) = (trial.model.state()[i], after[i]);
            let what =
                format!("f64 {}[{}] after training", tensor.path(), i - tensor.range().start);
            let fine = after.is_finite() && after != before;
            ensure(fine, what, format_args!("a number other than {before:?}"), after)?;
        }
    }
    Ok(())
}

/// All memory that the plan asks for is written.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn memory_is_used(subject: &LayerUnderTest, case: &Case) -> Verdict {
    /// A number that no pass would leave.
    const MARK: f64 = 54_321.0;
    let trial = many(subject, case)?;
    let mut run = Run::new(&trial);
    run.pass(&trial)?;
    if run.work.buffers_mut().all(|(kind, _)| !MEMORY.contains(&kind)) {
        return not_applicable("it asks for no memory");
    }
    run.fill(&MEMORY, MARK);
    // What one mode has no use for may be there for the other.
    for mode in [Mode::Train, Mode::Evaluate] {
        run.pass(&Trial { mode, ..trial.clone() })?;
    }
    run.work.buffers_mut().try_for_each(|(kind, buffer)| {
        let used =
            !MEMORY.contains(&kind) || buffer.is_empty() || buffer.iter().any(|&x| x != MARK);
        ensure(used, format_args!("f64 {kind} of {} numbers", buffer.len()), "written", "untouched")
    })
}

//! What has no reason to move stands still.

use super::{Case, TrainerUnderTest, after, fit, must};
use crate::check::{Verdict, equal, not_applicable, same_bits};
use crate::params::Select;
use crate::scalar::Scalar;
use crate::train::Group;

/// A frozen parameter keeps its bits, what the optimizer remembers of it, and its count of updates.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_frozen_parameter_stays<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    let before = case.moment().min(case.steps - 1);
    let mut trainer = after(subject, case, before)?;
    let parameters = trainer.model().parameters();
    if parameters.is_empty() {
        return not_applicable("a model without parameters");
    }
    let path = parameters[case.pick % parameters.len()].path().to_owned();
    let old = trainer.state();
    must("freezing", trainer.freeze(path.as_str()))?;
    fit(&mut trainer, subject.data(), case.to_step(case.steps))?;
    let new = trainer.state();
    for (old, new) in old.parameters.iter().zip(&new.parameters).filter(|(old, _)| old.name == path)
    {
        same_bits(format_args!("the frozen {path}"), &new.values, &old.values)?;
    }
    let of_it = |name: &str| name.split_once('/').is_some_and(|(_, of)| of == path);
    for (old, new) in old.slots.iter().zip(&new.slots).filter(|(old, _)| of_it(&old.name)) {
        same_bits(
            format_args!("the slot {} of the frozen parameter", old.name),
            &new.values,
            &old.values,
        )?;
    }
    let count = |updates: &[(String, u64)]| updates.iter().find(|(name, _)| *name == path).cloned();
    equal("its updates", count(&new.updates), count(&old.updates))
}

/// At a learning rate of zero no parameter moves.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn rate_zero_moves_nothing<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    let still = Group { learning_rate_scale: 0.0, ..Group::default() };
    let mut trainer = subject.changed(case.seed, |builder| builder.group(Select::all(), still))?;
    let before = trainer.model().values().to_vec();
    fit(&mut trainer, subject.data(), case.to_step(case.steps))?;
    same_bits("parameter", trainer.model().values(), &before)
}

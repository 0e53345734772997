//! What two runs have in common.

use std::fmt::{Debug, Display};

use super::must;
use crate::check::{Unmet, Verdict, close, ensure, equal, same_bits};
use crate::data::Batch;
use crate::network::{Draw, Model, Workspace};
use crate::scalar::Scalar;
use crate::train::{NamedTensor, TrainState};

/// Two runs are in the same state to the bit; if not, the first difference is named.
///
/// # Errors
/// [`Unmet::Broken`] with the first difference.
pub fn same_state<F: Scalar>(what: &str, got: &TrainState<F>, want: &TrainState<F>) -> Verdict {
    equal(format_args!("{what}: steps taken"), got.step, want.step)?;
    same_list(&format!("{what}: step"), &got.history.steps, &want.history.steps)?;
    same_list(&format!("{what}: epoch"), &got.history.epochs, &want.history.epochs)?;
    same_tensors(what, &got.parameters, &want.parameters)?;
    same_tensors(what, &got.slots, &want.slots)?;
    same_tensors(what, &got.layer_state, &want.layer_state)?;
    equal(format_args!("{what}: update counts"), &got.updates, &want.updates)?;
    equal(format_args!("{what}: what is frozen"), &got.frozen, &want.frozen)?;
    let place = |s: &TrainState<F>| (s.epoch, s.position, s.seed, s.patience_from);
    equal(format_args!("{what}: epoch, position, seed, patience"), place(got), place(want))?;
    same_bits(
        format_args!("{what}: rate scale"),
        &[got.learning_rate_scale],
        &[want.learning_rate_scale],
    )?;
    same_list(&format!("{what}: metric count"), &got.tallies, &want.tallies)?;
    match (&got.best, &want.best) {
        (Some(got), Some(want)) => {
            same_text(&format!("{what}: best epoch"), &got.record, &want.record)?;
            same_tensors(&format!("{what}: best"), &got.parameters, &want.parameters)?;
            same_tensors(&format!("{what}: best"), &got.layer_state, &want.layer_state)
        }
        (got, want) => equal(format_args!("{what}: a best epoch"), got.is_some(), want.is_some()),
    }
}

/// The same parameters to the bit, by name.
pub(super) fn same_tensors<F: Scalar>(
    what: &str,
    got: &[NamedTensor<F>],
    want: &[NamedTensor<F>],
) -> Verdict {
    equal(format_args!("{what}: number of tensors"), got.len(), want.len())?;
    got.iter().zip(want).try_for_each(|(got, want)| {
        same_bits(format_args!("{what}: {}", want.name), &got.values, &want.values)
    })
}

fn same_list<T: Debug>(what: &str, got: &[T], want: &[T]) -> Verdict {
    equal(format_args!("the number of {what}s"), got.len(), want.len())?;
    let mut pairs = got.iter().zip(want).enumerate();
    pairs.try_for_each(|(i, (got, want))| same_text(&format!("{what} {i}"), got, want))
}

/// By their text, which has every digit: in records NaN stands for NaN.
pub(super) fn same_text<T: Debug>(what: &str, got: &T, want: &T) -> Verdict {
    let (got, want) = (format!("{got:?}"), format!("{want:?}"));
    ensure(got == want, what, want, got)
}

/// Two gradients differ by rounding alone: by little of the larger's length.
pub(super) fn near<F: Scalar>(what: impl Display, got: &[F], want: &[F]) -> Verdict {
    let longest = want.iter().fold(0.0, |most, g| f64::max(most, g.as_f64().abs()));
    let slack = 1024.0 * F::epsilon().as_f64();
    close(what, got, want, slack, slack * longest)
}

/// All first outputs of a model in use.
pub(super) fn outputs<F: Scalar>(model: &Model<F>, batch: &Batch<F>) -> Result<Vec<F>, Unmet> {
    let mut work = Workspace::new(model);
    must("loading a batch", work.load_part(&batch.part(0, batch.len())))?;
    must("the forward pass", work.evaluate(model, batch.len(), Draw::default()))?;
    Ok(work.output(0).values().to_vec())
}

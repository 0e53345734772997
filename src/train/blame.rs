//! Where a run left the range of numbers: what an error names.

use super::StepRecord;
use super::rows::in_batch;
use crate::clip;
use crate::data::Part;
use crate::error::Error;
use crate::network::{Model, Workspace};
use crate::scalar::Scalar;

/// The error of a run that has left the range of numbers at `place`.
pub(super) fn diverged(step: u64, place: &str, sample: Option<usize>, value: f64) -> Error {
    let fix = "lower the learning rate, scale the data, or let the weights start smaller";
    // A layer that is the whole model has no path.
    let place = if place.is_empty() { "the model" } else { place };
    Error::Diverged { step, place: place.to_owned(), sample, row: None, value, fix: fix.to_owned() }
}

/// The first parameter that is not finite, with the place and the value.
pub(super) fn bad_parameter<F: Scalar>(model: &Model<F>) -> Option<(String, f64)> {
    let (id, index, value) = clip::check(model.parameters(), model.values())?;
    Some((format!("{}[{index}]", model.parameters()[id].path()), value))
}

/// Finds what is not finite: a cell of the last part of the batch, a parameter, a layer's output, the loss, or a gradient.
pub(super) fn blame<F: Scalar>(
    model: &Model<F>,
    work: &Workspace<F>,
    last: &Part<'_, F>,
    gradient: &[F],
    record: &StepRecord,
) -> Error {
    let step = record.step;
    if let Some(error) = blame_outputs(model, work, last, step) {
        return in_batch(error, last.first_sample());
    }
    if !record.loss.is_finite() {
        return diverged(step, "loss", None, record.loss);
    }
    if !record.penalty.is_finite() {
        return diverged(step, "the penalty", None, record.penalty);
    }
    match clip::check(model.parameters(), gradient) {
        Some((id, index, value)) => Error::NonFiniteGradient {
            step,
            tensor: model.parameters()[id].path().to_owned(),
            index,
            value,
        },
        None => diverged(step, "the gradient's norm", None, record.gradient_norm),
    }
}

/// The first cell of the samples, parameter or layer's output that is not finite.
pub(super) fn blame_outputs<F: Scalar>(
    model: &Model<F>,
    work: &Workspace<F>,
    samples: &Part<'_, F>,
    step: u64,
) -> Option<Error> {
    for position in 0..model.input_shapes().len() {
        let input = samples.input(position);
        let tokens = model.layout.tokens_of(position);
        let bad = |&value: &F| match tokens {
            Some(count) => crate::layer::row(value, count).is_none(),
            None => !value.is_finite(),
        };
        if let Some(at) = input.values().iter().position(bad) {
            let (row, column) = (at / input.size().max(1), at % input.size().max(1));
            let what = format!("step {step}: input {position} of the batch");
            let expected = tokens.map_or_else(
                || "a finite number".to_owned(),
                |count| format!("a whole number from 0 to {}", count - 1),
            );
            return Some(Error::cell(what, row, column, input.values()[at], expected));
        }
    }
    if let Some((path, value)) = bad_parameter(model) {
        return Some(diverged(step, &path, None, value));
    }
    let (place, sample, value) = work.first_non_finite()?;
    Some(diverged(step, place, Some(sample), value.as_f64()))
}

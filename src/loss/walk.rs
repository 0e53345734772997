//! The walks over a batch, from which every loss is made: by samples, by numbers, by places with scores for classes.

use std::borrow::Borrow;

use super::rows::each_row;
use super::{ElementLoss, LossPass, Total, fit};
use crate::error::Error;
use crate::network::OutputGradients;
use crate::scalar::Scalar;

/// The gradient for one sample of the output at `position`.
pub(super) fn row<'g, F: Scalar>(
    gradients: &'g mut OutputGradients<'_, F>,
    position: usize,
    sample: usize,
) -> &'g mut [F] {
    let view = gradients.get(position);
    let size = view.size();
    view.into_values().get_mut(sample * size..(sample + 1) * size).unwrap_or_default()
}

/// What a sample of this weight adds to the sum; the gradients that `loss` wrote as if the weight were 1 are left to [`weigh`].
///
/// A sample of weight 0 is not looked at, so that nothing in it, not even NaN or a target out of range, can matter.
pub(super) fn weighted<F: Scalar>(
    weight: F,
    loss: impl FnOnce() -> Result<Total, Error>,
) -> Result<Total, Error> {
    if weight == F::zero() {
        return Ok(Total::default());
    }
    let (part, factor) = (loss()?, weight.as_f64());
    Ok(Total { sum: factor * part.sum, weight: factor * part.weight })
}

/// Multiplies the gradient of a sample by the sample's weight.
pub(super) fn weigh<F: Scalar>(gradient: &mut [F], weight: F) {
    // Not by a product: 0 × ∞ is NaN.
    if weight == F::zero() {
        gradient.fill(F::zero());
    } else if weight != F::one() {
        gradient.iter_mut().for_each(|g| *g *= weight);
    }
}

/// The weighted sum of what `loss` says of each sample, for losses of several outputs. `loss` overwrites the sample's gradients as if its weight
/// were 1.
pub(super) fn each_sample<F: Scalar>(
    mut pass: LossPass<'_, F>,
    mut loss: impl FnMut(usize, Option<&mut OutputGradients<'_, F>>) -> Result<Total, Error>,
) -> Result<Total, Error> {
    let mut gradients = pass.gradients.take();
    let mut total = Total::default();
    for sample in 0..pass.outputs.one().batch() {
        let weight = pass.weight(sample);
        total += weighted(weight, || loss(sample, gradients.as_mut()))?;
        let Some(gradients) = gradients.as_mut() else { continue };
        for position in 0..gradients.len() {
            weigh(row(gradients, position, sample), weight);
        }
    }
    Ok(total)
}

/// The weighted sum over samples of the mean over a sample's numbers. `at` gives the loss for a position on the last axis.
pub(super) fn each_number<L: ?Sized, F: Scalar, E: ElementLoss, B: Borrow<E>>(
    pass: LossPass<'_, F>,
    at: impl Fn(usize) -> B + Sync,
) -> Result<Total, Error> {
    let [output] = fit::outputs::<L, F, 1>(&pass)?;
    let target = fit::values::<L, F>(&pass, fit::Want::Like(output.shape()))?;
    let columns = output.shape().last().copied().unwrap_or(1).max(1);
    let share = 1.0 / output.size().max(1) as f64;
    each_row(pass, &|sample, gradient| {
        let (outputs, targets) = (output.row(sample), target.row(sample));
        fit::allowed::<L, F>(sample, targets, |t| at(0).borrow().allows(t))?;
        let lines = || outputs.chunks(columns).zip(targets.chunks(columns));
        let sum: f64 = lines()
            .flat_map(|(outputs, targets)| outputs.iter().zip(targets).enumerate())
            .map(|(column, (&p, &t))| at(column).borrow().value(p, t).as_f64())
            .sum();
        if let Some(gradient) = gradient {
            for (gradient, (outputs, targets)) in gradient.chunks_mut(columns).zip(lines()) {
                for (column, (g, (&p, &t))) in
                    gradient.iter_mut().zip(outputs.iter().zip(targets)).enumerate()
                {
                    *g = F::of(share) * at(column).borrow().slope(p, t);
                }
            }
        }
        Ok(Total { sum: share * sum, weight: 1.0 })
    })
}

/// The sum over places of what `loss` says of a place: it is given the place's number in the batch, the scores of the classes, and their
/// gradient to overwrite.
pub(super) fn each_place<L: ?Sized, F: Scalar>(
    pass: LossPass<'_, F>,
    loss: impl Fn(usize, &[F], Option<&mut [F]>) -> Result<Total, Error> + Sync,
) -> Result<Total, Error> {
    let [output] = fit::outputs::<L, F, 1>(&pass)?;
    let classes = fit::classes::<L>(output.shape())?;
    let places = output.size() / classes;
    each_row(pass, &|sample, mut gradient| {
        let mut total = Total::default();
        for (i, scores) in output.row(sample).chunks_exact(classes).enumerate() {
            let gradient =
                gradient.as_mut().and_then(|g| g.get_mut(i * classes..(i + 1) * classes));
            total += loss(sample * places + i, scores, gradient)?;
        }
        Ok(total)
    })
}

/// As [`each_place`], with the class index of the place. A place whose index is `ignore` has no loss, no weight and no gradient.
pub(super) fn each_label<L: ?Sized, F: Scalar>(
    pass: LossPass<'_, F>,
    ignore: Option<usize>,
    loss: impl Fn(usize, &[F], Option<&mut [F]>) -> Total + Sync,
) -> Result<Total, Error> {
    let [output] = fit::outputs::<L, F, 1>(&pass)?;
    let labels = fit::labels::<L, F>(&pass, output)?;
    let places = output.size() / fit::classes::<L>(output.shape())?;
    each_place::<L, F>(pass, |place, scores, gradient| match labels.get(place) {
        Some(label) if ignore == Some(*label) => {
            gradient.into_iter().for_each(|g| g.fill(F::zero()));
            Ok(Total::default())
        }
        Some(&label) if label < scores.len() => Ok(loss(label, scores, gradient)),
        label => {
            let expected = format!("a class index below {}", scores.len());
            let value = label.copied().unwrap_or(usize::MAX);
            Err(Error::target(fit::name::<L>(), place / places.max(1), value, expected))
        }
    })
}

//! The walk over the samples of one output, side by side where they are worth it.

use super::walk::{weigh, weighted};
use super::{LossPass, Total};
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::scalar::Scalar;

/// How many samples are worked on between two additions to the sum.
const GROUP: usize = 256;

/// Below this many numbers a second thread costs more than it brings.
const PARALLEL: usize = 1 << 15;

/// What is done with a sample: its number in the batch, and its gradient to overwrite. Called through a pointer, so that the walk is compiled once for all
/// losses.
type Sample<'a, F> = &'a (dyn Fn(usize, Option<&mut [F]>) -> Result<Total, Error> + Sync);

/// As [`each_sample`](super::walk::each_sample) for losses of one output, whose samples may be worked on side by side. They are added up in their order.
pub(super) fn each_row<F: Scalar>(
    mut pass: LossPass<'_, F>,
    loss: Sample<'_, F>,
) -> Result<Total, Error> {
    let mut gradients = pass.gradients.take();
    let mut gradient = gradients.as_mut().map(|gradients| gradients.one().into_values());
    let (batch, size) = (pass.outputs.one().batch(), pass.outputs.one().size());
    let sample = |sample: usize, mut gradient: Option<&mut [F]>| {
        let weight = pass.weight(sample);
        let part = weighted(weight, || loss(sample, gradient.as_deref_mut()))?;
        gradient.into_iter().for_each(|gradient| weigh(gradient, weight));
        Ok(part)
    };
    let mut total = Total::default();
    if pass.parallel == Parallel::Off || batch.min(GROUP) * size < 2 * PARALLEL {
        for i in 0..batch {
            let row = i * size..(i + 1) * size;
            let gradient = gradient.as_mut().map(|g| g.get_mut(row).unwrap_or_default());
            total += sample(i, gradient)?;
        }
        return Ok(total);
    }
    let mut parts = [Total::default(); GROUP];
    for first in (0..batch).step_by(GROUP) {
        let parts = &mut parts[..GROUP.min(batch - first)];
        let rows = first * size..(first + parts.len()) * size;
        let gradient = gradient.as_mut().map(|g| g.get_mut(rows).unwrap_or_default());
        Rows { first, parts, gradient, size }.work(&sample)?;
        parts.iter().for_each(|part| total += *part);
    }
    Ok(total)
}

/// Neighbouring samples: what each adds to the sum, and their gradient.
struct Rows<'a, F> {
    first: usize,
    parts: &'a mut [Total],
    gradient: Option<&'a mut [F]>,
    size: usize,
}

impl<F: Scalar> Rows<'_, F> {
    /// Halves them between threads as long as the halves are worth one. Of several errors the first one counts.
    fn work(self, sample: Sample<'_, F>) -> Result<(), Error> {
        let Self { first, parts, mut gradient, size } = self;
        if parts.len() < 2 || parts.len() * size < 2 * PARALLEL {
            for (i, part) in parts.iter_mut().enumerate() {
                let row = i * size..(i + 1) * size;
                let gradient = gradient.as_mut().map(|g| g.get_mut(row).unwrap_or_default());
                *part = sample(first + i, gradient)?;
            }
            return Ok(());
        }
        let middle = parts.len() / 2;
        let (left, right) = parts.split_at_mut(middle);
        let (left_gradient, right_gradient) = gradient
            .map(|g| g.split_at_mut((middle * size).min(g.len())))
            .map_or((None, None), |(left, right)| (Some(left), Some(right)));
        let left = Rows { first, parts: left, gradient: left_gradient, size };
        let right = Rows { first: first + middle, parts: right, gradient: right_gradient, size };
        let (left, right) = Parallel::On.join(|| left.work(sample), || right.work(sample));
        left.and(right)
    }
}

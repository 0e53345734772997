//! The subject's data, with something changed.

use super::must;
use crate::check::Unmet;
use crate::data::{Batch, Content, Sampling, Source, Target};
use crate::error::Error;
use crate::scalar::Scalar;

/// Some rows of other data.
pub(super) struct Rows<'a, F> {
    pub data: &'a dyn Source<F>,
    pub rows: &'a [usize],
}

impl<F: Scalar> Source<F> for Rows<'_, F> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn content(&self) -> Content {
        self.data.content()
    }

    fn fill(&self, rows: &[usize], sampling: Sampling, batch: &mut Batch<F>) -> Result<(), Error> {
        let rows: Vec<usize> = rows.iter().map(|&row| self.rows[row]).collect();
        self.data.fill(&rows, sampling, batch)
    }
}

/// Other data with NaN in one cell of the first input.
pub(in crate::check) struct Spoiled<'a, F> {
    pub data: &'a dyn Source<F>,
    pub row: usize,
    pub column: usize,
}

impl<F: Scalar> Source<F> for Spoiled<'_, F> {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn content(&self) -> Content {
        self.data.content()
    }

    fn fill(&self, rows: &[usize], sampling: Sampling, batch: &mut Batch<F>) -> Result<(), Error> {
        self.data.fill(rows, sampling, batch)?;
        let width = batch.input(0).size();
        for (sample, _) in rows.iter().enumerate().filter(|(_, row)| **row == self.row) {
            batch.input_mut(0)[sample * width + self.column] = F::nan();
        }
        Ok(())
    }

    fn row_name(&self, row: usize) -> usize {
        self.data.row_name(row)
    }
}

/// These rows as a batch with these weights, whether the data have weights or not.
pub(super) fn weighted<F: Scalar>(
    data: &dyn Source<F>,
    rows: &[usize],
    weights: &[f64],
) -> Result<Batch<F>, Unmet> {
    let plain = must("a batch", Batch::of_rows(data, rows))?;
    let mut batch = Batch::new(&Content { weighted: true, ..data.content() });
    must("room for a batch", batch.resize(rows.len()))?;
    for position in 0..plain.content().inputs.len() {
        batch.input_mut(position).copy_from_slice(plain.input(position).values());
    }
    match plain.target() {
        Target::None => {}
        Target::Classes(classes) => batch.labels_mut().copy_from_slice(classes.labels()),
        Target::Values(values) => batch.values_mut().copy_from_slice(values.values()),
    }
    batch.weights_mut().iter_mut().zip(weights).for_each(|(w, &weight)| *w = F::of(weight));
    Ok(batch)
}

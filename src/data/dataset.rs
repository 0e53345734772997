//! Data in memory.

use std::sync::Arc;

use ndarray::{ArcArray, Array, Axis, Dimension, IxDyn};

use super::{Batch, Content, Sampling, Source, TargetKind};
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Samples in `ndarray` arrays, whose first axis counts the samples. Splitting shares the arrays; only batches are copied.
///
/// ```
/// use downhill::data::{Dataset, Source};
/// use ndarray::{arr1, arr2};
/// let data = Dataset::new(arr2(&[[0.0_f32, 1.0], [1.0, 0.0], [1.0, 1.0]]), arr1(&[1, 1, 0_usize]))?;
/// assert_eq!(data.len(), 3);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dataset<F> {
    inputs: Vec<ArcArray<F, IxDyn>>,
    targets: Targets<F>,
    weights: Option<Arc<[F]>>,
    rows: Option<Arc<[usize]>>,
    content: Content,
}

/// Targets in memory; made from arrays by [`IntoTargets`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Targets<F> {
    /// No targets.
    None,
    /// Class indices.
    Classes(ArcArray<usize, IxDyn>),
    /// Numbers.
    Values(ArcArray<F, IxDyn>),
}

/// Arrays that can be targets: class indices (`usize`), numbers, or `()` for none.
pub trait IntoTargets<F> {
    /// The targets.
    fn into_targets(self) -> Targets<F>;
}

impl<F> IntoTargets<F> for () {
    fn into_targets(self) -> Targets<F> {
        Targets::None
    }
}

impl<F: Scalar, D: Dimension> IntoTargets<F> for Array<usize, D> {
    fn into_targets(self) -> Targets<F> {
        Targets::Classes(self.into_dyn().into_shared())
    }
}

impl<F: Scalar, D: Dimension> IntoTargets<F> for Array<F, D> {
    fn into_targets(self) -> Targets<F> {
        Targets::Values(self.into_dyn().into_shared())
    }
}

impl<F: Scalar> IntoTargets<F> for Vec<usize> {
    fn into_targets(self) -> Targets<F> {
        Array::from_vec(self).into_targets()
    }
}

fn sample_shape(axes: &[usize]) -> Shape {
    axes.get(1..).unwrap_or_default().into()
}

impl<F: Scalar> Dataset<F> {
    /// A data set of one input array and its targets.
    ///
    /// # Errors
    /// [`Error::Length`] if the first axes differ, [`Error::Empty`] if there are no samples, [`Error::Cell`] for a NaN or infinite cell.
    pub fn new<D: Dimension>(
        inputs: Array<F, D>,
        targets: impl IntoTargets<F>,
    ) -> Result<Self, Error> {
        Self::of_several(vec![inputs.into_dyn()], targets)
    }

    /// A data set for a model of several inputs.
    ///
    /// # Errors
    /// As [`new`](Dataset::new).
    pub fn of_several(
        inputs: Vec<Array<F, IxDyn>>,
        targets: impl IntoTargets<F>,
    ) -> Result<Self, Error> {
        let targets = targets.into_targets();
        let len = inputs.first().and_then(|input| input.shape().first()).copied().unwrap_or(0);
        if len == 0 {
            return Err(Error::empty(
                "the data set",
                "give arrays whose first axis counts the samples",
            ));
        }
        for (i, input) in inputs.iter().enumerate() {
            let got = input.shape().first().copied().unwrap_or(0);
            if got != len {
                return Err(Error::length(format!("input {i}"), got, len, "input 0"));
            }
            let width = input.len() / len;
            if let Some(at) = input.iter().position(|value| !value.is_finite()) {
                let value = input.iter().nth(at).copied().unwrap_or(F::nan());
                let (row, column) = (at / width.max(1), at % width.max(1));
                return Err(Error::cell(
                    format!("input {i}"),
                    row,
                    column,
                    value,
                    "a finite number",
                ));
            }
        }
        let axes: &[usize] = match &targets {
            Targets::None => &[len],
            Targets::Classes(labels) => labels.shape(),
            Targets::Values(values) => values.shape(),
        };
        if axes.first() != Some(&len) {
            let got = axes.first().copied().unwrap_or(0);
            return Err(Error::length("the targets", got, len, "the inputs"));
        }
        if let Targets::Values(values) = &targets {
            let width = values.len() / len;
            if let Some(at) = values.iter().position(|value| !value.is_finite()) {
                let value = values.iter().nth(at).copied().unwrap_or(F::nan());
                let (row, column) = (at / width.max(1), at % width.max(1));
                return Err(Error::cell("the targets", row, column, value, "a finite number"));
            }
        }
        let kind = match &targets {
            Targets::None => TargetKind::None,
            Targets::Classes(labels) => TargetKind::Classes(sample_shape(labels.shape())),
            Targets::Values(values) => TargetKind::Values(sample_shape(values.shape())),
        };
        let content = Content {
            inputs: inputs.iter().map(|input| sample_shape(input.shape())).collect(),
            targets: kind,
            weighted: false,
        };
        let inputs = inputs.into_iter().map(Array::into_shared).collect();
        Ok(Self { inputs, targets, weights: None, rows: None, content })
    }

    fn row(&self, row: usize) -> Option<usize> {
        match &self.rows {
            Some(rows) => rows.get(row).copied(),
            None => (row < self.len()).then_some(row),
        }
    }
}

/// Copies the sample at `row` of an array to the end of what `out` yields.
fn copy_row<T: Copy>(array: &ArcArray<T, IxDyn>, row: usize, out: &mut [T]) {
    let sample = array.index_axis(Axis(0), row);
    match sample.as_slice() {
        Some(slice) => out.copy_from_slice(slice),
        None => out.iter_mut().zip(sample.iter()).for_each(|(out, value)| *out = *value),
    }
}

impl<F: Scalar> Source<F> for Dataset<F> {
    fn len(&self) -> usize {
        match &self.rows {
            Some(rows) => rows.len(),
            None => self.inputs.first().and_then(|input| input.shape().first()).map_or(0, |n| *n),
        }
    }

    fn content(&self) -> Content {
        self.content.clone()
    }

    fn fill(&self, rows: &[usize], _: Sampling, batch: &mut Batch<F>) -> Result<(), Error> {
        batch.resize(rows.len());
        for (sample, &row) in rows.iter().enumerate() {
            let Some(at) = self.row(row) else {
                return Err(Error::argument("row", row, format!("a number below {}", self.len())));
            };
            let cut = |shape: &Shape| sample * shape.size()..(sample + 1) * shape.size();
            for (position, (input, shape)) in
                self.inputs.iter().zip(&self.content.inputs).enumerate()
            {
                copy_row(input, at, &mut batch.input_mut(position)[cut(shape)]);
            }
            match (&self.targets, &self.content.targets) {
                (Targets::Classes(labels), TargetKind::Classes(shape)) => {
                    copy_row(labels, at, &mut batch.labels_mut()[cut(shape)]);
                }
                (Targets::Values(values), TargetKind::Values(shape)) => {
                    copy_row(values, at, &mut batch.values_mut()[cut(shape)]);
                }
                _ => {}
            }
            if let Some(weights) = &self.weights {
                batch.weights_mut()[sample] = weights[at];
            }
        }
        Ok(())
    }

    fn row_name(&self, row: usize) -> usize {
        self.row(row).unwrap_or(row)
    }
}

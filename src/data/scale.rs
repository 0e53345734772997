//! Scaling: fitted on the training part, applied to every part.

use std::sync::Arc;

use ndarray::{ArrayBase, ArrayD, Data, Dimension};

use super::{Batch, Batches, Dataset, Order, Source, Target, TargetKind};
use crate::error::Error;
use crate::metric::Moments;
use crate::scalar::Scalar;

/// What is subtracted from each column and what it is divided by then.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Columns {
    shift: Vec<f64>,
    scale: Vec<f64>,
}

impl Columns {
    fn len(&self) -> usize {
        self.shift.len()
    }

    /// Scales samples that lie one after the other.
    pub(super) fn apply<F: Scalar>(&self, values: &mut [F]) {
        self.each(values, |x, shift, scale| (x - shift) / scale);
    }

    fn undo<F: Scalar>(&self, values: &mut [F]) {
        self.each(values, |x, shift, scale| x * scale + shift);
    }

    /// In double precision: a mean far from 0 would lose the digits that matter in `f32`.
    fn each<F: Scalar>(&self, values: &mut [F], change: impl Fn(f64, f64, f64) -> f64) {
        for sample in values.chunks_exact_mut(self.len().max(1)) {
            for ((x, &shift), &scale) in sample.iter_mut().zip(&self.shift).zip(&self.scale) {
                *x = F::of(change(x.as_f64(), shift, scale));
            }
        }
    }

    /// The scaling that does `self`, then `next`.
    fn then(&self, next: &Self) -> Self {
        let shift = self.shift.iter().zip(&self.scale).zip(&next.shift);
        let scale = self.scale.iter().zip(&next.scale);
        Self {
            shift: shift.map(|((a, b), c)| a + b * c).collect(),
            scale: scale.map(|(b, d)| b * d).collect(),
        }
    }
}

/// What a scaler was fitted on, and so what it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Inputs,
    Targets,
}

/// A scaling of columns, `(x − shift) / scale`, made by [`Standardize`] or [`MinMax`]. A column is a place of the flattened sample.
///
/// Applied to a data set it changes what batches hold; the arrays stay shared and as they are.
///
/// ```
/// use downhill::data::{Dataset, Standardize};
/// use ndarray::array;
/// let train = Dataset::new(array![[1.0, 5.0], [3.0, 5.0]], array![[100.0], [300.0]])?;
/// let test = Dataset::new(array![[2.0, 6.0]], array![[150.0]])?;
///
/// let inputs = Standardize::fit(&train)?;
/// assert_eq!(inputs.apply(&train)?.inputs(0), Some(array![[-1.0, 0.0], [1.0, 0.0]].into_dyn()));
/// assert_eq!(inputs.apply(&test)?.inputs(0), Some(array![[0.0, 1.0]].into_dyn()));
///
/// let targets = Standardize::fit_targets(&train)?;
/// assert_eq!(targets.apply(&test)?.values(), Some(array![[-0.5]].into_dyn()));
/// let predictions = array![[0.5]]; // of a model that was trained on scaled targets
/// assert_eq!(targets.inverse(&predictions)?, array![[250.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Scaler {
    part: Part,
    /// One for each input, or the only one for the targets.
    columns: Vec<Arc<Columns>>,
}

impl Scaler {
    /// The same data with scaled inputs (or targets, if it was fitted on those). What was scaled before is scaled once more.
    ///
    /// # Errors
    /// [`Error::Length`] if the data has other columns than the data this was fitted on.
    pub fn apply<F: Scalar>(&self, data: &Dataset<F>) -> Result<Dataset<F>, Error> {
        let widths = widths(data, self.part)?;
        if widths.len() != self.columns.len() {
            let (got, expected) = (widths.len(), self.columns.len());
            return Err(Error::length("the list of inputs", got, expected, "the scaler"));
        }
        let mut scaled = data.clone();
        for (position, (columns, width)) in self.columns.iter().zip(widths).enumerate() {
            if width != columns.len() {
                return Err(Error::length("a sample", width, columns.len(), "the scaler"));
            }
            let slot = match self.part {
                Part::Inputs => scaled.input_columns.get_mut(position),
                Part::Targets => Some(&mut scaled.target_columns),
            };
            if let Some(slot) = slot {
                *slot = Some(match slot.take() {
                    Some(before) => Arc::new(before.then(columns)),
                    None => columns.clone(),
                });
            }
        }
        Ok(scaled)
    }

    /// Scales an array `[samples, …]`, such as inputs that a finished model shall answer. (Of several inputs: the first.)
    ///
    /// # Errors
    /// [`Error::Length`] if a sample has another number of columns.
    pub fn transform<F: Scalar, D: Dimension>(
        &self,
        array: &ArrayBase<impl Data<Elem = F>, D>,
    ) -> Result<ArrayD<F>, Error> {
        self.change(array, Columns::apply)
    }

    /// Brings an array `[samples, …]` back to the original units, such as predictions of scaled targets. (Of several inputs: the first.)
    ///
    /// # Errors
    /// [`Error::Length`] if a sample has another number of columns.
    pub fn inverse<F: Scalar, D: Dimension>(
        &self,
        array: &ArrayBase<impl Data<Elem = F>, D>,
    ) -> Result<ArrayD<F>, Error> {
        self.change(array, Columns::undo)
    }

    /// What is subtracted from each column of the first input, or of the targets.
    pub fn shift(&self) -> &[f64] {
        self.columns.first().map_or(&[], |columns| &columns.shift)
    }

    /// What each column of the first input, or of the targets, is divided by; never 0.
    pub fn scale(&self) -> &[f64] {
        self.columns.first().map_or(&[], |columns| &columns.scale)
    }

    fn change<F: Scalar, D: Dimension>(
        &self,
        array: &ArrayBase<impl Data<Elem = F>, D>,
        change: impl Fn(&Columns, &mut [F]),
    ) -> Result<ArrayD<F>, Error> {
        let width: usize = array.shape().iter().skip(1).product();
        let expected = self.shift().len();
        if array.ndim() == 0 || width != expected {
            return Err(Error::length("a sample", width, expected, "the scaler"));
        }
        let mut copy = array.to_owned().as_standard_layout().into_owned().into_dyn();
        if let (Some(columns), Some(values)) = (self.columns.first(), copy.as_slice_mut()) {
            change(columns, values);
        }
        Ok(copy)
    }

    fn fit<F: Scalar>(
        data: &Dataset<F>,
        part: Part,
        column: impl Fn(&Statistics) -> (f64, f64),
    ) -> Result<Self, Error> {
        let mut statistics: Vec<Vec<Statistics>> = widths(data, part)?
            .into_iter()
            .map(|width| vec![Statistics::default(); width])
            .collect();
        let mut batches = Batches::new(data, 256, Order::AsGiven, 0, 0)?;
        let mut batch = Batch::new(&data.content());
        while batches.next_into(&mut batch)? {
            for (position, statistics) in statistics.iter_mut().enumerate() {
                let values = match (part, batch.target()) {
                    (Part::Targets, Target::Values(view)) => view,
                    _ => batch.input(position),
                };
                for row in values.rows() {
                    let pairs = statistics.iter_mut().zip(row);
                    pairs.for_each(|(column, x)| column.add(x.as_f64()));
                }
            }
        }
        let columns = statistics.iter().map(|statistics| {
            let (shift, scale) = statistics.iter().map(&column).unzip();
            Arc::new(Columns { shift, scale })
        });
        Ok(Self { part, columns: columns.collect() })
    }
}

/// How many columns each of the inputs, or the targets, have.
fn widths<F: Scalar>(data: &Dataset<F>, part: Part) -> Result<Vec<usize>, Error> {
    let content = data.content();
    match (part, content.targets) {
        (Part::Inputs, _) => Ok(content.inputs.iter().map(|shape| shape.size()).collect()),
        (Part::Targets, TargetKind::Values(shape)) => Ok(vec![shape.size()]),
        (Part::Targets, other) => {
            Err(Error::target_kind("a scaler of targets", "numbers", other.to_string()))
        }
    }
}

#[derive(Clone, Debug)]
struct Statistics {
    moments: Moments,
    least: f64,
    largest: f64,
}

impl Default for Statistics {
    fn default() -> Self {
        Self { moments: Moments::default(), least: f64::INFINITY, largest: f64::NEG_INFINITY }
    }
}

impl Statistics {
    fn add(&mut self, x: f64) {
        self.moments.merge(Moments::of(x, 1.0));
        self.least = self.least.min(x);
        self.largest = self.largest.max(x);
    }
}

/// A divisor for a column: 1 where there is nothing to divide by.
fn divisor(spread: f64) -> f64 {
    if spread.is_normal() && spread > 0.0 { spread } else { 1.0 }
}

/// Scales each column to mean 0 and standard deviation 1 (that of the whole column, dividing by n).
/// A constant column becomes 0: it is divided by 1.
///
/// Computed in double precision whatever the data's type, over the samples that are there; weights play no part.
///
/// ```
/// use downhill::data::{Dataset, Standardize};
/// use ndarray::array;
/// let train = Dataset::new(array![[1.0, 7.0], [3.0, 7.0]], ())?;
/// let scaled = Standardize::fit(&train)?.apply(&train)?;
/// assert_eq!(scaled.inputs(0), Some(array![[-1.0, 0.0], [1.0, 0.0]].into_dyn()));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standardize;

impl Standardize {
    /// The scaler of the inputs of this data, which should be the training part alone.
    ///
    /// # Errors
    /// None for a data set that was built; what [`Source::fill`] could find wrong.
    pub fn fit<F: Scalar>(train: &Dataset<F>) -> Result<Scaler, Error> {
        Scaler::fit(train, Part::Inputs, Self::column)
    }

    /// The scaler of the targets of this data, for regression.
    ///
    /// # Errors
    /// [`Error::TargetKind`] if the targets are not numbers.
    pub fn fit_targets<F: Scalar>(train: &Dataset<F>) -> Result<Scaler, Error> {
        Scaler::fit(train, Part::Targets, Self::column)
    }

    fn column(of: &Statistics) -> (f64, f64) {
        (of.moments.mean(), divisor(of.moments.variance().sqrt()))
    }
}

/// Scales each column so that its least value becomes 0 and its largest 1. A constant column becomes 0: it is divided by 1.
///
/// ```
/// use downhill::data::{Dataset, MinMax};
/// use ndarray::array;
/// let train = Dataset::new(array![[2.0, 7.0], [4.0, 7.0], [3.0, 7.0]], ())?;
/// let scaled = MinMax::fit(&train)?.apply(&train)?;
/// assert_eq!(scaled.inputs(0), Some(array![[0.0, 0.0], [1.0, 0.0], [0.5, 0.0]].into_dyn()));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MinMax;

impl MinMax {
    /// The scaler of the inputs of this data, which should be the training part alone.
    ///
    /// # Errors
    /// None for a data set that was built; what [`Source::fill`] could find wrong.
    pub fn fit<F: Scalar>(train: &Dataset<F>) -> Result<Scaler, Error> {
        Scaler::fit(train, Part::Inputs, Self::column)
    }

    /// The scaler of the targets of this data, for regression.
    ///
    /// # Errors
    /// [`Error::TargetKind`] if the targets are not numbers.
    pub fn fit_targets<F: Scalar>(train: &Dataset<F>) -> Result<Scaler, Error> {
        Scaler::fit(train, Part::Targets, Self::column)
    }

    fn column(of: &Statistics) -> (f64, f64) {
        (of.least, divisor(of.largest - of.least))
    }
}

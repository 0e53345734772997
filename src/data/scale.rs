//! Scaling: fitted on the training part, applied to every part.

use std::sync::Arc;

use ndarray::{ArrayBase, ArrayD, Data, Dimension};

use super::{Batch, Batches, Dataset, Order, Source, Target, TargetKind};
use crate::error::{Error, require};
use crate::moments::Moments;
use crate::power_of_two::unit_of;
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
        self.each(values, |x, shift, scale| {
            let distance = x - shift;
            // Two numbers may lie farther apart than any number is large.
            if distance.is_finite() {
                distance / scale
            } else {
                (0.5 * x - 0.5 * shift) / (0.5 * scale)
            }
        });
    }

    fn undo<F: Scalar>(&self, values: &mut [F]) {
        self.each(values, |x, shift, scale| {
            let value = x * scale + shift;
            // The product may be beyond the largest number although the sum is not.
            if value.is_finite() { value } else { x.mul_add(scale, shift) }
        });
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
    fn then(&self, next: &Self) -> Result<Self, Error> {
        let shift = self.shift.iter().zip(&self.scale).zip(&next.shift);
        let scale = self.scale.iter().zip(&next.scale);
        let both = Self {
            shift: shift.map(|((a, b), c)| a + b * c).collect(),
            scale: scale.map(|(b, d)| b * d).collect(),
        };
        for (column, (&shift, &scale)) in both.shift.iter().zip(&both.scale).enumerate() {
            if !shift.is_finite() || !scale.is_normal() {
                let what = format!("the scale of column {column} after both scalings");
                let expected = "a scaler that was fitted on the data as the first one scaled it";
                return Err(Error::argument(what, format!("{scale:e}"), expected));
            }
        }
        Ok(both)
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
    /// [`Error::Length`] if the data has other columns than the data this was fitted on; [`Error::Cell`] for a number that the type cannot
    /// hold once it is scaled; [`Error::Argument`] if this and an earlier scaling together are beyond the range of numbers.
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
                    Some(before) => Arc::new(before.then(columns)?),
                    None => columns.clone(),
                });
            }
        }
        each_sample(&scaled, self.part, |position, row, values| {
            match values.iter().position(|value| !value.is_finite()) {
                Some(column) => {
                    let what = match self.part {
                        Part::Inputs => format!("scaled input {position}"),
                        Part::Targets => "the scaled targets".to_owned(),
                    };
                    Err(too_large(what, data.row_name(row), column, values[column]))
                }
                None => Ok(()),
            }
        })?;
        Ok(scaled)
    }

    /// Scales an array `[samples, …]`, such as inputs that a finished model shall answer. (Of several inputs: the first.)
    ///
    /// # Errors
    /// [`Error::Shape`] without an axis of samples; [`Error::Length`] if a sample has another number of columns; [`Error::Cell`] for a number that the type cannot hold afterwards. What was
    /// NaN or infinite before stays so.
    pub fn transform<F: Scalar, D: Dimension>(
        &self,
        array: &ArrayBase<impl Data<Elem = F>, D>,
    ) -> Result<ArrayD<F>, Error> {
        self.change(array, Columns::apply)
    }

    /// Brings an array `[samples, …]` back to the original units, such as predictions of scaled targets. (Of several inputs: the first.)
    ///
    /// # Errors
    /// [`Error::Shape`] without an axis of samples; [`Error::Length`] if a sample has another number of columns; [`Error::Cell`] for a number that the type cannot hold afterwards. What was
    /// NaN or infinite before stays so.
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
        if array.ndim() == 0 {
            let fix = "give an array whose first axis counts the samples";
            return Err(Error::shape("the scaler", "[samples, …]", array.shape(), fix));
        }
        let width: usize = array.shape().iter().skip(1).product();
        let expected = self.shift().len();
        if width != expected {
            return Err(Error::length("a sample", width, expected, "the scaler"));
        }
        let mut copy = array.to_owned().as_standard_layout().into_owned().into_dyn();
        if let (Some(columns), Some(values)) = (self.columns.first(), copy.as_slice_mut()) {
            change(columns, values);
            let lost =
                array.iter().zip(&*values).position(|(x, y)| x.is_finite() && !y.is_finite());
            if let Some(at) = lost {
                return Err(too_large("the array", at / width, at % width, values[at]));
            }
        }
        Ok(copy)
    }

    fn fit<F: Scalar>(
        data: &Dataset<F>,
        part: Part,
        column: impl Fn(usize, &Statistics) -> Result<(f64, f64), Error>,
    ) -> Result<Self, Error> {
        let mut statistics: Vec<Vec<Statistics>> = widths(data, part)?
            .into_iter()
            .map(|width| vec![Statistics::default(); width])
            .collect();
        let mut of_each = |see: fn(&mut Statistics, f64)| {
            each_sample(data, part, |position, _, sample| {
                let columns = statistics.get_mut(position).into_iter().flatten();
                columns.zip(sample).for_each(|(column, x)| see(column, x.as_f64()));
                Ok(())
            })
        };
        of_each(Statistics::widen)?;
        of_each(Statistics::add)?;
        let columns = statistics.iter().map(|statistics| {
            let columns = statistics.iter().enumerate().map(|(i, of)| column(i, of));
            let (shift, scale) = columns.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
            Ok(Arc::new(Columns { shift, scale }))
        });
        Ok(Self { part, columns: columns.collect::<Result<_, Error>>()? })
    }
}

/// A number that was finite before it was scaled.
fn too_large<F: Scalar>(what: impl Into<String>, row: usize, column: usize, value: F) -> Error {
    let expected = format!(
        "a number that {} can hold: the scaler was fitted on data of another magnitude",
        F::NAME
    );
    Error::cell(what, row, column, value, expected)
}

/// Shows each sample of each input, or the targets, with the positions of input and sample.
fn each_sample<F: Scalar>(
    data: &Dataset<F>,
    part: Part,
    mut see: impl FnMut(usize, usize, &[F]) -> Result<(), Error>,
) -> Result<(), Error> {
    let inputs = widths(data, part)?.len();
    let mut batches = Batches::new(data, 256, Order::AsGiven, 0, 0)?;
    let mut batch = Batch::new(&data.content());
    let mut first = 0;
    while batches.next_into(&mut batch)? {
        for position in 0..inputs {
            let values = match (part, batch.target()) {
                (Part::Targets, Target::Values(view)) => view,
                _ => batch.input(position),
            };
            values.rows().enumerate().try_for_each(|(i, row)| see(position, first + i, row))?;
        }
        first += batch.len();
    }
    Ok(())
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
    least: f64,
    largest: f64,
    /// Of the numbers in units of a power of two near the largest, where no square is too large or too small.
    moments: Moments,
}

impl Default for Statistics {
    fn default() -> Self {
        Self { least: f64::INFINITY, largest: f64::NEG_INFINITY, moments: Moments::default() }
    }
}

impl Statistics {
    fn widen(&mut self, x: f64) {
        self.least = self.least.min(x);
        self.largest = self.largest.max(x);
    }

    fn unit(&self) -> f64 {
        unit_of(self.largest.abs().max(self.least.abs()))
    }

    /// Counts a number, after all of them have widened the range.
    fn add(&mut self, x: f64) {
        let inverse = 1.0 / self.unit();
        self.moments.merge(Moments::of(x * inverse, 1.0));
    }

    fn mean(&self) -> f64 {
        // Rounding might put the mean of the largest numbers beyond them.
        (self.moments.mean() * self.unit()).max(self.least).min(self.largest)
    }

    fn deviation(&self) -> f64 {
        self.moments.variance().sqrt() * self.unit()
    }
}

/// A divisor for a column: 1 where there is nothing to divide by.
fn divisor(spread: f64) -> f64 {
    if spread > 0.0 { spread } else { 1.0 }
}

/// Scales each column to mean 0 and standard deviation 1 (that of the whole column, dividing by n).
/// A constant column becomes 0: it is divided by 1.
///
/// Computed in double precision whatever the data's type, without overflow, over the samples that are there; weights play no part.
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

    fn column(_: usize, of: &Statistics) -> Result<(f64, f64), Error> {
        Ok((of.mean(), divisor(of.deviation())))
    }
}

/// Scales each column so that its least value becomes 0 and its largest 1. A constant column becomes 0: it is divided by 1.
///
/// Computed in double precision whatever the data's type.
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
    /// [`Error::Argument`] if the range of a column is beyond that of `f64`.
    pub fn fit<F: Scalar>(train: &Dataset<F>) -> Result<Scaler, Error> {
        Scaler::fit(train, Part::Inputs, Self::column)
    }

    /// The scaler of the targets of this data, for regression.
    ///
    /// # Errors
    /// [`Error::TargetKind`] if the targets are not numbers; [`Error::Argument`] as for [`fit`](MinMax::fit).
    pub fn fit_targets<F: Scalar>(train: &Dataset<F>) -> Result<Scaler, Error> {
        Scaler::fit(train, Part::Targets, Self::column)
    }

    fn column(column: usize, of: &Statistics) -> Result<(f64, f64), Error> {
        let range = of.largest - of.least;
        let (what, value) = (
            format!("the range of column {column}"),
            format!("{:e} to {:e}", of.least, of.largest),
        );
        let expected = "numbers whose range a 64-bit float can hold: divide the data by 2";
        require::that(range.is_finite(), &what, value, expected)?;
        Ok((of.least, divisor(range)))
    }
}

//! Data in memory.

mod arrays;
mod fill;

use std::sync::Arc;

use ndarray::{ArcArray, Array, Array1, IxDyn};

use super::array::{check_finite, extent};
use super::scale::Columns;
use super::{Batches, Content, IntoInput, IntoTargets, Order, Source, TargetKind, Targets};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Samples in `ndarray` arrays, whose first axis counts the samples.
///
/// The arrays may have any layout (C or Fortran order, or slices of larger ones) and are never copied: what divides the data shares them
/// and keeps lists of rows; values are copied when a batch is filled.
///
/// ```
/// use downhill::data::Dataset;
/// use ndarray::{arr1, arr2};
/// let data = Dataset::new(arr2(&[[0.0_f32, 1.0], [1.0, 0.0], [1.0, 1.0]]), arr1(&[1, 1, 0_usize]))?;
/// assert_eq!(data.len(), 3);
/// assert_eq!(data.classes(), Some(2));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dataset<F> {
    inputs: Vec<ArcArray<F, IxDyn>>,
    targets: Targets<F>,
    /// One for each row of this data set, not of the arrays.
    weights: Option<Arc<[F]>>,
    /// The rows of the arrays that this data set has; `None` stands for all of them.
    rows: Option<Arc<[usize]>>,
    content: Content,
    classes: Option<usize>,
    /// How values are changed when they are read: for each input, and for the targets.
    pub(super) input_columns: Vec<Option<Arc<Columns>>>,
    pub(super) target_columns: Option<Arc<Columns>>,
}

fn sample_shape(axes: &[usize]) -> Shape {
    axes.get(1..).unwrap_or_default().into()
}

impl<F: Scalar> Dataset<F> {
    /// A data set of one input array of shape `[samples, …]` and its targets: class indices (`usize`) or numbers, of shape `[samples]` or
    /// `[samples, …]`, or `()` for none.
    ///
    /// # Errors
    /// [`Error::Length`] if the first axes differ, [`Error::Empty`] if there are no samples or they hold nothing, [`Error::Cell`] for a NaN or
    /// infinite cell.
    ///
    /// ```
    /// use downhill::{Error, data::Dataset};
    /// use ndarray::array;
    /// let data = Dataset::new(array![[1.0, 2.0], [3.0, 4.0]], array![[0.5], [1.5]])?;
    /// assert_eq!(data.values(), Some(array![[0.5], [1.5]].into_dyn()));
    /// assert!(matches!(Dataset::new(array![[1.0], [2.0]], vec![0]), Err(Error::Length { .. })));
    /// assert!(matches!(Dataset::new(array![[f32::NAN]], ()), Err(Error::Cell { row: 0, column: 0, .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn new(inputs: impl IntoInput<F>, targets: impl IntoTargets<F>) -> Result<Self, Error> {
        Self::of_shared(vec![inputs.into_input()], targets.into_targets())
    }

    /// A data set for a model of several inputs.
    ///
    /// # Errors
    /// As [`new`](Dataset::new).
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::{Array, IxDyn};
    /// let image = Array::<f32, _>::zeros(IxDyn(&[10, 1, 8, 8]));
    /// let age = Array::zeros(IxDyn(&[10, 1]));
    /// let data = Dataset::of_several(vec![image, age], vec![0; 10])?;
    /// assert_eq!(data.len(), 10);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn of_several(
        inputs: Vec<Array<F, IxDyn>>,
        targets: impl IntoTargets<F>,
    ) -> Result<Self, Error> {
        let inputs = inputs.into_iter().map(IntoInput::into_input).collect();
        Self::of_shared(inputs, targets.into_targets())
    }

    fn of_shared(inputs: Vec<ArcArray<F, IxDyn>>, targets: Targets<F>) -> Result<Self, Error> {
        let len = inputs.first().map_or(0, |input| extent(input).0);
        if len == 0 {
            return Err(Error::empty(
                "the data set",
                "give arrays whose first axis counts the samples",
            ));
        }
        for (i, input) in inputs.iter().enumerate() {
            let what = format!("input {i}");
            check_extent(&what, extent(input), len, "input 0")?;
            check_finite(&what, input)?;
        }
        let (kind, classes) = match &targets {
            Targets::None => (TargetKind::None, None),
            Targets::Classes(labels) => {
                check_extent("the targets", extent(labels), len, "the inputs")?;
                let classes = labels.iter().max().map_or(0, |label| label.saturating_add(1));
                (TargetKind::Classes(sample_shape(labels.shape())), Some(classes))
            }
            Targets::Values(values) => {
                check_extent("the targets", extent(values), len, "the inputs")?;
                check_finite("the targets", values)?;
                (TargetKind::Values(sample_shape(values.shape())), None)
            }
        };
        let content = Content {
            inputs: inputs.iter().map(|input| sample_shape(input.shape())).collect(),
            targets: kind,
            weighted: false,
        };
        Ok(Self {
            input_columns: vec![None; inputs.len()],
            target_columns: None,
            weights: None,
            rows: None,
            inputs,
            targets,
            content,
            classes,
        })
    }

    /// The same data with a weight for each sample, in place of any earlier ones. A sample of weight 2 counts as if it were there twice, one
    /// of weight 0 as if it were not there.
    ///
    /// # Errors
    /// [`Error::Length`] if there are not as many weights as samples, [`Error::Cell`] for a weight that is negative or not finite,
    /// [`Error::Argument`] if all of them are 0, or if their sum is beyond the range of `f64`.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::{array, Array2};
    /// let data = Dataset::new(Array2::<f64>::zeros((3, 2)), vec![0, 1, 0])?;
    /// assert!(data.clone().with_weights(array![1.0, 2.0, 0.5]).is_ok());
    /// let error = data.with_weights(array![1.0, -2.0, 0.5]).map(|_| ());
    /// assert_eq!(error.map_err(|e| e.to_string()),
    ///     Err("the weights, row 1, column 0: -2 is not a finite number, 0 or more".to_owned()));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn with_weights(mut self, weights: Array1<F>) -> Result<Self, Error> {
        if weights.len() != self.len() {
            return Err(Error::length("the weights", weights.len(), self.len(), "the samples"));
        }
        let bad = |weight: &F| !weight.is_finite() || *weight < F::zero();
        if let Some((row, weight)) = weights.iter().enumerate().find(|(_, weight)| bad(weight)) {
            let expected = "a finite number, 0 or more";
            return Err(Error::cell("the weights", self.row_name(row), 0, weight, expected));
        }
        if weights.iter().all(|weight| weight.is_zero()) {
            return Err(Error::argument("weights", "0 everywhere", "a weight above 0"));
        }
        let sum: f64 = weights.iter().map(|weight| weight.as_f64()).sum();
        require::finite("the sum of the weights", sum)?;
        self.weights = Some(weights.iter().copied().collect());
        self.content.weighted = true;
        Ok(self)
    }

    /// The same data with samples of another shape that holds as many numbers: rows of pixels as images, for one. Of several inputs it is the
    /// first that changes. The arrays are shared.
    ///
    /// # Errors
    /// [`Error::Shape`] if the shape holds another number of numbers than a sample has.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::array;
    /// let data = Dataset::new(array![[1.0, 2.0, 3.0, 4.0]], ())?.reshape([1, 2, 2])?;
    /// assert_eq!(data.inputs(0), Some(array![[[[1.0, 2.0], [3.0, 4.0]]]].into_dyn()));
    /// assert!(data.reshape([3]).is_err());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn reshape(mut self, sample: impl Into<Shape>) -> Result<Self, Error> {
        let sample = sample.into();
        if let Some(shape) = self.content.inputs.first_mut() {
            if shape.size() != sample.size() {
                let expected = format!("a shape of {} numbers, as a sample has", shape.size());
                return Err(Error::shape(
                    "Dataset::reshape",
                    expected,
                    sample,
                    "give another shape",
                ));
            }
            *shape = sample;
        }
        Ok(self)
    }

    /// The data set of these rows, in this order; a row may come more than once. The arrays are shared.
    ///
    /// # Errors
    /// [`Error::Empty`] for no rows, [`Error::Argument`] for a row that is not there.
    ///
    /// ```
    /// use downhill::data::{Dataset, Source};
    /// use ndarray::array;
    /// let data = Dataset::new(array![[1.0], [2.0], [3.0]], ())?;
    /// let part = data.select(&[2, 0])?;
    /// assert_eq!(part.inputs(0), Some(array![[3.0], [1.0]].into_dyn()));
    /// assert_eq!(part.row_name(0), 2); // what messages call the row
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn select(&self, rows: &[usize]) -> Result<Self, Error> {
        if rows.is_empty() {
            return Err(Error::empty("the selection", "give at least one row"));
        }
        self.check_rows(rows)?;
        Ok(self.chosen(rows))
    }

    /// The data set of these rows, which must be there.
    pub(super) fn chosen(&self, rows: &[usize]) -> Self {
        Self {
            weights: self
                .weights
                .as_ref()
                .map(|weights| rows.iter().map(|&row| weights[row]).collect()),
            rows: Some(rows.iter().map(|&row| self.row(row)).collect()),
            ..self.clone()
        }
    }

    /// How many samples there are.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// let data = Dataset::new(ndarray::Array2::<f32>::zeros((10, 4)), ())?;
    /// assert_eq!(data.len(), 10);
    /// assert_eq!(data.select(&[3, 3, 5])?.len(), 3);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn len(&self) -> usize {
        match &self.rows {
            Some(rows) => rows.len(),
            None => self.inputs.first().map_or(0, |input| extent(input).0),
        }
    }

    /// Whether there is no sample; never so, as a data set holds at least one.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// let data = Dataset::new(ndarray::Array2::<f32>::zeros((1, 4)), ())?;
    /// assert!(!data.is_empty());
    /// assert!(Dataset::new(ndarray::Array2::<f32>::zeros((0, 4)), ()).is_err());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many classes there are: one more than the largest label of the whole data, of which this may be a part; `None` if the targets are
    /// not class indices.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::array;
    /// let data = Dataset::new(array![[1.0], [2.0], [3.0]], vec![0, 4, 1])?;
    /// assert_eq!(data.classes(), Some(5));
    /// assert_eq!(data.select(&[0, 2])?.classes(), Some(5)); // a part may lack the largest one
    /// assert_eq!(Dataset::new(array![[1.0]], array![[1.0]])?.classes(), None);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn classes(&self) -> Option<usize> {
        self.classes
    }

    /// The batches of one epoch, in shuffled order, the last one smaller if need be. For the data's own order see [`Batches::new`].
    ///
    /// # Errors
    /// [`Error::Argument`] if `size` is 0.
    ///
    /// ```
    /// use downhill::data::Dataset;
    /// use ndarray::Array2;
    /// let data = Dataset::new(Array2::<f32>::zeros((70, 4)), vec![0; 70])?;
    /// for epoch in 0..2 {
    ///     for batch in data.batches(32, 7, epoch)? {
    ///         let batch = batch?;
    ///         assert!(batch.len() == 32 || batch.len() == 6);
    ///         assert_eq!(batch.input(0).matrix().dim(), (batch.len(), 4));
    ///     }
    /// }
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn batches(&self, size: usize, seed: u64, epoch: u64) -> Result<Batches<'_, Self>, Error> {
        Batches::new(self, size, Order::Shuffled, seed, epoch)
    }

    /// The row of the arrays behind a row of this data set, which must be one.
    fn row(&self, row: usize) -> usize {
        self.rows.as_ref().map_or(row, |rows| rows[row])
    }

    fn check_rows(&self, rows: &[usize]) -> Result<(), Error> {
        let len = self.len();
        match rows.iter().find(|&&row| row >= len) {
            Some(row) => Err(Error::argument("row", row, format!("a number below {len}"))),
            None => Ok(()),
        }
    }
}

fn check_extent(
    what: &str,
    (len, width): (usize, usize),
    expected: usize,
    with: &str,
) -> Result<(), Error> {
    if len != expected {
        return Err(Error::length(what, len, expected, with));
    }
    if width == 0 {
        return Err(Error::empty(
            format!("each sample of {what}"),
            "give arrays without axes of length 0",
        ));
    }
    Ok(())
}

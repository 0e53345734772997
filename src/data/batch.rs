//! The rows that one step sees.

use super::{Classes, Content, Order, Sampling, Source, Target, TargetKind};
use crate::buffer::resize;
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;
use crate::tensor::View;

/// Inputs, targets and weights of a few samples, in memory that is reused from step to step.
///
/// ```
/// use downhill::data::{Batch, Dataset};
/// use ndarray::array;
/// let data = Dataset::new(array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], array![[1.0], [2.0], [3.0]])?;
/// let batch = Batch::of_rows(&data, &[2, 0])?;
/// assert_eq!(batch.input(0).matrix(), array![[5.0, 6.0], [1.0, 2.0]]);
/// assert_eq!(batch.weights(), None);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batch<F> {
    content: Content,
    len: usize,
    inputs: Vec<Vec<F>>,
    values: Vec<F>,
    labels: Vec<usize>,
    weights: Vec<F>,
}

impl<F: Scalar> Batch<F> {
    /// An empty batch for samples of this content.
    pub fn new(content: &Content) -> Self {
        Self {
            inputs: vec![Vec::new(); content.inputs.len()],
            values: Vec::new(),
            labels: Vec::new(),
            weights: Vec::new(),
            len: 0,
            content: content.clone(),
        }
    }

    /// All samples of `data` as one batch.
    ///
    /// # Errors
    /// As [`of_rows`](Batch::of_rows).
    ///
    /// ```
    /// use downhill::data::{Batch, Dataset};
    /// let data = Dataset::new(ndarray::array![[1.0, 2.0], [3.0, 4.0]], vec![0, 1])?;
    /// assert_eq!(Batch::of(&data)?.len(), 2);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn of(data: &dyn Source<F>) -> Result<Self, Error> {
        let mut rows = Vec::new();
        Order::AsGiven.rows_into(data.len(), 0, 0, &mut rows)?;
        Self::of_rows(data, &rows)
    }

    /// These rows of `data` as a batch.
    ///
    /// # Errors
    /// What `data` finds wrong with a row, and what [`expect`](Batch::expect) finds wrong with what `data` did.
    pub fn of_rows(data: &dyn Source<F>, rows: &[usize]) -> Result<Self, Error> {
        let content = data.content();
        let mut batch = Self::new(&content);
        data.fill(rows, Sampling::evaluation(), &mut batch)?;
        batch.expect(&content, rows.len())?;
        Ok(batch)
    }

    /// Makes this a batch of `len` samples. Memory is kept; what it holds is whatever was there.
    ///
    /// # Errors
    /// [`Error::Other`] if there is no memory for so many; the batch is empty then.
    ///
    /// ```
    /// use downhill::data::{Batch, Dataset, Source};
    /// let data = Dataset::<f32>::new(ndarray::array![[1.0, 2.0]], ())?;
    /// let mut batch = Batch::<f32>::new(&data.content());
    /// batch.resize(3)?;
    /// assert_eq!(batch.input_mut(0).len(), 6);
    /// assert!(batch.resize(usize::MAX / 2).is_err());
    /// assert!(batch.is_empty());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn resize(&mut self, len: usize) -> Result<(), Error> {
        let resized = self.resize_all(len);
        if resized.is_err() {
            // Lengths that do not agree would be worse than none.
            self.resize_all(0)?;
        }
        resized
    }

    fn resize_all(&mut self, len: usize) -> Result<(), Error> {
        let numbers = |shape: &Shape| len.saturating_mul(shape.size());
        self.len = len;
        for (buffer, shape) in self.inputs.iter_mut().zip(&self.content.inputs) {
            resize(buffer, numbers(shape), F::zero(), "the inputs of a batch")?;
        }
        let what = "the targets of a batch";
        match &self.content.targets {
            TargetKind::None => {}
            TargetKind::Classes(shape) => resize(&mut self.labels, numbers(shape), 0, what)?,
            TargetKind::Values(shape) => {
                resize(&mut self.values, numbers(shape), F::zero(), what)?;
            }
        }
        if self.content.weighted {
            resize(&mut self.weights, len, F::one(), "the weights of a batch")?;
        }
        Ok(())
    }

    /// Checks that this is a batch of `len` samples of `content`: to be asked after [`Source::fill`] of a source that somebody else wrote,
    /// which may have left a batch of another length, or got one that was made for other data.
    ///
    /// # Errors
    /// [`Error::Other`] if the content differs, [`Error::Length`] if the length does.
    ///
    /// ```
    /// use downhill::data::{Batch, Dataset, Source};
    /// let data = Dataset::<f32>::new(ndarray::array![[1.0, 2.0], [3.0, 4.0]], ())?;
    /// let batch = Batch::of(&data)?;
    /// assert!(batch.expect(&data.content(), 2).is_ok());
    /// assert!(batch.expect(&data.content(), 3).is_err());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn expect(&self, content: &Content, len: usize) -> Result<(), Error> {
        if self.content != *content {
            let (got, fix) = (&self.content, "make it with Batch::new(&source.content())");
            let message = format!("is for samples of {got}, expected {content}; {fix}");
            return Err(Error::other("the batch", message));
        }
        if self.len != len {
            let with = "the rows that were asked for; Source::fill resizes the batch to them";
            return Err(Error::length("the batch", self.len, len, with));
        }
        Ok(())
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The shapes and kinds of what a sample holds.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// The input at `position`; an empty view if there is none.
    pub fn input(&self, position: usize) -> View<'_, F> {
        match (self.inputs.get(position), self.content.inputs.get(position)) {
            (Some(values), Some(shape)) => View::trusted(values, self.len, shape),
            _ => View::trusted(&[], 0, &crate::shape::NUMBER),
        }
    }

    /// The input at `position`, to fill; empty if there is none.
    pub fn input_mut(&mut self, position: usize) -> &mut [F] {
        self.inputs.get_mut(position).map_or(&mut [], |values| values)
    }

    /// The targets.
    pub fn target(&self) -> Target<'_, F> {
        match &self.content.targets {
            TargetKind::None => Target::None,
            TargetKind::Classes(shape) => Target::Classes(Classes::trusted(&self.labels, shape)),
            TargetKind::Values(shape) => {
                Target::Values(View::trusted(&self.values, self.len, shape))
            }
        }
    }

    /// The class indices, to fill; empty if the targets are of another kind.
    pub fn labels_mut(&mut self) -> &mut [usize] {
        &mut self.labels
    }

    /// The target numbers, to fill; empty if the targets are of another kind.
    pub fn values_mut(&mut self) -> &mut [F] {
        &mut self.values
    }

    /// The weights of the samples, if they have any.
    pub fn weights(&self) -> Option<&[F]> {
        self.content.weighted.then_some(&self.weights[..])
    }

    /// The weights of the samples, to fill; empty if they have none.
    pub fn weights_mut(&mut self) -> &mut [F] {
        &mut self.weights
    }

    /// Makes inputs and weights those of `other`, by an exchange of memory: what `other` holds afterwards is whatever was here.
    pub(super) fn take_inputs_and_weights(&mut self, other: &mut Self) {
        std::mem::swap(&mut self.inputs, &mut other.inputs);
        std::mem::swap(&mut self.weights, &mut other.weights);
    }

    /// Samples `from..to` alone, without a copy.
    pub fn part(&self, from: usize, to: usize) -> Part<'_, F> {
        let to = to.min(self.len);
        Part { batch: self, from: from.min(to), to }
    }
}

/// Some of the samples of a batch.
///
/// ```
/// use downhill::data::{Batch, Dataset};
/// use ndarray::array;
/// let data = Dataset::new(array![[1.0], [2.0], [3.0]], ())?;
/// let batch = Batch::of(&data)?;
/// let last = batch.part(2, 9); // cut off where the batch ends
/// assert_eq!((last.len(), last.first_sample()), (1, 2));
/// assert_eq!(last.input(0).values(), [3.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Part<'a, F> {
    batch: &'a Batch<F>,
    from: usize,
    to: usize,
}

impl<'a, F: Scalar> Part<'a, F> {
    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.to - self.from
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.from == self.to
    }

    /// The number of the first sample within the batch.
    pub fn first_sample(&self) -> usize {
        self.from
    }

    /// Some of these samples, counted from the first of them.
    pub(crate) fn within(&self, samples: std::ops::Range<usize>) -> Self {
        self.batch.part(self.from + samples.start, (self.from + samples.end).min(self.to))
    }

    /// How many inputs a sample has.
    pub(crate) fn input_count(&self) -> usize {
        self.batch.content.inputs.len()
    }

    /// The input at `position`; an empty view if there is none.
    pub fn input(&self, position: usize) -> View<'a, F> {
        let whole = self.batch.input(position);
        if whole.batch() == 0 {
            return whole;
        }
        View::trusted(&whole.values()[self.cut(whole.shape())], self.len(), whole.shape())
    }

    /// The targets.
    pub fn target(&self) -> Target<'a, F> {
        match &self.batch.content.targets {
            TargetKind::None => Target::None,
            TargetKind::Classes(shape) => {
                Target::Classes(Classes::trusted(&self.batch.labels[self.cut(shape)], shape))
            }
            TargetKind::Values(shape) => {
                let values = &self.batch.values[self.cut(shape)];
                Target::Values(View::trusted(values, self.len(), shape))
            }
        }
    }

    /// The weights of the samples, if they have any.
    pub fn weights(&self) -> Option<&'a [F]> {
        self.batch.weights().map(|weights| &weights[self.from..self.to])
    }

    fn cut(&self, shape: &Shape) -> std::ops::Range<usize> {
        self.from * shape.size()..self.to * shape.size()
    }
}

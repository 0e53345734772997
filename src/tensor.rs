//! Views of a batch of tensors.

use ndarray::{ArrayView2, ArrayViewD, ArrayViewMut2, ArrayViewMutD};

use crate::error::Error;
use crate::shape::Shape;

/// A batch of tensors of one shape, to read: sample after sample, each flattened with its last axis fastest.
///
/// ```
/// use downhill::{Shape, tensor::View};
/// let shape = Shape::from([3]);
/// let view = View::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, &shape)?;
/// assert_eq!(view.row(1), [4.0, 5.0, 6.0]);
/// assert_eq!(view.matrix().column(0).to_vec(), [1.0, 4.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
pub struct View<'a, F> {
    values: &'a [F],
    batch: usize,
    shape: &'a Shape,
}

impl<F> Clone for View<'_, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for View<'_, F> {}

impl<'a, F> View<'a, F> {
    /// A view of `batch` samples of `shape`.
    ///
    /// # Errors
    /// [`Error::Length`] if `values` does not hold `batch * shape.size()` numbers.
    pub fn new(values: &'a [F], batch: usize, shape: &'a Shape) -> Result<Self, Error> {
        check(values.len(), batch, shape)?;
        Ok(Self { values, batch, shape })
    }

    pub(crate) fn trusted(values: &'a [F], batch: usize, shape: &'a Shape) -> Self {
        Self { values, batch, shape }
    }

    /// All numbers of the batch, sample after sample.
    pub fn values(&self) -> &'a [F] {
        self.values
    }

    /// How many samples there are.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// The shape of one sample.
    pub fn shape(&self) -> &'a Shape {
        self.shape
    }

    /// How many numbers one sample holds.
    pub fn size(&self) -> usize {
        self.shape.size()
    }

    /// The numbers of one sample; empty if there is no such sample.
    pub fn row(&self, sample: usize) -> &'a [F] {
        self.values.get(place(sample, self.size())).unwrap_or_default()
    }

    /// The samples, one after the other.
    pub fn rows(&self) -> std::slice::ChunksExact<'a, F> {
        self.values.chunks_exact(self.size().max(1))
    }

    /// The batch as a matrix with one sample to a row.
    pub fn matrix(&self) -> ArrayView2<'a, F> {
        match ArrayView2::from_shape((self.batch, self.size()), self.values) {
            Ok(view) => view,
            Err(_) => ArrayView2::from(&[[]; 0]),
        }
    }

    /// The batch as an array of shape `[batch, …shape]`. (Allocates for more than three sample axes.)
    pub fn array(&self) -> ArrayViewD<'a, F> {
        match ArrayViewD::from_shape(axes(self.batch, self.shape), self.values) {
            Ok(view) => view,
            Err(_) => ArrayView2::from(&[[]; 0]).into_dyn(),
        }
    }
}

/// A batch of tensors of one shape, to write. See [`View`].
///
/// ```
/// use downhill::{Shape, tensor::ViewMut};
/// let (shape, mut values) = (Shape::from([2]), [1.0, 2.0, 3.0, 4.0]);
/// let mut view = ViewMut::new(&mut values, 2, &shape)?;
/// view.row(1)[0] = 7.0;
/// view.matrix().row_mut(0).fill(0.0);
/// assert_eq!(view.view().values(), [0.0, 0.0, 7.0, 4.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
pub struct ViewMut<'a, F> {
    values: &'a mut [F],
    batch: usize,
    shape: &'a Shape,
}

impl<'a, F> ViewMut<'a, F> {
    /// A view of `batch` samples of `shape`.
    ///
    /// # Errors
    /// [`Error::Length`] if `values` does not hold `batch * shape.size()` numbers.
    pub fn new(values: &'a mut [F], batch: usize, shape: &'a Shape) -> Result<Self, Error> {
        check(values.len(), batch, shape)?;
        Ok(Self { values, batch, shape })
    }

    pub(crate) fn trusted(values: &'a mut [F], batch: usize, shape: &'a Shape) -> Self {
        Self { values, batch, shape }
    }

    /// All numbers of the batch, sample after sample.
    pub fn values(&mut self) -> &mut [F] {
        self.values
    }

    /// All numbers of the batch, for as long as the view was lent.
    pub fn into_values(self) -> &'a mut [F] {
        self.values
    }

    /// How many samples there are.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// The shape of one sample.
    pub fn shape(&self) -> &'a Shape {
        self.shape
    }

    /// How many numbers one sample holds.
    pub fn size(&self) -> usize {
        self.shape.size()
    }

    /// The numbers of one sample; empty if there is no such sample.
    pub fn row(&mut self, sample: usize) -> &mut [F] {
        let place = place(sample, self.size());
        self.values.get_mut(place).unwrap_or_default()
    }

    /// The samples, one after the other.
    pub fn rows(&mut self) -> std::slice::ChunksExactMut<'_, F> {
        let size = self.size().max(1);
        self.values.chunks_exact_mut(size)
    }

    /// The batch as a matrix with one sample to a row.
    pub fn matrix(&mut self) -> ArrayViewMut2<'_, F> {
        match ArrayViewMut2::from_shape((self.batch, self.shape.size()), self.values) {
            Ok(view) => view,
            Err(_) => ArrayViewMut2::from(&mut [[]; 0]),
        }
    }

    /// The batch as an array of shape `[batch, …shape]`. (Allocates for more than three sample axes.)
    pub fn array(&mut self) -> ArrayViewMutD<'_, F> {
        match ArrayViewMutD::from_shape(axes(self.batch, self.shape), self.values) {
            Ok(view) => view,
            Err(_) => ArrayViewMut2::from(&mut [[]; 0]).into_dyn(),
        }
    }

    /// The same batch, to read.
    pub fn view(&self) -> View<'_, F> {
        View { values: self.values, batch: self.batch, shape: self.shape }
    }
}

/// Where a sample lies; beyond any buffer if its place is no number of the machine.
fn place(sample: usize, size: usize) -> std::ops::Range<usize> {
    let start = sample.saturating_mul(size);
    start..start.saturating_add(size)
}

fn axes(batch: usize, shape: &Shape) -> Vec<usize> {
    std::iter::once(batch).chain(shape.iter().copied()).collect()
}

fn check(len: usize, batch: usize, shape: &Shape) -> Result<(), Error> {
    let expected = batch.saturating_mul(shape.size());
    if len == expected {
        Ok(())
    } else {
        Err(Error::length("the slice", len, expected, format!("{batch} samples of {shape}")))
    }
}

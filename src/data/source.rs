//! Where batches come from.

use std::fmt;

use super::{Batch, TargetKind};
use crate::error::Error;
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// What one sample of a source holds.
///
/// ```
/// use downhill::data::{Content, Dataset, Source, TargetKind};
/// let data = Dataset::new(ndarray::Array3::<f32>::zeros((10, 8, 8)), vec![0; 10])?;
/// let expected = Content {
///     inputs: vec![[8, 8].into()],
///     targets: TargetKind::Classes([].into()),
///     weighted: false,
/// };
/// assert_eq!(data.content(), expected);
/// assert_eq!(expected.to_string(), "inputs [8, 8] with one class index per sample and no weight");
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The shape of each input.
    pub inputs: Vec<Shape>,
    /// The kind and shape of the targets.
    pub targets: TargetKind,
    /// Whether each sample has a weight.
    pub weighted: bool,
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shapes: Vec<String> = self.inputs.iter().map(Shape::to_string).collect();
        let weights = if self.weighted { "a weight" } else { "no weight" };
        write!(f, "inputs {} with {} and {weights}", shapes.join(", "), self.targets)
    }
}

/// For which pass over the data a batch is filled: what augmentation may depend on, besides the sample.
///
/// ```
/// use downhill::data::Sampling;
/// let (now, later) = (Sampling::new(7, 0), Sampling::new(7, 1));
/// assert_eq!(now, Sampling::new(7, 0));
/// assert_ne!(now.noise.step(3).uniform(0), later.noise.step(3).uniform(0));
/// assert!(now.training && !Sampling::evaluation().training);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sampling {
    /// Random numbers of this run and epoch; take those of one sample with `noise.step(row)`.
    pub noise: Noise,
    /// The epoch, counted from 0.
    pub epoch: u64,
    /// Whether the samples are for training; augmentation leaves others as they are.
    pub training: bool,
}

impl Sampling {
    /// The pass over the data in this epoch of a run with this seed.
    pub fn new(seed: u64, epoch: u64) -> Self {
        Self { noise: Noise::new(seed).at("augment").step(epoch), epoch, training: true }
    }

    /// A pass that only measures: samples are taken as they are.
    pub fn evaluation() -> Self {
        Self { training: false, ..Self::new(0, 0) }
    }

    /// The same for a source within a source, which shall not draw as the outer one does.
    pub(crate) fn inner(self) -> Self {
        Self { noise: self.noise.at("inner"), ..self }
    }
}

/// Numbered samples that batches are made of: a [`Dataset`](super::Dataset), or anything else that can copy rows into a batch.
///
/// ```
/// use downhill::data::{Batch, Content, Sampling, Source, TargetKind};
/// use downhill::{Error, Scalar};
///
/// /// The numbers from 0 on, which need no memory.
/// struct Counting(usize);
///
/// impl<F: Scalar> Source<F> for Counting {
///     fn len(&self) -> usize {
///         self.0
///     }
///     fn content(&self) -> Content {
///         Content { inputs: vec![1.into()], targets: TargetKind::None, weighted: false }
///     }
///     fn fill(&self, rows: &[usize], _: Sampling, batch: &mut Batch<F>) -> Result<(), Error> {
///         batch.resize(rows.len())?;
///         for (value, &row) in batch.input_mut(0).iter_mut().zip(rows) {
///             *value = F::of(row as f64);
///         }
///         Ok(())
///     }
/// }
///
/// let batch: Batch<f32> = Batch::of_rows(&Counting(1_000_000), &[5, 70_000])?;
/// assert_eq!(batch.input(0).values(), [5.0, 70_000.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
pub trait Source<F: Scalar>: Send + Sync {
    /// How many samples there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What each sample holds.
    fn content(&self) -> Content;

    /// Makes `batch`, which was made for this content, hold these rows in this order: [`Batch::resize`] to as many, then every number.
    ///
    /// # Errors
    /// [`Error::Cell`] or another error that names the row.
    fn fill(&self, rows: &[usize], sampling: Sampling, batch: &mut Batch<F>) -> Result<(), Error>;

    /// The name of a row for messages: its number in the data that the user knows, before any split.
    fn row_name(&self, row: usize) -> usize {
        row
    }
}

/// A source that is lent is one too, so that what wraps a source may borrow it.
impl<F: Scalar, S: Source<F> + ?Sized> Source<F> for &S {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn content(&self) -> Content {
        (**self).content()
    }

    fn fill(&self, rows: &[usize], sampling: Sampling, batch: &mut Batch<F>) -> Result<(), Error> {
        (**self).fill(rows, sampling, batch)
    }

    fn row_name(&self, row: usize) -> usize {
        (**self).row_name(row)
    }
}

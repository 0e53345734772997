//! What a model should have answered.

use std::fmt;

use crate::shape::Shape;
use crate::tensor::View;

/// The targets of one batch, as a loss or metric sees them.
///
/// ```
/// use downhill::data::{Batch, Dataset, Target};
/// use ndarray::array;
/// let batch = Batch::of(&Dataset::new(array![[1.0], [2.0]], array![[0.5], [1.5]])?)?;
/// let Target::Values(values) = batch.target() else { panic!("the targets are numbers") };
/// assert_eq!(values.row(1), [1.5]);
/// assert_eq!(batch.target().kind(), batch.content().targets);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Target<'a, F> {
    /// There are none: the model's outputs speak for themselves.
    None,
    /// Class indices.
    Classes(Classes<'a>),
    /// Numbers: regression targets, probabilities, images.
    Values(View<'a, F>),
}

impl<F> Target<'_, F> {
    /// The kind, without the content.
    pub fn kind(&self) -> TargetKind {
        match self {
            Self::None => TargetKind::None,
            Self::Classes(classes) => TargetKind::Classes(classes.shape.clone()),
            Self::Values(view) => TargetKind::Values(view.shape().clone()),
        }
    }
}

/// Class indices of a batch: one for each place of a sample.
///
/// ```
/// use downhill::data::{Batch, Dataset, Target};
/// use ndarray::array;
/// let data = Dataset::new(array![[1.0], [2.0]], array![[0, 3], [1, 2]])?;
/// let batch = Batch::of(&data)?;
/// let Target::Classes(classes) = batch.target() else { panic!("the targets are classes") };
/// assert_eq!(classes.labels(), [0, 3, 1, 2]);
/// assert_eq!(classes.shape().axes(), [2]); // two for each sample
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Classes<'a> {
    labels: &'a [usize],
    shape: &'a Shape,
}

impl<'a> Classes<'a> {
    pub(crate) fn trusted(labels: &'a [usize], shape: &'a Shape) -> Self {
        Self { labels, shape }
    }

    /// All labels of the batch, sample after sample.
    pub fn labels(&self) -> &'a [usize] {
        self.labels
    }

    /// The shape of one sample's labels: `[]` for one label a sample, `[time]` for one at each time step.
    pub fn shape(&self) -> &'a Shape {
        self.shape
    }
}

/// What kind of targets a data set has, with the shape of one sample's.
///
/// ```
/// use downhill::data::TargetKind;
/// assert_eq!(TargetKind::Classes([].into()).to_string(), "one class index per sample");
/// assert_eq!(TargetKind::Values([2].into()).to_string(), "numbers of shape [2] per sample");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetKind {
    /// No targets.
    None,
    /// Class indices.
    Classes(Shape),
    /// Numbers.
    Values(Shape),
}

impl fmt::Display for TargetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no targets"),
            Self::Classes(shape) if shape.is_empty() => f.write_str("one class index per sample"),
            Self::Classes(shape) => write!(f, "class indices of shape {shape} per sample"),
            Self::Values(shape) => write!(f, "numbers of shape {shape} per sample"),
        }
    }
}

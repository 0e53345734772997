//! The size of a tensor along each of its axes.

use std::fmt;
use std::ops::Deref;

/// The size of a tensor along each axis. For data and activations it is the shape of **one sample**, without the batch axis.
///
/// ```
/// use downhill::Shape;
/// let image = Shape::from([1, 8, 8]);
/// assert_eq!(image.size(), 64);
/// assert_eq!(image.to_string(), "[1, 8, 8]");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shape(Vec<usize>);

/// The shape of a single number: no axes.
pub(crate) static NUMBER: Shape = Shape(Vec::new());

impl Shape {
    /// How many numbers the tensor holds: the product of the axes, and 1 for a single number (no axes).
    ///
    /// A product that is too large for the machine saturates at `usize::MAX`; building a model refuses it.
    pub fn size(&self) -> usize {
        self.0.iter().fold(1, |size, &axis| size.saturating_mul(axis))
    }

    /// The axes, outermost first.
    pub fn axes(&self) -> &[usize] {
        &self.0
    }
}

impl Deref for Shape {
    type Target = [usize];

    fn deref(&self) -> &[usize] {
        &self.0
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl From<usize> for Shape {
    fn from(axis: usize) -> Self {
        Self(vec![axis])
    }
}

impl From<Vec<usize>> for Shape {
    fn from(axes: Vec<usize>) -> Self {
        Self(axes)
    }
}

impl From<&[usize]> for Shape {
    fn from(axes: &[usize]) -> Self {
        Self(axes.to_vec())
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(axes: [usize; N]) -> Self {
        Self(axes.to_vec())
    }
}

impl<const N: usize> From<&[usize; N]> for Shape {
    fn from(axes: &[usize; N]) -> Self {
        Self(axes.to_vec())
    }
}

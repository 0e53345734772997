//! An axis of the sample, seen in the flat buffer.

use crate::error::Error;
use crate::layer::Plan;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// An axis in the flat buffer: `len` numbers that are `stride` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    pub len: usize,
    pub stride: usize,
}

impl Axis {
    /// The axis that was asked for, or the last one; a single number is an axis of length 1.
    pub fn of(shape: &Shape, axis: Option<usize>) -> Self {
        let axis = axis.unwrap_or(shape.len().saturating_sub(1));
        let stride = shape.iter().skip(axis + 1).product();
        Self { len: shape.get(axis).copied().unwrap_or(1), stride }
    }

    /// The error for an axis that the only input has not.
    pub fn check<F: Scalar>(plan: &Plan<'_, F>, axis: Option<usize>) -> Result<(), Error> {
        let shape = plan.input()?;
        if axis.unwrap_or(0) < shape.len() {
            return Ok(());
        }
        let expected = match axis {
            Some(axis) => format!("an axis {axis}"),
            None => "at least one axis".to_owned(),
        };
        Err(plan.refuse(expected, &shape, "choose an axis of the sample, counted from 0"))
    }

    /// Where each line along the axis starts in a buffer of `size` numbers.
    pub fn lines(self, size: usize) -> impl Iterator<Item = usize> {
        let blocks = (0..size).step_by((self.len * self.stride).max(1));
        blocks.flat_map(move |block| block..block + self.stride)
    }

    /// The positions on the line that starts at `start`.
    pub fn line(self, start: usize) -> impl Iterator<Item = usize> {
        (0..self.len).map(move |i| start + i * self.stride)
    }
}

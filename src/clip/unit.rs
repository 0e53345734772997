//! The units of a tensor.

use crate::shape::Shape;

/// How many numbers belong to one unit, at least 1: those at one place of the first axis, or all of a tensor with fewer than two axes.
pub(crate) fn unit_size(shape: &Shape) -> usize {
    match shape.axes() {
        [_, rest @ ..] if !rest.is_empty() => {
            rest.iter().fold(1_usize, |size, &axis| size.saturating_mul(axis)).max(1)
        }
        _ => shape.size().max(1),
    }
}

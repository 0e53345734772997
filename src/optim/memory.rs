//! Where the slots of all parameters live.

use std::ops::Range;

use super::{Extent, Optimizer, Slot, Start};
use crate::params::Parameter;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Everything that an optimizer remembers of a model: one buffer for each slot, and how often each parameter has been updated.
#[derive(Clone, Debug, PartialEq)]
pub struct Memory<F> {
    slots: Vec<Slot>,
    buffers: Vec<Vec<F>>,
    updates: Vec<u64>,
}

impl<F: Scalar> Memory<F> {
    /// The memory of a fresh run of `optimizer` on these parameters with these values.
    pub fn new<O: Optimizer<F> + ?Sized>(
        optimizer: &O,
        parameters: &[Parameter],
        values: &[F],
    ) -> Self {
        let slots = optimizer.slots();
        let buffers = slots.iter().map(|slot| match slot.start {
            Start::Parameters if slot.extent == Extent::Element => values.to_vec(),
            Start::Parameters => vec![F::zero(); length(slot.extent, parameters)],
            Start::Value(value) => vec![F::of(value); length(slot.extent, parameters)],
        });
        Self { buffers: buffers.collect(), slots, updates: vec![0; parameters.len()] }
    }

    /// The slots, in the order of the rule.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// One buffer for each slot.
    pub fn buffers(&self) -> &[Vec<F>] {
        &self.buffers
    }

    /// One buffer for each slot, to change.
    pub fn buffers_mut(&mut self) -> &mut [Vec<F>] {
        &mut self.buffers
    }

    /// The buffer of one slot, by its place in the rule's list; empty if there is no such slot.
    pub fn slot_mut(&mut self, position: usize) -> &mut [F] {
        self.buffers.get_mut(position).map_or(&mut [], |buffer| buffer)
    }

    /// How often each parameter has been updated.
    pub fn updates(&self) -> &[u64] {
        &self.updates
    }

    /// How often each parameter has been updated, to change.
    pub fn updates_mut(&mut self) -> &mut [u64] {
        &mut self.updates
    }
}

impl Extent {
    /// How many numbers a slot of this extent holds for a parameter of this shape.
    pub fn size(self, shape: &Shape) -> usize {
        let rows = shape.first().copied().unwrap_or(1);
        match self {
            Self::Element => shape.size(),
            Self::Tensor => 1,
            Self::Row => rows,
            Self::Column => shape.size() / rows.max(1),
        }
    }
}

fn length(extent: Extent, parameters: &[Parameter]) -> usize {
    parameters.iter().map(|parameter| extent.size(parameter.shape())).sum()
}

/// The place of parameter `id` in the buffer of a slot of this extent.
pub(crate) fn place(extent: Extent, parameters: &[Parameter], id: usize) -> Range<usize> {
    if extent == Extent::Element {
        return parameters[id].range();
    }
    let start = length(extent, &parameters[..id]);
    start..start + extent.size(parameters[id].shape())
}

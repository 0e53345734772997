//! Where a loss leaves its gradient.

use crate::scalar::Scalar;
use crate::shape::{NUMBER, Shape};
use crate::tensor::ViewMut;

/// The gradients for a model's outputs, to fill.
#[derive(Debug)]
pub struct OutputGradients<'a, F> {
    buffers: &'a mut [Vec<F>],
    ids: &'a [usize],
    shapes: &'a [Shape],
    batch: usize,
}

impl<'a, F: Scalar> OutputGradients<'a, F> {
    /// Gradients `ids` out of all `buffers` with all `shapes`.
    pub(crate) fn new(
        buffers: &'a mut [Vec<F>],
        ids: &'a [usize],
        shapes: &'a [Shape],
        batch: usize,
    ) -> Self {
        Self { buffers, ids, shapes, batch }
    }

    /// How many outputs the model has.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The gradient for the first output: the only one for most models.
    pub fn one(&mut self) -> ViewMut<'_, F> {
        self.get(0)
    }

    /// The gradient for the output at `position`; an empty view if there is none.
    pub fn get(&mut self, position: usize) -> ViewMut<'_, F> {
        match self.ids.get(position) {
            Some(&id) => {
                let shape = &self.shapes[id];
                let values = &mut self.buffers[id][..self.batch * shape.size()];
                ViewMut::trusted(values, self.batch, shape)
            }
            None => ViewMut::trusted(&mut [], 0, &NUMBER),
        }
    }

    /// Sets all gradients to zero.
    pub fn clear(&mut self) {
        for position in 0..self.len() {
            self.get(position).into_values().fill(F::zero());
        }
    }
}

//! Room for a batch.

use std::sync::Arc;

use super::Workspace;
use crate::buffer::grow;
use crate::error::Error;
use crate::scalar::Scalar;

impl<F: Scalar> Workspace<F> {
    /// Makes room for `batch` samples.
    ///
    /// # Errors
    /// [`Error::Other`] if the machine has not that much memory.
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// assert!(work.evaluate(&model, 32, Draw::default()).is_err()); // nothing was loaded
    /// work.reserve(32)?;
    /// assert_eq!(work.input(0, 32)?, [0.0; 64]); // room is zeroed, and later passes allocate nothing
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn reserve(&mut self, batch: usize) -> Result<(), Error> {
        if self.capacity.is_some_and(|capacity| batch <= capacity) {
            return Ok(());
        }
        let layout = Arc::clone(&self.layout);
        for (id, (buffer, shape)) in self.values.iter_mut().zip(&layout.tensors).enumerate() {
            if self.holders[id] == id {
                grow(buffer, batch.saturating_mul(shape.size()), "the workspace")?;
            }
        }
        self.memory.reserve(&layout.ops, batch)?;
        let before = self.capacity.replace(batch);
        if self.trains {
            // There is room for so many only if there is room for their gradients.
            self.reserve_gradients().inspect_err(|_| self.capacity = before)?;
        }
        Ok(())
    }

    /// How many samples there is room for.
    pub(in crate::network) fn capacity(&self) -> usize {
        self.capacity.unwrap_or(0)
    }

    /// Makes room for the gradients of all activations that have one.
    pub(super) fn reserve_gradients(&mut self) -> Result<(), Error> {
        let layout = Arc::clone(&self.layout);
        let capacity = self.capacity();
        let size = |id: usize| capacity.saturating_mul(layout.tensors[id].size());
        for (id, buffer) in self.gradients.iter_mut().enumerate() {
            let own = self.wanted[id] && self.turns.buffer[id].is_none();
            if own || layout.outputs.contains(&id) {
                grow(buffer, size(id), "the workspace")?;
            }
        }
        for (buffer, size) in self.shared.iter_mut().zip(&self.turns.sizes) {
            grow(buffer, capacity.saturating_mul(*size), "the workspace")?;
        }
        // A spare buffer serves a position of the input list, for tensors that more than one operation reads.
        for op in &layout.ops {
            for (position, &id) in op.inputs.iter().enumerate() {
                if self.wanted[id] && layout.readers(id) > 1 {
                    grow(&mut self.spare[position], size(id), "the workspace")?;
                }
            }
        }
        self.trains = true;
        Ok(())
    }
}

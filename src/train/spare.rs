//! What a step goes back to when it fails.

use crate::network::Model;
use crate::optim::Memory;
use crate::scalar::Scalar;

/// Copies of what a step changes, in memory that is reused from step to step.
#[derive(Debug)]
pub(super) struct Spare<F> {
    state: Vec<F>,
    values: Vec<F>,
    memory: Option<Memory<F>>,
}

impl<F: Scalar> Spare<F> {
    /// Room for the layer state of `model`; room for the rest is made by the first step that needs it.
    pub fn new(model: &Model<F>) -> Self {
        Self { state: Vec::with_capacity(model.state().len()), values: Vec::new(), memory: None }
    }

    /// Keeps the layer state.
    pub fn keep_state(&mut self, model: &Model<F>) {
        self.state.clear();
        self.state.extend_from_slice(model.state());
    }

    /// Puts the layer state back.
    pub fn restore_state(&self, model: &mut Model<F>) {
        model.state_mut().copy_from_slice(&self.state);
    }

    /// Keeps the parameters and what the optimizer remembers.
    pub fn keep(&mut self, values: &[F], memory: &Memory<F>) {
        self.values.clear();
        self.values.extend_from_slice(values);
        match &mut self.memory {
            Some(kept) => kept.copy_from(memory),
            None => self.memory = Some(memory.clone()),
        }
    }

    /// Puts the parameters and the optimizer's memory back.
    pub fn restore(&self, model: &mut Model<F>, memory: &mut Memory<F>) {
        model.values_mut().copy_from_slice(&self.values);
        if let Some(kept) = &self.memory {
            memory.copy_from(kept);
        }
    }
}

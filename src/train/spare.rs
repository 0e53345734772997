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
    /// What a rule that looks at the loss elsewhere needs besides.
    pub looks: Looks<F>,
}

/// What looking at the loss elsewhere must not change, and memory to look with.
#[derive(Debug)]
pub(super) struct Looks<F> {
    /// The layer state after the first pass.
    pub state: Vec<F>,
    /// The gradient that the rule was handed.
    pub gradient: Vec<F>,
    /// Where the model's values lie while the rule holds its parameters.
    pub values: Vec<F>,
}

/// Makes `kept` a copy of `values`, in the memory that is there.
fn keep<F: Copy>(kept: &mut Vec<F>, values: &[F]) {
    kept.clear();
    kept.extend_from_slice(values);
}

impl<F: Scalar> Looks<F> {
    /// Keeps the layer state and the gradient.
    pub fn keep(&mut self, model: &Model<F>, gradient: &[F]) {
        keep(&mut self.state, model.state());
        keep(&mut self.gradient, gradient);
    }
}

impl<F: Scalar> Spare<F> {
    /// Room for the layer state of `model`; room for the rest is made by the first step that needs it.
    pub fn new(model: &Model<F>) -> Self {
        let looks = Looks { state: Vec::new(), gradient: Vec::new(), values: Vec::new() };
        let state = Vec::with_capacity(model.state().len());
        Self { state, values: Vec::new(), memory: None, looks }
    }

    /// Keeps the layer state.
    pub fn keep_state(&mut self, model: &Model<F>) {
        keep(&mut self.state, model.state());
    }

    /// Puts the layer state back.
    pub fn restore_state(&self, model: &mut Model<F>) {
        model.state_mut().copy_from_slice(&self.state);
    }

    /// Keeps the parameters and what the optimizer remembers.
    pub fn keep(&mut self, values: &[F], memory: &Memory<F>) {
        keep(&mut self.values, values);
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

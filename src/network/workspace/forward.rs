//! The walk over the operations.

use std::sync::Arc;

use super::Workspace;
use crate::error::Error;
use crate::layer::{Copies, Forward, Mode, Op, Params, StateBuffer, States, Tensors, TensorsMut};
use crate::network::{Draw, Model};
use crate::scalar::Scalar;

impl<F: Scalar> Workspace<F> {
    /// Computes the outputs for the first `batch` samples of the inputs, as a model in use.
    ///
    /// # Errors
    /// [`Error::Length`] if `batch` is more than there is room for, [`Error::Other`] if the workspace was made for another model. Room is made for the
    /// most samples ever loaded or reserved: samples that were not loaded for this pass hold what was there before.
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let model: Model<f64> = Model::build(Dropout::new(0.5), &[3.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load(0, &ndarray::array![[1.0, 2.0, 3.0]])?;
    /// work.evaluate(&model, 1, Draw::default())?;
    /// assert_eq!(work.output(0).values(), [1.0, 2.0, 3.0]); // nothing is dropped
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn evaluate(&mut self, model: &Model<F>, batch: usize, draw: Draw) -> Result<(), Error> {
        self.evaluate_with(model, &[], batch, draw)
    }

    /// The same with copies of the model's weights, if there are any.
    pub(in crate::network) fn evaluate_with(
        &mut self,
        model: &Model<F>,
        copies: &[F],
        batch: usize,
        draw: Draw,
    ) -> Result<(), Error> {
        self.check(model, batch)?;
        self.run((model.values(), copies), StateBuffer::Evaluate(model.state()), batch, draw);
        Ok(())
    }

    /// Computes the outputs for the first `batch` samples of the inputs as a model in training: dropout drops, running statistics move.
    ///
    /// # Errors
    /// As [`evaluate`](Workspace::evaluate).
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let mut model: Model<f64> = Model::build(Dropout::new(0.5), &[100.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load(0, &ndarray::Array2::ones((1, 100)))?;
    /// work.train(&mut model, 1, Draw::new(7, 0))?;
    /// let dropped = work.output(0).values().to_vec();
    /// assert!(dropped.iter().all(|&y| y == 0.0 || y == 2.0));
    /// work.train(&mut model, 1, Draw::new(7, 0))?;
    /// assert_eq!(work.output(0).values(), dropped); // a function of seed and step
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn train(&mut self, model: &mut Model<F>, batch: usize, draw: Draw) -> Result<(), Error> {
        self.check(model, batch)?;
        let (values, state) = model.buffers();
        self.run((values, &[]), StateBuffer::Train(state), batch, draw);
        Ok(())
    }

    /// Whether `batch` samples are there for a pass of `model`.
    pub(super) fn check(&mut self, model: &Model<F>, batch: usize) -> Result<(), Error> {
        model.check_layout("the workspace", &self.layout)?;
        let loaded = self.capacity();
        if batch > loaded {
            return Err(Error::length("the batch", batch, loaded, "the loaded inputs"));
        }
        // No samples need no room, but what a layer asks for once is there for them too.
        self.reserve(0)?;
        Ok(())
    }

    fn run(
        &mut self,
        (flat, copies): (&[F], &[F]),
        mut state: StateBuffer<'_, F>,
        batch: usize,
        draw: Draw,
    ) {
        let layout = Arc::clone(&self.layout);
        (self.batch, self.ran) = (batch, true);
        self.mode = match state {
            StateBuffer::Train(_) => Mode::Train,
            StateBuffer::Evaluate(_) => Mode::Evaluate,
        };
        // What was written over others goes back to where it begins.
        for index in (0..layout.ops.len()).rev() {
            self.write_over(&layout.ops[index]);
        }
        for (index, op) in layout.ops.iter().enumerate() {
            let in_place = self.write_over(op);
            self.lent.extend(op.outputs.iter().map(|&id| std::mem::take(&mut self.values[id])));
            let [saved, scratch, scratch_once] = self.memory.of(op, index, batch);
            let copies = Copies { factors: &op.factors, values: copies };
            op.layer.forward(Forward {
                mode: self.mode,
                batch,
                inputs: Tensors::new(&self.values, &op.inputs, &layout.tensors, batch),
                outputs: TensorsMut::picked(&mut self.lent, &op.outputs, &layout.tensors, batch),
                params: Params::new(flat, &layout.parameters, &op.params, copies),
                states: States { flat: state.reborrow(), all: &layout.states, ids: &op.states },
                saved,
                scratch,
                scratch_once,
                noise: draw.noise.step(layout.noise[index]),
                first_sample: draw.first_sample,
                parallel: draw.parallel,
                in_place,
            });
            for (&id, buffer) in op.outputs.iter().zip(self.lent.drain(..)) {
                self.values[id] = buffer;
            }
        }
    }

    /// Exchanges the memory of input and output, if this operation writes one over the other.
    fn write_over(&mut self, op: &Op<F>) -> bool {
        let over = |&&id: &&usize| self.holders[id] != id;
        let Some(&input) = op.inputs.first().filter(over) else { return false };
        self.values.swap(input, op.outputs[0]);
        true
    }
}

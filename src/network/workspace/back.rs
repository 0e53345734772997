//! The walk back over the operations.

use std::sync::Arc;

use super::Workspace;
use crate::error::Error;
use crate::kernel::stretches;
use crate::layer::{
    Backward, Copies, Gradients, InputGradients, Params, StateBuffer, States, Tensors, TensorsMut,
};
use crate::network::layout::Layout;
use crate::network::{Draw, Model};
use crate::scalar::Scalar;

impl<F: Scalar> Workspace<F> {
    /// Walks back from the gradients for the outputs and **adds** to `gradient`, a buffer like that of the parameters.
    ///
    /// # Errors
    /// [`Error::Length`] if `gradient` has not the length of the parameters, [`Error::Other`] if no batch has gone through; as
    /// [`evaluate`](Workspace::evaluate).
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load(0, &ndarray::array![[1.0, 2.0], [3.0, 4.0]])?;
    /// work.evaluate(&model, 2, Draw::default())?;
    /// work.output_gradients()?.1.one().values().fill(1.0);
    /// let mut gradient = [0.0, 0.0, 100.0];
    /// work.backward(&model, &mut gradient, Draw::default())?;
    /// assert_eq!(gradient, [1.0 + 3.0, 2.0 + 4.0, 100.0 + 2.0]); // added to what was there
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn backward(
        &mut self,
        model: &Model<F>,
        gradient: &mut [F],
        draw: Draw,
    ) -> Result<(), Error> {
        self.empty.fill(false);
        self.walk_back(model, gradient, draw)
    }

    /// As [`backward`](Workspace::backward), but **overwrites** `gradient`, whatever it holds. That is faster than to add to zeros: a dense layer's product
    /// neither needs them written nor reads them.
    ///
    /// # Errors
    /// As for [`backward`](Workspace::backward).
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load(0, &ndarray::array![[1.0, 2.0], [3.0, 4.0]])?;
    /// work.evaluate(&model, 2, Draw::default())?;
    /// work.output_gradients()?.1.one().values().fill(1.0);
    /// let mut gradient = [f64::NAN; 3];
    /// work.backward_anew(&model, &mut gradient, Draw::default())?;
    /// assert_eq!(gradient, [1.0 + 3.0, 2.0 + 4.0, 2.0]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn backward_anew(
        &mut self,
        model: &Model<F>,
        gradient: &mut [F],
        draw: Draw,
    ) -> Result<(), Error> {
        self.empty.fill(true);
        self.walk_back(model, gradient, draw)?;
        // What nothing went back through.
        for (parameter, _) in self.layout.parameters.iter().zip(&self.empty).filter(|(_, e)| **e) {
            gradient[parameter.range()].fill(F::zero());
        }
        Ok(())
    }

    /// Walks back; parameters that are `empty` are overwritten, the others added to.
    fn walk_back(&mut self, model: &Model<F>, gradient: &mut [F], draw: Draw) -> Result<(), Error> {
        self.check(model, self.batch)?;
        if !self.ran {
            let message = "there is nothing to walk back from; call `train` or `evaluate` first";
            return Err(Error::other("the workspace", message));
        }
        let expected = model.values().len();
        if gradient.len() != expected {
            return Err(Error::length("the gradient", gradient.len(), expected, "the parameters"));
        }
        if !self.trains {
            self.reserve_gradients()?;
        }
        let layout = Arc::clone(&self.layout);
        self.written.fill(false);
        for &id in &layout.outputs {
            self.written[id] = true;
        }
        for (index, op) in layout.ops.iter().enumerate().rev() {
            // What nobody wants or nobody used has no influence, whatever it is (infinity times no influence is still none).
            if op.outputs.iter().all(|&id| !self.wanted[id] || !self.written[id]) {
                continue;
            }
            for &id in &op.outputs {
                if !self.written[id] {
                    // Another output was used, this one was not.
                    self.begin_turn(id);
                    let numbers = self.batch * layout.tensors[id].size();
                    self.gradients[id].iter_mut().take(numbers).for_each(|g| *g = F::zero());
                }
            }
            self.back_through(&layout, model, gradient, draw, index);
            if !self.turns.over[index] {
                op.outputs.iter().for_each(|&id| self.end_turn(id));
            }
        }
        Ok(())
    }

    /// Lends a gradient the buffer that it shares.
    fn begin_turn(&mut self, id: usize) {
        if let Some(buffer) = self.turns.buffer[id] {
            self.gradients[id] = std::mem::take(&mut self.shared[buffer]);
        }
    }

    /// Takes that buffer back.
    fn end_turn(&mut self, id: usize) {
        if let Some(buffer) = self.turns.buffer[id] {
            self.shared[buffer] = std::mem::take(&mut self.gradients[id]);
        }
    }

    fn back_through(
        &mut self,
        layout: &Layout<F>,
        model: &Model<F>,
        gradient: &mut [F],
        draw: Draw,
        index: usize,
    ) {
        let (op, batch) = (&layout.ops[index], self.batch);
        for (position, &id) in op.inputs.iter().enumerate() {
            let earlier = op.inputs[..position].contains(&id);
            let into = if !self.wanted[id] {
                Vec::new()
            } else if self.turns.over[index] {
                std::mem::take(&mut self.gradients[op.outputs[0]])
            } else if self.written[id] || earlier {
                std::mem::take(&mut self.spare[position])
            } else {
                self.begin_turn(id);
                std::mem::take(&mut self.gradients[id])
            };
            self.lent.push(into);
        }
        let gradients = &self.gradients;
        let [saved, scratch, scratch_once] = self.memory.of(op, index, batch);
        op.layer.backward(Backward {
            mode: self.mode,
            batch,
            inputs: Tensors::new(&self.values, &op.inputs, &layout.tensors, batch),
            outputs: Tensors::new(&self.values, &op.outputs, &layout.tensors, batch),
            output_gradients: Tensors::new(gradients, &op.outputs, &layout.tensors, batch),
            input_gradients: InputGradients(TensorsMut::picked(
                &mut self.lent,
                &op.inputs,
                &layout.tensors,
                batch,
            )),
            params: Params::new(model.values(), &layout.parameters, &op.params, Copies::NONE),
            gradients: Gradients::new(gradient, &layout.parameters, &op.params, &mut self.empty),
            states: States {
                flat: StateBuffer::Evaluate(model.state()),
                all: &layout.states,
                ids: &op.states,
            },
            saved,
            scratch,
            scratch_once,
            noise: draw.noise.step(layout.noise[index]),
            first_sample: draw.first_sample,
            parallel: draw.parallel,
            in_place: self.turns.over[index],
        });
        for (position, (&id, buffer)) in op.inputs.iter().zip(self.lent.drain(..)).enumerate() {
            if !self.wanted[id] {
                continue;
            }
            if self.written[id] {
                let used = batch * layout.tensors[id].size();
                let sums = &mut self.gradients[id][..used];
                stretches::add(draw.parallel, &buffer[..used], sums);
                self.spare[position] = buffer;
            } else {
                self.gradients[id] = buffer;
                self.written[id] = true;
            }
        }
    }
}

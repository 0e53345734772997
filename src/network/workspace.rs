//! The memory that a model computes in, and the walk over its operations.

use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::layer::{
    Backward, Forward, Gradients, InputGradients, Mode, Op, Params, StateBuffer, States, Tensors,
    TensorsMut,
};
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::{NUMBER, Shape};
use crate::tensor::{View, ViewMut};

use super::Model;

/// Which random numbers a pass uses: those of a step, from this sample of the step's batch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Draw {
    /// The random numbers of this step.
    pub noise: Noise,
    /// The number of the first sample within the whole batch of the step.
    pub first_sample: usize,
    /// Whether kernels may use several threads.
    pub parallel: Parallel,
}

impl Draw {
    /// The random numbers of step `step` of a run with this seed.
    pub fn new(seed: u64, step: u64) -> Self {
        Self { noise: Noise::new(seed).at("step").step(step), ..Self::default() }
    }

    /// The same, from this sample of the batch on.
    #[must_use]
    pub fn from_sample(self, first_sample: usize) -> Self {
        Self { first_sample, ..self }
    }

    /// The same, on several threads or not.
    #[must_use]
    pub fn parallel(self, parallel: Parallel) -> Self {
        Self { parallel, ..self }
    }
}

impl Default for Draw {
    fn default() -> Self {
        Self { noise: Noise::new(0), first_sample: 0, parallel: Parallel::Off }
    }
}

/// Activations, their gradients and the layers' own memory for batches up to a size; it grows when a larger batch comes.
///
/// One workspace serves one thread at a time. Nothing is allocated while batches stay within the size.
#[derive(Clone, Debug)]
pub struct Workspace<F> {
    capacity: usize,
    batch: usize,
    mode: Mode,
    values: Vec<Vec<F>>,
    gradients: Vec<Vec<F>>,
    /// For each operation: what forward keeps for backward, and scratch.
    saved: Vec<Vec<Vec<F>>>,
    scratch: Vec<Vec<Vec<F>>>,
    /// Buffers on loan to the operation that runs.
    lent: Vec<Vec<F>>,
    /// Where a second reader of a tensor leaves its gradient before it is added to the first one's.
    spare: Vec<Vec<F>>,
    /// Whether backward has written a tensor's gradient yet.
    written: Vec<bool>,
    /// Whether a tensor's gradient is of use to anyone.
    wanted: Vec<bool>,
    trains: bool,
}

impl<F: Scalar> Workspace<F> {
    /// Memory to use `model` on up to `batch` samples at a time; the first backward pass adds what it needs.
    pub fn new(model: &Model<F>, batch: usize) -> Self {
        let lists = |of: fn(&Op<F>) -> &[Shape]| -> Vec<Vec<Vec<F>>> {
            model.ops.iter().map(|op| of(op).iter().map(|_| Vec::new()).collect()).collect()
        };
        let most = |of: fn(&Op<F>) -> usize| model.ops.iter().map(of).max().unwrap_or(0);
        let mut wanted = vec![false; model.tensors.len()];
        for op in &model.ops {
            let depends = !op.params.is_empty() || op.inputs.iter().any(|&id| wanted[id]);
            for &id in &op.outputs {
                wanted[id] = depends;
            }
        }
        let mut work = Self {
            capacity: 0,
            batch: 0,
            mode: Mode::Evaluate,
            values: vec![Vec::new(); model.tensors.len()],
            gradients: vec![Vec::new(); model.tensors.len()],
            saved: lists(|op| &op.saved),
            scratch: lists(|op| &op.scratch),
            lent: Vec::with_capacity(most(|op| op.inputs.len().max(op.outputs.len()))),
            spare: vec![Vec::new(); most(|op| op.inputs.len())],
            written: vec![false; model.tensors.len()],
            wanted,
            trains: false,
        };
        work.reserve(model, batch);
        work
    }

    /// Makes room for `batch` samples.
    pub fn reserve(&mut self, model: &Model<F>, batch: usize) {
        if batch <= self.capacity {
            return;
        }
        self.capacity = batch;
        for (buffer, shape) in self.values.iter_mut().zip(&model.tensors) {
            buffer.resize(batch * shape.size(), F::zero());
        }
        for (op, (saved, scratch)) in
            model.ops.iter().zip(self.saved.iter_mut().zip(&mut self.scratch))
        {
            for (buffer, shape) in saved.iter_mut().zip(&op.saved) {
                buffer.resize(batch * shape.size(), F::zero());
            }
            for (buffer, shape) in scratch.iter_mut().zip(&op.scratch) {
                buffer.resize(batch * shape.size(), F::zero());
            }
        }
        if self.trains {
            self.reserve_gradients(model);
        }
    }

    fn reserve_gradients(&mut self, model: &Model<F>) {
        for ((buffer, shape), &wanted) in
            self.gradients.iter_mut().zip(&model.tensors).zip(&self.wanted)
        {
            if wanted {
                buffer.resize(self.capacity * shape.size(), F::zero());
            }
        }
        for &id in &model.outputs {
            self.gradients[id].resize(self.capacity * model.tensors[id].size(), F::zero());
        }
        // A spare buffer serves a position of the input list, for tensors that more than one operation reads.
        for op in &model.ops {
            for (position, &id) in op.inputs.iter().enumerate() {
                let size = self.capacity * model.tensors[id].size();
                if self.wanted[id] && self.spare[position].len() < size && readers(model, id) > 1 {
                    self.spare[position].resize(size, F::zero());
                }
            }
        }
        self.trains = true;
    }

    /// The input at `position`, to fill with `batch` samples before a pass.
    pub fn input(&mut self, model: &Model<F>, position: usize, batch: usize) -> &mut [F] {
        self.reserve(model, batch);
        match model.inputs.get(position) {
            Some(&id) => &mut self.values[id][..batch * model.tensors[id].size()],
            None => &mut [],
        }
    }

    /// Copies an array, whose first axis counts the samples, to the input at `position`.
    ///
    /// # Errors
    /// [`Error::Shape`] if a sample has not the shape of that input.
    pub fn load<D: ndarray::Dimension>(
        &mut self,
        model: &Model<F>,
        position: usize,
        array: &ndarray::ArrayRef<F, D>,
    ) -> Result<(), Error> {
        let Some(&id) = model.inputs.get(position) else {
            return Err(Error::arity("the model", model.inputs.len(), position + 1));
        };
        let (batch, sample) = array.shape().split_first().map_or((0, &[][..]), |(b, s)| (*b, s));
        if sample != model.tensors[id].axes() {
            let expected = format!("samples of shape {}", model.tensors[id]);
            let fix = "give an array whose first axis counts the samples";
            return Err(Error::shape(format!("input {position}"), expected, sample, fix));
        }
        for (old, new) in self.input(model, position, batch).iter_mut().zip(array.iter()) {
            *old = *new;
        }
        Ok(())
    }

    /// Copies the inputs of some samples of a batch.
    ///
    /// # Errors
    /// [`Error::Arity`] or [`Error::Shape`] if they are not what the model was built for.
    pub fn load_part(
        &mut self,
        model: &Model<F>,
        samples: &crate::data::Part<'_, F>,
    ) -> Result<(), Error> {
        for position in 0..model.inputs.len() {
            let (input, id) = (samples.input(position), model.inputs[position]);
            if input.shape() != &model.tensors[id] {
                let expected = format!("samples of shape {}", model.tensors[id]);
                let fix = "give the model data of the shape that it was built for";
                let got = input.shape().clone();
                return Err(Error::shape(format!("input {position}"), expected, got, fix));
            }
            self.input(model, position, samples.len()).copy_from_slice(input.values());
        }
        Ok(())
    }

    /// Computes the outputs for the first `batch` samples of the inputs, as a model in use.
    ///
    /// # Errors
    /// [`Error::Length`] if `batch` is more than the inputs hold.
    pub fn evaluate(&mut self, model: &Model<F>, batch: usize, draw: Draw) -> Result<(), Error> {
        self.check(batch)?;
        self.run(model, model.values(), StateBuffer::Evaluate(model.state()), batch, draw);
        Ok(())
    }

    /// Computes the outputs for the first `batch` samples of the inputs as a model in training: dropout drops, running statistics move.
    ///
    /// # Errors
    /// [`Error::Length`] if `batch` is more than the inputs hold.
    pub fn train(&mut self, model: &mut Model<F>, batch: usize, draw: Draw) -> Result<(), Error> {
        self.check(batch)?;
        if !self.trains {
            self.reserve_gradients(model);
        }
        let mut state = std::mem::take(model.state_vec());
        self.run(model, model.values(), StateBuffer::Train(&mut state), batch, draw);
        *model.state_vec() = state;
        Ok(())
    }

    fn check(&self, batch: usize) -> Result<(), Error> {
        if batch > self.capacity {
            return Err(Error::length("the batch", batch, self.capacity, "the loaded inputs"));
        }
        Ok(())
    }

    fn run(
        &mut self,
        model: &Model<F>,
        flat: &[F],
        mut state: StateBuffer<'_, F>,
        batch: usize,
        draw: Draw,
    ) {
        self.batch = batch;
        self.mode = match state {
            StateBuffer::Train(_) => Mode::Train,
            StateBuffer::Evaluate(_) => Mode::Evaluate,
        };
        for (index, op) in model.ops.iter().enumerate() {
            self.lent.extend(op.outputs.iter().map(|&id| std::mem::take(&mut self.values[id])));
            op.layer.forward(Forward {
                mode: self.mode,
                batch,
                inputs: Tensors::new(&self.values, &op.inputs, &model.tensors, batch),
                outputs: TensorsMut::picked(&mut self.lent, &op.outputs, &model.tensors, batch),
                params: Params::new(flat, model.parameters(), &op.params),
                states: States { flat: state.reborrow(), all: model.states(), ids: &op.states },
                saved: TensorsMut::own(&mut self.saved[index], &op.saved, batch),
                scratch: TensorsMut::own(&mut self.scratch[index], &op.scratch, batch),
                noise: draw.noise.step(index as u64),
                first_sample: draw.first_sample,
                parallel: draw.parallel,
            });
            for (&id, buffer) in op.outputs.iter().zip(self.lent.drain(..)) {
                self.values[id] = buffer;
            }
        }
    }

    /// The output at `position` of the last pass.
    pub fn output<'a>(&'a self, model: &'a Model<F>, position: usize) -> View<'a, F> {
        self.outputs(model).get(position)
    }

    /// All outputs of the last pass.
    pub fn outputs<'a>(&'a self, model: &'a Model<F>) -> Tensors<'a, F> {
        Tensors::new(&self.values, &model.outputs, &model.tensors, self.batch)
    }

    /// The outputs of the last pass, and the gradients for them, to fill before [`backward`](Workspace::backward).
    pub fn output_gradients<'a>(
        &'a mut self,
        model: &'a Model<F>,
    ) -> (Tensors<'a, F>, OutputGradients<'a, F>) {
        if !self.trains {
            self.reserve_gradients(model);
        }
        let outputs = Tensors::new(&self.values, &model.outputs, &model.tensors, self.batch);
        let gradients =
            OutputGradients::new(&mut self.gradients, &model.outputs, &model.tensors, self.batch);
        (outputs, gradients)
    }

    /// Walks back from the gradients for the outputs and **adds** to `gradient`, a buffer like that of the parameters.
    ///
    /// # Errors
    /// [`Error::Length`] if `gradient` has not the length of the parameters.
    pub fn backward(
        &mut self,
        model: &Model<F>,
        gradient: &mut [F],
        draw: Draw,
    ) -> Result<(), Error> {
        let expected = model.values().len();
        if gradient.len() != expected {
            return Err(Error::length("the gradient", gradient.len(), expected, "the parameters"));
        }
        if !self.trains {
            self.reserve_gradients(model);
        }
        self.written.fill(false);
        for &id in &model.outputs {
            self.written[id] = true;
        }
        for (index, op) in model.ops.iter().enumerate().rev() {
            // What nobody wants or nobody used has no influence, whatever it is (infinity times no influence is still none).
            if op.outputs.iter().all(|&id| !self.wanted[id] || !self.written[id]) {
                continue;
            }
            for &id in &op.outputs {
                if !self.written[id] {
                    // Another output was used, this one was not.
                    self.gradients[id].fill(F::zero());
                }
            }
            self.back_through(model, gradient, draw, index, op);
        }
        Ok(())
    }

    fn back_through(
        &mut self,
        model: &Model<F>,
        gradient: &mut [F],
        draw: Draw,
        index: usize,
        op: &Op<F>,
    ) {
        let batch = self.batch;
        for (position, &id) in op.inputs.iter().enumerate() {
            let earlier = op.inputs[..position].contains(&id);
            let into = if !self.wanted[id] {
                Vec::new()
            } else if self.written[id] || earlier {
                std::mem::take(&mut self.spare[position])
            } else {
                std::mem::take(&mut self.gradients[id])
            };
            self.lent.push(into);
        }
        op.layer.backward(Backward {
            mode: self.mode,
            batch,
            inputs: Tensors::new(&self.values, &op.inputs, &model.tensors, batch),
            outputs: Tensors::new(&self.values, &op.outputs, &model.tensors, batch),
            output_gradients: Tensors::new(&self.gradients, &op.outputs, &model.tensors, batch),
            input_gradients: InputGradients(TensorsMut::picked(
                &mut self.lent,
                &op.inputs,
                &model.tensors,
                batch,
            )),
            params: Params::new(model.values(), model.parameters(), &op.params),
            gradients: Gradients::new(gradient, model.parameters(), &op.params),
            states: States {
                flat: StateBuffer::Evaluate(model.state()),
                all: model.states(),
                ids: &op.states,
            },
            saved: TensorsMut::own(&mut self.saved[index], &op.saved, batch),
            scratch: TensorsMut::own(&mut self.scratch[index], &op.scratch, batch),
            noise: draw.noise.step(index as u64),
            first_sample: draw.first_sample,
            parallel: draw.parallel,
        });
        for (position, (&id, buffer)) in op.inputs.iter().zip(self.lent.drain(..)).enumerate() {
            if !self.wanted[id] {
                continue;
            }
            if self.written[id] {
                let used = batch * model.tensors[id].size();
                for (sum, more) in self.gradients[id][..used].iter_mut().zip(&buffer) {
                    *sum += *more;
                }
                self.spare[position] = buffer;
            } else {
                self.gradients[id] = buffer;
                self.written[id] = true;
            }
        }
    }

    /// The path of the first layer whose output is not finite in the last pass, with the sample and the value.
    pub fn first_non_finite<'m>(&self, model: &'m Model<F>) -> Option<(&'m str, usize, F)> {
        model.ops.iter().find_map(|op| {
            let outputs = Tensors::new(&self.values, &op.outputs, &model.tensors, self.batch);
            outputs.iter().find_map(|output| {
                let at = output.values().iter().position(|value| !value.is_finite())?;
                Some((op.path.as_str(), at / output.size().max(1), output.values()[at]))
            })
        })
    }
}

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

fn readers<F>(model: &Model<F>, id: usize) -> usize {
    let reads: usize =
        model.ops.iter().map(|op| op.inputs.iter().filter(|&&input| input == id).count()).sum();
    // A model's output is read by the loss as well.
    reads + usize::from(model.outputs.contains(&id))
}

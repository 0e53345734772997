//! The memory that a model computes in, and the walk over its operations.

mod back;
mod memory;

use std::sync::Arc;

use ndarray::{ArrayRef, Dimension};

use self::memory::Memory;
use super::layout::Layout;
use super::turns::{Turns, holders};
use super::{Draw, Model, OutputGradients};
use crate::buffer::grow;
use crate::data::Part;
use crate::error::Error;
use crate::layer::{Copies, Forward, Mode, Op, Params, StateBuffer, States, Tensors, TensorsMut};
use crate::scalar::Scalar;
use crate::shape::NUMBER;
use crate::tensor::View;

/// Activations, their gradients and the layers' own memory for batches up to a size; it grows when a larger batch comes.
///
/// It keeps everything between the layers, for gradients; to use a model without them, [`Predictor`](super::Predictor) takes less time and memory.
///
/// One workspace serves one thread at a time, and the model that it was made for (and copies of that model). Nothing is allocated while batches
/// stay within the size.
///
/// ```
/// use downhill::network::{Draw, Model, Workspace};
/// use downhill::layer::{Chain, Dense, Tanh};
/// use ndarray::array;
///
/// let mut model: Model<f64> = Model::build(Chain::new().then(Dense::new(3)).then(Tanh), &[2.into()], 7)?;
/// let mut work = Workspace::new(&model);
/// work.load(0, &array![[1.0, 2.0], [3.0, 4.0]])?;
/// work.train(&mut model, 2, Draw::new(7, 0))?;
///
/// // The gradient of the sum of all outputs.
/// let (_outputs, mut gradients) = work.output_gradients()?;
/// gradients.one().values().fill(1.0);
/// let mut gradient = vec![0.0; model.values().len()];
/// work.backward(&model, &mut gradient, Draw::new(7, 0))?;
/// assert!(gradient.iter().all(|g| *g != 0.0));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Workspace<F> {
    layout: Arc<Layout<F>>,
    capacity: Option<usize>,
    batch: usize,
    mode: Mode,
    values: Vec<Vec<F>>,
    /// For each tensor the one that holds it after a pass: another one if it is written over.
    holders: Vec<usize>,
    /// Those of the outputs, and of inputs that were asked for; the others are lent here while they are needed.
    gradients: Vec<Vec<F>>,
    /// The buffers that gradients take turns in.
    shared: Vec<Vec<F>>,
    turns: Turns,
    memory: Memory<F>,
    /// Buffers on loan to the operation that runs.
    lent: Vec<Vec<F>>,
    /// Where a second reader of a tensor leaves its gradient before it is added to the first one's.
    spare: Vec<Vec<F>>,
    /// Whether backward has written a tensor's gradient yet.
    written: Vec<bool>,
    /// For each parameter, whether its gradient holds nothing yet, whatever is in its place.
    empty: Vec<bool>,
    /// Whether a tensor's gradient is of use to anyone.
    wanted: Vec<bool>,
    trains: bool,
    /// Whether a batch has gone through.
    ran: bool,
}

impl<F: Scalar> Workspace<F> {
    /// Memory to use `model` in. Room is made by the first batch.
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load(0, &ndarray::array![[1.0, 2.0]])?;
    /// work.evaluate(&model, 1, Draw::default())?;
    /// let other: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
    /// assert!(work.evaluate(&other, 1, Draw::default()).is_err()); // a clone would be no other model
    /// work.evaluate(&model.clone(), 1, Draw::default())?;
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn new(model: &Model<F>) -> Self {
        let layout = Arc::clone(&model.layout);
        let most = |of: fn(&Op<F>) -> usize| layout.ops.iter().map(of).max().unwrap_or(0);
        Self {
            capacity: None,
            batch: 0,
            mode: Mode::Evaluate,
            values: vec![Vec::new(); layout.tensors.len()],
            holders: holders(&layout),
            gradients: vec![Vec::new(); layout.tensors.len()],
            shared: Vec::new(),
            turns: Turns::new(&layout, |_| false),
            memory: Memory::new(&layout.ops),
            lent: Vec::with_capacity(most(|op| op.inputs.len().max(op.outputs.len()))),
            spare: vec![Vec::new(); most(|op| op.inputs.len())],
            written: vec![false; layout.tensors.len()],
            empty: vec![false; layout.parameters.len()],
            wanted: Vec::new(),
            trains: false,
            ran: false,
            layout,
        }
        .with_input_gradients_of(|_| false)
    }

    /// The same, where backward computes the gradients for the model's inputs too; see [`input_gradient`](Workspace::input_gradient).
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let mut model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
    /// model.values_mut().copy_from_slice(&[3.0, 5.0, 0.0]);
    /// let mut work = Workspace::new(&model).with_input_gradients();
    /// work.load(0, &ndarray::array![[1.0, 2.0]])?;
    /// work.evaluate(&model, 1, Draw::default())?;
    /// work.output_gradients()?.1.one().values().fill(1.0);
    /// work.backward(&model, &mut [0.0; 3], Draw::default())?;
    /// assert_eq!(work.input_gradient(0).values(), [3.0, 5.0]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn with_input_gradients(self) -> Self {
        self.with_input_gradients_of(|_| true)
    }

    /// The same for the inputs at these positions alone.
    pub(crate) fn with_input_gradients_of(self, wants: impl Fn(usize) -> bool) -> Self {
        let wanted = wanted(&self.layout, wants);
        let Layout { inputs, outputs, .. } = &*self.layout;
        let shares = |id: usize| wanted[id] && !inputs.contains(&id) && !outputs.contains(&id);
        let turns = Turns::new(&self.layout, shares);
        let shared = vec![Vec::new(); turns.sizes.len()];
        Self { wanted, turns, shared, trains: false, ..self }
    }

    /// All buffers that passes work in, each with what it holds; they may be longer than a pass needs.
    #[cfg(feature = "check")]
    pub(crate) fn buffers_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut Vec<F>)> {
        let of = |name: &'static str| move |buffer| (name, buffer);
        self.values
            .iter_mut()
            .map(of("tensor"))
            .chain(self.gradients.iter_mut().map(of("gradient")))
            .chain(self.shared.iter_mut().map(of("gradient")))
            .chain(self.memory.buffers_mut())
            .chain(self.spare.iter_mut().map(of("spare gradient")))
    }

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
    pub(super) fn capacity(&self) -> usize {
        self.capacity.unwrap_or(0)
    }

    /// Makes room for the gradients of all activations that have one.
    fn reserve_gradients(&mut self) -> Result<(), Error> {
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

    /// The input at `position`, to fill with `batch` samples before a pass.
    ///
    /// # Errors
    /// [`Error::Arity`] if the model has no such input, [`Error::Other`] if there is not enough memory.
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let model: Model<f64> = Model::build(Tanh, &[2.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.input(0, 3)?.copy_from_slice(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    /// work.evaluate(&model, 3, Draw::default())?;
    /// assert_eq!(work.output(0).row(1), [2.0_f64.tanh(), 3.0_f64.tanh()]);
    /// assert!(matches!(work.input(1, 3), Err(Error::Arity { .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn input(&mut self, position: usize, batch: usize) -> Result<&mut [F], Error> {
        let id = self.layout.input(position)?;
        self.reserve(batch)?;
        Ok(&mut self.values[id][..batch * self.layout.tensors[id].size()])
    }

    /// Copies an array, whose first axis counts the samples, to the input at `position`.
    ///
    /// # Errors
    /// [`Error::Shape`] if a sample has not the shape of that input; as [`input`](Workspace::input).
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use ndarray::array;
    /// let model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load(0, &array![[1.0, 2.0], [3.0, 4.0]].t())?; // of any layout
    /// assert_eq!(work.input(0, 2)?, [1.0, 3.0, 2.0, 4.0]);
    /// assert!(matches!(work.load(0, &array![[1.0, 2.0, 3.0]]), Err(Error::Shape { .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn load<D: Dimension>(
        &mut self,
        position: usize,
        array: &ArrayRef<F, D>,
    ) -> Result<(), Error> {
        let batch = self.layout.check_samples(position, array.shape())?;
        let input = self.input(position, batch)?;
        match array.as_slice() {
            Some(values) => input.copy_from_slice(values),
            None => input.iter_mut().zip(array.iter()).for_each(|(old, &new)| *old = new),
        }
        Ok(())
    }

    /// Copies the inputs of some samples of a batch.
    ///
    /// # Errors
    /// [`Error::Arity`] or [`Error::Shape`] if they are not what the model was built for; as [`input`](Workspace::input).
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let data = Dataset::new(ndarray::array![[1.0], [2.0], [3.0]], ())?;
    /// let model: Model<f64> = Model::build(Dense::new(1), &[1.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load_part(&Batch::of(&data)?.part(1, 3))?;
    /// assert_eq!(work.input(0, 2)?, [2.0, 3.0]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn load_part(&mut self, samples: &Part<'_, F>) -> Result<(), Error> {
        self.layout.check_part(samples)?;
        for position in 0..self.layout.inputs.len() {
            let input = samples.input(position);
            self.input(position, samples.len())?.copy_from_slice(input.values());
        }
        Ok(())
    }

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
    pub(super) fn evaluate_with(
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

    fn check(&mut self, model: &Model<F>, batch: usize) -> Result<(), Error> {
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

    /// The output at `position` of the last pass.
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let model: Model<f32> = Model::build(Relu, &[2.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load(0, &ndarray::array![[1.0, -2.0], [-3.0, 4.0]])?;
    /// work.evaluate(&model, 2, Draw::default())?;
    /// assert_eq!(work.output(0).matrix(), ndarray::array![[1.0, 0.0], [0.0, 4.0]]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn output(&self, position: usize) -> View<'_, F> {
        self.outputs().get(position)
    }

    /// All outputs of the last pass.
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let model: Model<f32> = Model::build(Chain::new(), &[1.into(), 2.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load(0, &ndarray::array![[1.0]])?;
    /// work.load(1, &ndarray::array![[2.0, 3.0]])?;
    /// work.evaluate(&model, 1, Draw::default())?;
    /// let sizes: Vec<usize> = work.outputs().iter().map(|output| output.size()).collect();
    /// assert_eq!(sizes, [1, 2]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn outputs(&self) -> Tensors<'_, F> {
        Tensors::new(&self.values, &self.layout.outputs, &self.layout.tensors, self.batch)
    }

    /// The outputs of the last pass, and the gradients for them, to fill before [`backward`](Workspace::backward).
    ///
    /// # Errors
    /// [`Error::Other`] if there is not enough memory for the gradients.
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let model: Model<f64> = Model::build(Dense::new(1), &[1.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load(0, &ndarray::array![[1.0], [2.0]])?;
    /// work.evaluate(&model, 2, Draw::default())?;
    /// let (outputs, mut gradients) = work.output_gradients()?;
    /// assert_eq!((outputs.len(), gradients.len()), (1, 1));
    /// gradients.one().values().copy_from_slice(outputs.one().values()); // of the loss Σ y² / 2
    /// assert_eq!(gradients.one().batch(), 2);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn output_gradients(&mut self) -> Result<(Tensors<'_, F>, OutputGradients<'_, F>), Error> {
        if !self.trains {
            self.reserve_gradients()?;
        }
        let Layout { outputs, tensors, .. } = &*self.layout;
        Ok((
            Tensors::new(&self.values, outputs, tensors, self.batch),
            OutputGradients::new(&mut self.gradients, outputs, tensors, self.batch),
        ))
    }

    /// The gradient for the input at `position` after [`backward`](Workspace::backward); empty unless it was asked for by
    /// [`with_input_gradients`](Workspace::with_input_gradients).
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let model: Model<f64> = Model::build(Relu, &[2.into()], 7)?;
    /// let mut work = Workspace::new(&model).with_input_gradients();
    /// work.load(0, &ndarray::array![[1.0, -1.0]])?;
    /// work.evaluate(&model, 1, Draw::default())?;
    /// work.output_gradients()?.1.one().values().fill(5.0);
    /// work.backward(&model, &mut [], Draw::default())?;
    /// assert_eq!(work.input_gradient(0).values(), [5.0, 0.0]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn input_gradient(&self, position: usize) -> View<'_, F> {
        let ids = &self.layout.inputs;
        match ids.get(position) {
            Some(&id) if self.written[id] => {
                Tensors::new(&self.gradients, ids, &self.layout.tensors, self.batch).get(position)
            }
            _ => View::trusted(&[], 0, &NUMBER),
        }
    }

    /// The path of the first layer whose output is not finite in the last pass, with the sample and the value.
    ///
    /// ```
    /// # use downhill::{prelude::*, network::Draw};
    /// let model: Model<f64> = Model::build(Chain::new().then(Relu).then(Dense::new(1)), &[1.into()], 7)?;
    /// let mut work = Workspace::new(&model);
    /// work.load(0, &ndarray::array![[1.0], [f64::INFINITY]])?;
    /// work.evaluate(&model, 2, Draw::default())?;
    /// assert_eq!(work.first_non_finite(), Some(("0.relu", 1, f64::INFINITY)));
    /// work.evaluate(&model, 1, Draw::default())?; // the first sample alone
    /// assert_eq!(work.first_non_finite(), None);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn first_non_finite(&self) -> Option<(&str, usize, F)> {
        self.layout.ops.iter().find_map(|op| {
            op.outputs.iter().find_map(|&id| {
                let size = self.layout.tensors[id].size();
                // A layer that writes over its input makes no such number of a finite one.
                let output = self.values[self.holders[id]].iter().take(self.batch * size);
                let (at, value) = output.enumerate().find(|(_, value)| !value.is_finite())?;
                Some((op.path.as_str(), at / size, *value))
            })
        })
    }
}

/// Which tensors' gradients are of use: those that depend on a parameter, or on an input whose gradient was asked for.
fn wanted<F>(layout: &Layout<F>, inputs: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut wanted = vec![false; layout.tensors.len()];
    for (position, &id) in layout.inputs.iter().enumerate() {
        wanted[id] = inputs(position);
    }
    for op in &layout.ops {
        let depends = !op.params.is_empty() || op.inputs.iter().any(|&id| wanted[id]);
        for &id in &op.outputs {
            wanted[id] = depends;
        }
    }
    wanted
}

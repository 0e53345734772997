//! The memory that a model computes in.

mod back;
mod forward;
mod load;
mod memory;
mod room;

use std::sync::Arc;

use self::memory::Memory;
use super::layout::Layout;
use super::turns::{Turns, holders};
use super::{Model, OutputGradients};
use crate::error::Error;
use crate::layer::{Mode, Op, Tensors};
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

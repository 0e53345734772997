//! What is lent to a layer while it computes.

use std::ops::Index;

use crate::kernel::parallel::Parallel;
use crate::params::{Parameter, StateTensor};
use crate::random::Noise;
use crate::shape::{NUMBER, Shape};
use crate::tensor::{View, ViewMut};

/// Whether the model is being trained or used.
///
/// ```
/// use downhill::prelude::*;
/// use downhill::network::Draw;
/// let mut model: Model<f32> = Model::build(Dropout::new(0.5), &[100.into()], 7)?;
/// let mut work = Workspace::new(&model);
/// work.load(0, &ndarray::Array2::ones((1, 100)))?;
/// work.evaluate(&model, 1, Draw::new(7, 0))?; // Mode::Evaluate
/// assert!(work.output(0).values().iter().all(|&y| y == 1.0));
/// work.train(&mut model, 1, Draw::new(7, 0))?; // Mode::Train
/// assert!(work.output(0).values().contains(&0.0));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Dropout drops, batch statistics are taken and running ones updated.
    Train,
    /// The same input always gives the same output, and nothing is changed.
    Evaluate,
}

/// What is lent for the forward pass.
///
/// ```
/// use downhill::prelude::*;
///
/// /// Adds noise in training, and hands on its input in evaluation.
/// #[derive(Debug)]
/// struct Jitter;
///
/// impl<F: Scalar> Layer<F> for Jitter {
///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///         plan.output(plan.input()?)
///     }
///     fn forward(&self, mut pass: Forward<'_, F>) {
///         for sample in 0..pass.batch {
///             let noise = pass.sample_noise(sample);
///             let x = pass.inputs.one().row(sample);
///             for (i, y) in pass.outputs.one().row(sample).iter_mut().enumerate() {
///                 let jitter = if pass.mode == Mode::Train { noise.normal(i as u64) } else { 0.0 };
///                 *y = x[i] + F::of(jitter);
///             }
///         }
///     }
///     fn backward(&self, mut pass: Backward<'_, F>) {
///         if let Some(dx) = pass.input_gradients.one() {
///             dx.into_values().copy_from_slice(pass.output_gradients.one().values());
///         }
///     }
/// }
///
/// let model: Model<f32> = Model::build(Jitter, &[2.into()], 7)?;
/// let x = ndarray::array![[1.0, 2.0]];
/// assert_eq!(model.predict(&x)?, x.into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Forward<'a, F> {
    /// Training or evaluation.
    pub mode: Mode,
    /// How many samples there are.
    pub batch: usize,
    /// The inputs, to read.
    pub inputs: Tensors<'a, F>,
    /// The outputs, to overwrite.
    pub outputs: TensorsMut<'a, F>,
    /// The layer's parameters, in the order of the plan.
    pub params: Params<'a, F>,
    /// The layer's state, in the order of the plan; writable in training alone.
    pub states: States<'a, F>,
    /// Memory that `backward` will see again.
    pub saved: TensorsMut<'a, F>,
    /// Memory whose content need not outlive this call.
    pub scratch: TensorsMut<'a, F>,
    /// The same for memory that does not grow with the batch: views of one sample each.
    pub scratch_once: TensorsMut<'a, F>,
    /// Random numbers that belong to this layer at this step; add the sample's number with [`Forward::sample_noise`].
    pub noise: Noise,
    /// The number of the first sample within the whole batch of this step, when the batch comes in parts.
    pub first_sample: usize,
    /// Whether kernels may use several threads.
    pub parallel: Parallel,
    /// Whether the output holds the input, which has no memory of its own: only if the layer's plan said that it can be so.
    pub(crate) in_place: bool,
}

impl<F> Forward<'_, F> {
    /// The random numbers of one sample: the same in whatever parts a batch is computed.
    pub fn sample_noise(&self, sample: usize) -> Noise {
        self.noise.step((self.first_sample + sample) as u64)
    }
}

/// What is lent for the backward pass.
///
/// ```
/// use downhill::prelude::*;
/// use downhill::network::Draw;
///
/// /// y = x², which needs its input again.
/// #[derive(Debug)]
/// struct Square;
///
/// impl<F: Scalar> Layer<F> for Square {
///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///         plan.output(plan.input()?)
///     }
///     fn forward(&self, mut pass: Forward<'_, F>) {
///         let x = pass.inputs.one().values();
///         pass.outputs.one().values().iter_mut().zip(x).for_each(|(y, &x)| *y = x * x);
///     }
///     fn backward(&self, mut pass: Backward<'_, F>) {
///         let (x, dy) = (pass.inputs.one().values(), pass.output_gradients.one().values());
///         if let Some(mut dx) = pass.input_gradients.one() {
///             for ((dx, &x), &dy) in dx.values().iter_mut().zip(x).zip(dy) {
///                 *dx = F::of(2.0) * x * dy;
///             }
///         }
///     }
/// }
///
/// let model: Model<f64> = Model::build(Square, &[2.into()], 7)?;
/// let mut work = Workspace::new(&model).with_input_gradients();
/// work.load(0, &ndarray::array![[3.0, -4.0]])?;
/// work.evaluate(&model, 1, Draw::default())?;
/// work.output_gradients()?.1.one().values().fill(1.0);
/// work.backward(&model, &mut [], Draw::default())?;
/// assert_eq!(work.input_gradient(0).values(), [6.0, -8.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Backward<'a, F> {
    /// The mode of the forward pass that this one belongs to.
    pub mode: Mode,
    /// How many samples there are.
    pub batch: usize,
    /// The inputs of the forward pass.
    pub inputs: Tensors<'a, F>,
    /// The outputs of the forward pass.
    pub outputs: Tensors<'a, F>,
    /// The gradients of the loss for the outputs.
    pub output_gradients: Tensors<'a, F>,
    /// The gradients for the inputs, to overwrite; `None` for an input that needs none, such as the data.
    pub input_gradients: InputGradients<'a, F>,
    /// The layer's parameters, in the order of the plan.
    pub params: Params<'a, F>,
    /// The gradients for the parameters, to **add** to.
    pub gradients: Gradients<'a, F>,
    /// The layer's state, to read.
    pub states: States<'a, F>,
    /// What `forward` saved.
    pub saved: TensorsMut<'a, F>,
    /// Memory whose content need not outlive this call.
    pub scratch: TensorsMut<'a, F>,
    /// The same for memory that does not grow with the batch: views of one sample each.
    pub scratch_once: TensorsMut<'a, F>,
    /// The same random numbers as in the forward pass.
    pub noise: Noise,
    /// The number of the first sample within the whole batch of this step.
    pub first_sample: usize,
    /// Whether kernels may use several threads.
    pub parallel: Parallel,
    /// Whether the gradient for the input holds that for the output, which has no memory of its own: only if the layer's plan said that it can be so.
    pub(crate) in_place: bool,
}

impl<F> Backward<'_, F> {
    /// The random numbers of one sample, as [`Forward::sample_noise`] gave them.
    pub fn sample_noise(&self, sample: usize) -> Noise {
        self.noise.step((self.first_sample + sample) as u64)
    }
}

/// Tensors to read, by position.
///
/// ```
/// use downhill::prelude::*;
/// let model: Model<f32> = Model::build(Dense::new(3), &[2.into()], 7)?;
/// let mut work = Workspace::new(&model);
/// work.load(0, &ndarray::Array2::ones((4, 2)))?;
/// work.evaluate(&model, 4, downhill::network::Draw::default())?;
/// let outputs = work.outputs(); // what a loss sees too
/// assert_eq!(outputs.len(), 1);
/// assert_eq!((outputs.one().batch(), outputs.one().size()), (4, 3));
/// assert_eq!(outputs.get(1).batch(), 0); // there is no second one
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Tensors<'a, F> {
    buffers: &'a [Vec<F>],
    ids: &'a [usize],
    shapes: &'a [Shape],
    batch: usize,
}

impl<'a, F> Tensors<'a, F> {
    /// Tensors `ids` out of all `buffers` with all `shapes`.
    pub(crate) fn new(
        buffers: &'a [Vec<F>],
        ids: &'a [usize],
        shapes: &'a [Shape],
        batch: usize,
    ) -> Self {
        Self { buffers, ids, shapes, batch }
    }

    /// How many tensors there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The first tensor: the only one for most layers.
    pub fn one(&self) -> View<'a, F> {
        self.get(0)
    }

    /// The tensor at `position`; an empty view if there is none.
    pub fn get(&self, position: usize) -> View<'a, F> {
        let Some(&id) = self.ids.get(position) else {
            return View::trusted(&[], 0, &NUMBER);
        };
        let (buffer, shape) = (&self.buffers[id], &self.shapes[id]);
        match buffer.get(..self.batch * shape.size()) {
            Some(values) => View::trusted(values, self.batch, shape),
            None => View::trusted(&[], 0, shape),
        }
    }

    /// The tensors, one after the other.
    pub fn iter(&self) -> impl Iterator<Item = View<'a, F>> {
        let this = Self { ..*self };
        (0..self.len()).map(move |position| this.get(position))
    }
}

/// Tensors to write, by position.
///
/// ```
/// use downhill::prelude::*;
///
/// /// Cuts each sample in two halves: a layer of two outputs.
/// #[derive(Debug)]
/// struct Halves;
///
/// impl<F: Scalar> Layer<F> for Halves {
///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///         let half = plan.input()?.size() / 2;
///         plan.output(half)?;
///         plan.output(half)
///     }
///     fn forward(&self, mut pass: Forward<'_, F>) {
///         let x = pass.inputs.one();
///         let Some((mut left, mut right)) = pass.outputs.pair(0, 1) else { return };
///         for sample in 0..pass.batch {
///             let (a, b) = x.row(sample).split_at(left.size());
///             left.row(sample).copy_from_slice(a);
///             right.row(sample).copy_from_slice(b);
///         }
///     }
///     fn backward(&self, mut pass: Backward<'_, F>) {
///         let Some(mut dx) = pass.input_gradients.one() else { return };
///         for sample in 0..pass.batch {
///             let halves = pass.output_gradients.iter().flat_map(|half| half.row(sample));
///             dx.row(sample).iter_mut().zip(halves).for_each(|(dx, &dy)| *dx = dy);
///         }
///     }
/// }
///
/// let model: Model<f32> = Model::build(Chain::new().then(Halves).then(Sum), &[4.into()], 7)?;
/// let y = model.predict(&ndarray::array![[1.0, 2.0, 10.0, 20.0]])?;
/// assert_eq!(y, ndarray::array![[11.0, 22.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
pub struct TensorsMut<'a, F> {
    buffers: &'a mut [Vec<F>],
    shapes: Shapes<'a>,
    batch: usize,
}

/// Shapes in a row, or picked out of a longer row.
#[derive(Clone, Copy, Debug)]
enum Shapes<'a> {
    Own(&'a [Shape]),
    Picked(&'a [usize], &'a [Shape]),
}

impl<'a> Shapes<'a> {
    fn get(&self, position: usize) -> Option<&'a Shape> {
        match self {
            Self::Own(shapes) => shapes.get(position),
            Self::Picked(ids, all) => ids.get(position).and_then(|&id| all.get(id)),
        }
    }
}

impl<'a, F> TensorsMut<'a, F> {
    /// Buffers in the order of `shapes`.
    pub(crate) fn own(buffers: &'a mut [Vec<F>], shapes: &'a [Shape], batch: usize) -> Self {
        Self { buffers, shapes: Shapes::Own(shapes), batch }
    }

    /// Buffers in the order of `ids`, whose shapes are picked out of `all`.
    pub(crate) fn picked(
        buffers: &'a mut [Vec<F>],
        ids: &'a [usize],
        all: &'a [Shape],
        batch: usize,
    ) -> Self {
        Self { buffers, shapes: Shapes::Picked(ids, all), batch }
    }

    /// How many tensors there are.
    pub fn len(&self) -> usize {
        self.buffers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.buffers.is_empty()
    }

    /// The first tensor: the only one for most layers.
    pub fn one(&mut self) -> ViewMut<'_, F> {
        self.get(0)
    }

    /// The tensor at `position`; an empty view if there is none.
    pub fn get(&mut self, position: usize) -> ViewMut<'_, F> {
        match self.find(position) {
            Some(view) => view,
            None => ViewMut::trusted(&mut [], 0, &NUMBER),
        }
    }

    fn find(&mut self, position: usize) -> Option<ViewMut<'_, F>> {
        let shape = self.shapes.get(position)?;
        let values = self.buffers.get_mut(position)?.get_mut(..self.batch * shape.size())?;
        Some(ViewMut::trusted(values, self.batch, shape))
    }

    /// The first tensors at once; `None` for each that there is not.
    pub(crate) fn first<const N: usize>(&mut self) -> [Option<ViewMut<'_, F>>; N] {
        let Self { buffers, shapes, batch } = self;
        let mut buffers = buffers.iter_mut();
        std::array::from_fn(|position| {
            let (buffer, shape) = (buffers.next()?, shapes.get(position)?);
            let values = buffer.get_mut(..*batch * shape.size())?;
            Some(ViewMut::trusted(values, *batch, shape))
        })
    }

    /// Two different tensors at once.
    pub fn pair(&mut self, a: usize, b: usize) -> Option<(ViewMut<'_, F>, ViewMut<'_, F>)> {
        let (shape_a, shape_b) = (self.shapes.get(a)?, self.shapes.get(b)?);
        let [buffer_a, buffer_b] = self.buffers.get_disjoint_mut([a, b]).ok()?;
        let values_a = buffer_a.get_mut(..self.batch * shape_a.size())?;
        let values_b = buffer_b.get_mut(..self.batch * shape_b.size())?;
        Some((
            ViewMut::trusted(values_a, self.batch, shape_a),
            ViewMut::trusted(values_b, self.batch, shape_b),
        ))
    }
}

/// The gradients for the inputs of one layer, to overwrite, by position; `None` where nobody needs one.
///
/// ```
/// use downhill::prelude::*;
///
/// /// The difference of two inputs: each may need a gradient or not.
/// #[derive(Debug)]
/// struct Difference;
///
/// impl<F: Scalar> Layer<F> for Difference {
///     # fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///     #     plan.output(plan.inputs()[0].clone())
///     # }
///     # fn forward(&self, mut pass: Forward<'_, F>) {
///     #     let (a, b) = (pass.inputs.get(0), pass.inputs.get(1));
///     #     let pairs = a.values().iter().zip(b.values());
///     #     for (y, (&a, &b)) in pass.outputs.one().values().iter_mut().zip(pairs) {
///     #         *y = a - b;
///     #     }
///     # }
///     fn backward(&self, mut pass: Backward<'_, F>) {
///         let dy = pass.output_gradients.one().values();
///         for (position, sign) in [(0, F::one()), (1, -F::one())] {
///             if let Some(mut dx) = pass.input_gradients.get(position) {
///                 dx.values().iter_mut().zip(dy).for_each(|(dx, &dy)| *dx = sign * dy);
///             }
///         }
///     }
/// }
///
/// # use downhill::network::Draw;
/// let model: Model<f64> = Model::build(Difference, &[1.into(), 1.into()], 7)?;
/// let mut work = Workspace::new(&model).with_input_gradients();
/// # work.load(0, &ndarray::array![[5.0]])?;
/// # work.load(1, &ndarray::array![[3.0]])?;
/// # work.evaluate(&model, 1, Draw::default())?;
/// # assert_eq!(work.output(0).values(), [2.0]);
/// # work.output_gradients()?.1.one().values().fill(1.0);
/// work.backward(&model, &mut [], Draw::default())?;
/// assert_eq!((work.input_gradient(0).values(), work.input_gradient(1).values()), (&[1.0][..], &[-1.0][..]));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
pub struct InputGradients<'a, F>(pub(crate) TensorsMut<'a, F>);

impl<F> InputGradients<'_, F> {
    /// The gradient for the first input: the only one for most layers.
    pub fn one(&mut self) -> Option<ViewMut<'_, F>> {
        self.get(0)
    }

    /// The gradient for the input at `position`.
    pub fn get(&mut self, position: usize) -> Option<ViewMut<'_, F>> {
        self.0.find(position)
    }

    /// The gradients for the first inputs at once.
    pub(crate) fn first<const N: usize>(&mut self) -> [Option<ViewMut<'_, F>>; N] {
        self.0.first()
    }

    /// Whether the input at `position` needs a gradient.
    pub fn wants(&mut self, position: usize) -> bool {
        self.get(position).is_some()
    }
}

/// The parameters of one layer, by position in its plan.
///
/// ```
/// use downhill::prelude::*;
///
/// /// Adds one trained number to each place.
/// #[derive(Debug)]
/// struct Offset;
///
/// impl<F: Scalar> Layer<F> for Offset {
///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///         let shape = plan.input()?;
///         plan.bias("offset", shape.clone(), None)?;
///         plan.output(shape)
///     }
///     fn forward(&self, mut pass: Forward<'_, F>) {
///         for sample in 0..pass.batch {
///             let x = pass.inputs.one().row(sample);
///             for ((y, &x), &b) in pass.outputs.one().row(sample).iter_mut().zip(x).zip(&pass.params[0]) {
///                 *y = x + b;
///             }
///         }
///     }
///     # fn backward(&self, _: Backward<'_, F>) {}
/// }
///
/// let mut model: Model<f32> = Model::build(Offset, &[2.into()], 7)?;
/// model.set("offset", &ndarray::array![10.0, 20.0])?;
/// assert_eq!(model.predict(&ndarray::array![[1.0, 2.0]])?, ndarray::array![[11.0, 22.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Params<'a, F> {
    flat: &'a [F],
    all: &'a [Parameter],
    ids: &'a [usize],
}

impl<'a, F> Params<'a, F> {
    pub(crate) fn new(flat: &'a [F], all: &'a [Parameter], ids: &'a [usize]) -> Self {
        Self { flat, all, ids }
    }

    /// How many parameters the layer has.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The values of the parameter at `position`, if the plan declared one.
    pub fn get(&self, position: usize) -> Option<&'a [F]> {
        self.ids.get(position).map(|&id| &self.flat[self.all[id].range()])
    }
}

impl<F> Index<usize> for Params<'_, F> {
    type Output = [F];

    /// The values of the parameter at `position`; empty if the plan declared none there.
    fn index(&self, position: usize) -> &[F] {
        self.get(position).unwrap_or_default()
    }
}

/// The gradients of one layer's parameters, to add to.
///
/// ```
/// use downhill::prelude::*;
/// use downhill::network::Draw;
///
/// /// Adds one trained number to each place; its gradient is the sum over the samples.
/// #[derive(Debug)]
/// struct Offset;
///
/// impl<F: Scalar> Layer<F> for Offset {
///     # fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///     #     let shape = plan.input()?;
///     #     plan.bias("offset", shape.clone(), None)?;
///     #     plan.output(shape)
///     # }
///     # fn forward(&self, mut pass: Forward<'_, F>) {
///     #     for sample in 0..pass.batch {
///     #         let x = pass.inputs.one().row(sample);
///     #         for ((y, &x), &b) in pass.outputs.one().row(sample).iter_mut().zip(x).zip(&pass.params[0]) {
///     #             *y = x + b;
///     #         }
///     #     }
///     # }
///     fn backward(&self, mut pass: Backward<'_, F>) {
///         for dy in pass.output_gradients.one().rows() {
///             pass.gradients.get(0).iter_mut().zip(dy).for_each(|(sum, &dy)| *sum += dy);
///         }
///         if let Some(dx) = pass.input_gradients.one() {
///             dx.into_values().copy_from_slice(pass.output_gradients.one().values());
///         }
///     }
/// }
///
/// let mut model: Model<f64> = Model::build(Offset, &[2.into()], 7)?;
/// let mut work = Workspace::new(&model);
/// # work.load(0, &ndarray::Array2::zeros((3, 2)))?;
/// work.train(&mut model, 3, Draw::new(7, 0))?;
/// work.output_gradients()?.1.one().values().fill(1.0);
/// let mut gradient = [100.0, 200.0];
/// work.backward(&model, &mut gradient, Draw::new(7, 0))?;
/// assert_eq!(gradient, [103.0, 203.0]); // added to what was there
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
pub struct Gradients<'a, F> {
    flat: &'a mut [F],
    all: &'a [Parameter],
    ids: &'a [usize],
}

impl<'a, F> Gradients<'a, F> {
    pub(crate) fn new(flat: &'a mut [F], all: &'a [Parameter], ids: &'a [usize]) -> Self {
        Self { flat, all, ids }
    }

    /// The gradient of the parameter at `position`; empty if the plan declared none there.
    pub fn get(&mut self, position: usize) -> &mut [F] {
        match self.ids.get(position) {
            Some(&id) => &mut self.flat[self.all[id].range()],
            None => &mut [],
        }
    }

    /// The gradients of the first two parameters at once; empty if there is no such parameter.
    pub(crate) fn pair(&mut self) -> [&mut [F]; 2] {
        let range = |position: usize| match self.ids.get(position) {
            Some(&id) => self.all[id].range(),
            None => 0..0,
        };
        self.flat.get_disjoint_mut([range(0), range(1)]).unwrap_or_default()
    }
}

/// The state of one layer, by position in its plan.
///
/// ```
/// use downhill::prelude::*;
/// use downhill::network::Draw;
///
/// /// Hands on its input, and counts the samples that it has seen in training.
/// #[derive(Debug)]
/// struct Counter;
///
/// impl<F: Scalar> Layer<F> for Counter {
///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///         plan.state("seen", [1], 0.0)?;
///         plan.output(plan.input()?)
///     }
///     fn forward(&self, mut pass: Forward<'_, F>) {
///         pass.outputs.one().values().copy_from_slice(pass.inputs.one().values());
///         if let Some(seen) = pass.states.get_mut(0) {
///             seen[0] += F::of(pass.batch as f64);
///         }
///     }
///     # fn backward(&self, _: Backward<'_, F>) {}
/// }
///
/// let mut model: Model<f32> = Model::build(Counter, &[1.into()], 7)?;
/// let mut work = Workspace::new(&model);
/// work.load(0, &ndarray::Array2::zeros((5, 1)))?;
/// work.train(&mut model, 5, Draw::new(7, 0))?;
/// work.evaluate(&model, 5, Draw::default())?; // evaluation changes nothing
/// assert_eq!(model.state(), [5.0]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
pub struct States<'a, F> {
    pub(crate) flat: StateBuffer<'a, F>,
    pub(crate) all: &'a [StateTensor],
    pub(crate) ids: &'a [usize],
}

/// The flat buffer of layer state: writable in training, shared by all threads in evaluation.
#[derive(Debug)]
pub(crate) enum StateBuffer<'a, F> {
    Train(&'a mut [F]),
    Evaluate(&'a [F]),
}

impl<F> StateBuffer<'_, F> {
    pub fn reborrow(&mut self) -> StateBuffer<'_, F> {
        match self {
            Self::Train(flat) => StateBuffer::Train(flat),
            Self::Evaluate(flat) => StateBuffer::Evaluate(flat),
        }
    }
}

impl<F> States<'_, F> {
    /// The state at `position`, to read; empty if the plan declared none there.
    pub fn get(&self, position: usize) -> &[F] {
        let flat: &[F] = match &self.flat {
            StateBuffer::Train(flat) => flat,
            StateBuffer::Evaluate(flat) => flat,
        };
        self.ids.get(position).map_or(&[], |&id| &flat[self.all[id].range()])
    }

    /// The state at `position`, to change; `None` in evaluation and backward.
    pub fn get_mut(&mut self, position: usize) -> Option<&mut [F]> {
        let StateBuffer::Train(flat) = &mut self.flat else { return None };
        self.ids.get(position).map(|&id| &mut flat[self.all[id].range()])
    }
}

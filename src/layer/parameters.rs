//! What is a layer's own in the buffers of the whole model: its parameters, their gradients, its state.

use std::ops::{Index, Range};

use super::affine::Weight;
use super::factors::Copies;
use crate::params::{Parameter, StateTensor};
use crate::scalar::Scalar;

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
    copies: Copies<'a, F>,
}

impl<'a, F> Params<'a, F> {
    pub(crate) fn new(
        flat: &'a [F],
        all: &'a [Parameter],
        ids: &'a [usize],
        copies: Copies<'a, F>,
    ) -> Self {
        Self { flat, all, ids, copies }
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

    /// Some rows of the weight at `position`, with the copy of them if there is one.
    pub(super) fn factor(&self, position: usize, rows: Range<usize>) -> Weight<'a, F> {
        let copy = self.ids.get(position).and_then(|&id| self.copies.of(id, rows.start));
        let values = self.get(position).and_then(|values| values.get(rows));
        Weight { values: values.unwrap_or_default(), copy }
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
    /// For each parameter of the model, whether what is in its place counts as zeros.
    empty: &'a mut [bool],
}

impl<'a, F: Scalar> Gradients<'a, F> {
    pub(crate) fn new(
        flat: &'a mut [F],
        all: &'a [Parameter],
        ids: &'a [usize],
        empty: &'a mut [bool],
    ) -> Self {
        Self { flat, all, ids, empty }
    }

    /// The gradient of the parameter at `position`; empty if the plan declared none there.
    pub fn get(&mut self, position: usize) -> &mut [F] {
        let (beta, gradient) = self.begin(position);
        if beta == F::zero() {
            gradient.fill(beta);
        }
        gradient
    }

    /// The same as it is, with what to multiply it by before anything is added: 0 if it holds what nobody asked for, else 1. All of it must be written.
    pub(crate) fn begin(&mut self, position: usize) -> (F, &mut [F]) {
        let Some(&id) = self.ids.get(position) else { return (F::one(), &mut []) };
        let beta = if std::mem::take(&mut self.empty[id]) { F::zero() } else { F::one() };
        (beta, &mut self.flat[self.all[id].range()])
    }

    /// The gradients of the first two parameters at once; empty if there is no such parameter.
    pub(crate) fn pair(&mut self) -> [&mut [F]; 2] {
        let range = |position: usize| match self.ids.get(position) {
            Some(&id) => self.all[id].range(),
            None => 0..0,
        };
        let ranges = [range(0), range(1)];
        for position in 0..2 {
            self.get(position);
        }
        self.flat.get_disjoint_mut(ranges).unwrap_or_default()
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

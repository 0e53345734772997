//! The tensors that are lent to a layer, by position.

use crate::shape::{NUMBER, Shape};
use crate::tensor::{View, ViewMut};

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

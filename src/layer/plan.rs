//! What a layer declares while a model is built; the declarations add up to the graph.

mod add;
mod factors;
mod parts;

use std::sync::Arc;

use super::graph::{Graph, MOST, Op, Tensor, find};
use crate::error::Error;
use crate::params::init::Init;
use crate::params::{Parameter, Role, StateTensor};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// What a layer declares about itself while a model is built.
///
/// A layer that computes calls [`input`](Plan::input), [`weight`](Plan::weight), [`bias`](Plan::bias), … and [`output`](Plan::output). A layer
/// that is made of other layers calls [`layer`](Plan::layer) for each and [`pass_on`](Plan::pass_on) at the end; it is never run itself.
///
/// ```
/// use downhill::prelude::*;
///
/// /// A product with each of several weights, where the input is one number.
/// #[derive(Debug)]
/// struct Fan(usize);
///
/// impl<F: Scalar> Layer<F> for Fan {
///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///         let input = plan.input()?;
///         if input.size() != 1 {
///             return Err(plan.refuse("one number per sample", &input, "put a Dense::new(1) before it"));
///         }
///         plan.weight("weight", [self.0, 1], None)?;
///         plan.output(self.0)
///     }
///     # fn forward(&self, _: Forward<'_, F>) {}
///     # fn backward(&self, _: Backward<'_, F>) {}
/// }
///
/// let model: Model<f32> = Model::build(Fan(4), &[1.into()], 7)?;
/// assert_eq!(model.output_shapes(), [4.into()]);
/// let error = Model::<f32>::build(Fan(4), &[3.into()], 7).unwrap_err();
/// assert!(error.to_string().contains("expected one number per sample, got [3]"));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Debug)]
pub struct Plan<'p, F> {
    graph: &'p mut Graph<F>,
    inputs: &'p [Tensor],
    leaf: Op<F>,
    passed_on: Option<Vec<Tensor>>,
}

impl<'p, F: Scalar> Plan<'p, F> {
    /// The layer's path in the model, such as `"2.dense"`.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// #[derive(Debug)]
    /// struct Speaking;
    /// impl<F: Scalar> Layer<F> for Speaking {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         assert_eq!(plan.path(), "1.speaking");
    ///         plan.output(plan.input()?)
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Chain::new().then(Relu).then(Speaking), &[2.into()], 7)?;
    /// # assert_eq!(model.output_shapes(), [2.into()]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn path(&self) -> &str {
        &self.leaf.path
    }

    /// The shape of the only input, without the batch axis.
    ///
    /// # Errors
    /// [`Error::Arity`] if there is not exactly one input.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// // A dense layer takes one input.
    /// let model: Result<Model<f32>, Error> = Model::build(Dense::new(1), &[2.into(), 3.into()], 7);
    /// assert!(matches!(model, Err(Error::Arity { got: 2, .. })));
    /// ```
    pub fn input(&self) -> Result<Shape, Error> {
        match self.inputs {
            [only] => Ok(self.shape(*only).clone()),
            _ => Err(Error::arity(self.path(), 1, self.inputs.len())),
        }
    }

    /// The shapes of all inputs, without the batch axis.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// /// Takes any number of inputs, and gives how many numbers they hold: enough for a plan.
    /// #[derive(Debug)]
    /// struct Total;
    /// impl<F: Scalar> Layer<F> for Total {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let sizes = plan.inputs().iter().map(Shape::size).sum::<usize>();
    ///         plan.output(sizes)
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Total, &[[2, 2].into(), 3.into()], 7)?;
    /// assert_eq!(model.output_shapes(), [7.into()]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn inputs(&self) -> Vec<Shape> {
        self.inputs.iter().map(|&tensor| self.shape(tensor).clone()).collect()
    }

    /// The error of a layer that cannot take its input.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// #[derive(Debug)]
    /// struct Square;
    /// impl<F: Scalar> Layer<F> for Square {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let shape = plan.input()?;
    ///         match shape.axes() {
    ///             [a, b] if a == b => plan.output(shape),
    ///             _ => Err(plan.refuse("a square", &shape, "crop the samples")),
    ///         }
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let error = Model::<f32>::build(Chain::new().then(Square), &[[2, 3].into()], 7).unwrap_err();
    /// assert_eq!(error.to_string(), "0.square: expected a square, got [2, 3]; crop the samples");
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn refuse(
        &self,
        expected: impl Into<String>,
        got: &Shape,
        fix: impl Into<String>,
    ) -> Error {
        // A model that is one layer has the empty path.
        let path = self.path();
        let place = if path.is_empty() { self.leaf.layer.name() } else { path.to_owned() };
        Error::shape(place, expected, got.clone(), fix)
    }

    /// Declares an output of one sample's `shape`.
    ///
    /// # Errors
    /// [`Error::Shape`] if it would hold no number or far too many.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// #[derive(Debug)]
    /// struct Two(usize);
    /// impl<F: Scalar> Layer<F> for Two {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         plan.output([self.0, 3])?;
    ///         plan.output(1)
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Two(2), &[5.into()], 7)?;
    /// assert_eq!(model.output_shapes(), [[2, 3].into(), 1.into()]);
    /// assert!(matches!(Model::<f32>::build(Two(0), &[5.into()], 7), Err(Error::Shape { .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn output(&mut self, shape: impl Into<Shape>) -> Result<(), Error> {
        let path = self.leaf.path.clone();
        let tensor = self.graph.tensor(&path, shape.into())?;
        self.leaf.outputs.push(tensor.0);
        Ok(())
    }

    /// Declares a weight of shape (outputs, inputs, …), whose fans are read off the shape: fan-in is the product of all axes but the first,
    /// fan-out the first axis times all axes after the second. `init` of `None` leaves the choice to the activation that follows.
    ///
    /// # Errors
    /// [`Error::Shape`] if it would hold no number or far too many; [`Error::Argument`] from `init`.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// #[derive(Debug)]
    /// struct Kernel;
    /// impl<F: Scalar> Layer<F> for Kernel {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         plan.weight("kernel", [8, 1, 3, 3], None)?; // fan-in 1·3·3, fan-out 8·3·3
    ///         plan.output(8)
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Kernel, &[[1, 3, 3].into()], 7)?;
    /// let kernel = &model.parameters()[0];
    /// assert_eq!((kernel.path(), kernel.shape().size(), kernel.role()), ("kernel", 72, Role::Weight));
    /// // No activation follows, so the rule is Glorot's: between ±√(6 / (9 + 72)).
    /// assert!(model.values().iter().all(|w| w.abs() <= (6.0_f32 / 81.0).sqrt()));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn weight(
        &mut self,
        name: &str,
        shape: impl Into<Shape>,
        init: Option<Arc<dyn Init>>,
    ) -> Result<(), Error> {
        let shape = shape.into();
        let rest = |from: usize| shape.iter().skip(from).fold(1_usize, |n, &a| n.saturating_mul(a));
        let fans = (rest(1), shape.first().copied().unwrap_or(1).saturating_mul(rest(2)));
        self.param(name, Role::Weight, shape.clone(), fans, init)
    }

    /// Declares a parameter that is added to the output; `None` starts it at zero. It has the fans of the parameter declared before it, the
    /// weight that feeds the same outputs.
    ///
    /// # Errors
    /// As [`weight`](Plan::weight).
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// #[derive(Debug)]
    /// struct Shift;
    /// impl<F: Scalar> Layer<F> for Shift {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let shape = plan.input()?;
    ///         plan.bias("shift", shape.clone(), None)?;
    ///         plan.output(shape)
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Shift, &[3.into()], 7)?;
    /// assert_eq!(model.values(), [0.0; 3]);
    /// assert_eq!(model.parameters()[0].role(), Role::Bias); // so it does not decay
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn bias(
        &mut self,
        name: &str,
        shape: impl Into<Shape>,
        init: Option<Arc<dyn Init>>,
    ) -> Result<(), Error> {
        let shape = shape.into();
        let weight = self.leaf.params.last().and_then(|&id| self.graph.params.get(id));
        let fans = weight.map_or((shape.size(), shape.size()), |weight| weight.fans);
        let init = init.unwrap_or_else(|| Arc::new(crate::params::init::Constant(0.0)));
        self.param(name, Role::Bias, shape, fans, Some(init))
    }

    /// Declares a parameter of any role with stated fans (inputs per output, outputs per input).
    ///
    /// Parameters are lent to `forward` and `backward` in the order in which they are declared.
    ///
    /// # Errors
    /// As [`weight`](Plan::weight).
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use std::sync::Arc;
    /// #[derive(Debug)]
    /// struct Gate;
    /// impl<F: Scalar> Layer<F> for Gate {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let shape = plan.input()?;
    ///         plan.param("gain", Role::Norm, shape.clone(), (1, 1), Some(Arc::new(init::Constant(1.0))))?;
    ///         plan.output(shape)
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Gate, &[2.into()], 7)?;
    /// assert_eq!(model.get("gain")?, ndarray::array![1.0, 1.0].into_dyn());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn param(
        &mut self,
        name: &str,
        role: Role,
        shape: impl Into<Shape>,
        fans: (usize, usize),
        init: Option<Arc<dyn Init>>,
    ) -> Result<(), Error> {
        let (path, shape) = (join(&self.leaf.path, name), shape.into());
        if self.graph.again {
            let declared = self.graph.params.iter().map(|param| (param.path(), param.shape()));
            self.leaf.params.push(find(&path, &shape, declared)?);
            return Ok(());
        }
        let start = self.graph.params.last().map_or(0, |last| last.range.end);
        let end = start.saturating_add(shape.size());
        if shape.size() == 0 || end > MOST {
            let fix = "make every axis at least 1 and the layer smaller";
            return Err(Error::shape(path, "between 1 and 2^40 numbers", shape, fix));
        }
        if let Some(init) = &init {
            init.validate()?;
        }
        self.leaf.params.push(self.graph.params.len());
        self.graph.params.push(Parameter { path, shape, role, range: start..end, fans, init });
        Ok(())
    }

    /// Declares layer state that training changes but no gradient does, such as running statistics; it starts at `start` everywhere.
    ///
    /// # Errors
    /// [`Error::Shape`] if it would hold no number or far too many.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// #[derive(Debug)]
    /// struct Running;
    /// impl<F: Scalar> Layer<F> for Running {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let shape = plan.input()?;
    ///         plan.state("variance", shape.clone(), 1.0)?;
    ///         plan.output(shape)
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Running, &[2.into()], 7)?;
    /// assert_eq!((model.states()[0].path(), model.state()), ("variance", &[1.0, 1.0][..]));
    /// assert!(model.parameters().is_empty()); // no gradient changes it
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn state(&mut self, name: &str, shape: impl Into<Shape>, start: f64) -> Result<(), Error> {
        let (path, shape) = (join(&self.leaf.path, name), shape.into());
        if self.graph.again {
            let declared = self.graph.states.iter().map(|state| (state.path(), state.shape()));
            self.leaf.states.push(find(&path, &shape, declared)?);
            return Ok(());
        }
        let first = self.graph.states.last().map_or(0, |last| last.range.end);
        let end = first.saturating_add(shape.size());
        if shape.size() == 0 || end > MOST {
            return Err(Error::shape(
                path,
                "between 1 and 2^40 numbers",
                shape,
                "make the layer smaller",
            ));
        }
        self.leaf.states.push(self.graph.states.len());
        self.graph.states.push(StateTensor { path, shape, range: first..end, start });
        Ok(())
    }

    /// Asks for memory that `forward` writes and `backward` reads: one tensor of `shape` for each sample.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use downhill::network::Draw;
    /// /// y = eˣ, whose slope is kept for `backward`.
    /// #[derive(Debug)]
    /// struct Exp;
    /// impl<F: Scalar> Layer<F> for Exp {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let shape = plan.input()?;
    ///         plan.save(shape.clone());
    ///         plan.output(shape)
    ///     }
    ///     fn forward(&self, mut pass: Forward<'_, F>) {
    ///         for (kept, &x) in pass.saved.one().values().iter_mut().zip(pass.inputs.one().values()) {
    ///             *kept = x.exp();
    ///         }
    ///         pass.outputs.one().values().copy_from_slice(pass.saved.one().values());
    ///     }
    ///     fn backward(&self, mut pass: Backward<'_, F>) {
    ///         let dy = pass.output_gradients.one().values();
    ///         if let Some(mut dx) = pass.input_gradients.one() {
    ///             for ((dx, &kept), &dy) in dx.values().iter_mut().zip(pass.saved.one().values().iter()).zip(dy) {
    ///                 *dx = kept * dy;
    ///             }
    ///         }
    ///     }
    /// }
    /// let model: Model<f64> = Model::build(Exp, &[1.into()], 7)?;
    /// let mut work = Workspace::new(&model).with_input_gradients();
    /// # work.load(0, &ndarray::array![[0.0]])?;
    /// # work.evaluate(&model, 1, Draw::default())?;
    /// # work.output_gradients()?.1.one().values().fill(3.0);
    /// # work.backward(&model, &mut [], Draw::default())?;
    /// assert_eq!(work.input_gradient(0).values(), [3.0]); // e⁰ · 3
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn save(&mut self, shape: impl Into<Shape>) {
        self.leaf.saved.push(shape.into());
    }

    /// Asks for memory whose content need not outlive one call: one tensor of `shape` for each sample.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// /// Takes each sample in reverse order, by way of a copy.
    /// #[derive(Debug)]
    /// struct Reverse;
    /// impl<F: Scalar> Layer<F> for Reverse {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let shape = plan.input()?;
    ///         plan.scratch(shape.clone());
    ///         plan.output(shape)
    ///     }
    ///     fn forward(&self, mut pass: Forward<'_, F>) {
    ///         for sample in 0..pass.batch {
    ///             let mut copy = pass.scratch.one();
    ///             copy.row(sample).copy_from_slice(pass.inputs.one().row(sample));
    ///             copy.row(sample).reverse();
    ///             pass.outputs.one().row(sample).copy_from_slice(copy.row(sample));
    ///         }
    ///     }
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Reverse, &[3.into()], 7)?;
    /// assert_eq!(model.predict(&ndarray::array![[1.0, 2.0, 3.0]])?, ndarray::array![[3.0, 2.0, 1.0]].into_dyn());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn scratch(&mut self, shape: impl Into<Shape>) {
        self.leaf.scratch.push(shape.into());
    }

    /// Asks for memory whose content need not outlive one call: a single tensor of `shape`, however many samples there are. All layers of a
    /// model work in the same one.
    pub fn scratch_once(&mut self, shape: impl Into<Shape>) {
        self.leaf.scratch_once.push(shape.into());
    }

    /// Says that a sample's outputs depend on the other samples of its batch also when the model is used, as those of a normalisation without running
    /// statistics do: such a model is used with whole batches, and never in groups of samples.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// /// Each number without the mean of its batch.
    /// #[derive(Debug)]
    /// struct Centered;
    /// impl<F: Scalar> Layer<F> for Centered {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         plan.mixes_samples();
    ///         plan.output(plan.input()?)
    ///     }
    ///     fn forward(&self, mut pass: Forward<'_, F>) {
    ///         let x = pass.inputs.one().values();
    ///         let mean = x.iter().fold(F::zero(), |sum, &x| sum + x) / F::of(x.len() as f64);
    ///         pass.outputs.one().values().iter_mut().zip(x).for_each(|(y, &x)| *y = x - mean);
    ///     }
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f64> = Model::build(Centered, &[1.into()], 7)?;
    /// assert_eq!(model.predict(&ndarray::array![[1.0], [3.0]])?, ndarray::array![[-1.0], [1.0]].into_dyn());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn mixes_samples(&mut self) {
        self.leaf.mixes_samples = true;
    }

    /// Says that this layer, of one input and one output of the same shape, can write one over the other; see [`Forward`](super::Forward).
    pub(crate) fn in_place(&mut self) {
        self.leaf.in_place = true;
    }

    /// Says that `backward` does not read the outputs, so that the layer after this one may write over them.
    pub(crate) fn leaves_outputs(&mut self) {
        self.leaf.rereads = false;
    }

    /// Says that the only input holds whole numbers below `count`: if it is an input of the model, an error can name a cell that does not.
    pub(crate) fn tokens(&mut self, count: usize) {
        self.graph.tokens.extend(self.inputs.first().map(|tensor| (tensor.0, count)));
    }
}

/// The path of `name` inside `parent`; the model itself has the empty path.
fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

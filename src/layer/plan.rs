//! What a layer declares while a model is built; the declarations add up to the graph.

mod add;
mod factors;
mod memory;
mod params;
mod parts;

use super::graph::{Graph, Op, Tensor};
use crate::error::Error;
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

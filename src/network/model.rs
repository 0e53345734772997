//! A planned model with its numbers.

use std::collections::HashSet;
use std::sync::Arc;

use ndarray::{ArrayD, ArrayViewD};

use super::layout::Layout;
use super::values::Values;
use super::{Predictor, Summary};
use crate::buffer::zeros;
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::layer::{Graph, Layer, Sum};
use crate::params::init::{Init, Start};
use crate::params::{Parameter, Select, StateTensor};
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A planned model: the flat list of its operations, its parameters in one buffer, and its layer state in another.
///
/// Everything that computes takes `&self` and a [`Workspace`](super::Workspace), so any number of threads can use one model.
///
/// ```
/// use downhill::prelude::*;
/// let model: Model<f32> = Model::build(Chain::new().then(Dense::new(3)).then(Softmax::default()), &[2.into()], 7)?;
/// let probabilities = model.predict(&ndarray::array![[1.0, -1.0], [0.0, 2.0]])?;
/// assert_eq!(probabilities.shape(), [2, 3]);
/// assert!((probabilities.sum() - 2.0).abs() < 1e-6);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Model<F> {
    pub(crate) layout: Arc<Layout<F>>,
    values: Values<F>,
    state: Vec<F>,
}

impl<F: Scalar> Model<F> {
    /// Plans `layer` for inputs of these shapes (of one sample each, without the batch axis) and gives every parameter its first value,
    /// a function of `seed` and the parameter's path.
    ///
    /// # Errors
    /// Whatever a layer's plan finds wrong: shapes, settings, sizes.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f64> = Model::build(Dense::new(3), &[2.into()], 7)?;
    /// assert_eq!(model.values().len(), 3 * 2 + 3);
    /// let same: Model<f64> = Model::build(Dense::new(3), &[2.into()], 7)?;
    /// assert_eq!(model.values(), same.values());
    /// assert!(matches!(Model::<f64>::build(Dense::new(0), &[2.into()], 7), Err(_)));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn build(
        layer: impl Layer<F> + 'static,
        inputs: &[Shape],
        seed: u64,
    ) -> Result<Self, Error> {
        let mut graph = Graph::new();
        let layer: Arc<dyn Layer<F>> = Arc::new(layer);
        let mut tensors = Vec::with_capacity(inputs.len());
        for shape in inputs {
            tensors.push(graph.tensor("input", shape.clone())?);
        }
        if tensors.is_empty() {
            return Err(Error::empty("the list of input shapes", "give the shape of one sample"));
        }
        let mut outputs = graph.add(String::new(), &layer, &tensors)?;
        // A tensor that is given out twice is copied: each output has a gradient of its own.
        let copy: Arc<dyn Layer<F>> = Arc::new(Sum);
        for i in 1..outputs.len() {
            if outputs[..i].contains(&outputs[i]) {
                outputs[i] = graph.add(format!("output.{i}"), &copy, &outputs[i..=i])?[0];
            }
        }
        let paths = graph.params.iter().map(Parameter::path);
        unique(paths.chain(graph.states.iter().map(StateTensor::path)))?;
        let noise = graph.ops.iter().map(|op| Noise::new(op.place).at(&op.path).bits(0));
        let length = graph.params.last().map_or(0, |last| last.range().end);
        let sizes = graph.tensors.iter().map(Shape::size);
        let layout = Layout {
            numbers: sizes.fold(length, usize::saturating_add),
            inputs: tensors.iter().map(|tensor| tensor.0).collect(),
            outputs: outputs.iter().map(|tensor| tensor.0).collect(),
            noise: noise.collect(),
            ops: graph.ops,
            tensors: graph.tensors,
            parameters: graph.params.into(),
            states: graph.states,
            copied: graph.copied,
            tokens: graph.tokens,
        };
        let state = layout.states.last().map_or(0, |last| last.range().end);
        let mut model = Self {
            values: Values::new(zeros(length, "the parameters")?),
            state: zeros(state, "the layer state")?,
            layout: Arc::new(layout),
        };
        model.initialize(seed);
        Ok(model)
    }

    /// Gives every parameter and all layer state its first value again.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let mut model: Model<f64> = Model::build(Dense::new(3), &[2.into()], 7)?;
    /// let first = model.values().to_vec();
    /// model.initialize(8);
    /// assert_ne!(model.values(), first);
    /// model.initialize(7);
    /// assert_eq!(model.values(), first);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn initialize(&mut self, seed: u64) {
        let noise = Noise::new(seed).at("init");
        let layout = Arc::clone(&self.layout);
        let values = self.values.numbers_mut();
        for (id, parameter) in layout.parameters.iter().enumerate() {
            let mut start = vec![0.0; parameter.shape.size()];
            let noise = noise.at(parameter.path());
            let tensor = Start::new(&parameter.shape, parameter.fans, noise, &mut start);
            layout.init_of(id).fill(tensor);
            for (value, start) in values[parameter.range()].iter_mut().zip(start) {
                *value = F::of(start);
            }
        }
        for tensor in &layout.states {
            self.state[tensor.range()].fill(F::of(tensor.start));
        }
    }

    /// The parameters, in the order of the buffer.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f32> = Model::build(Chain::new().then(Dense::new(3)), &[2.into()], 7)?;
    /// let paths: Vec<&str> = model.parameters().iter().map(|parameter| parameter.path()).collect();
    /// assert_eq!(paths, ["0.dense.weight", "0.dense.bias"]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn parameters(&self) -> &[Parameter] {
        &self.layout.parameters
    }

    /// The tensors of layer state, in the order of their buffer.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f32> = Model::build(Dense::new(3), &[2.into()], 7)?;
    /// assert!(model.states().is_empty()); // a dense layer keeps no state
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn states(&self) -> &[StateTensor] {
        &self.layout.states
    }

    /// All parameter values in one buffer.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f64> = Model::build(Dense::new(3), &[2.into()], 7)?;
    /// let bias = &model.parameters()[1];
    /// assert_eq!(model.values()[bias.range()], [0.0; 3]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn values(&self) -> &[F] {
        self.values.numbers()
    }

    /// All parameter values in one buffer, to change.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let mut model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
    /// model.values_mut().copy_from_slice(&[1.0, 10.0, 100.0]); // two weights and a bias
    /// assert_eq!(model.predict(&ndarray::array![[2.0, 3.0]])?, ndarray::array![[132.0]].into_dyn());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn values_mut(&mut self) -> &mut [F] {
        self.values.numbers_mut()
    }

    /// The parameters and all their values, to change.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let mut model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7)?;
    /// let (parameters, values) = model.parts_mut();
    /// for parameter in parameters.iter().filter(|parameter| parameter.role() == Role::Weight) {
    ///     values[parameter.range()].fill(0.5);
    /// }
    /// assert_eq!(model.values(), [0.5, 0.5, 0.0]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn parts_mut(&mut self) -> (&[Parameter], &mut [F]) {
        (&self.layout.parameters, self.values.numbers_mut())
    }

    /// All layer state in one buffer.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f32> = Model::build(Dense::new(3), &[2.into()], 7)?;
    /// assert!(model.state().is_empty()); // a dense layer keeps no state
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn state(&self) -> &[F] {
        &self.state
    }

    /// All layer state in one buffer, to change.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # #[derive(Debug)]
    /// # struct Running;
    /// # impl<F: Scalar> Layer<F> for Running {
    /// #     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    /// #         plan.state("mean", plan.input()?, 0.0)?;
    /// #         plan.output(plan.input()?)
    /// #     }
    /// #     fn forward(&self, _: Forward<'_, F>) {}
    /// #     fn backward(&self, _: Backward<'_, F>) {}
    /// # }
    /// // A layer that keeps a running mean of its two inputs.
    /// let mut model: Model<f32> = Model::build(Running, &[2.into()], 7)?;
    /// model.state_mut().copy_from_slice(&[0.5, 1.5]);
    /// assert_eq!(model.state(), [0.5, 1.5]);
    /// model.initialize(7);
    /// assert_eq!(model.state(), [0.0, 0.0]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn state_mut(&mut self) -> &mut [F] {
        &mut self.state
    }

    /// The parameters, to hold on to while the model changes.
    pub(crate) fn parameters_arc(&self) -> Arc<[Parameter]> {
        Arc::clone(&self.layout.parameters)
    }

    pub(crate) fn values_vec(&mut self) -> &mut Vec<F> {
        self.values.numbers_mut()
    }

    /// A number that no other values bear than these and copies of them.
    pub(super) fn edition(&self) -> usize {
        self.values.edition()
    }

    /// One parameter and its values, to change.
    pub(crate) fn parameter_mut(&mut self, id: usize) -> (&Parameter, &mut [F]) {
        let parameter = &self.layout.parameters[id];
        (parameter, &mut self.values.numbers_mut()[parameter.range()])
    }

    /// The values, to read, and the layer state, to change.
    pub(super) fn buffers(&mut self) -> (&[F], &mut [F]) {
        (self.values.numbers(), &mut self.state)
    }

    /// The shapes of one sample of each input.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f32> = Model::build(Flatten, &[[8, 8].into()], 7)?;
    /// assert_eq!(model.input_shapes(), [[8, 8].into()]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn input_shapes(&self) -> Vec<Shape> {
        self.layout.inputs.iter().map(|&id| self.layout.tensors[id].clone()).collect()
    }

    /// The shapes of one sample of each output.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f32> = Model::build(Flatten, &[[8, 8].into()], 7)?;
    /// assert_eq!(model.output_shapes(), [64.into()]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn output_shapes(&self) -> Vec<Shape> {
        self.layout.outputs.iter().map(|&id| self.layout.tensors[id].clone()).collect()
    }

    /// The values of one parameter by path.
    ///
    /// # Errors
    /// [`Error::NoMatch`] if there is no such parameter.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f32> = Model::build(Chain::new().then(Dense::new(3)), &[2.into()], 7)?;
    /// assert_eq!(model.get("0.dense.weight")?.shape(), [3, 2]);
    /// let error = model.get("weight").unwrap_err();
    /// assert_eq!(error.to_string(), "`weight` matches no parameter; there are: 0.dense.weight, 0.dense.bias");
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn get(&self, path: &str) -> Result<ArrayViewD<'_, F>, Error> {
        let parameter = self.find(path)?;
        let values = &self.values()[parameter.range()];
        ArrayViewD::from_shape(parameter.shape.to_vec(), values)
            .map_err(|error| Error::other(path, error.to_string()))
    }

    /// Sets the values of one parameter by path.
    ///
    /// # Errors
    /// [`Error::NoMatch`] if there is no such parameter, [`Error::Shape`] if its shape is another.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use ndarray::array;
    /// let mut model: Model<f32> = Model::build(Dense::new(1), &[2.into()], 7)?;
    /// model.set("weight", &array![[1.0, -1.0]])?;
    /// assert_eq!(model.predict(&array![[5.0, 2.0]])?, array![[3.0]].into_dyn());
    /// assert!(matches!(model.set("weight", &array![1.0, -1.0]), Err(Error::Shape { .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn set<D: ndarray::Dimension>(
        &mut self,
        path: &str,
        values: &ndarray::ArrayRef<F, D>,
    ) -> Result<(), Error> {
        let parameter = self.find(path)?;
        if values.shape() != parameter.shape.axes() {
            let expected = parameter.shape.to_string();
            return Err(Error::shape(
                path,
                expected,
                values.shape(),
                "give an array of that shape",
            ));
        }
        let range = parameter.range();
        for (old, new) in self.values.numbers_mut()[range].iter_mut().zip(values.iter()) {
            *old = *new;
        }
        Ok(())
    }

    fn find(&self, path: &str) -> Result<&Parameter, Error> {
        self.layout.parameters.iter().find(|parameter| parameter.path == path).ok_or_else(|| {
            Error::no_match(path, "parameter", self.layout.parameters.iter().map(Parameter::path))
        })
    }

    /// The positions of the parameters that `select` means.
    ///
    /// # Errors
    /// [`Error::NoMatch`] if it means none.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f32> = Model::build(Chain::new().then(Dense::new(3)).then(Dense::new(1)), &[2.into()], 7)?;
    /// assert_eq!(model.select(&Role::Bias.into())?, [1, 3]);
    /// assert_eq!(model.select(&"0.*".into())?, [0, 1]);
    /// assert!(matches!(model.select(&"2.*".into()), Err(Error::NoMatch { .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn select(&self, select: &Select) -> Result<Vec<usize>, Error> {
        let found: Vec<usize> = (0..self.layout.parameters.len())
            .filter(|&id| select.contains(&self.layout.parameters[id]))
            .collect();
        if found.is_empty() {
            let names = self.layout.parameters.iter().map(Parameter::path);
            return Err(Error::no_match(select.to_string(), "parameter", names));
        }
        Ok(found)
    }

    /// The layers, their output shapes and parameters as a table.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f32> = Model::build(Dense::new(3), &[2.into()], 7)?;
    /// assert_eq!(model.summary().parameters(), 9);
    /// assert!(model.summary().to_string().ends_with("total: 9 parameters"));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn summary(&self) -> Summary {
        Summary::of(self)
    }

    /// Computes the first output for one array of inputs, whose first axis counts the samples.
    ///
    /// # Errors
    /// [`Error::Shape`] if a sample has not the shape that the model was built for; [`Error::Arity`] for a model of several inputs, which a trainer's `predict_on` or a
    /// [`Predictor`] serves.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use ndarray::array;
    /// let model: Model<f64> = Model::build(Tanh, &[2.into()], 7)?;
    /// let y = model.predict(&array![[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])?;
    /// assert_eq!(y, array![[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]].mapv(f64::tanh).into_dyn());
    /// assert!(matches!(model.predict(&array![[0.0, 1.0, 2.0]]), Err(Error::Shape { .. })));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn predict<D: ndarray::Dimension>(
        &self,
        inputs: &ndarray::ArrayRef<F, D>,
    ) -> Result<ArrayD<F>, Error> {
        self.predict_by(inputs, Parallel::Off)
    }

    /// As [`predict`](Self::predict), on several threads or not.
    pub(crate) fn predict_by<D: ndarray::Dimension>(
        &self,
        inputs: &ndarray::ArrayRef<F, D>,
        parallel: Parallel,
    ) -> Result<ArrayD<F>, Error> {
        let mut predictor = Predictor::new(self);
        let outputs = predictor.predict(self, inputs, parallel)?;
        let shape = outputs.one().array().raw_dim();
        ArrayD::from_shape_vec(shape, predictor.into_first())
            .map_err(|error| Error::other("the predictions", error.to_string()))
    }

    /// Checks that memory was made for this model.
    pub(super) fn check_layout(&self, memory: &str, layout: &Arc<Layout<F>>) -> Result<(), Error> {
        if Arc::ptr_eq(layout, &self.layout) {
            return Ok(());
        }
        Err(Error::other(memory, "it was made for another model; make one for this model"))
    }
}

/// No two names are the same: everything is saved and restored by name.
fn unique<'a>(paths: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let mut seen = HashSet::new();
    for path in paths {
        if !seen.insert(path) {
            let message = "two tensors have this path; give one of their layers another name";
            return Err(Error::other(path, message));
        }
    }
    Ok(())
}

//! A planned model with its numbers.

use std::collections::HashSet;
use std::sync::Arc;

use ndarray::{ArrayD, ArrayViewD};

use super::{Draw, Summary, Workspace};
use crate::error::Error;
use crate::layer::{Graph, Layer, Op, Sum};
use crate::params::init::{Glorot, Init, Start};
use crate::params::{Parameter, Select, StateTensor};
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;
use crate::tensor::View;

/// A planned model: the flat list of its operations, its parameters in one buffer, and its layer state in another.
///
/// Everything that computes takes `&self` and a [`Workspace`], so any number of threads can use one model.
#[derive(Clone, Debug)]
pub struct Model<F> {
    pub(crate) ops: Vec<Op<F>>,
    pub(crate) tensors: Vec<Shape>,
    pub(crate) inputs: Vec<usize>,
    pub(crate) outputs: Vec<usize>,
    parameters: Arc<[Parameter]>,
    states: Vec<StateTensor>,
    values: Vec<F>,
    state: Vec<F>,
}

impl<F: Scalar> Model<F> {
    /// Plans `layer` for inputs of these shapes (of one sample each, without the batch axis) and gives every parameter its first value,
    /// a function of `seed` and the parameter's path.
    ///
    /// # Errors
    /// Whatever a layer's plan finds wrong: shapes, settings, sizes.
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
        let mut model = Self {
            inputs: tensors.iter().map(|tensor| tensor.0).collect(),
            outputs: outputs.iter().map(|tensor| tensor.0).collect(),
            ops: graph.ops,
            tensors: graph.tensors,
            values: vec![F::zero(); graph.params.last().map_or(0, |last| last.range().end)],
            state: vec![F::zero(); graph.states.last().map_or(0, |last| last.range().end)],
            parameters: graph.params.into(),
            states: graph.states,
        };
        model.initialize(seed);
        Ok(model)
    }

    /// Gives every parameter and all layer state its first value again.
    pub fn initialize(&mut self, seed: u64) {
        let noise = Noise::new(seed).at("init");
        for id in 0..self.parameters.len() {
            let rule = self.init_of(id);
            let parameter = &self.parameters[id];
            let mut start = vec![0.0; parameter.shape.size()];
            let noise = noise.at(parameter.path());
            rule.fill(Start::new(&parameter.shape, parameter.fans, noise, &mut start));
            for (value, start) in self.values[parameter.range()].iter_mut().zip(start) {
                *value = F::of(start);
            }
        }
        for tensor in &self.states {
            self.state[tensor.range()].fill(F::of(tensor.start));
        }
    }

    /// The rule that was asked for, or what the layer that reads the output prefers, or Glorot's.
    fn init_of(&self, id: usize) -> Arc<dyn Init> {
        if let Some(init) = &self.parameters[id].init {
            return Arc::clone(init);
        }
        let outputs =
            self.ops.iter().filter(|op| op.params.contains(&id)).flat_map(|op| &op.outputs);
        let readers = outputs.flat_map(|output| {
            self.ops.iter().filter(move |op| op.inputs.contains(output)).map(|op| &op.layer)
        });
        let preferred = readers.filter_map(|layer| layer.preferred_init()).next();
        preferred.unwrap_or_else(|| Arc::new(Glorot::uniform()))
    }

    /// The parameters, in the order of the buffer.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The tensors of layer state, in the order of their buffer.
    pub fn states(&self) -> &[StateTensor] {
        &self.states
    }

    /// All parameter values in one buffer.
    pub fn values(&self) -> &[F] {
        &self.values
    }

    /// All parameter values in one buffer, to change.
    pub fn values_mut(&mut self) -> &mut [F] {
        &mut self.values
    }

    /// All layer state in one buffer.
    pub fn state(&self) -> &[F] {
        &self.state
    }

    /// All layer state in one buffer, to change.
    pub fn state_mut(&mut self) -> &mut [F] {
        &mut self.state
    }

    /// The parameters, to hold on to while the model changes.
    pub(crate) fn parameters_arc(&self) -> Arc<[Parameter]> {
        Arc::clone(&self.parameters)
    }

    pub(crate) fn values_vec(&mut self) -> &mut Vec<F> {
        &mut self.values
    }

    /// One parameter and its values, to change.
    pub(crate) fn parameter_mut(&mut self, id: usize) -> (&Parameter, &mut [F]) {
        let parameter = &self.parameters[id];
        (parameter, &mut self.values[parameter.range()])
    }

    pub(crate) fn state_vec(&mut self) -> &mut Vec<F> {
        &mut self.state
    }

    /// The shapes of one sample of each input.
    pub fn input_shapes(&self) -> Vec<Shape> {
        self.inputs.iter().map(|&id| self.tensors[id].clone()).collect()
    }

    /// The shapes of one sample of each output.
    pub fn output_shapes(&self) -> Vec<Shape> {
        self.outputs.iter().map(|&id| self.tensors[id].clone()).collect()
    }

    /// The values of one parameter by path.
    ///
    /// # Errors
    /// [`Error::NoMatch`] if there is no such parameter.
    pub fn get(&self, path: &str) -> Result<ArrayViewD<'_, F>, Error> {
        let parameter = self.find(path)?;
        let values = &self.values[parameter.range()];
        ArrayViewD::from_shape(parameter.shape.to_vec(), values)
            .map_err(|error| Error::other(path, error.to_string()))
    }

    /// Sets the values of one parameter by path.
    ///
    /// # Errors
    /// [`Error::NoMatch`] if there is no such parameter, [`Error::Shape`] if its shape is another.
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
        for (old, new) in self.values[range].iter_mut().zip(values.iter()) {
            *old = *new;
        }
        Ok(())
    }

    fn find(&self, path: &str) -> Result<&Parameter, Error> {
        self.parameters.iter().find(|parameter| parameter.path == path).ok_or_else(|| {
            Error::no_match(path, "parameter", self.parameters.iter().map(Parameter::path))
        })
    }

    /// The positions of the parameters that `select` means.
    ///
    /// # Errors
    /// [`Error::NoMatch`] if it means none.
    pub fn select(&self, select: &Select) -> Result<Vec<usize>, Error> {
        let found: Vec<usize> = (0..self.parameters.len())
            .filter(|&id| select.contains(&self.parameters[id]))
            .collect();
        if found.is_empty() {
            let names = self.parameters.iter().map(Parameter::path);
            return Err(Error::no_match(select.to_string(), "parameter", names));
        }
        Ok(found)
    }

    /// The layers, their output shapes and parameters as a table.
    pub fn summary(&self) -> Summary {
        Summary::of(self)
    }

    /// Computes the first output for one array of inputs, whose first axis counts the samples.
    ///
    /// # Errors
    /// [`Error::Shape`] if a sample has not the shape that the model was built for.
    pub fn predict<D: ndarray::Dimension>(
        &self,
        inputs: &ndarray::ArrayRef<F, D>,
    ) -> Result<ArrayD<F>, Error> {
        let batch = inputs.shape().first().copied().unwrap_or(0);
        let mut work = Workspace::new(self, batch);
        work.load(self, 0, inputs)?;
        work.evaluate(self, batch, Draw::default())?;
        let out: View<'_, F> = work.output(self, 0);
        Ok(out.array().to_owned())
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

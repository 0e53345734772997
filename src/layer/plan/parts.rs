//! Layers that are made of other layers.

use std::sync::Arc;

use super::{Plan, join};
use crate::error::Error;
use crate::layer::Layer;
use crate::layer::graph::Tensor;
use crate::scalar::Scalar;
use crate::shape::{NUMBER, Shape};

impl<F: Scalar> Plan<'_, F> {
    /// The inputs, to hand to the layers that this layer is made of.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// /// One layer under another name.
    /// #[derive(Debug)]
    /// struct Wrapped;
    /// impl<F: Scalar> Layer<F> for Wrapped {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let inputs = plan.tensors();
    ///         assert_eq!(inputs.len(), 1);
    ///         let outputs = plan.layer("body", &(std::sync::Arc::new(Dense::new(4)) as _), &inputs)?;
    ///         plan.pass_on(outputs);
    ///         Ok(())
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Wrapped, &[2.into()], 7)?;
    /// assert_eq!(model.parameters()[0].path(), "body.weight");
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn tensors(&self) -> Vec<Tensor> {
        self.inputs.to_vec()
    }

    /// The shape of one sample of a tensor.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// /// A dense layer that gives as many numbers as it takes.
    /// #[derive(Debug)]
    /// struct Same;
    /// impl<F: Scalar> Layer<F> for Same {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let inputs = plan.tensors();
    ///         let size = plan.shape(inputs[0]).size();
    ///         let outputs = plan.layer("body", &(std::sync::Arc::new(Dense::new(size)) as _), &inputs)?;
    ///         plan.pass_on(outputs);
    ///         Ok(())
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Same, &[6.into()], 7)?;
    /// assert_eq!(model.output_shapes(), [6.into()]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn shape(&self, tensor: Tensor) -> &Shape {
        self.graph.tensors.get(tensor.0).unwrap_or(&NUMBER)
    }

    /// Adds a layer that this layer is made of, under `name`, and returns its outputs.
    ///
    /// # Errors
    /// What that layer's own plan returns.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # use std::sync::Arc;
    /// /// Two dense layers, the second half as wide.
    /// #[derive(Debug)]
    /// struct Funnel(usize);
    /// impl<F: Scalar> Layer<F> for Funnel {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         let (wide, narrow) = (Arc::new(Dense::new(self.0)), Arc::new(Dense::new(self.0 / 2)));
    ///         let middle = plan.layer("wide", &(wide as _), &plan.tensors())?;
    ///         let outputs = plan.layer("narrow", &(narrow as _), &middle)?;
    ///         plan.pass_on(outputs);
    ///         Ok(())
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Chain::new().then(Funnel(8)), &[3.into()], 7)?;
    /// assert_eq!(model.get("0.funnel.narrow.weight")?.shape(), [4, 8]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn layer(
        &mut self,
        name: &str,
        layer: &Arc<dyn Layer<F>>,
        inputs: &[Tensor],
    ) -> Result<Vec<Tensor>, Error> {
        self.graph.add(join(&self.leaf.path, name), layer, inputs)
    }

    /// Adds a layer with one output that this layer is made of, under `name`.
    pub(crate) fn part(
        &mut self,
        name: &str,
        layer: impl Layer<F> + 'static,
        inputs: &[Tensor],
    ) -> Result<Tensor, Error> {
        let layer: Arc<dyn Layer<F>> = Arc::new(layer);
        match self.layer(name, &layer, inputs)?[..] {
            [output] => Ok(output),
            ref outputs => Err(Error::arity(join(self.path(), name), "1 as output", outputs.len())),
        }
    }

    /// Adds a layer that this layer is made of in this layer's own place: its parameters are called as if they were this layer's.
    pub(crate) fn instead(
        &mut self,
        layer: impl Layer<F> + 'static,
        inputs: &[Tensor],
    ) -> Result<Vec<Tensor>, Error> {
        let layer: Arc<dyn Layer<F>> = Arc::new(layer);
        self.graph.add(self.leaf.path.clone(), &layer, inputs)
    }

    /// Takes the parameter `name` of a shared layer as this layer's next parameter, and returns its shape; nothing if that layer has no such
    /// parameter or was not planned yet.
    pub(crate) fn param_of(&mut self, layer: &Arc<dyn Layer<F>>, name: &str) -> Option<Shape> {
        let path = join(self.graph.place_of(layer)?, name);
        let id = self.graph.params.iter().position(|param| param.path == path)?;
        self.leaf.params.push(id);
        Some(self.graph.params[id].shape.clone())
    }

    /// Puts `layer` in this layer's own place, with the parameters and state of the place where it was put first.
    pub(crate) fn share(&mut self, layer: &Arc<dyn Layer<F>>) -> Result<(), Error> {
        let outputs = self.graph.add_shared(self.leaf.path.clone(), layer, self.inputs)?;
        self.pass_on(outputs);
        Ok(())
    }

    /// Makes these tensors the outputs of a layer that is made of other layers.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// /// No layer at all: the inputs are the outputs.
    /// #[derive(Debug)]
    /// struct Nothing;
    /// impl<F: Scalar> Layer<F> for Nothing {
    ///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
    ///         plan.pass_on(plan.tensors());
    ///         Ok(())
    ///     }
    ///     # fn forward(&self, _: Forward<'_, F>) {}
    ///     # fn backward(&self, _: Backward<'_, F>) {}
    /// }
    /// let model: Model<f32> = Model::build(Nothing, &[2.into()], 7)?;
    /// let x = ndarray::array![[1.0, 2.0]];
    /// assert_eq!(model.predict(&x)?, x.into_dyn());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn pass_on(&mut self, outputs: Vec<Tensor>) {
        self.passed_on = Some(outputs);
    }
}

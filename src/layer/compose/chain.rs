//! One layer after the other.

use std::sync::Arc;

use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// One layer after the other; the outputs of each are the inputs of the next.
///
/// A layer added with [`then`](Chain::then) is called by its position and kind, as in `"2.dense"`.
///
/// ```
/// use downhill::{Model, layer::{Chain, Dense, Relu}};
/// let chain = Chain::new().then(Dense::new(16)).then(Relu).named("head", Dense::new(10));
/// let model: Model<f32> = Model::build(chain, &[64.into()], 7)?;
/// let paths: Vec<_> = model.parameters().iter().map(|parameter| parameter.path()).collect();
/// assert_eq!(paths, ["0.dense.weight", "0.dense.bias", "head.weight", "head.bias"]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Chain<F> {
    layers: Vec<(String, Arc<dyn Layer<F>>)>,
    context: bool,
}

impl<F: Scalar> Default for Chain<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Scalar> Chain<F> {
    /// A chain of no layers, which gives back its inputs.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f32> = Model::build(Chain::new(), &[2.into()], 7)?;
    /// let x = ndarray::array![[1.0, 2.0]];
    /// assert_eq!(model.predict(&x)?, x.into_dyn());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn new() -> Self {
        Self { layers: Vec::new(), context: false }
    }

    /// The chain with one more layer at its end.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f32> = Model::build(Chain::new().then(Tanh).then(Dense::new(3)), &[2.into()], 7)?;
    /// assert_eq!(model.parameters()[0].path(), "1.dense.weight");
    /// assert_eq!(model.output_shapes(), [3.into()]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn then(self, layer: impl Layer<F> + 'static) -> Self {
        let name = format!("{}.{}", self.layers.len(), layer.name());
        self.named(name, layer)
    }

    /// The chain with one more layer at its end, under a name of your own.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let model: Model<f32> = Model::build(Chain::new().named("head", Dense::new(3)), &[2.into()], 7)?;
    /// assert_eq!(model.get("head.weight")?.shape(), [3, 2]);
    /// let twice = Chain::new().named("head", Dense::new(3)).named("head", Dense::new(3));
    /// assert!(Model::<f32>::build(twice, &[2.into()], 7).is_err()); // names are what is saved by
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn named(mut self, name: impl Into<String>, layer: impl Layer<F> + 'static) -> Self {
        self.layers.push((name.into(), Arc::new(layer)));
        self
    }

    /// The chain, where every layer is given the inputs of the chain after the first one too: a mask, or what an encoder gives.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let layer = || {
    ///     TransformerEncoderLayer::new(MultiHeadAttention::new(2).key_padding_mask(), FeedForward::relu(16))
    /// };
    /// let chain = Chain::new().then(layer()).then(layer()).with_context();
    /// let model: Model<f32> = Model::build(chain, &[[5, 8].into(), 5.into()], 7)?; // a sequence, and a mask for both layers
    /// assert_eq!(model.output_shapes(), [[5, 8].into()]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    #[must_use]
    pub fn with_context(self) -> Self {
        Self { context: true, ..self }
    }
}

impl<F: Scalar> Layer<F> for Chain<F> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let mut tensors = plan.tensors();
        let own = if self.context { tensors.len().min(1) } else { tensors.len() };
        let context = tensors.split_off(own);
        for (name, layer) in &self.layers {
            tensors.extend(&context);
            tensors = plan.layer(name, layer, &tensors)?;
        }
        plan.pass_on(tensors);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}

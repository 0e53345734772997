//! Layers side by side.

use std::sync::Arc;

use super::{Concat, Product, Sum};
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;

/// Layers side by side: each takes the same inputs, and their outputs are joined into one.
///
/// | joined by | y |
/// |---|---|
/// | [`Branches::sum`] | f₁(x) + f₂(x) + … |
/// | [`Branches::product`] | f₁(x) · f₂(x) · …, number by number |
/// | [`Branches::concat`] | the outputs one after the other, along the last axis |
/// | [`Branches::joined_by`] | any layer with several inputs, such as `Concat::axis(0)` |
///
/// A branch added with [`branch`](Branches::branch) is called by its position and kind, as in `"0.dense"`. A branch that is an empty
/// [`Chain`](super::Chain) hands its inputs to the join.
///
/// A gated network, Y = W₁·(sigmoid(W₂·X + b₂) · tanh(W₃·X + b₃)), with activations of the reader's own:
///
/// ```
/// # use downhill::{Scalar, layer::Activation};
/// # #[derive(Debug)] struct Sigmoid;
/// # impl Activation for Sigmoid {
/// #     fn value<F: Scalar>(&self, x: F) -> F { F::one() / (F::one() + (-x).exp()) }
/// #     fn slope<F: Scalar>(&self, _: F, y: F) -> F { y * (F::one() - y) }
/// # }
/// # #[derive(Debug)] struct Tanh;
/// # impl Activation for Tanh {
/// #     fn value<F: Scalar>(&self, x: F) -> F { x.tanh() }
/// #     fn slope<F: Scalar>(&self, _: F, y: F) -> F { F::one() - y * y }
/// # }
/// use downhill::{Model, layer::{Branches, Chain, Dense}};
/// let model: Model<f32> = Model::build(
///     Chain::new()
///         .then(
///             Branches::product()
///                 .named("gate", Chain::new().then(Dense::new(16)).then(Sigmoid))
///                 .named("value", Chain::new().then(Dense::new(16)).then(Tanh)),
///         )
///         .then(Dense::new(3).without_bias()),
///     &[8.into()],
///     7,
/// )?;
/// assert_eq!(model.parameters()[0].path(), "0.branches.gate.0.dense.weight");
/// assert_eq!(model.output_shapes(), [3.into()]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Branches<F> {
    join: Arc<dyn Layer<F>>,
    branches: Vec<(String, Arc<dyn Layer<F>>)>,
}

impl<F: Scalar> Branches<F> {
    /// No branches yet, to be joined by [`Sum`].
    pub fn sum() -> Self {
        Self::joined_by(Sum)
    }

    /// No branches yet, to be joined by [`Product`].
    pub fn product() -> Self {
        Self::joined_by(Product)
    }

    /// No branches yet, to be joined by [`Concat`] along the last axis.
    pub fn concat() -> Self {
        Self::joined_by(Concat::default())
    }

    /// No branches yet, to be joined by a layer that takes all their outputs.
    pub fn joined_by(join: impl Layer<F> + 'static) -> Self {
        Self { join: Arc::new(join), branches: Vec::new() }
    }

    /// The same with one more branch.
    #[must_use]
    pub fn branch(self, layer: impl Layer<F> + 'static) -> Self {
        let name = format!("{}.{}", self.branches.len(), layer.name());
        self.named(name, layer)
    }

    /// The same with one more branch, under a name of your own.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>, layer: impl Layer<F> + 'static) -> Self {
        self.branches.push((name.into(), Arc::new(layer)));
        self
    }
}

impl<F: Scalar> Layer<F> for Branches<F> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let inputs = plan.tensors();
        let mut outputs = Vec::with_capacity(self.branches.len());
        for (name, layer) in &self.branches {
            outputs.extend(plan.layer(name, layer, &inputs)?);
        }
        let joined = plan.layer(&self.join.name(), &self.join, &outputs)?;
        plan.pass_on(joined);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}

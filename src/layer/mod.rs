//! Layers: descriptions that own no numbers.
//!
//! A layer says which parameters it needs and how it computes. A [`Model`](crate::Model) is made of one layer, mostly a [`Chain`], and holds the numbers of all.
//! Shapes are those of one sample, without the batch axis. A layer learns the shape of its input when the model is built, so only the size of what it gives is a setting.
//!
//! | for | layer | takes | gives | PyTorch's name |
//! |---|---|---|---|---|
//! | features | [`Dense`] | `[…, inputs]` | `[…, units]` | `Linear` |
//! | images | [`Conv2d`], also [depthwise](Conv2d::depthwise) | `[channels, height, width]` | `[channels, height, width]` | `Conv2d` |
//! | | [`ConvTranspose2d`] | `[channels, height, width]` | the same, larger | `ConvTranspose2d` |
//! | | [`MaxPool2d`], [`AvgPool2d`] | `[channels, height, width]` | the same channels, smaller | `MaxPool2d`, `AvgPool2d` |
//! | | [`AdaptiveAvgPool2d`] | `[channels, height, width]` | the same channels, of the height and width that are asked for | `AdaptiveAvgPool2d` |
//! | sequences of features | [`Conv1d`] | `[channels, length]` | `[channels, length]` | `Conv1d` |
//! | | [`MaxPool1d`], [`AvgPool1d`] | `[channels, length]` | the same channels, shorter | `MaxPool1d`, `AvgPool1d` |
//! | both | [`GlobalAvgPool`], [`GlobalMaxPool`] | `[channels, …]` | `[channels]` | – |
//! | | [`Upsample`], [`ZeroPad`] | `[channels, height, width]` or `[channels, length]` | the same channels, larger | `Upsample`; `ZeroPad1d`, `ZeroPad2d` |
//! | recurrence | [`Rnn`], [`Lstm`], [`Gru`], [`Recurrence`] of a [cell] of your own | `[time, features]` | `[time, directions · size]`, or its [last](Recurrence::last) state | `RNN`, `LSTM`, `GRU` |
//! | tokens | [`Embedding`] | `[…]` of token numbers | `[…, size]` | `Embedding` |
//! | | [`Unembedding`] | `[…, size]` | `[…, count]`, by the weight of an embedding | – |
//! | positions | [`SinusoidalPosition`], [`LearnedPosition`], [`Rotary`] | `[time, features]` | the same shape | – |
//! | attention | [`MultiHeadAttention`] | `[time, features]`, up to three of them and a mask | `[time, features]` | `MultiheadAttention` |
//! | transformers | [`TransformerEncoderLayer`] | `[time, features]` | the same shape | `TransformerEncoderLayer` |
//! | | [`TransformerDecoderLayer`] | two of `[time, features]`, the sequence and the memory | the shape of the sequence | `TransformerDecoderLayer` |
//! | | [`FeedForward`] | `[…, features]` | the same shape | – |
//! | normalization | [`BatchNorm`] | `[channels, …]` | the same shape | `BatchNorm1d`, `BatchNorm2d`, `BatchNorm3d` |
//! | | [`GroupNorm`] | `[channels, …]` | the same shape | `GroupNorm` |
//! | | [`InstanceNorm2d`] | `[channels, height, width]` | the same shape | `InstanceNorm2d` |
//! | | [`LayerNorm`], [`RmsNorm`] | `[…, features]` | the same shape | `LayerNorm`, `RMSNorm` |
//! | activations, of one number | [`Relu`], [`LeakyRelu`], [`PRelu`], [`Elu`], [`Celu`], [`Selu`], [`Gelu`], [`Silu`], [`Mish`], [`HardSwish`], [`Tanh`], [`Sigmoid`], [`HardSigmoid`], [`LogSigmoid`], [`Softplus`], [`Softsign`] | any shape | the same shape | `ReLU`, `LeakyReLU`, `PReLU`, `ELU`, `CELU`, `SELU`, `GELU`, `SiLU`, `Mish`, `Hardswish`, `Tanh`, `Sigmoid`, `Hardsigmoid`, `LogSigmoid`, `Softplus`, `Softsign` |
//! | activations, of an axis | [`Softmax`], [`LogSoftmax`] | at least one axis | the same shape | `Softmax`, `LogSoftmax` |
//! | | [`Glu`], [`SwiGlu`] | an axis of even length | the same with half of that axis | `GLU`; – |
//! | dropout | [`Dropout`] | any shape | the same shape | `Dropout` |
//! | | [`SpatialDropout`] | `[channels, …]` | the same shape | `Dropout1d`, `Dropout2d` |
//! | | [`StochasticDepth`] | any shape | the same shape | – |
//! | shape | [`Flatten`] | any shape | `[size]` | `Flatten` |
//! | | [`Reshape`] | any shape | the shape that is asked for, of the same size | `Unflatten` |
//! | composition | [`Chain`]: one layer after the other | what its first layer takes | what its last layer gives | `Sequential` |
//! | | [`Residual`]: a body and a way around it | what the body takes | the same shape as the body | – |
//! | | [`Branches`]: layers side by side, joined | what every branch takes | what the join gives | – |
//! | | [`Shared`]: one layer in several places | what the layer takes | what it gives | – |
//! | | [`Sum`], [`Product`], [`Concat`] | several tensors | one tensor | `+`, `*`, `cat` |
//!
//! A layer of your own implements [`Activation`], if it is a function of one number, or [`Layer`]. The pages say where numbers, parameter names or starts differ from
//! PyTorch's.
//!
//! ```
//! use downhill::prelude::*;
//!
//! let model = Chain::new()
//!     .then(Conv2d::new(16, 3).padding(1))
//!     .then(BatchNorm2d::default())
//!     .then(Relu)
//!     .then(MaxPool2d::new(2))
//!     .then(Flatten)
//!     .then(Dense::new(10));
//! let model: Model<f32> = Model::build(model, &[[1, 28, 28].into()], 7)?;
//! assert_eq!(model.get("5.dense.weight")?.shape(), [10, 16 * 14 * 14]);
//! # Ok::<(), downhill::Error>(())
//! ```

mod activation;
mod affine;
mod attention;
mod compose;
mod conv;
mod dense;
mod dropout;
mod embedding;
mod factors;
mod flatten;
mod graph;
mod images;
mod norm;
mod parameters;
mod pass;
mod plan;
mod pool;
mod position;
mod recurrent;
mod reshape;
mod tensors;
mod transformer;
mod unembedding;
mod upsample;
mod window;
mod zero_pad;

use std::fmt::Debug;
use std::sync::Arc;

pub use activation::{
    Activation, Celu, Elu, Gelu, Glu, HardSigmoid, HardSwish, LeakyRelu, LogSigmoid, LogSoftmax,
    Mish, PRelu, Relu, Selu, Sigmoid, Silu, Softmax, Softplus, Softsign, SwiGlu, Tanh,
};
pub use attention::MultiHeadAttention;
pub use compose::{Branches, Chain, Concat, Product, Residual, Shared, Sum};
pub use conv::{Conv1d, Conv2d, ConvTranspose2d};
pub use dense::Dense;
pub use dropout::{Dropout, SpatialDropout, StochasticDepth};
pub use embedding::Embedding;
pub(crate) use embedding::row;
pub(crate) use factors::Copies;
pub use flatten::Flatten;
pub use graph::Tensor;
pub(crate) use graph::{Graph, Op};
pub use norm::{
    BatchNorm, BatchNorm1d, BatchNorm2d, GroupNorm, InstanceNorm2d, LayerNorm, RmsNorm,
};
pub(crate) use parameters::StateBuffer;
pub use parameters::{Gradients, Params, States};
pub use pass::{Backward, Forward, Mode};
pub use plan::Plan;
pub use pool::{
    AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, GlobalAvgPool, GlobalMaxPool, MaxPool1d, MaxPool2d,
};
pub use position::{LearnedPosition, Rotary, SinusoidalPosition};
pub use recurrent::{Gru, Lstm, Recurrence, Rnn, cell};
pub use reshape::Reshape;
pub use tensors::{InputGradients, Tensors, TensorsMut};
pub use transformer::{FeedForward, TransformerDecoderLayer, TransformerEncoderLayer};
pub use unembedding::Unembedding;
pub use upsample::{Interpolation, Upsample};
pub use window::Size2d;
pub use zero_pad::ZeroPad;

use crate::error::Error;
use crate::params::init::Init;
use crate::scalar::Scalar;

/// A step of the computation. It describes itself once, and computes on lent memory ever after; it owns no parameters.
///
/// [`plan`](Layer::plan) declares parameters, memory and the output's shape. [`forward`](Layer::forward) and
/// [`backward`](Layer::backward) run for any batch size, 0 too, on any thread, and may not fail: whatever can be wrong with the shapes was found by
/// `plan`.
///
/// When a model is used, a sample's outputs depend on that sample alone, so that a batch may be cut into groups; a layer of which that is not true says
/// so by [`Plan::mixes_samples`].
///
/// ```
/// use downhill::prelude::*;
///
/// /// y = scale · x, with one trained number.
/// #[derive(Debug)]
/// struct Scale;
///
/// impl<F: Scalar> Layer<F> for Scale {
///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///         plan.param("scale", Role::Norm, [1], (1, 1), Some(std::sync::Arc::new(init::Constant(2.0))))?;
///         plan.output(plan.input()?)
///     }
///     fn forward(&self, mut pass: Forward<'_, F>) {
///         let scale = pass.params[0][0];
///         let x = pass.inputs.one().values();
///         pass.outputs.one().values().iter_mut().zip(x).for_each(|(y, &x)| *y = scale * x);
///     }
///     fn backward(&self, mut pass: Backward<'_, F>) {
///         let scale = pass.params[0][0];
///         let (x, dy) = (pass.inputs.one().values(), pass.output_gradients.one().values());
///         for (&x, &dy) in x.iter().zip(dy) {
///             pass.gradients.get(0)[0] += x * dy; // added: other parts of the batch may be in it
///         }
///         if let Some(mut dx) = pass.input_gradients.one() {
///             dx.values().iter_mut().zip(dy).for_each(|(dx, &dy)| *dx = scale * dy);
///         }
///     }
/// }
///
/// let model: Model<f64> = Model::build(Scale, &[2.into()], 7)?;
/// assert_eq!(model.predict(&ndarray::array![[1.0, -3.0]])?, ndarray::array![[2.0, -6.0]].into_dyn());
/// assert_eq!(model.parameters()[0].path(), "scale");
/// # Ok::<(), downhill::Error>(())
/// ```
pub trait Layer<F: Scalar>: Debug + Send + Sync {
    /// Declares parameters, state, memory and outputs for the inputs that `plan` names; called once, when a model is built.
    ///
    /// # Errors
    /// An [`Error`] that names the layer if it cannot take these inputs or its settings are wrong.
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error>;

    /// Computes the outputs. Every number of every output is overwritten.
    fn forward(&self, pass: Forward<'_, F>);

    /// Computes the gradients for the inputs (overwritten) and for the parameters (**added** to what is there).
    fn backward(&self, pass: Backward<'_, F>);

    /// The layer's name in paths. The default is the type's name in snake case: `Dense` becomes `"dense"`.
    fn name(&self) -> String {
        crate::names::snake_case(std::any::type_name::<Self>())
    }

    /// How weights start best if their output feeds this layer; an activation knows.
    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        None
    }
}

/// A shared layer is a layer, so that structures made at run time can be lists of `Arc<dyn Layer<F>>` (also `Arc::from(boxed)`).
impl<F: Scalar, L: Layer<F> + ?Sized> Layer<F> for Arc<L> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        (**self).plan(plan)
    }

    fn forward(&self, pass: Forward<'_, F>) {
        (**self).forward(pass);
    }

    fn backward(&self, pass: Backward<'_, F>) {
        (**self).backward(pass);
    }

    fn name(&self) -> String {
        (**self).name()
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        (**self).preferred_init()
    }
}

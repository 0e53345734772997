//! The names, shapes and places of what a model stores.

use std::ops::Range;
use std::sync::Arc;

use super::{Role, init::Init};
use crate::shape::Shape;

/// One named parameter and its place in the flat buffers of values, gradients and optimizer slots.
///
/// ```
/// use downhill::prelude::*;
/// let model: Model<f32> = Model::build(Chain::new().then(Dense::new(3)), &[2.into()], 7)?;
/// let bias = &model.parameters()[1];
/// assert_eq!((bias.path(), bias.role()), ("0.dense.bias", Role::Bias));
/// assert_eq!((bias.shape().axes(), bias.range()), (&[3][..], 6..9)); // after the six weights
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Parameter {
    pub(crate) path: String,
    pub(crate) shape: Shape,
    pub(crate) role: Role,
    pub(crate) range: Range<usize>,
    pub(crate) fans: (usize, usize),
    pub(crate) init: Option<Arc<dyn Init>>,
}

impl Parameter {
    /// The full name, such as `"2.dense.weight"`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// What it does in its layer.
    pub fn role(&self) -> Role {
        self.role
    }

    /// Its place in the flat buffers.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }
}

/// One named tensor of layer state, such as running statistics: saved and restored, never trained.
///
/// ```
/// use downhill::prelude::*;
///
/// /// A layer with a running mean; its passes are left out here.
/// #[derive(Debug)]
/// struct Running;
///
/// impl<F: Scalar> Layer<F> for Running {
///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///         plan.state("mean", plan.input()?, 0.0)?;
///         plan.output(plan.input()?)
///     }
///     # fn forward(&self, _: Forward<'_, F>) {}
///     # fn backward(&self, _: Backward<'_, F>) {}
/// }
///
/// let model: Model<f32> = Model::build(Chain::new().then(Running), &[2.into()], 7)?;
/// let mean = &model.states()[0];
/// assert_eq!((mean.path(), mean.shape().size(), mean.range()), ("0.running.mean", 2, 0..2));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct StateTensor {
    pub(crate) path: String,
    pub(crate) shape: Shape,
    pub(crate) range: Range<usize>,
    pub(crate) start: f64,
}

impl StateTensor {
    /// The full name, such as `"0.running.mean"`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The shape.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Its place in the flat buffer of layer state.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }
}

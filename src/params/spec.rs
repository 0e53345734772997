//! The names, shapes and places of what a model stores.

use std::ops::Range;
use std::sync::Arc;

use super::{Role, init::Init};
use crate::shape::Shape;

/// One named parameter and its place in the flat buffers of values, gradients and optimizer slots.
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
#[derive(Clone, Debug)]
pub struct StateTensor {
    pub(crate) path: String,
    pub(crate) shape: Shape,
    pub(crate) range: Range<usize>,
    pub(crate) start: f64,
}

impl StateTensor {
    /// The full name, such as `"1.batch_norm.running_mean"`.
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

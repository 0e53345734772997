//! How parameters start.

use std::fmt::Debug;

use crate::error::Error;
use crate::random::Noise;
use crate::shape::Shape;

/// A rule for the first values of a parameter.
pub trait Init: Debug + Send + Sync {
    /// Writes the first values of one tensor.
    fn fill(&self, tensor: Start<'_>);

    /// Checks the settings; called when a model is built.
    ///
    /// # Errors
    /// [`Error::Argument`] for a setting outside its range.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// One tensor to be given its first values.
#[derive(Debug)]
#[non_exhaustive]
pub struct Start<'a> {
    /// The shape; the first axis counts the outputs.
    pub shape: &'a Shape,
    /// How many inputs feed one output.
    pub fan_in: usize,
    /// How many outputs one input feeds.
    pub fan_out: usize,
    /// Random numbers that belong to this tensor alone.
    pub noise: Noise,
    /// The values to write, row after row.
    pub values: &'a mut [f64],
}

impl<'a> Start<'a> {
    /// A tensor of `shape` with these fans.
    pub fn new(
        shape: &'a Shape,
        fans: (usize, usize),
        noise: Noise,
        values: &'a mut [f64],
    ) -> Self {
        Self { shape, fan_in: fans.0, fan_out: fans.1, noise, values }
    }
}

/// Every value is the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant(
    /// The value.
    pub f64,
);

impl Init for Constant {
    fn fill(&self, tensor: Start<'_>) {
        tensor.values.fill(self.0);
    }

    fn validate(&self) -> Result<(), Error> {
        crate::error::require::finite("Constant", self.0)
    }
}

/// Glorot's rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glorot;

impl Glorot {
    /// Uniform.
    pub fn uniform() -> Self {
        Self
    }
}

impl Init for Glorot {
    fn fill(&self, tensor: Start<'_>) {
        let bound = (6.0 / (tensor.fan_in + tensor.fan_out) as f64).sqrt();
        for (i, value) in tensor.values.iter_mut().enumerate() {
            *value = (2.0 * tensor.noise.uniform(i as u64) - 1.0) * bound;
        }
    }
}

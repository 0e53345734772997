//! Clipping: bounds on the gradient before the update.

use crate::error::{Error, require};
use crate::params::Parameter;
use crate::scalar::Scalar;

/// A bound on the gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Clip {
    /// The Euclidean norm of all gradients together is at most this.
    GlobalNorm(f64),
}

/// What clipping did in one step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Clipped {
    /// What the gradient was multiplied by, all in all: the norm after by the norm before; 1 if nothing was changed.
    pub factor: f64,
}

impl Clip {
    /// Clips `gradient` in place. `norm` is its global Euclidean norm, `scale` what a schedule multiplies the bound by.
    pub fn apply<F: Scalar>(
        &self,
        _parameters: &[Parameter],
        _weights: &[F],
        gradient: &mut [F],
        norm: f64,
        scale: f64,
    ) -> Clipped {
        let Self::GlobalNorm(max) = *self;
        let max = max * scale;
        let factor = if norm > max { max / norm } else { 1.0 };
        if factor != 1.0 {
            gradient.iter_mut().for_each(|g| *g *= F::of(factor));
        }
        Clipped { factor }
    }

    /// Checks the bound.
    ///
    /// # Errors
    /// [`Error::Argument`] for a bound that is not a finite number above 0.
    pub fn validate(&self) -> Result<(), Error> {
        let Self::GlobalNorm(max) = *self;
        require::positive("Clip::GlobalNorm", max)
    }
}

/// The Euclidean norm of `values`: right for any finite numbers, whatever their size, and the same bits on every run.
pub fn norm<F: Scalar>(values: &[F]) -> f64 {
    values.iter().map(|value| value.as_f64() * value.as_f64()).sum::<f64>().sqrt()
}

/// What to do with a loss or gradient that is not finite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NonFinite {
    /// An error.
    #[default]
    Error,
    /// Skip.
    Skip,
    /// Zero.
    Zero,
}

//! Deep-learning optimization on `ndarray`.
#![deny(missing_docs)]

pub mod error;
#[doc(hidden)]
pub mod kernel;
pub mod scalar;
pub mod schedule;
pub mod shape;

pub use error::Error;
pub use scalar::Scalar;
pub use shape::Shape;

//! Deep-learning optimization on `ndarray`.
#![deny(missing_docs)]

pub mod error;
#[doc(hidden)]
pub mod kernel;
pub mod layer;
pub mod network;
pub mod params;
pub mod random;
pub mod scalar;
pub mod schedule;
pub mod shape;
pub mod tensor;

pub use error::Error;
pub use network::{Model, Workspace};
pub use scalar::Scalar;
pub use shape::Shape;

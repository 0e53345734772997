//! Deep-learning optimization on `ndarray`.
#![deny(missing_docs)]

#[cfg(feature = "check")]
pub mod check;
pub mod clip;
pub mod data;
pub mod error;
pub mod goal;
#[doc(hidden)]
pub mod kernel;
pub mod layer;
pub mod loss;
pub mod metric;
pub mod network;
pub mod optim;
pub mod params;
pub mod prelude;
pub mod random;
pub mod regularize;
pub mod scalar;
pub mod schedule;
pub mod shape;
pub mod tensor;
pub mod train;

pub use clip::Clip;
pub use error::Error;
pub use goal::Goal;
pub use kernel::parallel::Parallel;
pub use network::{Model, Workspace};
pub use scalar::Scalar;
pub use shape::Shape;
pub use train::{Fit, Trainer};

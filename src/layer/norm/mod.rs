//! Normalisation: numbers brought to mean 0 and variance 1.

mod batch_norm;
mod channels;
mod group_norm;
mod instance_norm2d;
mod layer_norm;
mod moments;
mod rms_norm;
mod rows;
mod running;
mod weights;

pub use batch_norm::{BatchNorm, BatchNorm1d, BatchNorm2d};
pub use group_norm::GroupNorm;
pub use instance_norm2d::InstanceNorm2d;
pub use layer_norm::LayerNorm;
pub use rms_norm::RmsNorm;

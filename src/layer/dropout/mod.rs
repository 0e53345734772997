//! What is left out at random in training.

mod elements;
mod factors;
mod spatial_dropout;
mod stochastic_depth;

pub use elements::Dropout;
pub use spatial_dropout::SpatialDropout;
pub use stochastic_depth::StochasticDepth;

//! A model that was planned, and the memory it computes in.

mod draw;
mod layout;
mod model;
#[cfg(feature = "safetensors")]
mod names;
mod output_gradients;
mod predictor;
#[cfg(feature = "safetensors")]
mod safetensors;
mod summary;
mod turns;
mod workspace;

pub use draw::Draw;
pub use model::Model;
#[cfg(feature = "safetensors")]
pub use names::Names;
pub use output_gradients::OutputGradients;
pub use predictor::Predictor;
pub use summary::Summary;
pub use workspace::Workspace;

//! A model that was planned, and the memory it computes in.

mod draw;
mod model;
mod output_gradients;
mod summary;
mod workspace;

pub use draw::Draw;
pub use model::Model;
pub use output_gradients::OutputGradients;
pub use summary::Summary;
pub use workspace::Workspace;

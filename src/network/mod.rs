//! A model that was planned, and the memory it computes in.

mod model;
mod summary;
mod workspace;

pub use model::Model;
pub use summary::Summary;
pub use workspace::{Draw, OutputGradients, Workspace};

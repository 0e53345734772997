//! Convolutions.

mod columns;
mod conv1d;
mod conv2d;
mod conv_transpose2d;
mod correlation;
mod depthwise;
mod settings;
mod weights;

pub use conv_transpose2d::ConvTranspose2d;
pub use conv1d::Conv1d;
pub use conv2d::Conv2d;

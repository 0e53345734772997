//! Optimizers with one bug each, named by a sentence. The empty name is a rule without a bug.
//!
//! A misspelt name would be a rule without a bug too, which no law breaks: the table of planted bugs would report it as missed.

pub mod adam;
mod heavy_ball;
mod sharpness;

pub use adam::adam;
pub use heavy_ball::heavy_ball;
pub use sharpness::sharpness;

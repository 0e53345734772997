//! Data: from arrays to batches.

mod batch;
mod dataset;
mod source;
mod targets;

pub use batch::{Batch, Part};
pub use dataset::{Dataset, IntoTargets, Targets};
pub use source::{Content, Sampling, Source};
pub use targets::{Classes, Target, TargetKind};

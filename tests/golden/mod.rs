//! The crate against the reference data of PyTorch, optax and scikit-learn, which `README.md` describes.

mod clipping;
mod init;
mod layers;
mod losses;
mod metrics;
mod optimizers;
#[cfg(feature = "safetensors")]
mod pytorch_weights;
mod schedules;
mod training;

mod probe;
mod support;

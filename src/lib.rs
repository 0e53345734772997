//! Deep-learning optimization on [`ndarray`]: layers, losses, optimizers, regularizers, schedules and metrics that compose into a [`Trainer`].
//!
//! # One complete run
//!
//! ```
//! use downhill::prelude::*;
//!
//! # fn main() -> Result<(), Error> {
//! # #[cfg(feature = "digits")] {
//! let (train, test) = data::digits()?.split(0.8, 7)?;          // ndarray in, ndarray out
//!
//! let model = Chain::new()
//!     .then(Dense::new(64)).then(Relu)
//!     .then(Dense::new(10));                                   // sizes are inferred from the input
//!
//! let mut trainer = Trainer::builder(model, CrossEntropy::default(), Adam { learning_rate: 1e-3, ..Adam::default() })
//!     .regularizer(L2::new(1e-4))                              // weights only; biases and norms are exempt by role
//!     .clip(Clip::GlobalNorm(1.0))
//!     .schedule(warmup(100).then(cosine(800)))
//!     .seed(7)
//!     .build(&[64])?;                                          // every shape and hyper-parameter is checked here
//!
//! let run = trainer.fit(&train, Fit::epochs(20).batch(32).hold_out(0.1))?; // keeps the weights of the best epoch
//! println!("best epoch: {:?}", run.best_epoch().map(|record| record.epoch));
//! println!("test accuracy: {:.4}", trainer.evaluate(&test)?.metric("accuracy")?);
//! # assert!(trainer.evaluate(&test)?.metric("accuracy")? > 0.95);
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! Your own data are arrays whose first axis counts the samples: [`Dataset::new`](data::Dataset::new). Your own optimizer, layer or loss is a struct that
//! implements [`Optimizer`](optim::Optimizer), [`Activation`](layer::Activation) or [`Layer`](layer::Layer), [`ElementLoss`](loss::ElementLoss) or
//! [`Loss`](loss::Loss); each trait's page has one that runs. With the feature `check`, one line tests it by dozens of laws;
//! its guide, `check::guide`, goes from an empty struct to a proved optimizer.
//!
//! # What you can rely on
//!
//! - **The same bits** for any number of threads, from the same seed, and after a state was taken out and put back at any step. (The bits can differ between
//!   machines whose instruction sets or mathematics libraries differ.)
//! - **Errors, not surprises.** A shape, setting or label that does not fit is an [`Error`] that says what to change. A loss or gradient that is
//!   NaN or infinite ends the step with the layer, tensor or cell that it came from, and leaves the parameters as they were before the step.
//! - **No division by the user**: a loss is a sum and a weight, and what the parts of a step add up to is divided once. So a step in parts
//!   ([`Fit::accumulate`]) is that of the whole batch, up to rounding, also with sample weights and a smaller last part, as long as each sample's outputs and loss
//!   depend on that sample alone. [Batch norm](layer::BatchNorm) takes its statistics from each part, and a loss that compares samples sees those of one part.
//! - **Silence** unless an observer is asked to speak.
//!
//! # Map
//!
//! | module | holds |
//! |---|---|
//! | [`data`] | data sets, splits, batches, readers, augmentation |
//! | [`layer`] | layers, activations, and how they are put together |
//! | [`params`] | names, roles, selection, initial values |
//! | [`loss`] | losses as weighted sums |
//! | [`optim`] | optimizers |
//! | [`regularize`], [`clip`] | penalties, constraints, decay; bounds on gradients |
//! | [`schedule`] | factors on rate, momentum, decay and bounds as functions of the step |
//! | [`metric`] | accuracy and the like, right for any partition of the data |
//! | [`train`] | the trainer, its events, its state |
//! | [`network`] | a planned model and the memory it computes in, for loops of your own |
//! | [`random`] | random numbers as functions of where they are used |
//! | `check` (feature) | the laws, for your own components |
//!
//! # Features
//!
//! | feature | default | gives | adds |
//! |---|---|---|---|
//! | `threads` | yes | training on several threads; the same numbers without it | rayon-core |
//! | `digits`, `diabetes` | no | small real data, embedded | flate2 |
//! | `gzip` | no | readers open compressed files | flate2 |
//! | `csv` | no | a reader of CSV tables | csv |
//! | `progress` | no | a progress bar, plain lines off a terminal | indicatif |
//! | `safetensors` | no | weights from and to files, by PyTorch's names: `Model::read_safetensors`, `network::Names` | safetensors |
//! | `check` | no | the test kit | proptest |
#![deny(missing_docs)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod buffer;
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
mod moments;
mod names;
pub mod network;
pub mod optim;
pub mod params;
mod power_of_two;
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
pub use network::{Model, Predictor, Workspace};
pub use scalar::Scalar;
pub use shape::Shape;
pub use train::{Fit, Trainer};

#[cfg(all(doctest, feature = "digits", feature = "progress"))]
#[doc = include_str!("../README.md")]
mod readme {}

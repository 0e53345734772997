//! A model that was planned, and the memory it computes in.
//!
//! A [`Trainer`](crate::Trainer) has all of these inside. They are for loops of your own, and for models in use.
//!
//! | type | holds | use it |
//! |---|---|---|
//! | [`Model`] | the plan of the layers, the parameters in one buffer, the layers' state in another | to build a model, to read and set parameters, to save them; [`Model::predict`] gives the first output for a batch now and then |
//! | [`Workspace`] | everything between the layers, for one batch | for gradients, for all outputs, to look at what a pass has computed |
//! | [`Predictor`] | what lies between the layers for groups of samples, and all outputs | to predict again and again: less time and memory than a workspace, and nothing is allocated while batches are no larger than those before |
//! | [`Draw`] | seed and step | to say which random numbers a pass draws |
//! | [`OutputGradients`] | the gradients for a model's outputs | to write, between forward and backward |
//! | [`Summary`] | the table of layers, shapes and parameters | to print |
//!
//! A model computes through `&self`, so any number of threads can use one, each with a workspace or predictor of its own. Both are made for one model and work
//! with its clones. With the feature `safetensors`, `Model::read_safetensors` and `Model::to_safetensors` read and write weights by name.
//!
//! ```
//! use downhill::prelude::*;
//! use downhill::network::Draw;
//! use ndarray::array;
//!
//! let chain = Chain::new().then(Dense::new(4)).then(Tanh).then(Dense::new(1));
//! let mut model: Model<f64> = Model::build(chain, &[2.into()], 7)?;
//! let x = array![[1.0, 2.0], [3.0, -1.0]];
//!
//! // For gradients: forward, the gradients for the outputs, backward. Here they are those of the sum of all outputs.
//! let (mut work, draw) = (Workspace::new(&model), Draw::new(7, 0));
//! let mut gradient = vec![0.0; model.values().len()];
//! work.load(0, &x)?;
//! work.train(&mut model, 2, draw)?;
//! let (_, mut gradients) = work.output_gradients()?;
//! gradients.one().values().fill(1.0);
//! work.backward(&model, &mut gradient, draw)?;
//! model.values_mut().iter_mut().zip(&gradient).for_each(|(w, g)| *w -= 0.1 * g);
//!
//! // In use: once, or again and again in the same memory.
//! let once = model.predict(&x)?;
//! let mut predictor = Predictor::new(&model);
//! assert_eq!(predictor.predict(&model, &x, Parallel::Off)?.one().array(), once);
//! # Ok::<(), downhill::Error>(())
//! ```

mod copies;
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
mod values;
mod workspace;

pub use draw::Draw;
pub use model::Model;
#[cfg(feature = "safetensors")]
pub use names::Names;
pub use output_gradients::OutputGradients;
pub use predictor::Predictor;
pub use summary::Summary;
pub use workspace::Workspace;

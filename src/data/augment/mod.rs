//! Data augmentation: samples that are changed at random when they are read for training.
//!
//! Every change is a function of (seed, epoch, row): the same in any batch and order, and for any number of threads that read. Nothing is changed in
//! evaluation.
//!
//! | for | what there is |
//! |---|---|
//! | images, `[height, width]` or `[channels, height, width]` | [`Shift`], [`Flip`], [`Rotate`], [`Scale`], [`RandomCrop`], [`Brightness`], [`Contrast`], [`RandomErase`], [`Cutout`] |
//! | sequences, `[time, features]`, and tables, `[features]` | [`Scaling`], [`TimeWarp`], [`TokenDrop`], [`FeatureNoise`] |
//! | any shape | [`Jitter`], [`MixUp`] |
//! | a sample and another one | [`MixUp`], [`CutMix`], with [`OneHot`] for class indices |
//!
//! [`Compose`] puts them one after the other; [`Augment`] and [`Mixed`] are sources of the changed samples, for a trainer or a loop of your own;
//! [`augment_sample`] changes one array. Your own is an [`Augmentation`] or a [`Mixing`].
//!
//! ```
//! # #[cfg(feature = "digits")] {
//! use downhill::data::augment::{Augment, Compose, Rotate, Shift};
//! use downhill::prelude::*;
//!
//! let (train, test) = data::digits()?.split(0.8, 7)?;
//! let chain = Compose::new().then(Shift::new(1)).then(Rotate::new(10.0));
//! # let as_images = |data: &Dataset<f32>| {
//! #     let pixels: Vec<f32> = data.inputs(0).into_iter().flatten().collect();
//! #     let images = ndarray::Array3::from_shape_vec((data.len(), 8, 8), pixels);
//! #     let labels: Vec<usize> = data.labels().into_iter().flatten().collect();
//! #     Dataset::new(images.map_err(|error| Error::other("digits", error.to_string()))?, labels)
//! # };
//! # let (train, test) = (as_images(&train)?, as_images(&test)?);                 // [8, 8] instead of [64]
//! let train = Augment::new(&train, chain)?;                    // every setting and shape is checked here
//!
//! let model = Chain::new().then(Flatten).then(Dense::new(64)).then(Relu).then(Dense::new(10));
//! let rule = Adam { learning_rate: 0.01, ..Adam::default() };
//! let mut trainer = Trainer::builder(model, CrossEntropy::default(), rule).seed(7).build(&[8, 8])?;
//! let run = trainer.fit(&train, Fit::epochs(8).batch(32).validate(&test))?;
//! assert!(run.best().metric("accuracy")? > 0.85);
//! # }
//! # Ok::<(), downhill::Error>(())
//! ```

mod beta;
mod brightness;
mod compose;
mod contrast;
mod cut_mix;
mod cutout;
mod feature_noise;
mod flip;
mod image;
mod jitter;
mod mix_up;
mod mixed;
mod one_hot;
mod patch;
mod pool;
mod random_crop;
mod random_erase;
mod range;
mod rotate;
mod sample;
mod scale;
mod scaling;
mod shift;
mod source;
mod time_warp;
mod token_drop;

use std::fmt::Debug;

pub use brightness::Brightness;
pub use compose::Compose;
pub use contrast::Contrast;
pub use cut_mix::CutMix;
pub use cutout::Cutout;
pub use feature_noise::FeatureNoise;
pub use flip::Flip;
pub use jitter::Jitter;
pub use mix_up::MixUp;
pub use mixed::{Mixed, Mixing};
pub use one_hot::OneHot;
pub use random_crop::RandomCrop;
pub use random_erase::RandomErase;
pub use rotate::Rotate;
pub use sample::{Sample, augment_sample};
pub use scale::Scale;
pub use scaling::Scaling;
pub use shift::Shift;
pub use source::Augment;
pub use time_warp::TimeWarp;
pub use token_drop::TokenDrop;

use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A random change of a sample, which keeps its shape.
///
/// What comes out depends on the sample and on [`Sample::noise`] alone, so that it can be had again. A NaN reaches whatever it goes into.
///
/// ```
/// use downhill::data::augment::{Augmentation, Sample, augment_sample};
/// use downhill::{Error, Scalar, Shape, error::require, random::Noise};
///
/// /// Turns the signs of all numbers of a sample, with this probability.
/// #[derive(Debug)]
/// struct Negative {
///     probability: f64,
/// }
///
/// impl<F: Scalar> Augmentation<F> for Negative {
///     fn validate(&self, _: &Shape) -> Result<(), Error> {
///         require::share("Negative::probability", self.probability)
///     }
///     fn apply(&self, sample: Sample<'_, F>) {
///         if sample.noise.uniform(0) < self.probability {
///             sample.values.iter_mut().for_each(|x| *x = -*x);
///         }
///     }
/// }
///
/// let sample = augment_sample(&Negative { probability: 1.0 }, &ndarray::array![1.0, -2.0], Noise::new(7))?;
/// assert_eq!(sample, ndarray::array![-1.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
pub trait Augmentation<F: Scalar>: Debug + Send + Sync {
    /// Refuses settings out of range, and samples of a shape that it cannot change.
    ///
    /// # Errors
    /// [`Error::Argument`] that names the setting, [`Error::Shape`] or [`Error::Length`].
    fn validate(&self, shape: &Shape) -> Result<(), Error>;

    /// How many numbers of [`Sample::scratch`] it needs for a sample of this shape; none by default.
    fn scratch(&self, shape: &Shape) -> usize {
        let _ = shape;
        0
    }

    /// Changes a sample of a shape that [`validate`](Augmentation::validate) has accepted.
    fn apply(&self, sample: Sample<'_, F>);
}

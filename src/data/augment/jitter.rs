//! Noise on every number.

use super::{Augmentation, Sample};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Adds to each number one of its own from the normal distribution with mean 0 and this standard deviation.
///
/// | field | default | range |
/// |---|---|---|
/// | `std` | 0.05 | 0 or more; 0 leaves the bits |
///
/// Takes samples of any shape: sequences, where it is called jitter, and images, where torchvision, Keras and albumentations call it Gaussian noise.
/// Noise that differs between the columns of a table: [`FeatureNoise`](super::FeatureNoise). (Bishop: *Training with noise is equivalent to Tikhonov
/// regularization*, Neural Computation 7, 1995.)
///
/// ```
/// use downhill::{random::Noise, data::augment::{Jitter, augment_sample}};
/// let zeros = ndarray::Array1::zeros(1000);
/// let noisy = augment_sample(&Jitter::new(0.1), &zeros, Noise::new(7))?;
/// assert!((noisy.std(0.0) - 0.1_f64).abs() < 0.01);
/// # Ok::<(), downhill::Error>(())
/// ```
#[doc(alias = "GaussianNoise")]
#[derive(Clone, Debug, PartialEq)]
pub struct Jitter {
    /// The standard deviation, 0 or more; 0.05 by default.
    pub std: f64,
}

impl Default for Jitter {
    fn default() -> Self {
        Self::new(0.05)
    }
}

impl Jitter {
    /// Noise of this standard deviation.
    pub fn new(std: f64) -> Self {
        Self { std }
    }
}

impl<F: Scalar> Augmentation<F> for Jitter {
    fn validate(&self, _: &Shape) -> Result<(), Error> {
        require::non_negative("Jitter::std", self.std)
    }

    fn apply(&self, sample: Sample<'_, F>) {
        // −0 + 0 would be 0.
        if self.std == 0.0 {
            return;
        }
        for (i, x) in sample.values.iter_mut().enumerate() {
            *x += F::of(self.std * sample.noise.normal(i as u64));
        }
    }
}

//! Features made larger or smaller.

use super::{Augmentation, Sample};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Multiplies each feature by a factor of its own from the normal distribution with mean 1 and this standard deviation, the same factor at all times.
///
/// | field | default | range |
/// |---|---|---|
/// | `std` | 0.1 | 0 or more; 0 leaves the bits |
///
/// Takes `[features]` or `[time, features]`, or any shape whose last axis counts the features. (Um and others: *Data augmentation of wearable sensor
/// data for Parkinson's disease monitoring using convolutional neural networks*, arXiv:1706.00527, "scaling".)
///
/// ```
/// use downhill::{random::Noise, data::augment::{Scaling, augment_sample}};
/// use ndarray::array;
/// let sequence = array![[1.0, 1.0], [2.0, 2.0]];
/// let scaled = augment_sample(&Scaling::new(0.1), &sequence, Noise::new(7))?;
/// assert!(scaled[[0, 0]] != scaled[[0, 1]]);
/// assert_eq!(scaled.row(1), scaled.row(0).map(|x| 2.0 * x));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// The standard deviation of the factors, 0 or more; 0.1 by default.
    pub std: f64,
}

impl Default for Scaling {
    fn default() -> Self {
        Self::new(0.1)
    }
}

impl Scaling {
    /// Factors of this standard deviation.
    pub fn new(std: f64) -> Self {
        Self { std }
    }
}

impl<F: Scalar> Augmentation<F> for Scaling {
    fn validate(&self, _: &Shape) -> Result<(), Error> {
        require::non_negative("Scaling::std", self.std)
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let features = sample.shape.last().copied().unwrap_or(1);
        for feature in 0..features {
            let factor = F::of(1.0 + self.std * sample.noise.normal(feature as u64));
            sample.values.iter_mut().skip(feature).step_by(features).for_each(|x| *x *= factor);
        }
    }
}

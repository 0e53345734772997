//! Noise on each column in its own measure.

use super::{Augmentation, Sample};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Adds noise from the normal distribution with mean 0, and a standard deviation for each feature: for columns that are measured in different units.
///
/// | field | default | range |
/// |---|---|---|
/// | `std` | empty | one number for each feature, 0 or more; 0 leaves the bits |
///
/// Takes `[features]` or `[time, features]`, or any shape whose last axis counts the features. A column of categories gets 0.
///
/// ```
/// use downhill::{random::Noise, data::augment::{FeatureNoise, augment_sample}};
/// use ndarray::array;
/// let noise = FeatureNoise::new([5.0, 0.0]); // an age in years, a flag
/// let patient = augment_sample(&noise, &array![41.0, 1.0], Noise::new(7))?;
/// assert!(patient[0] != 41.0 && patient[1] == 1.0);
/// assert!(augment_sample(&noise, &array![41.0, 1.0, 0.0], Noise::new(7)).is_err());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureNoise {
    /// The standard deviation for each feature, 0 or more.
    pub std: Vec<f64>,
}

impl FeatureNoise {
    /// Noise of these standard deviations.
    pub fn new(std: impl Into<Vec<f64>>) -> Self {
        Self { std: std.into() }
    }
}

impl<F: Scalar> Augmentation<F> for FeatureNoise {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        self.std.iter().try_for_each(|&std| require::non_negative("FeatureNoise::std", std))?;
        let features = shape.last().copied().unwrap_or(1);
        if self.std.len() != features {
            let with = format!("the last axis of samples of shape {shape}");
            return Err(Error::length("FeatureNoise::std", self.std.len(), features, with));
        }
        Ok(())
    }

    fn apply(&self, sample: Sample<'_, F>) {
        for (i, (x, &std)) in sample.values.iter_mut().zip(self.std.iter().cycle()).enumerate() {
            // −0 + 0 would be 0.
            if std != 0.0 {
                *x += F::of(std * sample.noise.normal(i as u64));
            }
        }
    }
}

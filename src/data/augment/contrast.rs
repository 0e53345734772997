//! Images with more or less difference between their pixels.

use std::ops::RangeInclusive;

use super::{Augmentation, Sample, image::Image, range};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Brings all pixels of a channel nearer to the channel's mean m, or farther from it: m + f (x − m), with one factor f for the image, drawn
/// evenly from `factor`.
///
/// | field | default | range |
/// |---|---|---|
/// | `factor` | 0.8..=1.2 | 0 or more; 1 leaves the bits |
///
/// Takes `[height, width]` or `[channels, height, width]`. (As Keras's `RandomContrast`; torchvision's `ColorJitter` takes the mean of the whole
/// image in grey.)
///
/// ```
/// use downhill::{random::Noise, data::augment::{Contrast, augment_sample}};
/// use ndarray::array;
/// let half = Contrast { factor: 0.5..=0.5 };
/// assert_eq!(augment_sample(&half, &array![[0.0, 4.0]], Noise::new(7))?, array![[1.0, 3.0]]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Contrast {
    /// The factors to draw from; 0.8..=1.2 by default.
    pub factor: RangeInclusive<f64>,
}

impl Default for Contrast {
    fn default() -> Self {
        Self { factor: 0.8..=1.2 }
    }
}

impl<F: Scalar> Augmentation<F> for Contrast {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        range::check("Contrast::factor", &self.factor, require::non_negative)?;
        Image::required("Contrast", shape).map(|_| ())
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let Some(image) = Image::of(sample.shape) else { return };
        let factor = range::at(&self.factor, sample.noise.uniform(0));
        // m + (x − m) is x but for rounding.
        if factor == 1.0 {
            return;
        }
        for plane in sample.values.chunks_exact_mut(image.size()) {
            let mean = plane.iter().map(|x| x.as_f64()).sum::<f64>() / image.size() as f64;
            plane.iter_mut().for_each(|x| *x = F::of(mean + factor * (x.as_f64() - mean)));
        }
    }
}

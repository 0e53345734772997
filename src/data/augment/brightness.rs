//! Images made lighter or darker.

use std::ops::RangeInclusive;

use super::{Augmentation, Sample, image::Image, range};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Adds one number, drawn evenly from `delta`, to all pixels of an image.
///
/// | field | default | range |
/// |---|---|---|
/// | `delta` | −0.2..=0.2 | finite |
///
/// Takes `[height, width]` or `[channels, height, width]`. Nothing is cut off at 0 or 1: data are often scaled before they are augmented. (As Keras's
/// and albumentations's brightness; torchvision's `ColorJitter` multiplies, as [`Scaling`](super::Scaling) does.)
///
/// ```
/// use downhill::{random::Noise, data::augment::{Brightness, augment_sample}};
/// use ndarray::array;
/// let lighter = Brightness { delta: 0.25..=0.25 };
/// let image = augment_sample(&lighter, &array![[0.0, 0.5]], Noise::new(7))?;
/// assert_eq!(image, array![[0.25, 0.75]]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Brightness {
    /// The numbers to draw from; −0.2..=0.2 by default.
    pub delta: RangeInclusive<f64>,
}

impl Default for Brightness {
    fn default() -> Self {
        Self { delta: -0.2..=0.2 }
    }
}

impl<F: Scalar> Augmentation<F> for Brightness {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        range::check("Brightness::delta", &self.delta, require::finite)?;
        Image::required("Brightness", shape).map(|_| ())
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let delta = F::of(range::at(&self.delta, sample.noise.uniform(0)));
        // −0 + 0 would be 0.
        if !delta.is_zero() {
            sample.values.iter_mut().for_each(|x| *x += delta);
        }
    }
}

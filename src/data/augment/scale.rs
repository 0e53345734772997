//! Images made larger or smaller.

use std::ops::RangeInclusive;

use super::{Augmentation, Sample, image, range};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Enlarges what an image shows around its centre by a factor drawn evenly from `factor`. The size of the image stays; what comes in from
/// outside is `fill`.
///
/// A pixel at distance d from the centre becomes what was at d / factor, by bilinear interpolation between pixels. A factor of 1 leaves the bits.
///
/// | field | default | range |
/// |---|---|---|
/// | `factor` | 0.9..=1.1 | above 0 |
/// | `fill` | 0 | finite |
///
/// Takes `[height, width]` or `[channels, height, width]`. (torchvision: `RandomAffine` with `scale`; Keras: `RandomZoom`, whose factor counts
/// the other way.)
///
/// ```
/// use downhill::{random::Noise, data::augment::{Scale, augment_sample}};
/// use ndarray::array;
/// let twice = Scale { factor: 2.0..=2.0, ..Scale::default() };
/// let wide = augment_sample(&twice, &array![[0.0, 4.0, 8.0]], Noise::new(7))?;
/// assert_eq!(wide, array![[2.0, 4.0, 6.0]]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// The factors to draw from; 0.9..=1.1 by default.
    pub factor: RangeInclusive<f64>,
    /// What comes in from outside; 0 by default.
    pub fill: f64,
}

impl Default for Scale {
    fn default() -> Self {
        Self { factor: 0.9..=1.1, fill: 0.0 }
    }
}

impl<F: Scalar> Augmentation<F> for Scale {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        range::check("Scale::factor", &self.factor, require::positive)?;
        require::finite("Scale::fill", self.fill)?;
        image::Image::required("Scale", shape).map(|_| ())
    }

    fn scratch(&self, shape: &Shape) -> usize {
        shape.size()
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let Some(image) = image::Image::of(sample.shape) else { return };
        let factor = range::at(&self.factor, sample.noise.uniform(0));
        let (middle, centre) = image.centre();
        image::warp(sample, self.fill, |row, column| {
            (middle + (row - middle) / factor, centre + (column - centre) / factor)
        });
    }
}

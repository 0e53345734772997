//! Images with a square erased.

use super::{Augmentation, Sample, image::Image, patch::Patch};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Erases a square around a pixel that is drawn evenly: all its pixels become `fill`. Where the square reaches beyond the image it is cut off.
///
/// A square of even size reaches one pixel farther up and to the left than down and to the right. What was there is gone, even NaN.
///
/// | field | default | range |
/// |---|---|---|
/// | `size` | 2 | 1 or more, at most the larger side of the image |
/// | `fill` | 0 | finite |
///
/// Takes `[height, width]` or `[channels, height, width]`; all channels lose the same square. (DeVries, Taylor: *Improved Regularization of
/// Convolutional Neural Networks with Cutout*, arXiv:1708.04552.) Rectangles of random size: [`RandomErase`](super::RandomErase).
///
/// ```
/// use downhill::{random::Noise, data::augment::{Cutout, augment_sample}};
/// let image = augment_sample(&Cutout::new(1), &ndarray::Array2::<f32>::ones((8, 8)), Noise::new(7))?;
/// assert_eq!(image.sum(), 63.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Cutout {
    /// The side of the square, in pixels; 2 by default.
    pub size: usize,
    /// What erased pixels become; 0 by default.
    pub fill: f64,
}

impl Default for Cutout {
    fn default() -> Self {
        Self::new(2)
    }
}

impl Cutout {
    /// Erases squares of this many pixels to a side.
    pub fn new(size: usize) -> Self {
        Self { size, fill: 0.0 }
    }
}

impl<F: Scalar> Augmentation<F> for Cutout {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        require::finite("Cutout::fill", self.fill)?;
        let image = Image::required("Cutout", shape)?;
        let most = image.height.max(image.width);
        let expected = format!("1 to {most} pixels, as the samples have shape {shape}");
        require::that((1..=most).contains(&self.size), "Cutout::size", self.size, &expected)
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let Some(image) = Image::of(sample.shape) else { return };
        let patch = Patch::around_any(image, self.size, self.size, sample.noise, 0);
        patch.paint(image, sample.values, F::of(self.fill));
    }
}

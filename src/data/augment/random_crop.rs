//! Parts of images.

use super::{Augmentation, Sample, image};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Surrounds an image with `padding` pixels of `fill`, cuts out a rectangle of `size` at a place drawn evenly, and brings it back to the size of
/// the image.
///
/// Without a `size` the rectangle is as large as the image: the crop with padding of CIFAR networks, where pixels keep their bits. Otherwise
/// pixel i of n becomes what was at (i + ½) · size / n − ½ of the rectangle, by bilinear interpolation, and the rectangle's edge beyond its edge.
///
/// | field | default | range |
/// |---|---|---|
/// | `size` | none: the image's own | 1 or more, at most the image with its padding |
/// | `padding` | 1 | 0 or more |
/// | `fill` | 0 | finite |
///
/// Takes `[height, width]` or `[channels, height, width]`. (torchvision, Keras, albumentations: `RandomCrop`; with a `size` it is their
/// `RandomResizedCrop` with a fixed size.)
///
/// ```
/// use downhill::{random::Noise, data::augment::{RandomCrop, augment_sample}};
/// use ndarray::array;
/// let left_or_right = RandomCrop { size: Some([1, 2]), padding: 0, ..RandomCrop::default() };
/// let part = augment_sample(&left_or_right, &array![[0.0, 4.0, 8.0]], Noise::new(7))?;
/// assert!(part[[0, 0]] == 0.0 && part[[0, 2]] == 4.0 || part[[0, 0]] == 4.0 && part[[0, 2]] == 8.0);
///
/// let large = RandomCrop { size: Some([1, 4]), padding: 0, ..RandomCrop::default() };
/// let error = augment_sample(&large, &array![[0.0, 4.0, 8.0]], Noise::new(7)).map(|_| ());
/// assert!(error.map_err(|e| e.to_string()).is_err_and(|e| e.contains("[1, 4]") && e.contains("[1, 3]")));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RandomCrop {
    /// Height and width of the rectangle; those of the image by default.
    pub size: Option<[usize; 2]>,
    /// How many pixels are put on each side first; 1 by default.
    pub padding: usize,
    /// What they hold; 0 by default.
    pub fill: f64,
}

impl Default for RandomCrop {
    fn default() -> Self {
        Self { size: None, padding: 1, fill: 0.0 }
    }
}

impl<F: Scalar> Augmentation<F> for RandomCrop {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        require::finite("RandomCrop::fill", self.fill)?;
        let image = image::Image::required("RandomCrop", shape)?;
        let padded =
            [image.height, image.width].map(|n| n.saturating_add(self.padding.saturating_mul(2)));
        // Beyond this a pixel's place is no whole number in double precision.
        let countable = padded.iter().all(|&n| n as u64 >> 32 == 0);
        require::that(countable, "RandomCrop::padding", self.padding, "a number below 2^31")?;
        let Some(size) = self.size else { return Ok(()) };
        let fits = size.iter().zip(padded).all(|(&size, padded)| (1..=padded).contains(&size));
        let expected = format!(
            "1 or more pixels, at most {padded:?}: that is the image of {shape} with padding {}",
            self.padding
        );
        require::that(fits, "RandomCrop::size", format!("{size:?}"), &expected)
    }

    fn scratch(&self, shape: &Shape) -> usize {
        shape.size()
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let Some(image) = image::Image::of(sample.shape) else { return };
        let noise = sample.noise;
        let [height, width] = self.size.unwrap_or([image.height, image.width]);
        // Where a pixel comes from, along one axis.
        let axis = |index, size: usize, all: usize| {
            let places =
                self.padding.saturating_mul(2).saturating_add(all + 1).saturating_sub(size);
            let start = noise.below(index, places) as f64 - self.padding as f64;
            let (ratio, last) = (size as f64 / all as f64, size.max(1) as f64 - 1.0);
            move |place: f64| start + ((place + 0.5) * ratio - 0.5).clamp(0.0, last)
        };
        let (down, right) = (axis(0, height, image.height), axis(1, width, image.width));
        image::warp(sample, self.fill, |row, column| (down(row), right(column)));
    }
}

//! Images seen in a mirror.

use super::{Augmentation, Sample, image::Image};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Mirrors an image: left and right are exchanged with probability `horizontal`, top and bottom, independently, with probability `vertical`.
///
/// | field | default | range |
/// |---|---|---|
/// | `horizontal` | 0.5 | [0, 1] |
/// | `vertical` | 0 | [0, 1] |
///
/// Takes `[height, width]` or `[channels, height, width]`. Pixels keep their bits. (torchvision: `RandomHorizontalFlip` and `RandomVerticalFlip`;
/// Keras: `RandomFlip`.) Not for digits or letters: a mirrored 2 is no 2.
///
/// ```
/// use downhill::{random::Noise, data::augment::{Flip, augment_sample}};
/// use ndarray::array;
/// let both = Flip { horizontal: 1.0, vertical: 1.0 };
/// let image = array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
/// assert_eq!(augment_sample(&both, &image, Noise::new(7))?, array![[6.0, 5.0, 4.0], [3.0, 2.0, 1.0]]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Flip {
    /// The probability that left and right are exchanged, in [0, 1]; 0.5 by default.
    pub horizontal: f64,
    /// The probability that top and bottom are exchanged, in [0, 1]; 0 by default.
    pub vertical: f64,
}

impl Default for Flip {
    fn default() -> Self {
        Self::new(0.5, 0.0)
    }
}

impl Flip {
    /// Flips with these probabilities.
    pub fn new(horizontal: f64, vertical: f64) -> Self {
        Self { horizontal, vertical }
    }
}

impl<F: Scalar> Augmentation<F> for Flip {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        require::share("Flip::horizontal", self.horizontal)?;
        require::share("Flip::vertical", self.vertical)?;
        Image::required("Flip", shape).map(|_| ())
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let Some(image) = Image::of(sample.shape) else { return };
        let sideways = sample.noise.uniform(0) < self.horizontal;
        let upside_down = sample.noise.uniform(1) < self.vertical;
        if upside_down {
            sample.values.chunks_exact_mut(image.size()).for_each(<[F]>::reverse);
        }
        // A plane that was reversed as a whole has its lines reversed too.
        if sideways != upside_down {
            sample.values.chunks_exact_mut(image.width).for_each(<[F]>::reverse);
        }
    }
}

//! Images with a rectangle of any form erased.

use std::ops::RangeInclusive;

use super::{Augmentation, Sample, image::Image, patch::Patch, range};
use crate::error::{Error, require};
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// How often a rectangle is drawn until one fits; torchvision tries as often.
const ATTEMPTS: u64 = 10;

/// Erases a rectangle of an image, with this probability: all its pixels become `fill`.
///
/// The rectangle has a share of the image's area drawn evenly from `area`, and a height divided by its width drawn from `aspect`, evenly on a
/// logarithmic scale. Both sides are rounded to whole pixels. If it does not fit, or has no pixels, it is drawn again, up to ten times; after that
/// the image stays. Its place is drawn evenly from those where it lies within the image. What was there is gone, even NaN.
///
/// | field | default | range |
/// |---|---|---|
/// | `probability` | 0.5 | [0, 1] |
/// | `area` | 0.02..=0.33 | above 0, at most 1 |
/// | `aspect` | 0.3..=3.3 | above 0 |
/// | `fill` | 0 | finite |
///
/// Takes `[height, width]` or `[channels, height, width]`; all channels lose the same rectangle. (Zhong, Zheng, Kang, Li, Yang: *Random Erasing Data
/// Augmentation*, arXiv:1708.04896, algorithm 1, with one number to fill in and the aspect as torchvision's `RandomErasing` draws it.)
///
/// ```
/// use downhill::{random::Noise, data::augment::{RandomErase, augment_sample}};
/// let quarter = RandomErase { probability: 1.0, area: 0.25..=0.25, aspect: 1.0..=1.0, fill: 0.0 };
/// let image = augment_sample(&quarter, &ndarray::Array2::<f32>::ones((8, 8)), Noise::new(7))?;
/// assert_eq!(image.sum(), 48.0); // 4 × 4 of 64 are gone
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RandomErase {
    /// The probability that something is erased, in [0, 1]; 0.5 by default.
    pub probability: f64,
    /// The shares of the area to draw from, above 0 and at most 1; 0.02..=0.33 by default.
    pub area: RangeInclusive<f64>,
    /// The ratios of height to width to draw from, above 0; 0.3..=3.3 by default.
    pub aspect: RangeInclusive<f64>,
    /// What erased pixels become; 0 by default.
    pub fill: f64,
}

impl Default for RandomErase {
    fn default() -> Self {
        Self { probability: 0.5, area: 0.02..=0.33, aspect: 0.3..=3.3, fill: 0.0 }
    }
}

impl RandomErase {
    /// The rectangle of one attempt; `None` if it does not fit.
    fn draw(&self, image: Image, noise: Noise, attempt: u64) -> Option<Patch> {
        let draw = 1 + 4 * attempt;
        let area = range::at(&self.area, noise.uniform(draw)) * image.size() as f64;
        let logarithms = self.aspect.start().ln()..=self.aspect.end().ln();
        let aspect = range::at(&logarithms, noise.uniform(draw + 1)).exp();
        let side = |length: f64, most: usize| {
            let pixels = length.round() as usize;
            (1..=most).contains(&pixels).then_some(pixels)
        };
        let height = side((area * aspect).sqrt(), image.height)?;
        let width = side((area / aspect).sqrt(), image.width)?;
        let top = noise.below(draw + 2, image.height - height + 1);
        let left = noise.below(draw + 3, image.width - width + 1);
        Some(Patch { rows: top..top + height, columns: left..left + width })
    }
}

impl<F: Scalar> Augmentation<F> for RandomErase {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        require::share("RandomErase::probability", self.probability)?;
        range::check("RandomErase::area", &self.area, |argument, area| {
            let allowed = area > 0.0 && area <= 1.0;
            require::that(allowed, argument, area, "numbers above 0, at most 1")
        })?;
        range::check("RandomErase::aspect", &self.aspect, require::positive)?;
        require::finite("RandomErase::fill", self.fill)?;
        Image::required("RandomErase", shape).map(|_| ())
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let Some(image) = Image::of(sample.shape) else { return };
        if sample.noise.uniform(0) >= self.probability {
            return;
        }
        let patch = (0..ATTEMPTS).find_map(|attempt| self.draw(image, sample.noise, attempt));
        if let Some(patch) = patch {
            patch.paint(image, sample.values, F::of(self.fill));
        }
    }
}

//! Images with a rectangle of another.

use super::{Mixing, beta, image::Image, patch::Patch};
use crate::error::{Error, require};
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Puts a rectangle of another image in the place that it has there. For [`Mixed`](super::Mixed).
///
/// With λ from Beta(α, α), the rectangle has √(1 − λ) of the height and of the width, rounded down to whole pixels; it lies around a pixel drawn
/// evenly, and is cut off where the image ends. The targets' own share is the share of pixels that are left.
///
/// | field | default | range |
/// |---|---|---|
/// | `alpha` | 1 | above 0 |
///
/// Takes images, `[height, width]` or `[channels, height, width]`. Of several inputs all have to be images of one height and width: the same
/// rectangle is put in each. (Yun, Han, Oh, Chun, Choe, Yoo: *CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
/// Features*, arXiv:1905.04899, algorithm A1; the rectangle is drawn for each sample, not for each batch. Where the authors' code makes an odd side
/// one pixel shorter, this does not.)
///
/// ```
/// use downhill::data::{Batch, Dataset, Sampling, Source, Target, augment::{CutMix, Mixed}};
/// use ndarray::{Array2, Array3};
/// let images = Array3::from_shape_fn((2, 4, 4), |(i, ..)| i as f64); // all black, all white
/// let data = Dataset::new(images, Array2::from_shape_fn((2, 1), |(i, _)| i as f64))?;
/// let mixed = Mixed::new(&data, CutMix::default())?;
/// let mut batch = Batch::new(&mixed.content());
/// mixed.fill(&[0, 1], Sampling::new(7, 0), &mut batch)?;
/// let Target::Values(targets) = batch.target() else { panic!("the targets are numbers") };
/// let white = batch.input(0).row(1).iter().sum::<f64>() / 16.0;
/// assert_eq!(targets.row(1), [white]); // as much of the target as of the image
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CutMix {
    /// Both parameters of the Beta distribution, above 0; 1 by default.
    pub alpha: f64,
}

impl Default for CutMix {
    fn default() -> Self {
        Self { alpha: 1.0 }
    }
}

impl<F: Scalar> Mixing<F> for CutMix {
    fn name(&self) -> &'static str {
        "CutMix"
    }

    fn validate(&self, inputs: &[Shape]) -> Result<(), Error> {
        require::positive("CutMix::alpha", self.alpha)?;
        let Some(first) = inputs.first() else { return Ok(()) };
        let image = Image::required("CutMix", first)?;
        for shape in inputs {
            if Image::required("CutMix", shape)? != image {
                let expected = format!("images of one height and width, as input 0 of {first},");
                let fix = "use MixUp, which takes inputs of any shapes";
                return Err(Error::shape("CutMix", expected, shape.clone(), fix));
            }
        }
        Ok(())
    }

    fn mix(&self, sample: &mut [F], partner: &[F], shape: &Shape, noise: Noise) -> f64 {
        let Some(image) = Image::of(shape) else { return 1.0 };
        let cut = (1.0 - beta::symmetric(self.alpha, noise)).sqrt();
        let side = |all: usize| (all as f64 * cut) as usize;
        // Draws 0 and 1 have gone into λ.
        let patch = Patch::around_any(image, side(image.height), side(image.width), noise, 2);
        for line in patch.lines(image, sample.len()) {
            if let (Some(own), Some(other)) = (sample.get_mut(line.clone()), partner.get(line)) {
                own.copy_from_slice(other);
            }
        }
        1.0 - patch.size() as f64 / image.size() as f64
    }
}

//! Images moved by whole pixels.

use super::{Augmentation, Sample, image};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Moves an image by a whole number of pixels, drawn evenly from −`rows`..=`rows` down and −`columns`..=`columns` to the right; what comes in
/// from outside is `fill`.
///
/// | field | default | range |
/// |---|---|---|
/// | `rows`, `columns` | 1 | 0 or more, below the height and the width |
/// | `fill` | 0 | finite |
///
/// Takes `[height, width]` or `[channels, height, width]`; all channels move alike. Pixels keep their bits. (torchvision's `RandomAffine` with
/// `translate`, and Keras's `RandomTranslation`, take shares of the size.)
///
/// ```
/// use downhill::{random::Noise, data::augment::{Shift, augment_sample}};
/// let image = ndarray::array![[1.0, 2.0], [3.0, 4.0]];
/// let shift = Shift { rows: 1, columns: 0, fill: 9.0 };
/// let moved: Vec<_> = (0..20)
///     .map(|i| augment_sample(&shift, &image, Noise::new(7).step(i)))
///     .collect::<Result<_, _>>()?;
/// assert!(moved.contains(&ndarray::array![[9.0, 9.0], [1.0, 2.0]])); // down
/// assert!(moved.contains(&image));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Shift {
    /// The farthest move down or up, in pixels; 1 by default.
    pub rows: usize,
    /// The farthest move to the right or left, in pixels; 1 by default.
    pub columns: usize,
    /// What comes in from outside; 0 by default.
    pub fill: f64,
}

impl Default for Shift {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Shift {
    /// Moves by up to this many pixels in each direction; 0 comes in from outside.
    pub fn new(pixels: usize) -> Self {
        Self { rows: pixels, columns: pixels, fill: 0.0 }
    }
}

impl<F: Scalar> Augmentation<F> for Shift {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        require::finite("Shift::fill", self.fill)?;
        let image = image::Image::required("Shift", shape)?;
        let below = |argument, moved, size| {
            let expected = format!("a number below {size}, as the samples have shape {shape}");
            require::that(moved < size, argument, moved, &expected)
        };
        below("Shift::rows", self.rows, image.height)?;
        below("Shift::columns", self.columns, image.width)
    }

    fn scratch(&self, shape: &Shape) -> usize {
        shape.size()
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let noise = sample.noise;
        let draw = |index, most: usize| {
            noise.below(index, most.saturating_mul(2).saturating_add(1)) as f64 - most as f64
        };
        let (down, right) = (draw(0, self.rows), draw(1, self.columns));
        image::warp(sample, self.fill, |row, column| (row - down, column - right));
    }
}

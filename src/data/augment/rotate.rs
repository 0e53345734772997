//! Images turned around their centre.

use std::ops::RangeInclusive;

use super::{Augmentation, Sample, image, range};
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Turns an image around its centre, counter-clockwise, by an angle drawn evenly from `degrees`. The size stays; what comes in from outside is
/// `fill`.
///
/// A pixel at distance (y, x) from the centre, y downwards, becomes what was at (y cos θ + x sin θ, x cos θ − y sin θ), by bilinear
/// interpolation between pixels. Multiples of 90° are exact on squares.
///
/// | field | default | range |
/// |---|---|---|
/// | `degrees` | −10..=10 | finite |
/// | `fill` | 0 | finite |
///
/// Takes `[height, width]` or `[channels, height, width]`. (torchvision, Keras: `RandomRotation`; albumentations: `Rotate`.)
///
/// ```
/// use downhill::{random::Noise, data::augment::{Rotate, augment_sample}};
/// use ndarray::array;
/// let half = Rotate { degrees: 180.0..=180.0, ..Rotate::default() };
/// let image = array![[1.0, 2.0], [3.0, 4.0]];
/// assert_eq!(augment_sample(&half, &image, Noise::new(7))?, array![[4.0, 3.0], [2.0, 1.0]]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rotate {
    /// The angles to draw from, counter-clockwise; −10..=10 by default.
    pub degrees: RangeInclusive<f64>,
    /// What comes in from outside; 0 by default.
    pub fill: f64,
}

impl Default for Rotate {
    fn default() -> Self {
        Self::new(10.0)
    }
}

impl Rotate {
    /// Turns by up to this many degrees either way; 0 comes in from outside.
    pub fn new(degrees: f64) -> Self {
        Self { degrees: -degrees..=degrees, fill: 0.0 }
    }
}

impl<F: Scalar> Augmentation<F> for Rotate {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        range::check("Rotate::degrees", &self.degrees, require::finite)?;
        require::finite("Rotate::fill", self.fill)?;
        image::Image::required("Rotate", shape).map(|_| ())
    }

    fn scratch(&self, shape: &Shape) -> usize {
        shape.size()
    }

    fn apply(&self, sample: Sample<'_, F>) {
        let Some(image) = image::Image::of(sample.shape) else { return };
        let (sin, cos) = sin_cos(range::at(&self.degrees, sample.noise.uniform(0)));
        let (middle, centre) = image.centre();
        image::warp(sample, self.fill, |row, column| {
            let (y, x) = (row - middle, column - centre);
            (middle + (y * cos + x * sin), centre + (x * cos - y * sin))
        });
    }
}

/// Sine and cosine, exact for multiples of 90°.
fn sin_cos(degrees: f64) -> (f64, f64) {
    let quarters = (degrees / 90.0).round();
    let (sin, cos) = (degrees - 90.0 * quarters).to_radians().sin_cos();
    match quarters.rem_euclid(4.0) as u8 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

//! Samples that are images, and pixels between pixels.

use super::Sample;
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The size of an image, which is one plane or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub height: usize,
    pub width: usize,
}

impl Image {
    /// The image that samples of this shape are, if they are one.
    pub fn of(shape: &Shape) -> Option<Self> {
        match *shape.axes() {
            [height, width] | [_, height, width] if height > 0 && width > 0 => {
                Some(Self { height, width })
            }
            _ => None,
        }
    }

    /// The same, or an error of `place`.
    pub fn required(place: &str, shape: &Shape) -> Result<Self, Error> {
        Self::of(shape).ok_or_else(|| {
            let expected = "an image, [height, width] or [channels, height, width],";
            let fix =
                "reshape the samples before they are augmented, and flatten them in the model";
            Error::shape(place, expected, shape.clone(), fix)
        })
    }

    /// How many pixels a plane has.
    pub fn size(self) -> usize {
        self.height * self.width
    }

    /// The row and the column of the centre, which may lie between pixels.
    pub fn centre(self) -> (f64, f64) {
        ((self.height - 1) as f64 / 2.0, (self.width - 1) as f64 / 2.0)
    }

    /// The pixel at a whole place; `None` outside.
    fn pixel<F: Scalar>(self, plane: &[F], row: f64, column: f64) -> Option<F> {
        let inside =
            (0.0..self.height as f64).contains(&row) && (0.0..self.width as f64).contains(&column);
        let at = || row as usize * self.width + column as usize;
        if inside { plane.get(at()).copied() } else { None }
    }

    /// The plane at any place, by bilinear interpolation between pixels, those outside being `fill`. A place on a pixel is that pixel to the bit.
    fn between<F: Scalar>(self, plane: &[F], row: f64, column: f64, fill: F) -> F {
        let near = |x: f64, size: usize| x > -1.0 && x < size as f64;
        if !near(row, self.height) || !near(column, self.width) {
            return fill;
        }
        let (top, left) = (row.floor(), column.floor());
        let at = |row, column| self.pixel(plane, row, column).unwrap_or(fill);
        let line = |row| blend(at(row, left), column - left, || at(row, left + 1.0));
        blend(line(top), row - top, || line(top + 1.0))
    }
}

/// (1 − share) a + share b. What has no share is not looked at: it may be NaN.
fn blend<F: Scalar>(a: F, share: f64, b: impl FnOnce() -> F) -> F {
    if share == 0.0 { a } else { F::of(1.0 - share) * a + F::of(share) * b() }
}

/// Makes each pixel what the image was at `from(row, column)`. Needs scratch for one sample.
pub(super) fn warp<F: Scalar>(
    sample: Sample<'_, F>,
    fill: f64,
    from: impl Fn(f64, f64) -> (f64, f64),
) {
    let Some(image) = Image::of(sample.shape) else { return };
    let Some(before) = sample.scratch.get_mut(..sample.values.len()) else { return };
    before.copy_from_slice(sample.values);
    let planes = sample.values.chunks_exact_mut(image.size());
    for (plane, before) in planes.zip(before.chunks_exact(image.size())) {
        for (row, line) in plane.chunks_exact_mut(image.width).enumerate() {
            for (column, pixel) in line.iter_mut().enumerate() {
                let (row, column) = from(row as f64, column as f64);
                *pixel = image.between(before, row, column, F::of(fill));
            }
        }
    }
}

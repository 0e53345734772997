//! A rectangle of an image.

use std::ops::Range;

use super::image::Image;
use crate::random::Noise;

/// A rectangle that lies within an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Patch {
    pub rows: Range<usize>,
    pub columns: Range<usize>,
}

impl Patch {
    /// A rectangle around any pixel of the image with equal probability, cut off where the image ends. Uses draws `first` and `first + 1`.
    pub fn around_any(image: Image, height: usize, width: usize, noise: Noise, first: u64) -> Self {
        let span = |centre: usize, length: usize, end: usize| {
            centre.saturating_sub(length / 2)..centre.saturating_add(length - length / 2).min(end)
        };
        Self {
            rows: span(noise.below(first, image.height), height, image.height),
            columns: span(noise.below(first + 1, image.width), width, image.width),
        }
    }

    /// How many pixels it has.
    pub fn size(&self) -> usize {
        self.rows.len() * self.columns.len()
    }

    /// Where its lines are among the numbers of an image, all planes of it.
    pub fn lines(&self, image: Image, numbers: usize) -> impl Iterator<Item = Range<usize>> {
        let lines = (0..numbers / image.size()).flat_map(move |plane| {
            self.rows.clone().map(move |row| (plane * image.height + row) * image.width)
        });
        lines.map(|start| start + self.columns.start..start + self.columns.end)
    }

    /// Makes all its pixels `value`.
    pub fn paint<F: Copy>(&self, image: Image, values: &mut [F], value: F) {
        for line in self.lines(image, values.len()) {
            if let Some(line) = values.get_mut(line) {
                line.fill(value);
            }
        }
    }
}

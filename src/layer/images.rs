//! The samples of a batch, one after the other or side by side.

use std::ops::Range;

use crate::kernel::parallel::Parallel;
use crate::scalar::Scalar;
use crate::tensor::ViewMut;

/// Fewer numbers than this are not split: waking a thread would take longer.
const SPLIT: usize = 1 << 14;
/// Up to how many images are computed at the same time, each with a buffer of its own.
const MOST_IMAGES: usize = 8;
/// All buffers together are no more numbers than this, unless one alone is.
const MOST_NUMBERS: usize = 1 << 20;

/// Whether work on so many numbers is worth several threads, if there are.
pub(super) fn worth(parallel: Parallel, numbers: usize) -> Parallel {
    if numbers > SPLIT { parallel } else { Parallel::Off }
}

/// How many images are computed at the same time, each with a buffer of this size.
pub(super) fn side_by_side(size: usize) -> usize {
    MOST_NUMBERS.checked_div(size).map_or(0, |images| images.clamp(1, MOST_IMAGES))
}

/// As many numbers for each image, or for each image that is computed at the same time.
#[derive(Debug, Default)]
pub(super) struct Buffers<'a, F> {
    pub values: &'a mut [F],
    pub size: usize,
}

impl<'a, F> Buffers<'a, F> {
    /// The samples of a tensor.
    pub fn of(tensor: &'a mut ViewMut<'_, F>) -> Self {
        let size = tensor.size();
        Self { values: tensor.values(), size }
    }

    /// For work that needs no memory.
    pub fn none() -> Self {
        Self { values: &mut [], size: 0 }
    }

    /// The first so many, and the others.
    pub fn split(self, first: usize) -> (Self, Self) {
        let Self { values, size } = self;
        let (a, b) = values.split_at_mut(first * size);
        (Self { values: a, size }, Self { values: b, size })
    }

    /// Two halves, if there are two buffers or none is needed.
    fn halves(self) -> Result<(Self, Self), Self> {
        if self.size > 0 && self.values.len() < 2 * self.size {
            return Err(self);
        }
        let half = self.values.len().checked_div(self.size).map_or(0, |buffers| buffers / 2);
        Ok(self.split(half))
    }
}

/// Does `work(image, out, buffer)` for every image, whose numbers in `out` are `size`; each image is computed alone, so that it does not
/// matter which of them are computed at the same time.
pub(super) fn each<F: Scalar>(
    parallel: Parallel,
    out: &mut [F],
    size: usize,
    buffers: Buffers<'_, F>,
    work: &(impl Fn(usize, &mut [F], &mut [F]) + Sync),
) {
    let images = 0..out.len() / size.max(1);
    let out = [Buffers { values: out, size }];
    each_of(parallel, images, out, buffers, &|image, [out], buffer| work(image, out, buffer));
}

/// The same for work that writes several tensors: `out` has the numbers of these images for each of them.
pub(super) fn each_of<F: Scalar, const N: usize>(
    parallel: Parallel,
    images: Range<usize>,
    out: [Buffers<'_, F>; N],
    buffers: Buffers<'_, F>,
    work: &(impl Fn(usize, [&mut [F]; N], &mut [F]) + Sync),
) {
    let cost = out.iter().map(|out| out.size).sum();
    split(parallel, images, 1, cost, out, buffers, &|images, mut out, buffer| {
        for (i, image) in images.enumerate() {
            let out = out.each_mut().map(|out| &mut out.values[part(i, out.size)]);
            work(image, out, buffer);
        }
    });
}

/// Does `work(images, out)` for groups of neighbouring images, of so many at least, with the numbers that all of a group have in each tensor.
pub(super) fn each_group<F: Scalar, const N: usize>(
    parallel: Parallel,
    images: Range<usize>,
    least: usize,
    out: [Buffers<'_, F>; N],
    work: &(impl Fn(Range<usize>, [&mut [F]; N]) + Sync),
) {
    let cost = out.iter().map(|out| out.size).sum();
    split(parallel, images, least, cost, out, Buffers::none(), &|images, out, _| {
        work(images, out.map(|out| out.values));
    });
}

/// Does `work(stretch, out)` for every stretch of `size` channels, which costs as much as work on `cost` numbers and writes `size` to each row of `out`.
pub(super) fn each_stretch<F: Scalar, const N: usize>(
    parallel: Parallel,
    cost: usize,
    size: usize,
    out: [&mut [F]; N],
    work: &(impl Fn(usize, [&mut [F]; N]) + Sync),
) {
    let stretches = 0..out.first().map_or(0, |out| out.len() / size);
    let out = out.map(|values| Buffers { values, size });
    split(parallel, stretches, 1, cost, out, Buffers::none(), &|stretches, mut out, _| {
        for (i, stretch) in stretches.enumerate() {
            work(stretch, out.each_mut().map(|out| &mut out.values[part(i, out.size)]));
        }
    });
}

/// What is done with some images: their numbers in each tensor, and a buffer. Called through a pointer, so that [`split`] is compiled once for all work.
type Work<'a, F, const N: usize> = &'a (dyn Fn(Range<usize>, [Buffers<'_, F>; N], &mut [F]) + Sync);

/// Work that costs as much as that on `cost` numbers for each image is halved until it is too small to be, or until there would be fewer than `least` images.
fn split<F: Scalar, const N: usize>(
    parallel: Parallel,
    images: Range<usize>,
    least: usize,
    cost: usize,
    out: [Buffers<'_, F>; N],
    buffers: Buffers<'_, F>,
    work: Work<'_, F, N>,
) {
    let worth = images.len() >= 2 * least && images.len().saturating_mul(cost) > SPLIT;
    let halves = if parallel == Parallel::On && worth { buffers.halves() } else { Err(buffers) };
    match halves {
        Ok((left, right)) => {
            let half = images.len() / 2;
            let middle = images.start + half;
            let mut halves = out.map(|out| out.split(half));
            let first = halves.each_mut().map(|(first, _)| std::mem::take(first));
            let second = halves.map(|(_, second)| second);
            parallel.join(
                || split(parallel, images.start..middle, least, cost, first, left, work),
                || split(parallel, middle..images.end, least, cost, second, right, work),
            );
        }
        Err(Buffers { values, size }) => {
            let Some(buffer) = values.get_mut(..size) else { return };
            work(images, out, buffer);
        }
    }
}

/// The `index`-th stretch of `size` numbers.
pub(super) fn part(index: usize, size: usize) -> Range<usize> {
    index * size..(index + 1) * size
}

//! The gradient of the weights, which all images of a batch add to.
//!
//! A batch is cut into shares of images by its size alone. Each share adds up a gradient of its own, so that they need not wait for each other, and these are
//! added in their order.

use super::correlation::Correlation;
use super::depthwise;
use crate::kernel::gemm::{Gemm, Matrix, gemm};
use crate::kernel::parallel::Parallel;
use crate::kernel::sum;
use crate::kernel::wide::{Loop, wide};
use crate::layer::images::{self, Buffers};
use crate::scalar::Scalar;

/// Into how many shares a batch is cut at most for the gradient of the weights.
const MOST_SHARES: usize = 4;

/// How many images a share has at least.
const LEAST_IMAGES: usize = 4;

/// Adds to the gradient of the bias what one image, given its planes and its windows, adds to it.
type Sums<'a, F> = &'a (dyn Fn(&[F], &[F], &mut [F]) + Sync);

/// What the gradient of the weights is made of.
#[derive(Clone, Copy)]
struct Sides<'a, F> {
    planes: &'a [F],
    windows: &'a [F],
    sums: Sums<'a, F>,
    parallel: Parallel,
}

impl<F> Sides<'_, F> {
    /// The first so many images, and the others.
    fn split(self, first: usize, sizes: [usize; 2]) -> (Self, Self) {
        let (planes, more_planes) = self.planes.split_at(first * sizes[0]);
        let (windows, more_windows) = self.windows.split_at(first * sizes[1]);
        (
            Self { planes, windows, ..self },
            Self { planes: more_planes, windows: more_windows, ..self },
        )
    }
}

impl Correlation {
    /// Into how many shares of images the gradient of the weights may be cut, each with columns and, but for the first, a gradient of its own: a power of 2.
    fn shares(&self) -> usize {
        let one = self.columns().saturating_add(self.parameters());
        1 << images::side_by_side(one).clamp(1, MOST_SHARES).ilog2()
    }

    /// The memory that they need.
    pub fn shares_memory(&self) -> usize {
        let (shares, one) = (self.shares(), self.columns());
        let more = (shares - 1).saturating_mul(self.parameters());
        shares.saturating_mul(one).saturating_add(more)
    }

    /// How many weights there are, and numbers in the bias of either side.
    fn parameters(&self) -> usize {
        let channels = self.plane_channels.max(self.window_channels);
        self.weights_size().saturating_add(self.groups.saturating_mul(channels))
    }

    /// Adds the products of windows and planes to the gradient of the weights, and to that of the bias what `sums` of an image's planes and windows adds.
    pub fn weights<F: Scalar>(
        &self,
        sides: [&[F]; 2],
        gradients: [&mut [F]; 2],
        memory: &mut [F],
        parallel: Parallel,
        sums: Sums<'_, F>,
    ) {
        let images = sides[0].len() / self.planes_size();
        let (mut shares, size) = (self.shares(), self.columns());
        let (columns, values) = memory.split_at_mut(shares * size);
        while shares > images / LEAST_IMAGES && shares > 1 {
            shares /= 2;
        }
        let columns = Buffers { values: columns, size };
        let partial = Buffers { values, size: self.parameters() };
        let sides = Sides { planes: sides[0], windows: sides[1], sums, parallel };
        self.shared_weights(shares, sides, gradients, columns, partial);
    }

    /// The same for so many shares, with columns for each, and a gradient for each but the first.
    fn shared_weights<F: Scalar>(
        &self,
        shares: usize,
        sides: Sides<'_, F>,
        [gradient, bias]: [&mut [F]; 2],
        columns: Buffers<'_, F>,
        partial: Buffers<'_, F>,
    ) {
        let half = shares / 2;
        if half == 0 {
            return self.add_weights(sides, [gradient, bias], columns.values);
        }
        let images = sides.planes.len() / self.planes_size();
        let (first, second) = sides.split(images / 2, [self.planes_size(), self.windows_size()]);
        let (columns, more_columns) = columns.split(half);
        let (partial, rest) = partial.split(half - 1);
        let (own, more_partial) = rest.split(1);
        own.values.fill(F::zero());
        let (own, own_bias) = own.values.split_at_mut(gradient.len());
        let own_bias = &mut own_bias[..bias.len()];
        sides.parallel.join(
            || self.shared_weights(half, first, [&mut *gradient, &mut *bias], columns, partial),
            || {
                self.shared_weights(
                    half,
                    second,
                    [&mut *own, &mut *own_bias],
                    more_columns,
                    more_partial,
                )
            },
        );
        for (sum, more) in gradient.iter_mut().zip(&*own).chain(bias.iter_mut().zip(&*own_bias)) {
            *sum += *more;
        }
    }

    /// The same image after image.
    fn add_weights<F: Scalar>(
        &self,
        sides: Sides<'_, F>,
        [gradient, bias]: [&mut [F]; 2],
        columns: &mut [F],
    ) {
        let Sides { planes, windows, sums, parallel } = sides;
        let images = planes.chunks_exact(self.planes_size());
        for (planes, windows) in images.zip(windows.chunks_exact(self.windows_size())) {
            sums(planes, windows, bias);
            if self.is_depthwise() {
                let channels = windows.chunks_exact(self.window.windows());
                for ((channel, windows), kernel) in
                    channels.enumerate().zip(gradient.chunks_exact_mut(self.window.taps()))
                {
                    let plane = &planes[self.plane_of(channel)];
                    depthwise::kernel(&self.window, plane, windows, kernel);
                }
                continue;
            }
            for group in 0..self.groups {
                let b = self.columns_of(&planes[self.group_of_planes(group)], columns);
                gemm(Gemm {
                    m: self.window_channels,
                    n: self.rows(),
                    k: self.window.windows(),
                    a: Matrix::row_major(
                        &windows[self.group_of_windows(group)],
                        self.window.windows(),
                    ),
                    b: b.transposed(),
                    packed: None,
                    beta: F::one(),
                    bias: None,
                    c: &mut gradient[self.group_of_weights(group)],
                    parallel,
                });
            }
        }
    }
}

/// Adds the sum over each channel of an image's `gradients` to `sums`.
pub(super) fn add_sums<F: Scalar>(gradients: &[F], channel: usize, sums: &mut [F]) {
    wide::<AddSums, _>((gradients, channel, sums));
}

struct AddSums;

impl<'a, F: Scalar> Loop<(&'a [F], usize, &'a mut [F])> for AddSums {
    #[inline(always)]
    fn run((gradients, channel, sums): (&'a [F], usize, &'a mut [F])) {
        for (sum, gradients) in sums.iter_mut().zip(gradients.chunks_exact(channel)) {
            *sum += sum::sum(gradients, gradients, |g, _| g);
        }
    }
}

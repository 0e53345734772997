//! The three products that convolutions and transposed convolutions are made of.
//!
//! One side, the *planes*, is slid over; the other has one number for each *window*. A convolution goes from planes to windows, and its
//! input's gradient from windows to planes; a transposed convolution the other way round. Weights have the shape
//! `[window channels, plane channels / groups, taps]` for both.

use std::ops::Range;

use super::{columns, depthwise};
use crate::kernel::gemm::{Bias, Gemm, Matrix, gemm};
use crate::kernel::parallel::Parallel;
use crate::layer::Plan;
use crate::layer::images::{self, Buffers, part};
use crate::layer::window::Window;
use crate::scalar::Scalar;

/// A product of kernels and windows, for one image at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Correlation {
    pub window: Window,
    pub groups: usize,
    /// Channels of one group.
    pub plane_channels: usize,
    pub window_channels: usize,
}

impl Correlation {
    /// Asks for memory at two positions, so that both gradients can be computed side by side: columns for all images that are computed at the same time,
    /// followed by the transposed weights; and what the shares of a batch need.
    pub fn plan<F: Scalar>(&self, plan: &mut Plan<'_, F>) {
        let one = self.columns();
        let all = images::side_by_side(one).saturating_mul(one);
        plan.scratch_once([all.saturating_add(self.transposed())]);
        plan.scratch_once([self.shares_memory()]);
    }

    pub fn weights_size(&self) -> usize {
        let kernel = self.plane_channels.saturating_mul(self.window.taps());
        self.groups.saturating_mul(self.window_channels).saturating_mul(kernel)
    }

    /// The parts of the memory at the first position.
    fn parts<'a, F>(&self, memory: &'a mut [F]) -> (Buffers<'a, F>, &'a mut [F]) {
        let all = memory.len().saturating_sub(self.transposed());
        let (values, transposed) = memory.split_at_mut(all);
        (Buffers { values, size: self.columns() }, transposed)
    }

    /// The size of the transposed weights; 0 if they are not needed.
    fn transposed(&self) -> usize {
        if self.is_depthwise() { 0 } else { self.weights_size() }
    }

    /// The size of the matrix of all windows of one group of one image; 0 if none is needed.
    pub fn columns(&self) -> usize {
        if self.is_depthwise() || self.window.is_identity() {
            return 0;
        }
        let rows = self.plane_channels.saturating_mul(self.window.taps());
        rows.saturating_mul(columns::row_stride(self.window.windows()))
    }

    pub fn is_depthwise(&self) -> bool {
        self.groups > 1 && self.plane_channels == 1
    }

    /// Rows of the matrix of windows: the numbers of one kernel.
    pub fn rows(&self) -> usize {
        self.plane_channels * self.window.taps()
    }

    pub fn planes_size(&self) -> usize {
        self.groups * self.plane_channels * self.window.plane()
    }

    pub fn windows_size(&self) -> usize {
        self.groups * self.window_channels * self.window.windows()
    }

    pub fn group_of_planes(&self, group: usize) -> Range<usize> {
        part(group, self.plane_channels * self.window.plane())
    }

    pub fn group_of_windows(&self, group: usize) -> Range<usize> {
        part(group, self.window_channels * self.window.windows())
    }

    pub fn group_of_weights(&self, group: usize) -> Range<usize> {
        part(group, self.window_channels * self.rows())
    }

    /// The part of a bias that is that of the window channels of a group.
    fn bias_of<'a, F>(&self, bias: Option<&'a [F]>, group: usize) -> Option<Bias<'a, F>> {
        bias.map(|bias| Bias::Rows(&bias[part(group, self.window_channels)]))
    }

    /// The plane that the windows of `channel` are over, if each channel has kernels of its own.
    pub fn plane_of(&self, channel: usize) -> Range<usize> {
        part(channel / self.window_channels, self.window.plane())
    }

    /// From planes to windows: overwritten, or begun with `bias` for each channel.
    pub fn gather<F: Scalar>(
        &self,
        weights: &[F],
        bias: Option<&[F]>,
        planes: &[F],
        windows: &mut [F],
        memory: &mut [F],
        parallel: Parallel,
    ) {
        let (buffers, _) = self.parts(memory);
        images::each(
            parallel,
            windows,
            self.windows_size(),
            buffers,
            &|image, windows, columns| {
                let planes = &planes[part(image, self.planes_size())];
                if self.is_depthwise() {
                    begin(bias, windows, self.window.windows());
                    let channels = windows.chunks_exact_mut(self.window.windows());
                    for ((channel, windows), kernel) in
                        channels.enumerate().zip(weights.chunks_exact(self.window.taps()))
                    {
                        let plane = &planes[self.plane_of(channel)];
                        depthwise::gather(&self.window, kernel, plane, windows);
                    }
                    return;
                }
                for group in 0..self.groups {
                    let b = self.columns_of(&planes[self.group_of_planes(group)], columns);
                    gemm(Gemm {
                        m: self.window_channels,
                        n: self.window.windows(),
                        k: self.rows(),
                        a: Matrix::row_major(&weights[self.group_of_weights(group)], self.rows()),
                        b,
                        packed: None,
                        beta: F::zero(),
                        bias: self.bias_of(bias, group),
                        c: &mut windows[self.group_of_windows(group)],
                        parallel,
                    });
                }
            },
        );
    }

    /// From windows to planes: overwritten, or begun with `bias` for each channel.
    pub fn scatter<F: Scalar>(
        &self,
        weights: &[F],
        bias: Option<&[F]>,
        windows: &[F],
        planes: &mut [F],
        memory: &mut [F],
        parallel: Parallel,
    ) {
        let (buffers, transposed) = self.parts(memory);
        if !self.is_depthwise() {
            // Once for all images: read along its columns, the matrix would be copied for each.
            for group in 0..self.groups {
                let place = self.group_of_weights(group);
                transpose(self.rows(), &weights[place.clone()], &mut transposed[place]);
            }
        }
        let transposed = &*transposed;
        images::each(parallel, planes, self.planes_size(), buffers, &|image, planes, columns| {
            let windows = &windows[part(image, self.windows_size())];
            let direct = !self.is_depthwise() && self.window.is_identity();
            if bias.is_some() || !direct {
                begin(bias, planes, self.window.plane());
            }
            if self.is_depthwise() {
                let channels = windows.chunks_exact(self.window.windows());
                for ((channel, windows), kernel) in
                    channels.enumerate().zip(weights.chunks_exact(self.window.taps()))
                {
                    let plane = &mut planes[self.plane_of(channel)];
                    depthwise::scatter(&self.window, kernel, windows, plane);
                }
                return;
            }
            for group in 0..self.groups {
                let weights = &transposed[self.group_of_weights(group)];
                let planes = &mut planes[self.group_of_planes(group)];
                gemm(Gemm {
                    m: self.rows(),
                    n: self.window.windows(),
                    k: self.window_channels,
                    a: Matrix::row_major(weights, self.window_channels),
                    b: Matrix::row_major(
                        &windows[self.group_of_windows(group)],
                        self.window.windows(),
                    ),
                    packed: None,
                    beta: if direct && bias.is_some() { F::one() } else { F::zero() },
                    bias: None,
                    c: if direct { &mut *planes } else { &mut *columns },
                    parallel,
                });
                if !direct {
                    columns::scatter(&self.window, columns, planes);
                }
            }
        });
    }

    /// The matrix of all windows of one group: the planes themselves where that is the same.
    pub fn columns_of<'a, F: Scalar>(
        &self,
        planes: &'a [F],
        columns: &'a mut [F],
    ) -> Matrix<'a, F> {
        let windows = self.window.windows();
        if self.window.is_identity() {
            return Matrix::row_major(planes, windows);
        }
        columns::gather(&self.window, planes, columns);
        Matrix::row_major(columns, columns::row_stride(windows))
    }
}

/// Writes the transposed of a matrix with so many columns.
fn transpose<F: Scalar>(columns: usize, from: &[F], to: &mut [F]) {
    /// Rows that are read side by side, so that whole lines of the cache are written.
    const ROWS: usize = 16;
    let rows = from.len() / columns;
    for (block, from) in from.chunks(ROWS * columns).enumerate() {
        for (column, to) in to.chunks_exact_mut(rows).enumerate() {
            let numbers = from[column..].iter().step_by(columns);
            to[block * ROWS..].iter_mut().zip(numbers).for_each(|(to, &from)| *to = from);
        }
    }
}

/// What sums begin with: the bias of each channel, or nothing.
fn begin<F: Scalar>(bias: Option<&[F]>, out: &mut [F], channel: usize) {
    match bias {
        Some(bias) => {
            for (out, &bias) in out.chunks_exact_mut(channel).zip(bias) {
                out.fill(bias);
            }
        }
        None => out.fill(F::zero()),
    }
}

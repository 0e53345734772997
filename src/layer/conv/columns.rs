//! An image as a matrix with one window to a column, and back.

use std::ops::Range;

use crate::kernel::copy::copy;
use crate::kernel::wide::{Loop, wide};
use crate::layer::window::Window;
use crate::scalar::Scalar;

/// The distance from one row of a gathered matrix to the next. Rows that began at the same place of a page would drive each other out of the cache.
pub(super) fn row_stride(windows: usize) -> usize {
    /// Numbers of half a kilobyte in single precision, and of a line of the cache.
    const ALIKE: usize = 128;
    const LINE: usize = 16;
    if windows.is_multiple_of(ALIKE) { windows + LINE } else { windows }
}

/// Writes a matrix of (planes · taps) rows, one column for each window; 0 where a window lies on padding.
pub(super) fn gather<F: Scalar>(window: &Window, planes: &[F], columns: &mut [F]) {
    let (taps, stride) = (window.taps(), row_stride(window.windows()));
    let matrices = columns.chunks_exact_mut(taps * stride);
    for (plane, matrix) in planes.chunks_exact(window.plane()).zip(matrices) {
        for (tap, to) in matrix.chunks_exact_mut(stride).enumerate() {
            let to = &mut to[..window.windows()];
            if window.shifts() {
                let shift = Shift::new(window, tap);
                let windows = shift.windows.clone();
                to[..windows.start].fill(F::zero());
                to[windows.end..].fill(F::zero());
                copy(&plane[shift.plane..][..windows.len()], &mut to[windows]);
                shift.clear_edges(window.columns.windows, to);
                continue;
            }
            let mut written = 0;
            for stretch in window.stretches(tap) {
                to[written..stretch.windows.start].fill(F::zero());
                written = stretch.windows.end;
                let to = &mut to[stretch.windows];
                let from = &plane[stretch.plane..];
                if stretch.stride == 1 {
                    copy(&from[..to.len()], to);
                } else {
                    for (to, from) in to.iter_mut().zip(from.iter().step_by(stretch.stride)) {
                        *to = *from;
                    }
                }
            }
            to[written..].fill(F::zero());
        }
    }
}

/// Adds each number of the matrix to the place in the planes where it would be gathered from. What would come from padding is cleared on the way.
pub(super) fn scatter<F: Scalar>(window: &Window, columns: &mut [F], planes: &mut [F]) {
    let taps = window.taps();
    let matrices = columns.chunks_exact_mut(taps * window.windows());
    for (plane, matrix) in planes.chunks_exact_mut(window.plane()).zip(matrices) {
        if window.shifts() {
            wide::<ScatterShifts, _>((window, matrix, plane));
            continue;
        }
        for (tap, from) in matrix.chunks_exact(window.windows()).enumerate() {
            for stretch in window.stretches(tap) {
                let from = &from[stretch.windows];
                let to = &mut plane[stretch.plane..];
                if stretch.stride == 1 {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += *from);
                } else {
                    let to = to.iter_mut().step_by(stretch.stride);
                    to.zip(from).for_each(|(to, from)| *to += *from);
                }
            }
        }
    }
}

/// Where the row of a tap is the plane itself, moved: for windows that move by one and of which there are as many in a row as numbers.
struct Shift {
    /// The windows from the first to the last that have a number under the tap.
    windows: Range<usize>,
    /// The number under the first of them; the others follow.
    plane: usize,
    /// Within each row, the windows that have a number of their own row under the tap.
    inside: Range<usize>,
}

impl Shift {
    #[inline(always)]
    fn new(window: &Window, tap: usize) -> Self {
        let Window { rows, columns } = window;
        let (row_tap, column_tap) = (tap / columns.kernel, tap % columns.kernel);
        let (down, inside) =
            (rows.shifted_windows_with(row_tap), columns.shifted_windows_with(column_tap));
        if down.is_empty() || inside.is_empty() {
            return Self { windows: 0..0, plane: 0, inside: 0..columns.windows };
        }
        let width = columns.windows;
        Self {
            windows: down.start * width + inside.start..(down.end - 1) * width + inside.end,
            plane: rows.position(down.start, row_tap) * width
                + columns.position(inside.start, column_tap),
            inside,
        }
    }

    /// Sets to 0 what was taken from the row before or after.
    #[inline(always)]
    fn clear_edges<F: Scalar>(&self, width: usize, row: &mut [F]) {
        for edge in (0..self.inside.start).chain(self.inside.end..width) {
            for number in row[edge..].iter_mut().step_by(width) {
                *number = F::zero();
            }
        }
    }
}

/// Adds the rows of all taps to a plane that they are, moved.
struct ScatterShifts;

impl<'a, F: Scalar> Loop<(&'a Window, &'a mut [F], &'a mut [F])> for ScatterShifts {
    #[inline(always)]
    fn run((window, matrix, plane): (&'a Window, &'a mut [F], &'a mut [F])) {
        for (tap, from) in matrix.chunks_exact_mut(window.windows()).enumerate() {
            let shift = Shift::new(window, tap);
            shift.clear_edges(window.columns.windows, from);
            let to = &mut plane[shift.plane..][..shift.windows.len()];
            for (to, &from) in to.iter_mut().zip(&from[shift.windows]) {
                *to += from;
            }
        }
    }
}

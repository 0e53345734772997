//! An image as a matrix with one window to a column, and back.

use std::ops::Range;

use crate::kernel::wide::{Loop, wide};
use crate::layer::window::Window;
use crate::scalar::Scalar;

/// Writes a matrix of (planes · taps) rows, one column for each window; 0 where a window lies on padding.
pub(super) fn gather<F: Scalar>(window: &Window, planes: &[F], columns: &mut [F]) {
    let taps = columns.chunks_exact_mut(window.windows());
    for (row, to) in taps.enumerate() {
        let plane = &planes[row / window.taps() * window.plane()..][..window.plane()];
        let tap = row % window.taps();
        if window.shifts() {
            let Shift { windows, plane: from, .. } = shift(window, tap);
            to[..windows.start].fill(F::zero());
            to[windows.clone()].copy_from_slice(&plane[from..][..windows.len()]);
            to[windows.end..].fill(F::zero());
            clear_edges(window, tap, to);
            continue;
        }
        let mut written = 0;
        for stretch in window.stretches(tap) {
            to[written..stretch.windows.start].fill(F::zero());
            written = stretch.windows.end;
            let to = &mut to[stretch.windows];
            let from = &plane[stretch.plane..];
            if stretch.stride == 1 {
                to.copy_from_slice(&from[..to.len()]);
            } else {
                for (to, from) in to.iter_mut().zip(from.iter().step_by(stretch.stride)) {
                    *to = *from;
                }
            }
        }
        to[written..].fill(F::zero());
    }
}

/// Adds each number of the matrix to the place in the planes where it would be gathered from. What would come from padding is cleared on the way.
pub(super) fn scatter<F: Scalar>(window: &Window, columns: &mut [F], planes: &mut [F]) {
    for (row, from) in columns.chunks_exact_mut(window.windows()).enumerate() {
        let plane = &mut planes[row / window.taps() * window.plane()..][..window.plane()];
        let tap = row % window.taps();
        if window.shifts() {
            let Shift { windows, plane: to } = shift(window, tap);
            clear_edges(window, tap, from);
            wide::<Add, _>((&mut plane[to..][..windows.len()], &from[windows]));
            continue;
        }
        for stretch in window.stretches(tap) {
            let from = &from[stretch.windows];
            let to = &mut plane[stretch.plane..];
            if stretch.stride == 1 {
                for (to, from) in to.iter_mut().zip(from) {
                    *to += *from;
                }
            } else {
                for (to, from) in to.iter_mut().step_by(stretch.stride).zip(from) {
                    *to += *from;
                }
            }
        }
    }
}

/// Where the row of a tap is the plane itself, moved.
struct Shift {
    /// The windows from the first to the last that have a number under the tap.
    windows: Range<usize>,
    /// The number under the first of them; the others follow.
    plane: usize,
}

/// For windows that move by one and of which there are as many in a row as numbers.
fn shift(window: &Window, tap: usize) -> Shift {
    let Window { rows, columns } = window;
    let (row_tap, column_tap) = (tap / columns.kernel, tap % columns.kernel);
    let (down, across) = (rows.windows_with(row_tap), columns.windows_with(column_tap));
    if down.is_empty() || across.is_empty() {
        return Shift { windows: 0..0, plane: 0 };
    }
    let width = columns.windows;
    Shift {
        windows: down.start * width + across.start..(down.end - 1) * width + across.end,
        plane: rows.position(down.start, row_tap) * width
            + columns.position(across.start, column_tap),
    }
}

/// Sets to 0 what [`Shift`] takes from the row before or after.
fn clear_edges<F: Scalar>(window: &Window, tap: usize, row: &mut [F]) {
    let width = window.columns.windows;
    let inside = window.columns.windows_with(tap % window.columns.kernel);
    if inside.len() == width {
        return;
    }
    for row in row.chunks_exact_mut(width) {
        row[..inside.start].fill(F::zero());
        row[inside.end..].fill(F::zero());
    }
}

struct Add;

impl<'a, F: Scalar> Loop<(&'a mut [F], &'a [F])> for Add {
    #[inline(always)]
    fn run((to, from): (&'a mut [F], &'a [F])) {
        to.iter_mut().zip(from).for_each(|(to, &from)| *to += from);
    }
}

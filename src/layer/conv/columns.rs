//! An image as a matrix with one window to a column, and back.

use crate::layer::window::Window;
use crate::scalar::Scalar;

/// Writes a matrix of (planes · taps) rows, one column for each window; 0 where a window lies on padding.
pub(super) fn gather<F: Scalar>(window: &Window, planes: &[F], columns: &mut [F]) {
    let taps = columns.chunks_exact_mut(window.windows());
    for (row, to) in taps.enumerate() {
        let plane = &planes[row / window.taps() * window.plane()..][..window.plane()];
        let mut written = 0;
        for stretch in window.stretches(row % window.taps()) {
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

/// Adds each number of the matrix to the place in the planes where it would be gathered from.
pub(super) fn scatter<F: Scalar>(window: &Window, columns: &[F], planes: &mut [F]) {
    for (row, from) in columns.chunks_exact(window.windows()).enumerate() {
        let plane = &mut planes[row / window.taps() * window.plane()..][..window.plane()];
        for stretch in window.stretches(row % window.taps()) {
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

//! The products where each channel has kernels of its own: too thin for a matrix product, so they are computed in place.

use crate::layer::window::Window;
use crate::scalar::Scalar;

/// `windows += kernel · plane`, for each window.
pub(super) fn gather<F: Scalar>(window: &Window, kernel: &[F], plane: &[F], windows: &mut [F]) {
    for (tap, &weight) in kernel.iter().enumerate() {
        for stretch in window.stretches(tap) {
            let taps = plane[stretch.plane..].iter().step_by(stretch.stride);
            for (sum, &x) in windows[stretch.windows].iter_mut().zip(taps) {
                *sum += weight * x;
            }
        }
    }
}

/// `plane += kernel · windows`, wherever a window lies.
pub(super) fn scatter<F: Scalar>(window: &Window, kernel: &[F], windows: &[F], plane: &mut [F]) {
    for (tap, &weight) in kernel.iter().enumerate() {
        for stretch in window.stretches(tap) {
            let taps = plane[stretch.plane..].iter_mut().step_by(stretch.stride);
            for (sum, &x) in taps.zip(&windows[stretch.windows]) {
                *sum += weight * x;
            }
        }
    }
}

/// `kernel += plane · windows`, summed over the windows.
pub(super) fn kernel<F: Scalar>(window: &Window, plane: &[F], windows: &[F], kernel: &mut [F]) {
    for (tap, total) in kernel.iter_mut().enumerate() {
        let mut sum = F::zero();
        for stretch in window.stretches(tap) {
            let taps = plane[stretch.plane..].iter().step_by(stretch.stride);
            for (&x, &y) in taps.zip(&windows[stretch.windows]) {
                sum += x * y;
            }
        }
        *total += sum;
    }
}

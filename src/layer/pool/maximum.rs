//! The largest number of each window, and the way back to it.

use super::pairs;
use crate::kernel::wide::wide;
use crate::layer::images::{self, Buffers};
use crate::layer::window::Window;
use crate::layer::{Backward, Forward};
use crate::scalar::Scalar;

/// Whether `x` takes the place of the largest number so far: if it is larger, or the first NaN.
#[inline(always)]
pub(super) fn beats<F: Scalar>(x: F, most: F) -> bool {
    (x > most) | (x.is_nan() & !most.is_nan())
}

pub(super) fn forward<F: Scalar>(window: &Window, mut pass: Forward<'_, F>) {
    let x = pass.inputs.one();
    let mut y = pass.outputs.one();
    let (size, pairs) = (y.size(), pairs::fit(window));
    images::each(pass.parallel, y.values(), size, Buffers::none(), &|image, y, _| {
        if pairs && pairs::stack(window) {
            return wide::<pairs::Largest, _>((window, x.row(image), y));
        }
        let planes = x.row(image).chunks_exact(window.plane());
        for (y, x) in y.chunks_exact_mut(window.windows()).zip(planes) {
            if pairs {
                wide::<pairs::Largest, _>((window, x, y));
                continue;
            }
            y.fill(F::neg_infinity());
            for tap in 0..window.taps() {
                for stretch in window.stretches(tap) {
                    let taps = x[stretch.plane..].iter().step_by(stretch.stride);
                    for (y, &x) in y[stretch.windows].iter_mut().zip(taps) {
                        *y = if beats(x, *y) { x } else { *y };
                    }
                }
            }
        }
    });
}

pub(super) fn backward<F: Scalar>(window: &Window, mut pass: Backward<'_, F>) {
    let Some(mut dx) = pass.input_gradients.one() else { return };
    let (x, y, dy) = (pass.inputs.one(), pass.outputs.one(), pass.output_gradients.one());
    let (size, pairs) = (dx.size(), pairs::fit(window));
    images::each(pass.parallel, dx.values(), size, Buffers::none(), &|image, dx, _| {
        if pairs && pairs::stack(window) {
            let planes = pairs::Planes { x: x.row(image), y: y.row(image), dy: dy.row(image) };
            return wide::<pairs::First, _>((window, planes, dx));
        }
        let plane = window.plane();
        let outputs = y.row(image).chunks_exact(window.windows());
        let gradients = dy.row(image).chunks_exact(window.windows());
        let planes = dx.chunks_exact_mut(plane).zip(x.row(image).chunks_exact(plane));
        for ((dx, x), (y, dy)) in planes.zip(outputs.zip(gradients)) {
            if pairs {
                let planes = pairs::Planes { x, y, dy };
                wide::<pairs::First, _>((window, planes, dx));
                continue;
            }
            dx.fill(F::zero());
            let places = (0..window.rows.windows)
                .flat_map(|row| (0..window.columns.windows).map(move |column| (row, column)));
            for ((row, column), (&y, &dy)) in places.zip(y.iter().zip(dy)) {
                if let Some(at) = first(window, x, row, column, y) {
                    dx[at] += dy;
                }
            }
        }
    });
}

/// Where the largest number of a window is: the first that equals it, or the first NaN.
fn first<F: Scalar>(window: &Window, x: &[F], row: usize, column: usize, most: F) -> Option<usize> {
    let Window { rows, columns } = window;
    let across = columns.taps_of(column);
    for k in rows.taps_of(row) {
        let start = rows.position(row, k) * columns.input;
        for l in across.clone() {
            let at = start + columns.position(column, l);
            if x[at] == most || x[at].is_nan() {
                return Some(at);
            }
        }
    }
    None
}

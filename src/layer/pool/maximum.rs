//! The largest number of each window, and the way back to it.

use super::pairs;
use crate::error::Error;
use crate::kernel::wide::wide;
use crate::layer::images::{self, Buffers};
use crate::layer::window::Window;
use crate::layer::{Backward, Forward, Plan};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Whether `x` takes the place of the largest number so far: if it is larger, or the first NaN.
#[inline(always)]
#[expect(
    clippy::neg_cmp_op_on_partial_ord,
    reason = "a NaN is not at most anything; two comparisons instead of three"
)]
pub(super) fn beats<F: Scalar>(x: F, most: F) -> bool {
    !(x <= most) & !most.is_nan()
}

/// Asks for what the way back needs, and declares the output.
pub(super) fn plan<F: Scalar>(
    window: &Window,
    output: Shape,
    plan: &mut Plan<'_, F>,
) -> Result<(), Error> {
    if pairs::fit(window) {
        plan.save(output.clone());
        plan.leaves_outputs();
    }
    plan.output(output)
}

pub(super) fn forward<F: Scalar>(window: &Window, mut pass: Forward<'_, F>) {
    let x = pass.inputs.one();
    let mut y = pass.outputs.one();
    if pairs::fit(window) {
        let mut which = pass.saved.one();
        let out = [Buffers::of(&mut y), Buffers::of(&mut which)];
        let images = 0..pass.batch;
        let parallel = pass.parallel;
        images::each_of(parallel, images, out, Buffers::none(), &|image, [y, which], _| {
            if pairs::stack(window) {
                return wide::<pairs::Largest, _>((window, x.row(image), [y, which]));
            }
            let out = window.windows();
            let found = y.chunks_exact_mut(out).zip(which.chunks_exact_mut(out));
            for ((y, which), x) in found.zip(x.row(image).chunks_exact(window.plane())) {
                wide::<pairs::Largest, _>((window, x, [y, which]));
            }
        });
        return;
    }
    let size = y.size();
    images::each(pass.parallel, y.values(), size, Buffers::none(), &|image, y, _| {
        let planes = x.row(image).chunks_exact(window.plane());
        for (y, x) in y.chunks_exact_mut(window.windows()).zip(planes) {
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
    let (dy, size) = (pass.output_gradients.one(), dx.size());
    if pairs::fit(window) {
        let which = pass.saved.one();
        let which = which.view();
        images::each(pass.parallel, dx.values(), size, Buffers::none(), &|image, dx, _| {
            let from = [which.row(image), dy.row(image)];
            if pairs::stack(window) {
                return wide::<pairs::Back, _>((window, from, dx));
            }
            for (plane, dx) in dx.chunks_exact_mut(window.plane()).enumerate() {
                let from = from.map(|from| &from[images::part(plane, window.windows())]);
                wide::<pairs::Back, _>((window, from, dx));
            }
        });
        return;
    }
    let (x, y) = (pass.inputs.one(), pass.outputs.one());
    images::each(pass.parallel, dx.values(), size, Buffers::none(), &|image, dx, _| {
        let plane = window.plane();
        let outputs = y.row(image).chunks_exact(window.windows());
        let gradients = dy.row(image).chunks_exact(window.windows());
        let planes = dx.chunks_exact_mut(plane).zip(x.row(image).chunks_exact(plane));
        for ((dx, x), (y, dy)) in planes.zip(outputs.zip(gradients)) {
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

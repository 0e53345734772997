//! Means over rectangles of each plane.

use std::ops::Range;

use super::pairs;
use crate::layer::images::{self, Buffers};
use crate::layer::window::{Axis, Size2d, Window};
use crate::layer::{Backward, Forward};
use crate::scalar::Scalar;

/// What one output is the mean of along one axis.
pub(super) struct Span {
    pub range: Range<usize>,
    /// How many numbers it counts as, which may be more than there are.
    pub count: usize,
}

/// The rectangles of a plane: a span of rows for each row of the output, and a span of columns for each of its columns.
pub(super) struct Rectangles<R, C> {
    pub input: Size2d,
    pub output: Size2d,
    pub rows: R,
    pub columns: C,
}

/// The rectangles under windows, which count padding or do not.
fn windows(
    window: &Window,
    counts_padding: bool,
) -> Rectangles<impl Fn(usize) -> Span + Sync, impl Fn(usize) -> Span + Sync> {
    let Window { rows, columns } = *window;
    let span = move |axis: Axis, o: usize| {
        let taps = axis.taps_of(o);
        let count = if counts_padding { axis.padded_taps_of(o) } else { taps.len() };
        let start = axis.position(o, taps.start);
        Span { range: start..start + taps.len(), count }
    };
    Rectangles {
        input: Size2d { height: rows.input, width: columns.input },
        output: window.output(),
        rows: move |o| span(rows, o),
        columns: move |o| span(columns, o),
    }
}

/// The means under windows, which count padding or do not.
pub(super) fn forward<F: Scalar>(window: &Window, counts_padding: bool, mut pass: Forward<'_, F>) {
    if !(pairs::fit(window) && pairs::stack(window)) {
        return windows(window, counts_padding).forward(pass);
    }
    let (x, mut y) = (pass.inputs.one(), pass.outputs.one());
    let size = y.size();
    images::each(pass.parallel, y.values(), size, Buffers::none(), &|image, y, _| {
        pairs::means(window, x.row(image), y);
    });
}

/// The way back from them.
pub(super) fn backward<F: Scalar>(
    window: &Window,
    counts_padding: bool,
    mut pass: Backward<'_, F>,
) {
    if !(pairs::fit(window) && pairs::stack(window)) {
        return windows(window, counts_padding).backward(pass);
    }
    let Some(mut dx) = pass.input_gradients.one() else { return };
    let (dy, size) = (pass.output_gradients.one(), dx.size());
    images::each(pass.parallel, dx.values(), size, Buffers::none(), &|image, dx, _| {
        pairs::quarters(window, dy.row(image), dx);
    });
}

impl<R: Fn(usize) -> Span + Sync, C: Fn(usize) -> Span + Sync> Rectangles<R, C> {
    /// Each output's rectangle, with the inverse of what it counts as.
    fn each<F: Scalar>(&self, mut work: impl FnMut(usize, &Span, &Span, F)) {
        for row in 0..self.output.height {
            let across = (self.rows)(row);
            for column in 0..self.output.width {
                let along = (self.columns)(column);
                let count = (across.count * along.count) as f64;
                work(row * self.output.width + column, &across, &along, F::of(1.0 / count));
            }
        }
    }

    pub fn forward<F: Scalar>(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let mut y = pass.outputs.one();
        let size = y.size();
        let (plane, outputs) = (area(self.input), area(self.output));
        images::each(pass.parallel, y.values(), size, Buffers::none(), &|image, y, _| {
            for (y, x) in y.chunks_exact_mut(outputs).zip(x.row(image).chunks_exact(plane)) {
                self.each(|output, across, along, share| {
                    let mut sum = F::zero();
                    for row in across.range.clone() {
                        for &x in &x[row * self.input.width..][along.range.clone()] {
                            sum += x;
                        }
                    }
                    y[output] = sum * share;
                });
            }
        });
    }

    pub fn backward<F: Scalar>(&self, mut pass: Backward<'_, F>) {
        let Some(mut dx) = pass.input_gradients.one() else { return };
        let dy = pass.output_gradients.one();
        let size = dx.size();
        let (plane, outputs) = (area(self.input), area(self.output));
        images::each(pass.parallel, dx.values(), size, Buffers::none(), &|image, dx, _| {
            let gradients = dy.row(image).chunks_exact(outputs);
            for (dx, dy) in dx.chunks_exact_mut(plane).zip(gradients) {
                dx.fill(F::zero());
                self.each(|output, across, along, share| {
                    let dy = dy[output] * share;
                    for row in across.range.clone() {
                        for dx in &mut dx[row * self.input.width..][along.range.clone()] {
                            *dx += dy;
                        }
                    }
                });
            }
        });
    }
}

fn area(size: Size2d) -> usize {
    size.height * size.width
}

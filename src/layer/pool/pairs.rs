//! The largest of each two by two numbers, for windows that lie side by side: the most common pool, in loops without a search.
//!
//! Lines may be short. So the way forward takes several together: left and right numbers are put beside each other, one line after the other, for loops that are long. (The way back was
//! slower so: what it must copy from line to line is short again.)

use super::maximum::beats;
use crate::kernel::wide::Loop;
use crate::layer::window::{Axis, Window};
use crate::scalar::Scalar;

/// Whether the windows are two by two, side by side, without padding.
pub(super) fn fit(window: &Window) -> bool {
    let pairs = |axis: &Axis| {
        (axis.kernel, axis.stride, axis.dilation, axis.before) == (2, 2, 1, 0)
            && 2 * axis.windows <= axis.input
    };
    pairs(&window.rows) && pairs(&window.columns)
}

/// Pairs that are worked on together.
const PAIRS: usize = 512;

/// Whether no number is left beside the windows, so that planes under each other are as one plane.
pub(super) fn stack(window: &Window) -> bool {
    4 * window.windows() == window.plane()
}

/// As many whole windows, by lines: how many pairs of lines; `None` if the lines are too long, or if a number is left at the end of each.
fn lines_together(window: &Window) -> Option<usize> {
    let out = window.columns.windows;
    (2 * out == window.columns.input && 2 * out <= PAIRS).then(|| PAIRS / (2 * out))
}

/// The left and the right numbers of each pair.
#[inline(always)]
fn apart<F: Scalar>(pairs: &[F], left: &mut [F; PAIRS], right: &mut [F; PAIRS]) {
    let pairs = pairs.as_chunks::<2>().0;
    for ((left, right), &[a, b]) in left.iter_mut().zip(right).zip(pairs) {
        (*left, *right) = (a, b);
    }
}

/// The largest numbers `y` of a plane `x`.
pub(super) struct Largest;

impl<'a, F: Scalar> Loop<(&'a Window, &'a [F], &'a mut [F])> for Largest {
    #[inline(always)]
    fn run((window, x, y): (&'a Window, &'a [F], &'a mut [F])) {
        let (width, out) = (window.columns.input, window.columns.windows);
        if let Some(lines) = lines_together(window) {
            let [mut left, mut right] = [[F::zero(); PAIRS]; 2];
            for (y, x) in y.chunks_mut(lines * out).zip(x.chunks(2 * lines * width)) {
                let pairs = 2 * y.len();
                apart(&x[..2 * pairs], &mut left, &mut right);
                for (left, &right) in left[..pairs].iter_mut().zip(&right) {
                    *left = if beats(right, *left) { right } else { *left };
                }
                for (y, left) in y.chunks_exact_mut(out).zip(left.chunks_exact(2 * out)) {
                    let (above, below) = left.split_at(out);
                    for (y, (&above, &below)) in y.iter_mut().zip(above.iter().zip(below)) {
                        *y = if beats(below, above) { below } else { above };
                    }
                }
            }
            return;
        }
        for (y, x) in y.chunks_exact_mut(out).zip(x.chunks_exact(2 * width)) {
            let (above, below) = x.split_at(width);
            let pairs = above.as_chunks::<2>().0.iter().zip(below.as_chunks::<2>().0);
            for (y, (&[a, b], &[c, d])) in y.iter_mut().zip(pairs) {
                let mut most = a;
                for x in [b, c, d] {
                    most = if beats(x, most) { x } else { most };
                }
                *y = most;
            }
        }
    }
}

/// What is read for the way back.
#[derive(Clone, Copy)]
pub(super) struct Planes<'a, F> {
    pub x: &'a [F],
    pub y: &'a [F],
    pub dy: &'a [F],
}

/// The gradient `dx` of a plane, which goes to the first of the largest.
pub(super) struct First;

impl<'a, F: Scalar> Loop<(&'a Window, Planes<'a, F>, &'a mut [F])> for First {
    #[inline(always)]
    fn run((window, Planes { x, y, dy }, dx): (&'a Window, Planes<'a, F>, &'a mut [F])) {
        let (width, out) = (window.columns.input, window.columns.windows);
        if 2 * out < width || 2 * y.len() / out.max(1) < window.rows.input {
            dx.fill(F::zero());
        }
        let outputs = y.chunks_exact(out).zip(dy.chunks_exact(out));
        let inputs = x.chunks_exact(2 * width).zip(dx.chunks_exact_mut(2 * width));
        for ((y, dy), (x, dx)) in outputs.zip(inputs) {
            let (above, below) = x.split_at(width);
            let (top, bottom) = dx.split_at_mut(width);
            first([y, dy], [above, below], [top, bottom]);
        }
    }
}

/// The gradients of two lines.
#[inline(always)]
fn first<F: Scalar>([y, dy]: [&[F]; 2], x: [&[F]; 2], dx: [&mut [F]; 2]) {
    let [above, below] = x.map(|x| &x[..2 * y.len()]);
    let [top, bottom] = dx.map(|dx| &mut dx[..2 * y.len()]);
    for (i, (&most, &dy)) in y.iter().zip(dy).enumerate() {
        let hit = |x: F| (x == most) | x.is_nan();
        let [a, b, c, d] =
            [above[2 * i], above[2 * i + 1], below[2 * i], below[2 * i + 1]].map(hit);
        let share = |mine: bool| if mine { dy } else { F::zero() };
        (top[2 * i], top[2 * i + 1]) = (share(a), share(b & !a));
        (bottom[2 * i], bottom[2 * i + 1]) = (share(c & !(a | b)), share(d & !(a | b | c)));
    }
}

//! The largest of each two by two numbers, for windows that lie side by side: the most common pool, in loops without a search.

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

/// The largest numbers `y` of a plane `x`.
pub(super) struct Largest;

impl<'a, F: Scalar> Loop<(&'a Window, &'a [F], &'a mut [F])> for Largest {
    #[inline(always)]
    fn run((window, x, y): (&'a Window, &'a [F], &'a mut [F])) {
        let (width, out) = (window.columns.input, window.columns.windows);
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
            let (dx_above, dx_below) = dx.split_at_mut(width);
            let read = above.as_chunks::<2>().0.iter().zip(below.as_chunks::<2>().0);
            let write =
                dx_above.as_chunks_mut::<2>().0.iter_mut().zip(dx_below.as_chunks_mut::<2>().0);
            let places = y.iter().zip(dy).zip(read).zip(write);
            for (((&most, &dy), (&[a, b], &[c, d])), (top, bottom)) in places {
                let hit = |x: F| x == most || x.is_nan();
                let first = [hit(a), hit(b), hit(c), hit(d)];
                let mut free = true;
                let share = first.map(|hit| {
                    let mine = hit & free;
                    free &= !hit;
                    if mine { dy } else { F::zero() }
                });
                (*top, *bottom) = ([share[0], share[1]], [share[2], share[3]]);
            }
        }
    }
}

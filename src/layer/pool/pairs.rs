//! The largest and the mean of each two by two numbers, for windows that lie side by side: the most common pool, in loops without a search.
//!
//! The way forward keeps which of the four was the largest, so that the way back reads neither the numbers nor the largest of them.

use super::maximum::beats;
use crate::kernel::wide::{Loop, wide};
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

/// Whether no number is left beside the windows, so that planes under each other are as one plane.
pub(super) fn stack(window: &Window) -> bool {
    4 * window.windows() == window.plane()
}

/// The largest numbers `y` of a plane `x`, and which of the four each was: upper left, upper right, lower left, lower right.
pub(super) struct Largest;

/// A window of numbers, and where to write what was found.
pub(super) type Planes<'a, F> = (&'a Window, &'a [F], [&'a mut [F]; 2]);

impl<'a, F: Scalar> Loop<Planes<'a, F>> for Largest {
    #[inline(always)]
    fn run((window, x, [y, which]): Planes<'a, F>) {
        let (width, out) = (window.columns.input, window.columns.windows);
        let outputs = y.chunks_exact_mut(out).zip(which.chunks_exact_mut(out));
        for ((y, which), x) in outputs.zip(x.chunks_exact(2 * width)) {
            let (above, below) = x.split_at(width);
            let pairs = [above.as_chunks::<2>().0, below.as_chunks::<2>().0];
            // A loop's last numbers, which fill no register, are searched with branches that nobody can foresee: ten times as long for each.
            match out {
                0..4 => largest_of(pairs, y, which),
                4..8 => in_blocks::<F, 4>(pairs, 0, y, which),
                _ => {
                    let whole = out / 16 * 16;
                    largest_of(pairs, &mut y[..whole], &mut which[..whole]);
                    in_blocks::<F, 8>(pairs, whole, y, which);
                }
            }
        }
    }
}

/// The largest of each two pairs of two lines, and which it was.
#[inline(always)]
fn largest_of<F: Scalar>([above, below]: [&[[F; 2]]; 2], y: &mut [F], which: &mut [F]) {
    for ((y, which), (&[a, b], &[c, d])) in y.iter_mut().zip(which).zip(above.iter().zip(below)) {
        (*y, *which) = largest(larger(a, b, 0, 1), larger(c, d, 2, 3));
    }
}

/// The same from place `first` on in blocks of `N`, of which the last one reaches back over others.
#[inline(always)]
fn in_blocks<F: Scalar, const N: usize>(
    [above, below]: [&[[F; 2]]; 2],
    first: usize,
    y: &mut [F],
    which: &mut [F],
) {
    let out = y.len();
    for place in (first..out).step_by(N) {
        let start = place.min(out - N);
        let (above, below) = (&above[start..][..N], &below[start..][..N]);
        let (y, which) = (&mut y[start..][..N], &mut which[start..][..N]);
        // By number: zipped iterators do not become vectors here.
        for i in 0..N {
            let ([a, b], [c, d]) = (above[i], below[i]);
            (y[i], which[i]) = largest(larger(a, b, 0, 1), larger(c, d, 2, 3));
        }
    }
}

/// The larger of two numbers, and which it is.
#[inline(always)]
fn larger<F: Scalar>(a: F, b: F, first: u8, second: u8) -> (F, F) {
    largest((a, F::of(first.into())), (b, F::of(second.into())))
}

/// The larger of two numbers, each with its place.
#[inline(always)]
fn largest<F: Scalar>(a: (F, F), b: (F, F)) -> (F, F) {
    let later = beats(b.0, a.0);
    (if later { b.0 } else { a.0 }, if later { b.1 } else { a.1 })
}

/// The gradient `dx` of a plane, which goes to the largest of each four.
pub(super) struct Back;

impl<'a, F: Scalar> Loop<(&'a Window, [&'a [F]; 2], &'a mut [F])> for Back {
    #[inline(always)]
    fn run((window, [which, dy], dx): (&'a Window, [&'a [F]; 2], &'a mut [F])) {
        let (width, out) = (window.columns.input, window.columns.windows);
        if 2 * out < width || 2 * dy.len() / out.max(1) < window.rows.input {
            dx.fill(F::zero());
        }
        let places = [0.0, 1.0, 2.0, 3.0].map(F::of);
        let lines = which.chunks_exact(out).zip(dy.chunks_exact(out));
        for ((which, dy), dx) in lines.zip(dx.chunks_exact_mut(2 * width)) {
            let (top, bottom) = dx.split_at_mut(width);
            let (top, bottom) = (top.as_chunks_mut::<2>().0, bottom.as_chunks_mut::<2>().0);
            let pairs = top.iter_mut().zip(bottom);
            for ((&which, &dy), (top, bottom)) in which.iter().zip(dy).zip(pairs) {
                let share = |place: F| if which == place { dy } else { F::zero() };
                *top = [share(places[0]), share(places[1])];
                *bottom = [share(places[2]), share(places[3])];
            }
        }
    }
}

/// The means `y` of each four numbers of planes `x` under each other.
struct Means;

impl<'a, F: Scalar> Loop<(&'a Window, &'a [F], &'a mut [F])> for Means {
    #[inline(always)]
    fn run((window, x, y): (&'a Window, &'a [F], &'a mut [F])) {
        let (width, out) = (window.columns.input, window.columns.windows);
        for (y, x) in y.chunks_exact_mut(out).zip(x.chunks_exact(2 * width)) {
            let (above, below) = x.split_at(width);
            let pairs = above.as_chunks::<2>().0.iter().zip(below.as_chunks::<2>().0);
            for (y, (&[a, b], &[c, d])) in y.iter_mut().zip(pairs) {
                *y = (a + b + c + d) * F::of(0.25);
            }
        }
    }
}

/// The gradient `dx` of planes, a quarter of `dy` for each of four numbers.
struct Quarters;

impl<'a, F: Scalar> Loop<(&'a Window, &'a [F], &'a mut [F])> for Quarters {
    #[inline(always)]
    fn run((window, dy, dx): (&'a Window, &'a [F], &'a mut [F])) {
        let (width, out) = (window.columns.input, window.columns.windows);
        for (dy, dx) in dy.chunks_exact(out).zip(dx.chunks_exact_mut(2 * width)) {
            let (top, bottom) = dx.split_at_mut(width);
            let pairs = top.as_chunks_mut::<2>().0.iter_mut().zip(bottom.as_chunks_mut::<2>().0);
            for (&dy, (top, bottom)) in dy.iter().zip(pairs) {
                (*top, *bottom) = ([dy * F::of(0.25); 2], [dy * F::of(0.25); 2]);
            }
        }
    }
}

/// The means of each four numbers of a whole image, where no number is left beside the windows.
pub(super) fn means<F: Scalar>(window: &Window, x: &[F], y: &mut [F]) {
    wide::<Means, _>((window, x, y));
}

/// The way back from these means.
pub(super) fn quarters<F: Scalar>(window: &Window, dy: &[F], dx: &mut [F]) {
    wide::<Quarters, _>((window, dy, dx));
}

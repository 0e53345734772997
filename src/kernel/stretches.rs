//! Long stretches of numbers, halved between threads.

use super::copy;
use super::parallel::Parallel;
use super::wide::{Loop, wide};
use crate::scalar::Scalar;

/// More numbers than this are halved between threads.
pub const SPLIT: usize = 1 << 15;

/// A loop that is given x, if it is elsewhere than in y, and y. Called through a pointer, so that what halves the work is compiled once for all loops.
pub type Work<'a, F> = &'a (dyn Fn(Option<&[F]>, &mut [F]) + Sync);

/// Does `work(x, y)` for stretches of both, which are as long.
pub fn each<F: Scalar>(parallel: Parallel, x: Option<&[F]>, y: &mut [F], work: Work<'_, F>) {
    if parallel == Parallel::Off || y.len() <= SPLIT {
        return work(x, y);
    }
    let middle = y.len() / 2;
    let (y, y_rest) = y.split_at_mut(middle);
    let (x, x_rest) = halves(x, middle);
    parallel.join(|| each(parallel, x, y, work), || each(parallel, x_rest, y_rest, work));
}

/// The first so many, and the others, of what may be elsewhere.
pub fn halves<F>(values: Option<&[F]>, middle: usize) -> (Option<&[F]>, Option<&[F]>) {
    values.map(|values| values.split_at(middle)).unzip()
}

/// Adds each term to the sum at its place.
pub fn add<F: Scalar>(parallel: Parallel, terms: &[F], sums: &mut [F]) {
    each(parallel, Some(terms), sums, &|terms, sums| {
        wide::<Add, _>((terms.unwrap_or_default(), sums));
    });
}

/// Copies one stretch to the other.
pub fn copy<F: Scalar>(parallel: Parallel, from: &[F], to: &mut [F]) {
    each(parallel, Some(from), to, &|from, to| copy::copy(from.unwrap_or_default(), to));
}

struct Add;

impl<'a, F: Scalar> Loop<(&'a [F], &'a mut [F])> for Add {
    #[inline(always)]
    fn run((terms, sums): (&'a [F], &'a mut [F])) {
        for (sum, &term) in sums.iter_mut().zip(terms) {
            *sum += term;
        }
    }
}

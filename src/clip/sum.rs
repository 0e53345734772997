//! Sums of terms that are not negative, right to a few units in the last place whatever their number.
//!
//! A plain sum of a million squares can be wrong by thousands of units. Compensated addition (Knuth's two-sum) loses next to nothing but costs
//! seven operations for one. So eight terms are added pairwise, which rounds three times, and only their sum is added with compensation.

use super::pieces::middle;
use crate::kernel::parallel::Parallel;
use crate::kernel::wide::{Loop, wide};
use crate::scalar::Scalar;

/// Independent sums, so that the loop runs in vector registers without a choice left to the compiler.
const LANES: usize = 8;
/// Terms of one lane that are added pairwise before they enter its sum.
const TERMS: usize = 8;
const BLOCK: usize = LANES * TERMS;

/// An unevaluated sum of two numbers: the rounded value, and what rounding lost.
#[derive(Clone, Copy, Default)]
struct Sum {
    value: f64,
    lost: f64,
}

impl Sum {
    #[inline(always)]
    fn add(&mut self, x: f64) {
        let value = self.value + x;
        let part = value - self.value;
        self.lost += (self.value - (value - part)) + (x - part);
        self.value = value;
    }

    fn join(mut self, other: Self) -> Self {
        self.add(other.value);
        self.lost += other.lost;
        self
    }
}

/// The sum of `term(x)` over all values, in an order that depends on their number alone. Terms must not be negative, and `term(0)` must be 0.
///
/// The relative error is below 4 × 2⁻⁵³ plus that of the terms. A sum that overflows is NaN or infinite.
pub(super) fn sum<F: Scalar>(
    values: &[F],
    parallel: Parallel,
    term: impl Fn(f64) -> f64 + Copy + Sync,
) -> f64 {
    let piece = |values: &[F]| {
        let mut sum = Sum::default();
        wide::<Piece, _>((values, term, &mut sum));
        sum
    };
    let Sum { value, lost } = of_pieces(values, parallel, &piece);
    value + lost
}

/// Calls the sum of a piece through a pointer, so that this is compiled once for all terms.
fn of_pieces<F: Scalar>(
    values: &[F],
    parallel: Parallel,
    piece: &(dyn Fn(&[F]) -> Sum + Sync),
) -> Sum {
    let Some(middle) = middle(values.len()) else { return piece(values) };
    let (left, right) = values.split_at(middle);
    let (left, right) =
        parallel.join(|| of_pieces(left, parallel, piece), || of_pieces(right, parallel, piece));
    left.join(right)
}

/// The sum of a piece, written to its last argument.
struct Piece;

impl<'a, F: Scalar, T: Fn(f64) -> f64 + Copy> Loop<(&'a [F], T, &'a mut Sum)> for Piece {
    #[inline(always)]
    fn run((values, term, sum): (&'a [F], T, &'a mut Sum)) {
        *sum = of_piece(values, term);
    }
}

#[inline(always)]
fn of_piece<F: Scalar>(values: &[F], term: impl Fn(f64) -> f64 + Copy) -> Sum {
    let mut lanes = Lanes { value: [0.0; LANES], lost: [0.0; LANES] };
    let (blocks, rest) = values.as_chunks::<BLOCK>();
    for block in blocks {
        lanes.add(block, term);
    }
    if !rest.is_empty() {
        let mut block = [F::zero(); BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        lanes.add(&block, term);
    }
    let sums = lanes.value.into_iter().zip(lanes.lost);
    sums.fold(Sum::default(), |sum, (value, lost)| sum.join(Sum { value, lost }))
}

/// One sum for each lane, side by side in memory as vector registers hold them.
struct Lanes {
    value: [f64; LANES],
    lost: [f64; LANES],
}

impl Lanes {
    #[inline(always)]
    fn add<F: Scalar>(&mut self, block: &[F; BLOCK], term: impl Fn(f64) -> f64 + Copy) {
        for lane in 0..LANES {
            let term = |row: usize| term(block[row * LANES + lane].as_f64());
            let pair = |row: usize| term(row) + term(row + 1);
            let mut sum = Sum { value: self.value[lane], lost: self.lost[lane] };
            sum.add((pair(0) + pair(2)) + (pair(4) + pair(6)));
            (self.value[lane], self.lost[lane]) = (sum.value, sum.lost);
        }
    }
}

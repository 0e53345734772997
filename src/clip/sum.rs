//! Sums of terms that are not negative, right to a few units in the last place whatever their number.
//!
//! A plain sum of a million squares can be wrong by thousands of units. Compensated addition (Knuth's two-sum) loses next to nothing but costs
//! seven operations for one. So eight terms are added pairwise, which rounds three times, and only their sum is added with compensation.

use super::pieces::middle;
use crate::kernel::parallel::Parallel;
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
    #[inline]
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
    let Sum { value, lost } = of_pieces(values, parallel, term);
    value + lost
}

fn of_pieces<F: Scalar>(
    values: &[F],
    parallel: Parallel,
    term: impl Fn(f64) -> f64 + Copy + Sync,
) -> Sum {
    let Some(middle) = middle(values.len()) else { return of_piece(values, term) };
    let (left, right) = values.split_at(middle);
    let (left, right) =
        parallel.join(|| of_pieces(left, parallel, term), || of_pieces(right, parallel, term));
    left.join(right)
}

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
    #[inline]
    fn add<F: Scalar>(&mut self, block: &[F; BLOCK], term: impl Fn(f64) -> f64 + Copy) {
        let (rows, _) = block.as_chunks::<LANES>();
        let row = |i: usize| rows[i].map(|x| term(x.as_f64()));
        let pair = |i: usize| plus(row(i), row(i + 1));
        let sums = plus(plus(pair(0), pair(2)), plus(pair(4), pair(6)));
        for ((value, lost), x) in self.value.iter_mut().zip(&mut self.lost).zip(sums) {
            let mut sum = Sum { value: *value, lost: *lost };
            sum.add(x);
            (*value, *lost) = (sum.value, sum.lost);
        }
    }
}

#[inline]
fn plus(a: [f64; LANES], b: [f64; LANES]) -> [f64; LANES] {
    std::array::from_fn(|lane| a[lane] + b[lane])
}

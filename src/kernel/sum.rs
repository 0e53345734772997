//! Sums and largest numbers in strands, which a processor works on at the same time.

use crate::scalar::Scalar;

const STRANDS: usize = 32;

/// Σ term(aᵢ, bᵢ): strand i adds the terms i, i + 32, i + 64 …, then halves of the strands are added to each other.
#[inline(always)]
pub fn sum<F: Scalar, T: Scalar>(a: &[F], b: &[F], term: impl Fn(F, F) -> T) -> T {
    fold(a, b, T::zero(), term, |a, b| a + b)
}

/// The largest number that is not NaN; −∞ if there is none.
#[inline(always)]
pub fn largest<F: Scalar>(values: &[F]) -> F {
    fold(values, values, F::neg_infinity(), |a, _| a, |a, b| if b > a { b } else { a })
}

#[inline(always)]
fn fold<F: Scalar, T: Scalar>(
    a: &[F],
    b: &[F],
    start: T,
    term: impl Fn(F, F) -> T,
    join: impl Fn(T, T) -> T,
) -> T {
    let mut strands = [start; STRANDS];
    let (a, a_rest) = a.as_chunks::<STRANDS>();
    let (b, b_rest) = b.as_chunks::<STRANDS>();
    for (a, b) in a.iter().zip(b) {
        // Written to another array: in place, compilers take the strands apart where this is inlined, and do one number after the other.
        let mut next = strands;
        for i in 0..STRANDS {
            next[i] = join(strands[i], term(a[i], b[i]));
        }
        strands = next;
    }
    for (strand, (&a, &b)) in strands.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *strand = join(*strand, term(a, b));
    }
    let mut half = STRANDS / 2;
    while half > 0 {
        for i in 0..half {
            strands[i] = join(strands[i], strands[i + half]);
        }
        half /= 2;
    }
    strands[0]
}

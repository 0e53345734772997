//! The innermost loops, written once for every instruction set.

use super::vector::Vector;
use crate::kernel::prefetch::{LINE, PAGE, prefetch};
use crate::scalar::Scalar;

/// A tile of C that fits the registers, and the parts of A and B that it is made of.
///
/// The part of B comes in groups of columns, one register wide.
#[derive(Clone, Copy, Debug)]
pub struct Tile<F> {
    /// How many products are summed.
    pub k: usize,
    /// The first number of A.
    pub a: *const F,
    /// Distance from one row of A to the next.
    pub a_row: usize,
    /// Distance from one column of A to the next.
    pub a_column: usize,
    /// The first number of B.
    pub b: *const F,
    /// Distance from one row of B to the next.
    pub b_row: usize,
    /// Distance from one group of columns of B to the next.
    pub b_group: usize,
    /// The first number of C.
    pub c: *mut F,
    /// Distance from one row of C to the next.
    pub c_row: usize,
    /// What is added beta times: the first number of C, or of a bias.
    pub old: *const F,
    /// Distance from one row of that to the next; 0 for a bias of columns.
    pub old_row: usize,
    /// Distance from one column of that to the next: 1, or 0 for a bias of rows.
    pub old_column: usize,
    /// How many columns of the last group belong to C.
    pub last: usize,
    /// What the old C, or the bias, is multiplied by; with zero it is not read.
    pub beta: F,
    /// Memory that is read after this tile, to be asked for line by line, one for each product of the sum.
    pub ahead: *const F,
    /// Distance from one line of that to the next; 0 if there is none.
    pub ahead_step: usize,
}

/// Computes a tile of `R` rows and `G` groups of columns.
///
/// Each element is one chain of `mul_add` over k, ascending, from zero, and then beta·C + sum. The chain is the same for every
/// `R` and `G`, so an element does not depend on the tile it falls in.
///
/// # Safety
/// The machine has the instruction set of `V`. A can be read for `R` rows and `k` columns, B for `k` rows and `G` whole groups,
/// and C written for `R` rows and `G` groups, of which the last has `last` columns.
#[inline(always)]
pub unsafe fn tile<F: Scalar, V: Vector<F>, const R: usize, const G: usize>(t: &Tile<F>) {
    // SAFETY: every address is one that the caller vouches for; the pointers step past the end only by wrapping arithmetic and
    // are not read there.
    unsafe {
        let zero = V::splat(F::zero());
        let mut sums = [[zero; G]; R];
        let (mut a, mut b, mut ahead) = (t.a, t.b, t.ahead);
        for _ in 0..t.k {
            if R >= TALL {
                prefetch(ahead);
                ahead = ahead.wrapping_add(t.ahead_step);
            }
            let mut factors = [zero; G];
            for (g, factor) in factors.iter_mut().enumerate() {
                *factor = V::load(b.add(g * t.b_group));
                prefetch(b.wrapping_add(g * t.b_group + TILE_AHEAD * t.b_row));
            }
            for (i, sums) in sums.iter_mut().enumerate() {
                let x = V::splat(*a.add(i * t.a_row));
                for (sum, &factor) in sums.iter_mut().zip(&factors) {
                    *sum = x.mul_add(factor, *sum);
                }
            }
            a = a.wrapping_add(t.a_column);
            b = b.wrapping_add(t.b_row);
        }

        let beta = V::splat(t.beta);
        for (i, sums) in sums.iter().enumerate() {
            for (g, &sum) in sums.iter().enumerate() {
                let c = t.c.add(i * t.c_row + g * V::LANES);
                let old = t.old.add(i * t.old_row + g * V::LANES * t.old_column);
                let whole = g + 1 < G || t.last == V::LANES;
                let new = if t.beta == F::zero() {
                    sum
                } else if t.old_column == 0 {
                    beta.mul_add(V::splat(*old), sum)
                } else if whole {
                    beta.mul_add(V::load(old), sum)
                } else {
                    beta.mul_add(V::load_part(old, t.last), sum)
                };
                if whole {
                    new.store(c);
                } else {
                    new.store_part(c, t.last);
                }
            }
        }
    }
}

/// From how many rows on a tile has the time to ask for what is read after it.
const TALL: usize = 6;

/// How many rows ahead a tile asks for memory of B, which is larger than the nearest cache.
const TILE_AHEAD: usize = 16;

/// How many groups of contiguous columns are copied at a time: longer runs are read faster.
const PACK_GROUPS: usize = 16;

/// How many rows ahead of those that are copied memory is asked for: rows far from each other are not foreseen by the machine.
const PREFETCH_ROWS: usize = 8;

/// Copies `k` rows and `columns` columns of B into groups of one register's columns, each group `k` rows one after the other.
/// The last group is filled up with zeros.
///
/// # Safety
/// The machine has the instruction set of `V`. B can be read for `k` rows and `columns` columns, and `to` written for `k` rows of
/// as many whole groups as there are.
#[inline(always)]
pub unsafe fn pack<F: Scalar, V: Vector<F>>(
    k: usize,
    columns: usize,
    b: *const F,
    b_row: usize,
    b_column: usize,
    to: *mut F,
) {
    // SAFETY: p < k and j < columns for every number read, and the group's rows lie within what may be written.
    unsafe {
        let contiguous = if b_column == 1 { columns / V::LANES } else { 0 };
        for first in (0..contiguous).step_by(PACK_GROUPS) {
            let end = contiguous.min(first + PACK_GROUPS);
            for p in 0..k {
                for group in first..end {
                    let from = b.add(p * b_row + group * V::LANES);
                    prefetch(from.wrapping_add(PREFETCH_ROWS * b_row));
                    V::load(from).store(to.add((group * k + p) * V::LANES));
                }
            }
        }
        for first in (contiguous * V::LANES..columns).step_by(V::LANES) {
            let width = V::LANES.min(columns - first);
            let b = b.add(first * b_column);
            let to = to.add(first * k);
            let mut p = 0;
            if width == V::LANES && b_row == 1 {
                while p + V::STRIPE <= k {
                    for (i, column) in V::columns(b.add(p), b_column).as_ref().iter().enumerate() {
                        column.store(to.add((p + i) * V::LANES));
                    }
                    p += V::STRIPE;
                }
            }
            while p < k {
                for j in 0..V::LANES {
                    let x = if j < width { *b.add(p * b_row + j * b_column) } else { F::zero() };
                    *to.add(p * V::LANES + j) = x;
                }
                p += 1;
            }
        }
    }
}

/// Whether so many columns of B, read side by side, stay in the nearest cache: of lines that begin at the same place of a page it holds eight.
fn stay_near(columns: usize, bytes_apart: usize) -> bool {
    const WAYS: usize = 8;
    let alike = 1 << bytes_apart.trailing_zeros().min(PAGE.trailing_zeros());
    columns <= WAYS * (PAGE / alike)
}

/// How many numbers ahead a row asks for memory of each column of B: it reads more columns at once than the machine foresees well.
const ROW_AHEAD: usize = 32;

/// Computes one row of C where the columns of B are contiguous, `b_column` apart, in whole groups: B is read once, and transposed in registers.
///
/// # Safety
/// The machine has the instruction set of `V`. A can be read for `k` columns, B for `groups` whole groups of columns of k numbers, and C written for
/// as many. The rows of B and the columns of A are contiguous.
#[inline(always)]
pub unsafe fn row<F: Scalar, V: Vector<F>>(groups: usize, t: &Tile<F>, b_column: usize) {
    let two = stay_near(2 * V::LANES, b_column * size_of::<F>());
    let mut group = 0;
    while group < groups {
        // SAFETY: the groups are within those that the caller vouches for.
        unsafe {
            let part = Tile {
                b: t.b.add(group * V::LANES * b_column),
                c: t.c.add(group * V::LANES),
                old: t.old.add(group * V::LANES * t.old_column),
                ..*t
            };
            // Two chains of sums side by side: one alone would wait for each of its additions.
            if two && group + 1 < groups {
                groups_of_row::<F, V, 2>(&part, b_column);
                group += 2;
            } else {
                groups_of_row::<F, V, 1>(&part, b_column);
                group += 1;
            }
        }
    }
}

/// As [`row`], for `G` groups.
///
/// # Safety
/// As for [`row`].
#[inline(always)]
unsafe fn groups_of_row<F: Scalar, V: Vector<F>, const G: usize>(t: &Tile<F>, b_column: usize) {
    // SAFETY: p is below k, and the group below G.
    unsafe {
        let mut sums = [V::splat(F::zero()); G];
        let mut p = 0;
        while p + V::STRIPE <= t.k {
            if p.is_multiple_of(LINE / size_of::<F>()) {
                for j in 0..G * V::LANES {
                    prefetch(t.b.wrapping_add(j * b_column + p + ROW_AHEAD));
                }
            }
            for (g, sum) in sums.iter_mut().enumerate() {
                let stripe = V::columns(t.b.add(g * V::LANES * b_column + p), b_column);
                for (i, &column) in stripe.as_ref().iter().enumerate() {
                    *sum = V::splat(*t.a.add(p + i)).mul_add(column, *sum);
                }
            }
            p += V::STRIPE;
        }
        while p < t.k {
            for (g, sum) in sums.iter_mut().enumerate() {
                let mut column = [F::zero(); 16];
                for (j, x) in column.iter_mut().take(V::LANES).enumerate() {
                    *x = *t.b.add((g * V::LANES + j) * b_column + p);
                }
                *sum = V::splat(*t.a.add(p)).mul_add(V::load(column.as_ptr()), *sum);
            }
            p += 1;
        }
        let beta = V::splat(t.beta);
        for (g, &sum) in sums.iter().enumerate() {
            let old = t.old.add(g * V::LANES * t.old_column);
            let new = if t.beta == F::zero() {
                sum
            } else if t.old_column == 0 {
                beta.mul_add(V::splat(*old), sum)
            } else {
                beta.mul_add(V::load(old), sum)
            };
            new.store(t.c.add(g * V::LANES));
        }
    }
}

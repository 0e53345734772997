//! The matrix product by blocks that fit the caches.
//!
//! To run side by side, C is split into big tiles, by size, each with all of k. Within a big tile, k is cut into equal blocks, and
//! the columns into blocks whose part of B fits the buffer. Each block is computed in tiles that fit the registers. So each
//! element of C is a chain of sums whose order depends on k alone, and no way to cut rows and columns changes a bit.

use super::buffer;
use super::gather::{ROWS, copied, gather, gathered, is_copied};
use super::kernel::Kernel;
use super::micro::Tile;
use super::{Bias, Gemm, Matrix, TALLEST, packed_length};
use crate::kernel::parallel::Parallel;
use crate::kernel::prefetch::LINE;
use crate::scalar::Scalar;

/// The longest block of k. The same for every kernel, so that all that fuse multiply and add give the same bits.
const K_BLOCK: usize = 384;

/// Up to how many rows of C the rows of B are read in place, if they are contiguous: copying them would cost more than it saves.
const FEW_ROWS: usize = 24;

/// The same if the rows of B for a block of k lie near one another, so that they stay in the cache.
const FEW_ROWS_NEAR: usize = 64;

/// Big tiles of no more products than this, a few microseconds' work, are not split: waking a thread would take longer.
pub const SPLIT_PRODUCTS: usize = 1 << 18;

/// Big tiles of no more products than this, a millisecond's work, are not split if there are several: each copies its parts of A and B for itself, and
/// the smaller it is, the more is copied in all.
const BIG_PRODUCTS: usize = 1 << 27;

/// How many big tiles there are to a product that is not so large.
const TILES: usize = 16;

/// A product whose bounds have been checked, as addresses.
struct Job<F> {
    m: usize,
    n: usize,
    k: usize,
    a: *const F,
    a_row: usize,
    a_column: usize,
    b: *const F,
    b_row: usize,
    b_column: usize,
    /// The copy of all of B; null if there is none.
    packed: *const F,
    /// Columns of all of B, and how many of them come before those of this job.
    packed_columns: usize,
    packed_before: usize,
    beta: F,
    /// The bias; null if there is none.
    bias: *const F,
    /// Whether the bias has a number for each row, rather than for each column.
    bias_of_rows: bool,
    c: *mut F,
    c_row: usize,
}

impl<F> Job<F> {
    /// Whether there is a bias of rows, or one of columns.
    fn has_bias(&self, of_rows: bool) -> bool {
        !self.bias.is_null() && self.bias_of_rows == of_rows
    }
}

// SAFETY: A and B are only read, and jobs that run side by side write to different tiles of C.
unsafe impl<F: Scalar> Send for Job<F> {}

/// C ← A·B + beta·C, or A·B + bias, with the kernel `K`; false, and nothing done, if this machine does not have it.
///
/// Nothing is done either if a slice is too short for its sizes; debug builds panic.
pub fn gemm_with<F: Scalar, K: Kernel<F>>(job: Gemm<'_, F>) -> bool {
    if !K::is_available() {
        return false;
    }
    let Gemm { m, n, k, a, b, packed, beta, bias, c, parallel } = job;
    let fits = holds(&a, m, k)
        && holds(&b, k, n)
        && packed.is_none_or(|packed| packed_length(k, n) <= packed.len())
        && m.checked_mul(n).is_some_and(|size| size <= c.len())
        && match bias {
            None => true,
            Some(Bias::Columns(bias)) => n <= bias.len(),
            Some(Bias::Rows(bias)) => m <= bias.len(),
        };
    debug_assert!(fits, "a slice is too short for a product of {m}×{k} and {k}×{n}");
    if !fits || m == 0 || n == 0 {
        return true;
    }
    if k == 0 {
        let rows = c[..m * n].chunks_exact_mut(n);
        match bias {
            Some(Bias::Columns(bias)) => rows.for_each(|c| c.copy_from_slice(&bias[..n])),
            Some(Bias::Rows(bias)) => rows.zip(bias).for_each(|(c, &bias)| c.fill(bias)),
            None => scale(&mut c[..m * n], beta),
        }
        return true;
    }
    let job = Job {
        m,
        n,
        k,
        a: a.values.as_ptr(),
        a_row: a.row_stride,
        a_column: a.column_stride,
        b: b.values.as_ptr(),
        b_row: b.row_stride,
        b_column: b.column_stride,
        packed: packed.map_or(std::ptr::null(), <[F]>::as_ptr),
        packed_columns: n,
        packed_before: 0,
        beta: if bias.is_some() { F::one() } else { beta },
        bias: match bias {
            None => std::ptr::null(),
            Some(Bias::Columns(bias) | Bias::Rows(bias)) => bias.as_ptr(),
        },
        bias_of_rows: matches!(bias, Some(Bias::Rows(_))),
        c: c.as_mut_ptr(),
        c_row: n,
    };
    let products = products(&job);
    let large = products / 2 >= BIG_PRODUCTS;
    // One row is as fast as memory is, and several threads get hardly more of it.
    let least = if job.m == 1 { 8 * SPLIT_PRODUCTS } else { SPLIT_PRODUCTS };
    let most = if large { BIG_PRODUCTS } else { least.max(products / TILES) };
    // SAFETY: the kernel is available, every element of A, B and C lies within its slice, and C is borrowed mutably.
    unsafe { split::<F, K>(job, most, parallel) };
    true
}

/// Whether every element of a `rows` × `columns` matrix lies within its slice.
pub(super) fn holds<F>(matrix: &Matrix<'_, F>, rows: usize, columns: usize) -> bool {
    if rows == 0 || columns == 0 {
        return true;
    }
    let last_row = (rows - 1).checked_mul(matrix.row_stride);
    let last_column = (columns - 1).checked_mul(matrix.column_stride);
    last_row
        .zip(last_column)
        .and_then(|(row, column)| row.checked_add(column))
        .is_some_and(|last| last < matrix.values.len())
}

/// How many rows of B a block has, but for the last one: k is cut into equal blocks.
pub(super) fn k_block_of(k: usize) -> usize {
    k.div_ceil(k.div_ceil(K_BLOCK))
}

/// C ← beta·C, overwriting it if beta is zero.
fn scale<F: Scalar>(c: &mut [F], beta: F) {
    for c in c {
        *c = if beta == F::zero() { F::zero() } else { beta * *c };
    }
}

/// How many products there are to a job.
fn products<F>(job: &Job<F>) -> usize {
    job.m.saturating_mul(job.n).saturating_mul(job.k)
}

/// Splits C into big tiles of no more than `most` products, or as small as is worth while, and computes them, side by side if that is allowed.
///
/// # Safety
/// The kernel is available, and the addresses of the job are valid and C is not used otherwise.
unsafe fn split<F: Scalar, K: Kernel<F>>(job: Job<F>, most: usize, parallel: Parallel) {
    let whole = parallel == Parallel::Off || products(&job) <= most;
    // SAFETY: the parts of C do not overlap, and each is within the job.
    unsafe {
        let (left, right) = if !whole && (job.n > 128 || (job.n > 64 && job.m <= 96)) {
            // Columns first: a task copies its own part of B, and other columns are another part.
            let n = (job.n / 2).next_multiple_of(64);
            let right = Job {
                n: job.n - n,
                b: job.b.add(n * job.b_column),
                packed_before: job.packed_before + n,
                bias: job.bias.wrapping_add(if job.has_bias(false) { n } else { 0 }),
                c: job.c.add(n),
                ..job
            };
            (Job { n, ..job }, right)
        } else if !whole && job.m > 48 {
            let m = (job.m / 2).next_multiple_of(24);
            let lower = Job {
                m: job.m - m,
                a: job.a.add(m * job.a_row),
                bias: job.bias.wrapping_add(if job.has_bias(true) { m } else { 0 }),
                c: job.c.add(m * job.c_row),
                ..job
            };
            (Job { m, ..job }, lower)
        } else {
            return buffer::with(|to_a, to_b| serial::<F, K>(&job, to_a, to_b));
        };
        parallel.join(
            move || split::<F, K>(left, most, parallel),
            move || split::<F, K>(right, most, parallel),
        );
    }
}

/// Computes one big tile on this thread.
///
/// # Safety
/// As for `split`; the buffers are those that `buffer` provides.
unsafe fn serial<F: Scalar, K: Kernel<F>>(job: &Job<F>, to_a: *mut F, to_b: *mut F) {
    let k_block = k_block_of(job.k);
    let is_packed = !job.packed.is_null();
    let in_place = !is_packed && reads_in_place(job, k_block);
    // One row with a transposed B, as in inference with one sample.
    let one = !is_packed && job.m == 1 && job.b_row == 1 && job.b_column != 1 && job.a_column == 1;
    // Columns of the tallest tile.
    let wide = K::TILES[0].1 * K::LANES;
    let n_most = if one || ((in_place || is_packed) && job.m <= K::TILES[0].0) {
        // Each number of B is read once.
        job.n
    } else {
        buffer::B_BYTES / size_of::<F>() / k_block / wide * wide
    };
    // Equal blocks rather than a narrow last one, of whole tiles.
    let n_block = job.n.div_ceil(job.n.div_ceil(n_most)).next_multiple_of(wide);
    let near = job.m.saturating_mul(k_block) <= buffer::A_BYTES / size_of::<F>();
    for p in (0..job.k).step_by(k_block) {
        let k = k_block.min(job.k - p);
        let biased = p == 0 && !job.bias.is_null();
        let mut whole = Tile {
            k,
            // SAFETY: p is below the job's k.
            a: unsafe { job.a.add(p * job.a_column) },
            a_row: job.a_row,
            a_column: job.a_column,
            b: job.b,
            b_row: job.b_row,
            b_group: K::LANES,
            c: job.c,
            c_row: job.c_row,
            old: if biased { job.bias } else { job.c },
            old_row: if biased { usize::from(job.bias_of_rows) } else { job.c_row },
            old_column: usize::from(!(biased && job.bias_of_rows)),
            last: K::LANES,
            beta: if p == 0 { job.beta } else { F::one() },
            ahead: job.a,
            ahead_step: 0,
        };
        let once = near && !one && is_copied(&whole, job.n.div_ceil(K::LANES), near);
        if once {
            // SAFETY: A has m rows and k columns from here on, and the buffer room for as many.
            whole = unsafe { copied(K::TILES, job.m, whole, to_a) };
        }
        for first_column in (0..job.n).step_by(n_block) {
            let n = n_block.min(job.n - first_column);
            // What is read in place must be whole groups.
            let in_place = if in_place || one { n / K::LANES * K::LANES } else { 0 };
            // SAFETY: all offsets are below the sizes of the job, and k × n numbers, n rounded up to whole groups, fit the buffer.
            unsafe {
                let tile = Tile {
                    b: job.b.add(p * job.b_row + first_column * job.b_column),
                    c: job.c.add(first_column),
                    old: whole.old.add(first_column * whole.old_column),
                    ..whole
                };
                if one {
                    K::row(in_place / K::LANES, &tile, job.b_column);
                } else if in_place > 0 {
                    block::<F, K>(job.m, in_place, tile, once, to_a);
                }
                if in_place < n {
                    let b = if is_packed {
                        let before = job.packed_before + first_column;
                        job.packed.add(packed_length(p, job.packed_columns) + before * k)
                    } else {
                        let rest = tile.b.add(in_place * job.b_column);
                        K::pack(k, n - in_place, rest, job.b_row, job.b_column, to_b);
                        to_b
                    };
                    let packed = Tile {
                        b,
                        b_row: K::LANES,
                        b_group: k * K::LANES,
                        c: tile.c.add(in_place),
                        old: tile.old.add(in_place * tile.old_column),
                        ..tile
                    };
                    block::<F, K>(job.m, n - in_place, packed, once, to_a);
                }
            }
        }
    }
}

/// Whether the rows of B are used where they are rather than copied.
fn reads_in_place<F>(job: &Job<F>, k_block: usize) -> bool {
    let near = k_block.saturating_mul(job.b_row) <= 2 * buffer::B_BYTES / size_of::<F>();
    job.b_column == 1 && job.m <= if near { FEW_ROWS_NEAR } else { FEW_ROWS }
}

/// Computes `m` rows and `n` columns of C for one block of k, in tiles that fit the registers. `whole` is the tile at the upper
/// left; if A was copied `once`, its A is what [`copied`] left in the buffer.
///
/// # Safety
/// As for `serial`; B must be readable for whole groups.
unsafe fn block<F: Scalar, K: Kernel<F>>(
    m: usize,
    n: usize,
    whole: Tile<F>,
    once: bool,
    to_a: *mut F,
) {
    const { assert!(ROWS * K_BLOCK * size_of::<F>() <= buffer::A_BYTES) }
    const { assert!(ROWS.is_multiple_of(K::TILES[0].0) && ROWS >= K::TILES[0].0) }
    const { assert!(TALLEST.is_multiple_of(K::TILES[0].0)) }
    let groups = n.div_ceil(K::LANES);
    let near = m.saturating_mul(whole.k) <= buffer::A_BYTES / size_of::<F>();
    let copies = !once && is_copied(&whole, groups, near);
    // SAFETY: the rows are among the m, and the buffer holds as many.
    unsafe {
        if !copies || whole.a_column == 1 {
            return tiles::<F, K>(m, groups, n, &whole, once, copies.then_some(to_a));
        }
        for row in (0..m).step_by(ROWS) {
            let part = Tile {
                a: whole.a.add(row * whole.a_row),
                c: whole.c.add(row * whole.c_row),
                old: whole.old.add(row * whole.old_row),
                ..whole
            };
            let rows = ROWS.min(m - row);
            let part = copied(K::TILES, rows, part, to_a);
            tiles::<F, K>(rows, groups, n, &part, true, None);
        }
    }
}

/// Computes the tiles of a block: with `copied`, from what [`copied`] left in the buffer, and with an address, from what each tile copies to it.
///
/// # Safety
/// As for `block`.
unsafe fn tiles<F: Scalar, K: Kernel<F>>(
    m: usize,
    groups: usize,
    n: usize,
    whole: &Tile<F>,
    copied: bool,
    to: Option<*mut F>,
) {
    // Rows that follow one another are asked for a tile ahead: each is read along several rows at once, which the machine does not foresee well.
    let in_one_stretch = !copied && to.is_none() && whole.a_column == 1 && whole.a_row == whole.k;
    let mut row = 0;
    for &(rows, wide) in K::TILES {
        while m - row >= rows {
            // SAFETY: the tiles lie within the m rows and the groups of the block, and the buffer holds the tallest tile.
            unsafe {
                let mut tile = *whole;
                if copied {
                    tile = gathered(Tile { a: whole.a.add(row * whole.k), ..*whole }, rows);
                } else {
                    tile.a = whole.a.add(row * whole.a_row);
                }
                if let Some(to) = to {
                    gather(&mut tile, rows, to);
                }
                let c = whole.c.add(row * whole.c_row);
                let old = whole.old.add(row * whole.old_row);
                let mut group = 0;
                if in_one_stretch && m - row > rows {
                    tile.ahead = whole.a.add((row + rows) * whole.a_row);
                    tile.ahead_step = LINE / size_of::<F>();
                }
                while group < groups {
                    let mut width = wide;
                    while width > groups - group {
                        width /= 2;
                    }
                    let last = (group + width - 1) * K::LANES;
                    tile.b = whole.b.add(group * whole.b_group);
                    tile.c = c.add(group * K::LANES);
                    tile.old = old.add(group * K::LANES * whole.old_column);
                    tile.last = K::LANES.min(n - last);
                    K::tile(rows, width, &tile);
                    // The first tile has asked for all of it.
                    tile.ahead_step = 0;
                    group += width;
                }
            }
            row += rows;
        }
    }
}

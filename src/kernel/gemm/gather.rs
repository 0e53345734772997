//! Copies of A, so that a tile reads it from few lines of the cache.

use std::ops::Range;

use super::micro::Tile;
use crate::scalar::Scalar;

/// From how many groups of columns on a part of A whose rows are not contiguous is copied: each group reads it again.
const PACK_A_GROUPS: usize = 8;

/// The same if its rows are contiguous: then only so that they do not lie at the same place of a page, where they drive each other out of the cache.
const PACK_ROWS_GROUPS: usize = 16;

/// The same if A is so large that it comes from far away, tile by tile: a copy reads it in one go.
const PACK_FAR_ROWS_GROUPS: usize = 4;

/// Rows of a transposed A that are copied together: whole lines of the cache, and whole tiles of every height.
pub(super) const ROWS: usize = 48;

/// Columns of a transposed A that are copied for all rows before the next ones, so that a line is read while it is in the nearest cache.
const COLUMNS: usize = 8;

/// Whether A is copied for so many groups of columns: not where its rows lie as the copy would.
pub(super) fn is_copied<F>(tile: &Tile<F>, groups: usize, near: bool) -> bool {
    match (tile.a_column, near) {
        (1, _) if tile.a_row == tile.k => false,
        (1, true) => groups >= PACK_ROWS_GROUPS,
        (1, false) => groups >= PACK_FAR_ROWS_GROUPS,
        _ => groups >= PACK_A_GROUPS,
    }
}

/// The tile at the upper left of `m` rows, with all rows of A copied to the buffer for it and those below it: those of each tile, of the heights in
/// `tiles`, one after the other.
///
/// # Safety
/// A must be readable for m rows and the tile's k columns, and `to` writable for as many numbers.
pub(super) unsafe fn copied<F: Scalar>(
    tiles: &[(usize, usize)],
    m: usize,
    whole: Tile<F>,
    to: *mut F,
) -> Tile<F> {
    let step = if whole.a_column == 1 { whole.k } else { COLUMNS };
    for p in (0..whole.k).step_by(step) {
        let mut row = 0;
        for &(rows, _) in tiles {
            while m - row >= rows {
                // SAFETY: the rows are among the m, and the columns among the k.
                unsafe {
                    let tile = Tile { a: whole.a.add(row * whole.a_row), ..whole };
                    copy(&tile, rows, p..whole.k.min(p + step), to.add(row * whole.k));
                }
                row += rows;
            }
        }
    }
    Tile { a: to, ..whole }
}

/// Copies the part of A that a tile of `rows` rows is made of, so that it is read from few cache lines.
///
/// # Safety
/// A must be readable and `to` writable for `rows` rows and the tile's `k` columns.
pub(super) unsafe fn gather<F: Scalar>(tile: &mut Tile<F>, rows: usize, to: *mut F) {
    // SAFETY: as the caller vouches.
    unsafe { copy(tile, rows, 0..tile.k, to) };
    *tile = gathered(Tile { a: to, ..*tile }, rows);
}

/// Copies some columns of a tile's A to their place among all k.
///
/// # Safety
/// A must be readable and `to` writable for `rows` rows and the tile's `k` columns.
unsafe fn copy<F: Scalar>(tile: &Tile<F>, rows: usize, columns: Range<usize>, to: *mut F) {
    // SAFETY: every row is below `rows` and every column among the k.
    unsafe {
        match (tile.a_column, tile.a_row, rows) {
            (1, _, _) => {
                for i in 0..rows {
                    let from = tile.a.add(i * tile.a_row + columns.start);
                    let to = to.add(i * tile.k + columns.start);
                    to.copy_from_nonoverlapping(from, columns.len());
                }
            }
            (_, 1, 12) => neighbours::<F, 12>(tile, columns, to),
            (_, 1, 8) => neighbours::<F, 8>(tile, columns, to),
            (_, 1, 6) => neighbours::<F, 6>(tile, columns, to),
            (_, 1, 4) => neighbours::<F, 4>(tile, columns, to),
            (_, 1, 2) => neighbours::<F, 2>(tile, columns, to),
            _ => {
                for p in columns {
                    for i in 0..rows {
                        *to.add(p * rows + i) = *tile.a.add(i * tile.a_row + p * tile.a_column);
                    }
                }
            }
        }
    }
}

/// The same for `R` rows that are neighbours in each column.
///
/// # Safety
/// As for [`copy`].
#[inline(always)]
unsafe fn neighbours<F: Scalar, const R: usize>(tile: &Tile<F>, columns: Range<usize>, to: *mut F) {
    for p in columns {
        // SAFETY: p is below k.
        unsafe { to.add(p * R).copy_from_nonoverlapping(tile.a.add(p * tile.a_column), R) };
    }
}

/// The tile whose A was gathered: row after row if its rows were contiguous, column after column otherwise.
pub(super) fn gathered<F>(tile: Tile<F>, rows: usize) -> Tile<F> {
    if tile.a_column == 1 {
        Tile { a_row: tile.k, ..tile }
    } else {
        Tile { a_row: 1, a_column: rows, ..tile }
    }
}

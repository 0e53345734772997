//! Copies of A, so that a tile reads it from few lines of the cache.

use super::kernel::Kernel;
use super::micro::Tile;
use crate::scalar::Scalar;

/// From how many groups of columns on a part of A whose rows are not contiguous is copied: each group reads it again.
const PACK_A_GROUPS: usize = 8;

/// The same if its rows are contiguous: then only so that they do not lie at the same place of a page, where they drive each other out of the cache.
const PACK_ROWS_GROUPS: usize = 16;

/// The same if A is so large that it comes from far away, tile by tile: a copy reads it in one go.
const PACK_FAR_ROWS_GROUPS: usize = 4;

/// So many neighbours of a transposed A are copied in one go, as every processor can.
const NEIGHBOURS: usize = 4;

/// From how many groups of columns on a part of A is copied.
pub(super) fn copied_from(a_column: usize, near: bool) -> usize {
    match (a_column, near) {
        (1, true) => PACK_ROWS_GROUPS,
        (1, false) => PACK_FAR_ROWS_GROUPS,
        _ => PACK_A_GROUPS,
    }
}

/// The tile at the upper left of `m` rows, with all rows of A copied to the buffer for it and those below it: those of each tile one after the other.
///
/// # Safety
/// A must be readable for m rows and the tile's k columns, and `to` writable for as many numbers.
pub(super) unsafe fn copied<F: Scalar, K: Kernel<F>>(
    m: usize,
    whole: Tile<F>,
    to: *mut F,
) -> Tile<F> {
    let mut row = 0;
    for &(rows, _) in K::TILES {
        while m - row >= rows {
            // SAFETY: the rows are among the m.
            unsafe {
                let mut tile = Tile { a: whole.a.add(row * whole.a_row), ..whole };
                gather(&mut tile, rows, to.add(row * whole.k));
            }
            row += rows;
        }
    }
    Tile { a: to, ..whole }
}

/// Copies the part of A that a tile of `rows` rows is made of, so that it is read from few cache lines.
///
/// # Safety
/// A must be readable and `to` writable for `rows` rows and the tile's `k` columns.
pub(super) unsafe fn gather<F: Scalar>(tile: &mut Tile<F>, rows: usize, to: *mut F) {
    for i in 0..rows {
        if tile.a_column == 1 {
            // SAFETY: i < rows, and each row holds k numbers.
            unsafe {
                to.add(i * tile.k).copy_from_nonoverlapping(tile.a.add(i * tile.a_row), tile.k);
            }
        }
    }
    if tile.a_column != 1 && tile.a_row == 1 && rows.is_multiple_of(NEIGHBOURS) {
        for p in 0..tile.k {
            for i in (0..rows).step_by(NEIGHBOURS) {
                // SAFETY: i + 3 < rows and p < k.
                unsafe {
                    let from = tile.a.add(i + p * tile.a_column);
                    to.add(p * rows + i).copy_from_nonoverlapping(from, NEIGHBOURS);
                }
            }
        }
    } else if tile.a_column != 1 {
        for p in 0..tile.k {
            for i in 0..rows {
                // SAFETY: i < rows and p < k.
                unsafe { *to.add(p * rows + i) = *tile.a.add(i * tile.a_row + p * tile.a_column) };
            }
        }
    }
    *tile = gathered(Tile { a: to, ..*tile }, rows);
}

/// The tile whose A was gathered: row after row if its rows were contiguous, column after column otherwise.
pub(super) fn gathered<F>(tile: Tile<F>, rows: usize) -> Tile<F> {
    if tile.a_column == 1 {
        Tile { a_row: tile.k, ..tile }
    } else {
        Tile { a_row: 1, a_column: rows, ..tile }
    }
}

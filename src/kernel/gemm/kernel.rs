//! The seam between the blocked loops and the instruction sets.

use super::micro::Tile;

/// The innermost loops for one instruction set.
///
/// # Safety
/// `is_available` answers truly, and the other functions do what `micro` documents.
pub unsafe trait Kernel<F>: 'static {
    /// Numbers in a register: the width of one group of columns.
    const LANES: usize;

    /// The heights of tiles there are, descending to 1, each with the number of groups of its widest tile: a power of two. Every
    /// height also has tiles of half that many groups, a quarter, and so on down to one.
    const TILES: &'static [(usize, usize)];

    /// Whether this machine has the instruction set.
    fn is_available() -> bool;

    /// Computes the tile of `rows` rows and `groups` groups, which must be one of those that `TILES` tells of.
    ///
    /// # Safety
    /// As for `micro::tile`.
    unsafe fn tile(rows: usize, groups: usize, tile: &Tile<F>);

    /// Copies a part of B into groups of columns.
    ///
    /// # Safety
    /// As for `micro::pack`.
    unsafe fn pack(
        k: usize,
        columns: usize,
        b: *const F,
        b_row: usize,
        b_column: usize,
        to: *mut F,
    );

    /// Computes one row of C where the columns of B are contiguous.
    ///
    /// # Safety
    /// As for `micro::row`.
    unsafe fn row(groups: usize, tile: &Tile<F>, b_column: usize);
}

/// Declares a kernel: the functions of `micro` compiled for one instruction set.
#[cfg(target_arch = "x86_64")]
macro_rules! kernel {
    (
        $(#[doc = $doc:literal])*
        $name:ident: $scalar:ty, $vector:ty, $features:literal, available if $available:expr,
        tiles $($rows:literal x [$widest:literal $($groups:literal)*])*
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        // SAFETY: availability is asked of the processor, for every feature that the functions below enable.
        unsafe impl Kernel<$scalar> for $name {
            const LANES: usize = <$vector as Vector<$scalar>>::LANES;
            const TILES: &'static [(usize, usize)] = &[$(($rows, $widest)),*];

            #[inline]
            fn is_available() -> bool {
                $available
            }

            #[inline]
            unsafe fn tile(rows: usize, groups: usize, tile: &Tile<$scalar>) {
                #[target_feature(enable = $features)]
                unsafe fn run<const R: usize, const G: usize>(tile: &Tile<$scalar>) {
                    // SAFETY: as the caller vouches.
                    unsafe { micro::tile::<$scalar, $vector, R, G>(tile) }
                }
                // SAFETY: the caller vouches for the instruction set and the addresses.
                unsafe {
                    match (rows, groups) {
                        $(
                            ($rows, $widest) => run::<$rows, $widest>(tile),
                            $(($rows, $groups) => run::<$rows, $groups>(tile),)*
                        )*
                        _ => unreachable!("there is no tile of {rows} rows and {groups} groups"),
                    }
                }
            }

            #[inline]
            unsafe fn pack(
                k: usize,
                columns: usize,
                b: *const $scalar,
                b_row: usize,
                b_column: usize,
                to: *mut $scalar,
            ) {
                #[target_feature(enable = $features)]
                unsafe fn run(
                    k: usize,
                    columns: usize,
                    b: *const $scalar,
                    b_row: usize,
                    b_column: usize,
                    to: *mut $scalar,
                ) {
                    // SAFETY: as the caller vouches.
                    unsafe { micro::pack::<$scalar, $vector>(k, columns, b, b_row, b_column, to) }
                }
                // SAFETY: the caller vouches for the instruction set and the addresses.
                unsafe { run(k, columns, b, b_row, b_column, to) }
            }

            #[inline]
            unsafe fn row(groups: usize, tile: &Tile<$scalar>, b_column: usize) {
                #[target_feature(enable = $features)]
                unsafe fn run(groups: usize, tile: &Tile<$scalar>, b_column: usize) {
                    // SAFETY: as the caller vouches.
                    unsafe { micro::row::<$scalar, $vector>(groups, tile, b_column) }
                }
                // SAFETY: the caller vouches for the instruction set and the addresses.
                unsafe { run(groups, tile, b_column) }
            }
        }
    };
}
#[cfg(target_arch = "x86_64")]
pub(super) use kernel;

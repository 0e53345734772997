//! The kernel for machines without one of their own: plain arithmetic that the compiler turns into vectors.

use super::kernel::Kernel;
use super::micro::{self, Tile};
use super::vector::Vector;
use crate::scalar::Scalar;

/// The kernel for every machine and every scalar.
#[derive(Clone, Copy, Debug)]
pub struct Portable;

/// Four numbers: what the narrowest vector units hold in single precision.
#[derive(Clone, Copy, Debug)]
struct Four<F>([F; 4]);

impl<F: Scalar> Vector<F> for Four<F> {
    const LANES: usize = 4;
    type Stripe = [Self; 4];
    const STRIPE: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: F) -> Self {
        Self([x; 4])
    }

    #[inline(always)]
    unsafe fn load(from: *const F) -> Self {
        // SAFETY: the caller vouches for four numbers; an array is read at the alignment of its numbers.
        Self(unsafe { *from.cast::<[F; 4]>() })
    }

    #[inline(always)]
    unsafe fn load_part(from: *const F, count: usize) -> Self {
        let mut lanes = [F::zero(); 4];
        for (lane, x) in lanes.iter_mut().enumerate().take(count) {
            // SAFETY: lane < count, and the caller vouches for `count` numbers.
            *x = unsafe { *from.add(lane) };
        }
        Self(lanes)
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut F) {
        // SAFETY: the caller vouches for four numbers; an array is written at the alignment of its numbers.
        unsafe { *to.cast::<[F; 4]>() = self.0 }
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut F, count: usize) {
        for (lane, &x) in self.0.iter().enumerate().take(count) {
            // SAFETY: lane < count, and the caller vouches for `count` numbers.
            unsafe { *to.add(lane) = x }
        }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        // Without an instruction for it, a fused multiply-add would be a call to a function, many times as slow.
        let fused = cfg!(any(target_arch = "aarch64", target_feature = "fma"));
        Self(std::array::from_fn(|lane| {
            let (x, factor, sum) = (self.0[lane], factor.0[lane], sum.0[lane]);
            if fused { x.mul_add(factor, sum) } else { x * factor + sum }
        }))
    }

    #[inline(always)]
    unsafe fn columns(from: *const F, stride: usize) -> [Self; 4] {
        let column = |column: usize| {
            // SAFETY: the caller vouches for four rows of four numbers.
            Four(std::array::from_fn(|row| unsafe { *from.add(row * stride + column) }))
        };
        std::array::from_fn(column)
    }
}

// SAFETY: plain arithmetic is available everywhere.
unsafe impl<F: Scalar> Kernel<F> for Portable {
    const LANES: usize = 4;
    // In double precision a group fills two of the narrowest registers, so that half as many groups fill them all.
    const TILES: &'static [(usize, usize)] =
        if size_of::<F>() <= 4 { &[(4, 2), (2, 4), (1, 8)] } else { &[(4, 1), (2, 2), (1, 4)] };

    #[inline]
    fn is_available() -> bool {
        true
    }

    unsafe fn tile(rows: usize, groups: usize, tile: &Tile<F>) {
        // SAFETY: the caller vouches for the addresses.
        unsafe {
            match (rows, groups) {
                (4, 2) => micro::tile::<F, Four<F>, 4, 2>(tile),
                (4, 1) => micro::tile::<F, Four<F>, 4, 1>(tile),
                (2, 4) => micro::tile::<F, Four<F>, 2, 4>(tile),
                (2, 2) => micro::tile::<F, Four<F>, 2, 2>(tile),
                (2, 1) => micro::tile::<F, Four<F>, 2, 1>(tile),
                (1, 8) => micro::tile::<F, Four<F>, 1, 8>(tile),
                (1, 4) => micro::tile::<F, Four<F>, 1, 4>(tile),
                (1, 2) => micro::tile::<F, Four<F>, 1, 2>(tile),
                (1, 1) => micro::tile::<F, Four<F>, 1, 1>(tile),
                _ => unreachable!("there is no tile of {rows} rows and {groups} groups"),
            }
        }
    }

    unsafe fn pack(
        k: usize,
        columns: usize,
        b: *const F,
        b_row: usize,
        b_column: usize,
        to: *mut F,
    ) {
        // SAFETY: the caller vouches for the addresses.
        unsafe { micro::pack::<F, Four<F>>(k, columns, b, b_row, b_column, to) }
    }

    unsafe fn row(groups: usize, tile: &Tile<F>, b_column: usize) {
        // SAFETY: the caller vouches for the addresses.
        unsafe { micro::row::<F, Four<F>>(groups, tile, b_column) }
    }
}

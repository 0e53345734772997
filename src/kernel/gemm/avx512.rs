//! Kernels for x86-64 with AVX-512.

use std::arch::x86_64::*;

use super::kernel::{Kernel, kernel};
use super::micro::{self, Tile};
use super::vector::Vector;

kernel! {
    /// The kernel of `f32` for AVX-512: tiles of up to 12×32.
    Avx512F32: f32, __m512, "avx512f",
    available if is_x86_feature_detected!("avx512f"),
    tiles 12 x [2 1] 8 x [2 1] 4 x [4 2 1] 2 x [8 4 2 1] 1 x [8 4 2 1]
}

kernel! {
    /// The kernel of `f64` for AVX-512: tiles of up to 12×16.
    Avx512F64: f64, __m512d, "avx512f",
    available if is_x86_feature_detected!("avx512f"),
    tiles 12 x [2 1] 8 x [2 1] 4 x [4 2 1] 2 x [8 4 2 1] 1 x [8 4 2 1]
}

// In each block below, SAFETY: the caller vouches for the instruction set and for the addresses.

impl Vector<f32> for __m512 {
    const LANES: usize = 16;
    type Square = [Self; 16];

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        // SAFETY: see above.
        unsafe { _mm512_set1_ps(x) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: see above.
        unsafe { _mm512_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize) -> Self {
        // SAFETY: see above; masked lanes are not read.
        unsafe { _mm512_maskz_loadu_ps(((1_u32 << count) - 1) as u16, from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_ps(to, self) }
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut f32, count: usize) {
        // SAFETY: see above; masked lanes are not written.
        unsafe { _mm512_mask_storeu_ps(to, ((1_u32 << count) - 1) as u16, self) }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        // SAFETY: see above.
        unsafe { _mm512_fmadd_ps(self, factor, sum) }
    }

    #[inline(always)]
    unsafe fn columns(from: *const f32, stride: usize) -> [Self; 16] {
        // SAFETY: see above.
        unsafe {
            // Loads put four columns of rows i, i + 4, i + 8 and i + 12 into the quarters of a register, which costs no shuffle. What is left
            // is to transpose squares of four within the quarters.
            let mut columns = [_mm512_setzero_ps(); 16];
            for column in (0..16).step_by(4) {
                let rows = |i: usize| {
                    let quarter = |s: usize| _mm_loadu_ps(from.add((4 * s + i) * stride + column));
                    let x = _mm512_broadcast_f32x4(quarter(0));
                    let x = _mm512_mask_broadcast_f32x4(x, 0x00F0, quarter(1));
                    let x = _mm512_mask_broadcast_f32x4(x, 0x0F00, quarter(2));
                    _mm512_mask_broadcast_f32x4(x, 0xF000, quarter(3))
                };
                let x = [rows(0), rows(1), rows(2), rows(3)];
                let low = [_mm512_unpacklo_ps(x[0], x[1]), _mm512_unpacklo_ps(x[2], x[3])];
                let high = [_mm512_unpackhi_ps(x[0], x[1]), _mm512_unpackhi_ps(x[2], x[3])];
                columns[column] = _mm512_shuffle_ps::<0x44>(low[0], low[1]);
                columns[column + 1] = _mm512_shuffle_ps::<0xEE>(low[0], low[1]);
                columns[column + 2] = _mm512_shuffle_ps::<0x44>(high[0], high[1]);
                columns[column + 3] = _mm512_shuffle_ps::<0xEE>(high[0], high[1]);
            }
            columns
        }
    }
}

impl Vector<f64> for __m512d {
    const LANES: usize = 8;
    type Square = [Self; 8];

    #[inline(always)]
    unsafe fn splat(x: f64) -> Self {
        // SAFETY: see above.
        unsafe { _mm512_set1_pd(x) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f64) -> Self {
        // SAFETY: see above.
        unsafe { _mm512_loadu_pd(from) }
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f64, count: usize) -> Self {
        // SAFETY: see above; masked lanes are not read.
        unsafe { _mm512_maskz_loadu_pd(((1_u32 << count) - 1) as u8, from) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f64) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_pd(to, self) }
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut f64, count: usize) {
        // SAFETY: see above; masked lanes are not written.
        unsafe { _mm512_mask_storeu_pd(to, ((1_u32 << count) - 1) as u8, self) }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        // SAFETY: see above.
        unsafe { _mm512_fmadd_pd(self, factor, sum) }
    }

    #[inline(always)]
    unsafe fn columns(from: *const f64, stride: usize) -> [Self; 8] {
        // SAFETY: see above.
        unsafe {
            // Pair up neighbouring rows within each quarter of the registers: x[2 s + c] then holds, quarter by quarter, columns
            // c, c + 2, c + 4, c + 6 of rows 2 s and 2 s + 1. Then collect the quarters.
            let mut x = [_mm512_setzero_pd(); 8];
            for s in (0..8).step_by(2) {
                let upper = Self::load(from.add(s * stride));
                let lower = Self::load(from.add((s + 1) * stride));
                x[s] = _mm512_unpacklo_pd(upper, lower);
                x[s + 1] = _mm512_unpackhi_pd(upper, lower);
            }
            let mut columns = x;
            for c in 0..2 {
                let low = _mm512_shuffle_f64x2::<0x88>(x[c], x[c + 2]);
                let high = _mm512_shuffle_f64x2::<0x88>(x[c + 4], x[c + 6]);
                columns[c] = _mm512_shuffle_f64x2::<0x88>(low, high);
                columns[c + 4] = _mm512_shuffle_f64x2::<0xDD>(low, high);
                let low = _mm512_shuffle_f64x2::<0xDD>(x[c], x[c + 2]);
                let high = _mm512_shuffle_f64x2::<0xDD>(x[c + 4], x[c + 6]);
                columns[c + 2] = _mm512_shuffle_f64x2::<0x88>(low, high);
                columns[c + 6] = _mm512_shuffle_f64x2::<0xDD>(low, high);
            }
            columns
        }
    }
}

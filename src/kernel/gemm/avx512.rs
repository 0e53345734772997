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
    type Stripe = [Self; 4];
    const STRIPE: usize = 4;

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
    unsafe fn columns(from: *const f32, stride: usize) -> [Self; 4] {
        // SAFETY: see above.
        unsafe {
            // Loads put four columns of rows i, i + 4, i + 8 and i + 12 into the quarters of a register. What is left is to transpose squares of four within
            // the quarters.
            let rows = |i: usize| {
                let quarter = |s: usize| _mm_loadu_ps(from.add((4 * s + i) * stride));
                let x = _mm512_broadcast_f32x4(quarter(0));
                let x = _mm512_mask_broadcast_f32x4(x, 0x00F0, quarter(1));
                let x = _mm512_mask_broadcast_f32x4(x, 0x0F00, quarter(2));
                _mm512_mask_broadcast_f32x4(x, 0xF000, quarter(3))
            };
            let x = [rows(0), rows(1), rows(2), rows(3)];
            let low = [_mm512_unpacklo_ps(x[0], x[1]), _mm512_unpacklo_ps(x[2], x[3])];
            let high = [_mm512_unpackhi_ps(x[0], x[1]), _mm512_unpackhi_ps(x[2], x[3])];
            [
                _mm512_shuffle_ps::<0x44>(low[0], low[1]),
                _mm512_shuffle_ps::<0xEE>(low[0], low[1]),
                _mm512_shuffle_ps::<0x44>(high[0], high[1]),
                _mm512_shuffle_ps::<0xEE>(high[0], high[1]),
            ]
        }
    }
}

impl Vector<f64> for __m512d {
    const LANES: usize = 8;
    type Stripe = [Self; 2];
    const STRIPE: usize = 2;

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
    unsafe fn columns(from: *const f64, stride: usize) -> [Self; 2] {
        // SAFETY: see above.
        unsafe {
            // As in single precision, with two columns of rows i, i + 2, i + 4 and i + 6.
            let rows = |i: usize| {
                let part = |s: usize| _mm_loadu_ps(from.add((2 * s + i) * stride).cast());
                let x = _mm512_broadcast_f32x4(part(0));
                let x = _mm512_mask_broadcast_f32x4(x, 0x00F0, part(1));
                let x = _mm512_mask_broadcast_f32x4(x, 0x0F00, part(2));
                _mm512_castps_pd(_mm512_mask_broadcast_f32x4(x, 0xF000, part(3)))
            };
            let x = [rows(0), rows(1)];
            [_mm512_unpacklo_pd(x[0], x[1]), _mm512_unpackhi_pd(x[0], x[1])]
        }
    }
}

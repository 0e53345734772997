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

    #[inline(always)]
    fn prefetch(from: *const f32) {
        // SAFETY: a prefetch of any address is harmless, and every x86-64 has it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
    }

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
    unsafe fn transpose(from: *const f32, stride: usize, to: *mut f32) {
        // SAFETY: see above.
        unsafe {
            // Pair up neighbouring rows, then pairs, within each quarter of the registers: x[4 s + c] then holds, quarter by
            // quarter, columns c, c + 4, c + 8, c + 12 of rows 4 s to 4 s + 3. Then collect the quarters.
            let mut x = [_mm512_setzero_ps(); 16];
            for (row, x) in x.iter_mut().enumerate() {
                *x = Self::load(from.add(row * stride));
            }
            let mut y = x;
            for i in (0..16).step_by(2) {
                y[i] = _mm512_unpacklo_ps(x[i], x[i + 1]);
                y[i + 1] = _mm512_unpackhi_ps(x[i], x[i + 1]);
            }
            for i in (0..16).step_by(4) {
                x[i] = _mm512_shuffle_ps::<0x44>(y[i], y[i + 2]);
                x[i + 1] = _mm512_shuffle_ps::<0xEE>(y[i], y[i + 2]);
                x[i + 2] = _mm512_shuffle_ps::<0x44>(y[i + 1], y[i + 3]);
                x[i + 3] = _mm512_shuffle_ps::<0xEE>(y[i + 1], y[i + 3]);
            }
            for c in 0..4 {
                let low = _mm512_shuffle_f32x4::<0x88>(x[c], x[c + 4]);
                let high = _mm512_shuffle_f32x4::<0x88>(x[c + 8], x[c + 12]);
                _mm512_shuffle_f32x4::<0x88>(low, high).store(to.add(c * 16));
                _mm512_shuffle_f32x4::<0xDD>(low, high).store(to.add((c + 8) * 16));
                let low = _mm512_shuffle_f32x4::<0xDD>(x[c], x[c + 4]);
                let high = _mm512_shuffle_f32x4::<0xDD>(x[c + 8], x[c + 12]);
                _mm512_shuffle_f32x4::<0x88>(low, high).store(to.add((c + 4) * 16));
                _mm512_shuffle_f32x4::<0xDD>(low, high).store(to.add((c + 12) * 16));
            }
        }
    }
}

impl Vector<f64> for __m512d {
    const LANES: usize = 8;

    #[inline(always)]
    fn prefetch(from: *const f64) {
        // SAFETY: a prefetch of any address is harmless, and every x86-64 has it.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
    }

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
    unsafe fn transpose(from: *const f64, stride: usize, to: *mut f64) {
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
            for c in 0..2 {
                let low = _mm512_shuffle_f64x2::<0x88>(x[c], x[c + 2]);
                let high = _mm512_shuffle_f64x2::<0x88>(x[c + 4], x[c + 6]);
                _mm512_shuffle_f64x2::<0x88>(low, high).store(to.add(c * 8));
                _mm512_shuffle_f64x2::<0xDD>(low, high).store(to.add((c + 4) * 8));
                let low = _mm512_shuffle_f64x2::<0xDD>(x[c], x[c + 2]);
                let high = _mm512_shuffle_f64x2::<0xDD>(x[c + 4], x[c + 6]);
                _mm512_shuffle_f64x2::<0x88>(low, high).store(to.add((c + 2) * 8));
                _mm512_shuffle_f64x2::<0xDD>(low, high).store(to.add((c + 6) * 8));
            }
        }
    }
}

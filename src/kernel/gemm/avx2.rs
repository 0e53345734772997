//! Kernels for x86-64 with AVX2 and FMA.

use std::arch::x86_64::*;

use super::kernel::{Kernel, kernel};
use super::micro::{self, Tile};
use super::vector::Vector;

kernel! {
    /// The kernel of `f32` for AVX2: tiles of up to 6×16.
    Avx2F32: f32, __m256, "avx2,fma",
    available if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
    tiles 6 x [2 1] 4 x [2 1] 2 x [4 2 1] 1 x [8 4 2 1]
}

kernel! {
    /// The kernel of `f64` for AVX2: tiles of up to 6×8.
    Avx2F64: f64, __m256d, "avx2,fma",
    available if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
    tiles 6 x [2 1] 4 x [2 1] 2 x [4 2 1] 1 x [8 4 2 1]
}

/// Ones in the first `count` of eight 32-bit lanes.
#[inline(always)]
unsafe fn mask_32(count: usize) -> __m256i {
    // SAFETY: the caller has AVX2.
    unsafe {
        let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), lanes)
    }
}

/// Ones in the first `count` of four 64-bit lanes.
#[inline(always)]
unsafe fn mask_64(count: usize) -> __m256i {
    // SAFETY: the caller has AVX2.
    unsafe {
        let lanes = _mm256_setr_epi64x(0, 1, 2, 3);
        _mm256_cmpgt_epi64(_mm256_set1_epi64x(count as i64), lanes)
    }
}

// In each block below, SAFETY: the caller vouches for the instruction set and for the addresses.

impl Vector<f32> for __m256 {
    const LANES: usize = 8;
    type Stripe = [Self; 4];
    const STRIPE: usize = 4;

    #[inline(always)]
    unsafe fn splat(x: f32) -> Self {
        // SAFETY: see above.
        unsafe { _mm256_set1_ps(x) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: see above.
        unsafe { _mm256_loadu_ps(from) }
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f32, count: usize) -> Self {
        // SAFETY: see above; masked lanes are not read.
        unsafe { _mm256_maskload_ps(from, mask_32(count)) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: see above.
        unsafe { _mm256_storeu_ps(to, self) }
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut f32, count: usize) {
        // SAFETY: see above; masked lanes are not written.
        unsafe { _mm256_maskstore_ps(to, mask_32(count), self) }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        // SAFETY: see above.
        unsafe { _mm256_fmadd_ps(self, factor, sum) }
    }

    #[inline(always)]
    unsafe fn columns(from: *const f32, stride: usize) -> [Self; 4] {
        // SAFETY: see above.
        unsafe {
            // A row and the fourth one below it are read into the halves of one register, so that no halves need be exchanged later; within each half,
            // pair up neighbouring rows, then pairs.
            let half = |row: usize| _mm_loadu_ps(from.add(row * stride));
            let rows = |i: usize| _mm256_set_m128(half(i + 4), half(i));
            let x = [rows(0), rows(1), rows(2), rows(3)];
            let low = [_mm256_unpacklo_ps(x[0], x[1]), _mm256_unpacklo_ps(x[2], x[3])];
            let high = [_mm256_unpackhi_ps(x[0], x[1]), _mm256_unpackhi_ps(x[2], x[3])];
            [
                _mm256_shuffle_ps::<0x44>(low[0], low[1]),
                _mm256_shuffle_ps::<0xEE>(low[0], low[1]),
                _mm256_shuffle_ps::<0x44>(high[0], high[1]),
                _mm256_shuffle_ps::<0xEE>(high[0], high[1]),
            ]
        }
    }
}

impl Vector<f64> for __m256d {
    const LANES: usize = 4;
    type Stripe = [Self; 2];
    const STRIPE: usize = 2;

    #[inline(always)]
    unsafe fn splat(x: f64) -> Self {
        // SAFETY: see above.
        unsafe { _mm256_set1_pd(x) }
    }

    #[inline(always)]
    unsafe fn load(from: *const f64) -> Self {
        // SAFETY: see above.
        unsafe { _mm256_loadu_pd(from) }
    }

    #[inline(always)]
    unsafe fn load_part(from: *const f64, count: usize) -> Self {
        // SAFETY: see above; masked lanes are not read.
        unsafe { _mm256_maskload_pd(from, mask_64(count)) }
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f64) {
        // SAFETY: see above.
        unsafe { _mm256_storeu_pd(to, self) }
    }

    #[inline(always)]
    unsafe fn store_part(self, to: *mut f64, count: usize) {
        // SAFETY: see above; masked lanes are not written.
        unsafe { _mm256_maskstore_pd(to, mask_64(count), self) }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
        // SAFETY: see above.
        unsafe { _mm256_fmadd_pd(self, factor, sum) }
    }

    #[inline(always)]
    unsafe fn columns(from: *const f64, stride: usize) -> [Self; 2] {
        // SAFETY: see above.
        unsafe {
            let half = |row: usize| _mm_loadu_pd(from.add(row * stride));
            let rows = |i: usize| _mm256_set_m128d(half(i + 2), half(i));
            let x = [rows(0), rows(1)];
            [_mm256_unpacklo_pd(x[0], x[1]), _mm256_unpackhi_pd(x[0], x[1])]
        }
    }
}

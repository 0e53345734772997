//! What the machine can do: products and sums in registers, and copies between two places in memory.
//!
//! `cargo bench --bench limits` prints GFLOP/s in single precision and GB/s, on one core. A copy reads and writes: both are counted.

mod clock;

use std::hint::black_box;

use clock::time;

/// Independent sums: enough that no unit waits for the sum before. They fill 12 of the widest registers.
const SUMS: usize = 12;

fn main() {
    println!("{:>32} {:>8.1} GFLOP/s", "multiply and add, f32", peak());
    for kilobytes in [16, 256, 4 << 10, 64 << 10, 256 << 10] {
        let from = vec![1_u8; kilobytes << 10];
        let mut to = vec![0_u8; kilobytes << 10];
        let seconds = time(|| black_box(&mut to).copy_from_slice(black_box(&from)));
        println!(
            "{:>32} {:>8.1} GB/s",
            format!("a copy of {kilobytes} KB"),
            2e-9 * (kilobytes << 10) as f64 / seconds
        );
    }
}

const STEPS: usize = 100_000;

/// NaN where the instruction sets are others.
fn peak() -> f64 {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::*;

        #[target_feature(enable = "avx512f")]
        fn widest() {
            let (a, b) = (_mm512_set1_ps(black_box(0.999)), _mm512_set1_ps(black_box(0.001)));
            let mut sums = [b; SUMS];
            for _ in 0..STEPS {
                sums.iter_mut().for_each(|sum| *sum = _mm512_fmadd_ps(*sum, a, b));
            }
            black_box(sums);
        }

        #[target_feature(enable = "avx2,fma")]
        fn wide() {
            let (a, b) = (_mm256_set1_ps(black_box(0.999)), _mm256_set1_ps(black_box(0.001)));
            let mut sums = [b; SUMS];
            for _ in 0..STEPS {
                sums.iter_mut().for_each(|sum| *sum = _mm256_fmadd_ps(*sum, a, b));
            }
            black_box(sums);
        }

        let speed = |lanes: usize, seconds: f64| 2e-9 * (SUMS * lanes * STEPS) as f64 / seconds;
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the machine has the instruction set.
            return speed(16, time(|| unsafe { widest() }));
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the machine has the instruction sets.
            return speed(8, time(|| unsafe { wide() }));
        }
    }
    f64::NAN
}

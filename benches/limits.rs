//! What the machine can do: products and sums in registers, copies between two places in memory, and two threads at once.
//!
//! `cargo bench --bench limits` prints GFLOP/s in single precision and GB/s, on one core. A copy reads and writes: both are counted. Then, how much two
//! threads that share nothing do in the time that one alone does its work, which is the most that a second thread can bring; and how fast a core reads
//! what the other one has written.

mod clock;

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use clock::time;
use downhill::Parallel;
use downhill::kernel::copy::copy;
use downhill::kernel::gemm::{Gemm, Matrix, gemm};

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
    for kilobytes in [4, 16, 64, 256] {
        let [library, ours] = into_a_page(kilobytes << 10);
        let what = format!("{kilobytes} KB, 4 bytes further in a page");
        println!("{what:>32} {library:>8.1} GB/s, by kernel::copy {ours:.1}");
    }
    if std::thread::available_parallelism().is_ok_and(|threads| threads.get() > 1) {
        let products = two_at_once(|| vec![0.5; 3 * SIDE * SIDE], |buffers| multiply(buffers));
        println!("{:>32} {products:>8.2} times one", "two threads' products");
        let bytes = 32 << 20;
        let copies = two_at_once(
            || vec![1_u8; 2 * bytes],
            |buffer| {
                let (to, from) = buffer.split_at_mut(bytes);
                to.copy_from_slice(black_box(from));
            },
        );
        println!("{:>32} {copies:>8.2} times one", "two threads' copies of 32 MB");
        println!("{:>32} {:>8.1} GB/s", "256 KB from the other core", handed_over(256 << 10));
    }
}

/// GB/s of a copy to a place one number further into a page than where it comes from, by the C library and by this crate.
fn into_a_page(bytes: usize) -> [f64; 2] {
    const PAGE: usize = 4096;
    let numbers = bytes / size_of::<f32>();
    let room = numbers + 2 * PAGE / size_of::<f32>();
    let (from, mut to) = (vec![1.0_f32; room], vec![0.0_f32; room]);
    let (first, second) = (from.as_ptr().align_offset(PAGE), to.as_ptr().align_offset(PAGE) + 1);
    let from = &from[first..first + numbers];
    let to = &mut to[second..second + numbers];
    let speed = |seconds: f64| 2e-9 * bytes as f64 / seconds;
    [
        speed(time(|| black_box(&mut *to).copy_from_slice(black_box(from)))),
        speed(time(|| copy(black_box(from), black_box(&mut *to)))),
    ]
}

/// Rows and columns of the product that two threads compute each for itself.
const SIDE: usize = 256;

fn multiply(buffers: &mut [f32]) {
    let (a, rest) = buffers.split_at_mut(SIDE * SIDE);
    let (b, c) = rest.split_at_mut(SIDE * SIDE);
    gemm(Gemm {
        m: SIDE,
        n: SIDE,
        k: SIDE,
        a: Matrix::row_major(a, SIDE),
        b: Matrix::row_major(b, SIDE),
        packed: None,
        beta: 0.0,
        bias: None,
        c,
        parallel: Parallel::Off,
    });
}

/// How many times the work of one thread two threads do in the same time, each with what `make` makes.
fn two_at_once<T>(make: impl Fn() -> T + Sync, work: impl Fn(&mut T) + Sync) -> f64 {
    let mut own = make();
    let alone = time(|| work(black_box(&mut own)));
    let done = AtomicBool::new(false);
    let together = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut own = make();
            while !done.load(Ordering::Relaxed) {
                work(black_box(&mut own));
            }
        });
        let seconds = time(|| work(black_box(&mut own)));
        done.store(true, Ordering::Relaxed);
        seconds
    });
    2.0 * alone / together
}

/// GB/s at which a thread reads so many bytes that another one has just written; the best of many times.
fn handed_over(bytes: usize) -> f64 {
    const TIMES: usize = 200;
    let buffer: Vec<AtomicUsize> = (0..bytes / size_of::<usize>()).map(AtomicUsize::new).collect();
    // Odd while the reader's turn lasts.
    let turn = AtomicUsize::new(0);
    let wait = |until: usize| {
        while turn.load(Ordering::Acquire) != until {
            std::hint::spin_loop();
        }
    };
    let mut best = f64::INFINITY;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for i in 0..TIMES {
                wait(2 * i);
                buffer.iter().for_each(|number| number.store(i, Ordering::Relaxed));
                turn.store(2 * i + 1, Ordering::Release);
            }
        });
        for i in 0..TIMES {
            wait(2 * i + 1);
            let start = std::time::Instant::now();
            let sum = buffer.iter().fold(0, |sum, number| sum ^ number.load(Ordering::Relaxed));
            black_box(sum);
            best = best.min(start.elapsed().as_secs_f64());
            turn.store(2 * i + 2, Ordering::Release);
        }
    });
    1e-9 * bytes as f64 / best
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

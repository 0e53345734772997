//! The matrix product allocates on a thread's first call and never again.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use downhill::Scalar;
use downhill::kernel::gemm::{Gemm, Matrix, gemm};
use downhill::kernel::parallel::Parallel;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

/// Counts what this thread asks of the system's allocator.
struct Counting;

// SAFETY: every call is handed on unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: as the caller vouches.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, address: *mut u8, layout: Layout) {
        // SAFETY: as the caller vouches.
        unsafe { System.dealloc(address, layout) }
    }

    unsafe fn realloc(&self, address: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        // SAFETY: as the caller vouches.
        unsafe { System.realloc(address, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn product<F: Scalar>(m: usize, n: usize, k: usize, values: &[F], c: &mut [F]) {
    let a = Matrix::row_major(values, k);
    let b = Matrix::row_major(values, k).transposed();
    gemm(Gemm {
        m,
        n,
        k,
        a,
        b,
        packed: None,
        beta: F::zero(),
        bias: None,
        c,
        parallel: Parallel::Off,
    });
}

#[test]
fn only_the_first_call_allocates() {
    let (single, mut c_single) = (vec![1.0_f32; 300 * 900], vec![0.0_f32; 300 * 300]);
    let (double, mut c_double) = (vec![1.0_f64; 300 * 900], vec![0.0_f64; 300 * 300]);
    product(2, 3, 4, &single, &mut c_single);
    let before = COUNT.get();
    assert!(before > 0);
    for (m, n, k) in [(300, 300, 900), (1, 300, 784), (7, 10, 64), (65, 33, 1)] {
        product(m, n, k, &single, &mut c_single);
        product(m, n, k, &double, &mut c_double);
    }
    assert_eq!(COUNT.get(), before);
}

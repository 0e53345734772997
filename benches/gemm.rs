//! The speed of the matrix product, beside that of `ndarray`.
//!
//! `cargo bench --bench gemm` prints GFLOP/s on one thread; `cargo bench --bench gemm -- threads` uses all of them.

mod clock;

use std::hint::black_box;

use clock::time;
use downhill::Scalar;
use downhill::kernel::gemm::{
    Gemm, Kernel, Matrix, gemm, gemm_with, pack, packed_length, portable::Portable,
};
use downhill::kernel::parallel::Parallel;
use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2};

/// Which factors are stored transposed, as in the backward pass of a dense layer.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Layout {
    Plain,
    TransposedA,
    TransposedB,
    /// B transposed, and copied once for all products.
    PackedB,
}

/// Rows of C, length of the sums, columns of C, and the layout.
const SHAPES: [(usize, usize, usize, Layout); 20] = [
    (32, 64, 128, Layout::Plain),
    (32, 64, 128, Layout::TransposedB),
    (64, 32, 128, Layout::TransposedA),
    (32, 128, 10, Layout::Plain),
    (128, 784, 512, Layout::Plain),
    (128, 784, 512, Layout::TransposedB),
    (784, 128, 512, Layout::TransposedA),
    (256, 2048, 2048, Layout::Plain),
    (256, 2048, 2048, Layout::TransposedB),
    (2048, 256, 2048, Layout::TransposedA),
    (12544, 288, 64, Layout::Plain),
    (64, 288, 784, Layout::Plain),
    (64, 2048, 2048, Layout::Plain),
    (64, 3136, 128, Layout::Plain),
    (64, 3136, 128, Layout::TransposedB),
    (1, 784, 512, Layout::Plain),
    (1, 784, 512, Layout::TransposedB),
    (1, 784, 512, Layout::PackedB),
    (10, 3136, 128, Layout::PackedB),
    (128, 784, 512, Layout::PackedB),
];

fn main() {
    let threads = std::env::args().any(|argument| argument == "threads");
    let parallel = if threads { Parallel::On } else { Parallel::Off };
    // From within the thread pool, as training does: entering it takes longer than a small product.
    parallel.join(
        || {
            table::<f32>(parallel);
            table::<f64>(parallel);
        },
        || (),
    );
}

fn table<F: Kernels>(parallel: Parallel) {
    println!("{}, GFLOP/s, {parallel:?}", F::NAME);
    let width = 10;
    print!("{:>30} {:>width$} {:>width$}", "m x k x n", "ndarray", "gemm");
    let kernels: Vec<_> = F::kernels().into_iter().filter(|&(_, _, available)| available).collect();
    for (name, ..) in &kernels {
        print!(" {name:>width$}");
    }
    println!();
    for (m, k, n, layout) in SHAPES {
        let a = Array2::from_shape_fn((m, k), |(i, j)| F::of(((i * 7 + j * 3) % 11) as f64 - 5.0));
        let b = Array2::from_shape_fn((k, n), |(i, j)| F::of(((i * 5 + j * 2) % 13) as f64 - 6.0));
        // The same matrix, stored by columns.
        let by_columns = |x: &Array2<F>| x.t().as_standard_layout().into_owned().reversed_axes();
        let a = if layout == Layout::TransposedA { by_columns(&a) } else { a };
        let b = match layout {
            Layout::TransposedB | Layout::PackedB => by_columns(&b),
            _ => b,
        };
        let mut copy = vec![F::zero(); packed_length(k, n)];
        pack(k, n, matrix(b.view()), &mut copy);
        let packed = (layout == Layout::PackedB).then_some(&copy[..]);
        let mut c = Array2::<F>::zeros((m, n));

        let speed = |seconds: f64| 2e-9 * (m * n * k) as f64 / seconds;
        let beside =
            speed(time(|| general_mat_mul(F::one(), &a, &b, F::zero(), black_box(&mut c))));
        print!("{:>30} {beside:>width$.1}", format!("{m}x{k}x{n} {layout:?}"));
        let mut run = |kernel: fn(Gemm<'_, F>)| {
            let seconds = time(|| {
                kernel(Gemm {
                    m,
                    n,
                    k,
                    a: matrix(a.view()),
                    b: matrix(b.view()),
                    packed,
                    beta: F::zero(),
                    bias: None,
                    c: black_box(c.as_slice_mut().unwrap()),
                    parallel,
                });
            });
            print!(" {:>width$.1}", speed(seconds));
        };
        run(gemm);
        // The copy is that of the best kernel.
        for (_, kernel, _) in kernels.iter().filter(|_| packed.is_none()) {
            run(*kernel);
        }
        println!();
    }
}

fn matrix<F>(view: ArrayView2<'_, F>) -> Matrix<'_, F> {
    let [row_stride, column_stride] = [view.strides()[0] as usize, view.strides()[1] as usize];
    Matrix { values: view.to_slice_memory_order().unwrap(), row_stride, column_stride }
}

/// A kernel's name, its product, and whether this machine has it.
type Named<F> = (&'static str, fn(Gemm<'_, F>), bool);

/// A scalar with the names of its kernels.
trait Kernels: Scalar {
    fn kernels() -> Vec<Named<Self>>;
}

fn named<F: Scalar, K: Kernel<F>>(name: &'static str) -> Named<F> {
    fn product<F: Scalar, K: Kernel<F>>(job: Gemm<'_, F>) {
        gemm_with::<F, K>(job);
    }
    (name, product::<F, K>, K::is_available())
}

impl Kernels for f32 {
    fn kernels() -> Vec<Named<f32>> {
        vec![
            named::<f32, Portable>("portable"),
            #[cfg(target_arch = "x86_64")]
            named::<f32, downhill::kernel::gemm::avx2::Avx2F32>("avx2"),
            #[cfg(target_arch = "x86_64")]
            named::<f32, downhill::kernel::gemm::avx512::Avx512F32>("avx512"),
        ]
    }
}

impl Kernels for f64 {
    fn kernels() -> Vec<Named<f64>> {
        vec![
            named::<f64, Portable>("portable"),
            #[cfg(target_arch = "x86_64")]
            named::<f64, downhill::kernel::gemm::avx2::Avx2F64>("avx2"),
            #[cfg(target_arch = "x86_64")]
            named::<f64, downhill::kernel::gemm::avx512::Avx512F64>("avx512"),
        ]
    }
}

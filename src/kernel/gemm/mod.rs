//! The matrix product C ← A·B + beta·C, or A·B + a bias.

#[cfg(target_arch = "x86_64")]
pub mod avx2;
#[cfg(target_arch = "x86_64")]
pub mod avx512;
mod blocked;
mod buffer;
mod gather;
mod kernel;
mod micro;
mod packed;
mod plain;
pub mod portable;
mod vector;

pub use blocked::{SPLIT_PRODUCTS, gemm_with};
pub use buffer::warm_up;
pub use kernel::Kernel;
pub use packed::{pack, pack_with, packed_length};
pub use plain::gemm_plain;

use crate::kernel::parallel::Parallel;
use crate::scalar::Scalar;

/// Rows of the tallest tile: a product of a multiple of so many rows reads B once for each, and leaves no lower tiles, which read it again.
pub const TALLEST: usize = 12;

/// A matrix that is read: a slice and the distance between neighbours along each axis.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a, F> {
    /// The numbers; element (i, j) is at `i * row_stride + j * column_stride`.
    pub values: &'a [F],
    /// Distance from one row to the next.
    pub row_stride: usize,
    /// Distance from one column to the next.
    pub column_stride: usize,
}

impl<'a, F> Matrix<'a, F> {
    /// A matrix stored row after row, `columns` numbers to a row.
    pub fn row_major(values: &'a [F], columns: usize) -> Self {
        Self { values, row_stride: columns, column_stride: 1 }
    }

    /// The same numbers with rows and columns exchanged.
    pub fn transposed(self) -> Self {
        Self { row_stride: self.column_stride, column_stride: self.row_stride, ..self }
    }
}

/// What is added to a product in the place of the old C.
#[derive(Clone, Copy, Debug)]
pub enum Bias<'a, F> {
    /// A number for each column, added in each row.
    Columns(&'a [F]),
    /// A number for each row, added in each column.
    Rows(&'a [F]),
}

/// One product: C (m×n, row after row) ← A (m×k) · B (k×n) + beta · C, or + a bias.
///
/// With `beta` zero, or a bias, C is overwritten whatever it holds, NaN included.
#[derive(Debug)]
pub struct Gemm<'a, F> {
    /// Rows of A and C.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Columns of A, rows of B.
    pub k: usize,
    /// The left factor.
    pub a: Matrix<'a, F>,
    /// The right factor.
    pub b: Matrix<'a, F>,
    /// What [`pack`] made of B, for the same kernel, if it is at hand: then it is read in B's place.
    pub packed: Option<&'a [F]>,
    /// What the old C is multiplied by; of no account if there is a bias.
    pub beta: F,
    /// What is added in the place of the old C.
    pub bias: Option<Bias<'a, F>>,
    /// The result, `n` numbers to a row.
    pub c: &'a mut [F],
    /// Whether pieces may run side by side.
    pub parallel: Parallel,
}

/// C ← A·B + beta·C, or A·B + bias, by the fastest kernel of this machine.
///
/// The sum over k is added in the same order for any number of threads, and for a row of A alone as for the whole of A. Nothing
/// is done if a slice is too short for its sizes; debug builds panic.
pub fn gemm<F: Scalar>(job: Gemm<'_, F>) {
    F::gemm(job);
}

/// Declares the product and the copy of B for one type of number, each by the best kernel of this machine.
macro_rules! best {
    ($scalar:ty, $precision:literal: $gemm:ident, $pack:ident; $avx512:ident, $avx2:ident) => {
        #[doc = concat!("The product in ", $precision, " precision by the best kernel of this machine.")]
        pub fn $gemm(job: Gemm<'_, $scalar>) {
            #[cfg(target_arch = "x86_64")]
            {
                if avx512::$avx512::is_available() {
                    gemm_with::<_, avx512::$avx512>(job);
                    return;
                }
                if avx2::$avx2::is_available() {
                    gemm_with::<_, avx2::$avx2>(job);
                    return;
                }
            }
            gemm_with::<_, portable::Portable>(job);
        }

        #[doc = concat!("Copies B as that kernel reads it in ", $precision, " precision.")]
        pub fn $pack(k: usize, n: usize, b: Matrix<'_, $scalar>, to: &mut [$scalar]) {
            #[cfg(target_arch = "x86_64")]
            if pack_with::<_, avx512::$avx512>(k, n, b, to)
                || pack_with::<_, avx2::$avx2>(k, n, b, to)
            {
                return;
            }
            pack_with::<_, portable::Portable>(k, n, b, to);
        }
    };
}

best!(f32, "single": gemm_f32, pack_f32; Avx512F32, Avx2F32);
best!(f64, "double": gemm_f64, pack_f64; Avx512F64, Avx2F64);

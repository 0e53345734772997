//! The specification of the matrix product.

use super::{Bias, Gemm};
use crate::scalar::Scalar;

/// C ← A·B + beta·C, or A·B + bias, one element after the other.
pub fn gemm_plain<F: Scalar>(job: Gemm<'_, F>) {
    let Gemm { m, n, k, a, b, beta, bias, c, .. } = job;
    for i in 0..m {
        for j in 0..n {
            let mut sum = F::zero();
            for p in 0..k {
                sum += a.values[i * a.row_stride + p * a.column_stride]
                    * b.values[p * b.row_stride + j * b.column_stride];
            }
            let c = &mut c[i * n + j];
            *c = match bias {
                Some(Bias::Columns(bias)) => sum + bias[j],
                Some(Bias::Rows(bias)) => sum + bias[i],
                None if beta == F::zero() => sum,
                None => sum + beta * *c,
            };
        }
    }
}

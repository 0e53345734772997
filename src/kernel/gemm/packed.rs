//! A right factor that is copied once, for many products.

use super::blocked::{holds, k_block_of};
use super::{Kernel, Matrix};
use crate::scalar::Scalar;

/// Columns to a group, at most, in any kernel.
const MOST_LANES: usize = 16;

/// How many numbers a copy of `k` rows and `n` columns of B takes.
pub fn packed_length(k: usize, n: usize) -> usize {
    k.saturating_mul(n.checked_next_multiple_of(MOST_LANES).unwrap_or(usize::MAX))
}

/// Copies `k` rows and `n` columns of B as the fastest kernel of this machine reads them, for [`Gemm::packed`](super::Gemm::packed); false, and nothing
/// done, if products of this type read no copies.
///
/// Nothing is done either if a slice is too short for its sizes; debug builds panic.
pub fn pack<F: Scalar>(k: usize, n: usize, b: Matrix<'_, F>, to: &mut [F]) -> bool {
    F::pack(k, n, b, to)
}

/// The same for the kernel `K`; false, and nothing done, if this machine does not have it.
pub fn pack_with<F: Scalar, K: Kernel<F>>(
    k: usize,
    n: usize,
    b: Matrix<'_, F>,
    to: &mut [F],
) -> bool {
    const { assert!(MOST_LANES.is_multiple_of(K::LANES)) }
    if !K::is_available() {
        return false;
    }
    let fits = holds(&b, k, n) && packed_length(k, n) <= to.len();
    debug_assert!(fits, "a slice is too short for a copy of {k}×{n}");
    if !fits || k == 0 || n == 0 {
        return true;
    }
    let k_block = k_block_of(k);
    for p in (0..k).step_by(k_block) {
        let rows = k_block.min(k - p);
        // SAFETY: the kernel is available, rows from p on are among the k, and as many rows of whole groups fit what may be written.
        unsafe {
            let from = b.values.as_ptr().add(p * b.row_stride);
            let to = to.as_mut_ptr().add(packed_length(p, n));
            K::pack(rows, n, from, b.row_stride, b.column_stride, to);
        }
    }
    true
}

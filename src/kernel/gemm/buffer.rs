//! The memory that parts of A and B are copied to.

use std::cell::Cell;

use crate::kernel::prefetch::LINE;

/// Bytes for a part of A. Together with that of B and what is written of C, it stays in the level-2 cache of current machines.
pub const A_BYTES: usize = 400 * 1024;

/// Bytes for a part of B.
pub const B_BYTES: usize = 512 * 1024;

thread_local! {
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Calls `compute` with [`A_BYTES`] and [`B_BYTES`] bytes that begin at a cache line and hold any numbers.
///
/// Each thread allocates once, and the system gives memory only to what small products use of it. While a buffer is in use it is taken out of its
/// place, so that a call within a call, as another task on the same thread could make, gets one of its own.
pub fn with<F>(compute: impl FnOnce(*mut F, *mut F)) {
    const { assert!(align_of::<F>() <= LINE && A_BYTES.is_multiple_of(LINE)) }
    let mut bytes = BUFFER.take();
    if bytes.is_empty() {
        bytes = vec![0; LINE + A_BYTES + B_BYTES];
    }
    let start = bytes.as_mut_ptr();
    let a = start.wrapping_add(start.addr().wrapping_neg() % LINE);
    compute(a.cast(), a.wrapping_add(A_BYTES).cast());
    BUFFER.set(bytes);
}

/// Allocates this thread's memory, so that the first product does not.
pub fn warm_up() {
    with::<f32>(|_, _| {});
}

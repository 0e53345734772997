//! The memory that parts of A and B are copied to.

use std::cell::Cell;

/// Bytes for a part of A. Together with that of B and what is written of C, it stays in the level-2 cache of current machines.
pub const A_BYTES: usize = 400 * 1024;

/// Bytes for a part of B.
pub const B_BYTES: usize = 512 * 1024;

/// One line of the cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(#[allow(dead_code)] [u8; 64]);

thread_local! {
    static BUFFER: Cell<Vec<Line>> = const { Cell::new(Vec::new()) };
}

/// Calls `compute` with [`A_BYTES`] and [`B_BYTES`] bytes that begin at a cache line and hold any numbers.
///
/// Each thread allocates once. While a buffer is in use it is taken out of its place, so that a call within a call, as another
/// task on the same thread could make, gets one of its own.
pub fn with<F>(compute: impl FnOnce(*mut F, *mut F)) {
    const { assert!(align_of::<F>() <= align_of::<Line>()) }
    let mut lines = BUFFER.take();
    lines.resize((A_BYTES + B_BYTES) / size_of::<Line>(), Line([0; 64]));
    let (a, b) = lines.split_at_mut(A_BYTES / size_of::<Line>());
    compute(a.as_mut_ptr().cast(), b.as_mut_ptr().cast());
    BUFFER.set(lines);
}

/// Allocates this thread's memory, so that the first product does not.
pub fn warm_up() {
    with::<f32>(|_, _| {});
}

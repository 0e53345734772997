//! To ask for memory before it is needed.

/// Asks for the line of the cache at this address, which need not be a valid one; nothing happens where the machine cannot be asked.
#[inline(always)]
pub fn prefetch<T>(from: *const T) {
    ask::<NEAREST>(from.cast());
}

/// The nearest cache and the second nearest, as x86-64 counts them.
const NEAREST: i32 = 3;
const SECOND: i32 = 2;

/// Asks for a line to be brought to one of the caches.
#[inline(always)]
fn ask<const CACHE: i32>(from: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch of any address is harmless, and every x86-64 has it.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<CACHE>(from.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = from;
}

/// Bytes of a page. The machine foresees how a page is read on, but not which one comes next.
pub const PAGE: usize = 4096;

/// How many lines of a page are asked for. With two or eight, updates of ten million parameters took longer.
const LINES: usize = 4;

/// Bytes of a line of the cache.
pub const LINE: usize = 64;

/// Asks for the beginning of each page that begins in these numbers, to be read after the work at hand: it is brought to the second nearest cache.
///
/// ```
/// let next = vec![0.0_f32; 10_000];
/// downhill::kernel::prefetch::pages(&next); // changes nothing
/// ```
#[inline]
pub fn pages<F>(values: &[F]) {
    let start = values.as_ptr().cast::<u8>();
    let bytes = size_of_val(values);
    let first = start.addr().wrapping_neg() % PAGE;
    for page in (first..bytes).step_by(PAGE) {
        for line in 0..LINES {
            ask::<SECOND>(start.wrapping_add(page + line * LINE));
        }
    }
}

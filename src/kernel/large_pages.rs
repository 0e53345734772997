//! Large buffers on large pages.
//!
//! A processor looks up where each page lies, and keeps what it found for some thousands of them: at 4 KB a page, ten million numbers are ten thousand
//! pages. Linux has pages of 2 MB for whoever asks; where it has none, or gives them to everyone, nothing changes.

/// Bytes of a large page of the machines that are asked.
const LARGE: usize = 2 << 20;

/// Asks for large pages in the room that a vector has, as far as it holds whole ones. Best before the room is used.
///
/// ```
/// let mut buffer: Vec<f32> = Vec::with_capacity(1 << 20);
/// downhill::kernel::large_pages::ask(&mut buffer);
/// buffer.resize(1 << 20, 1.0);
/// ```
pub fn ask<T>(buffer: &mut Vec<T>) {
    let start = buffer.as_mut_ptr().cast::<u8>();
    let bytes = buffer.capacity().saturating_mul(size_of::<T>());
    let before = start.addr().wrapping_neg() % LARGE;
    let whole = bytes.saturating_sub(before) / LARGE * LARGE;
    if whole > 0 {
        // SAFETY: the large pages lie within the vector's own memory.
        unsafe { system::advise(start.wrapping_add(before), whole) };
    }
}

/// A vector of so many numbers, on large pages if it is large.
///
/// ```
/// assert_eq!(downhill::kernel::large_pages::filled(3, 0.5), [0.5; 3]);
/// ```
pub fn filled<T: Clone>(length: usize, value: T) -> Vec<T> {
    let mut buffer = Vec::with_capacity(length);
    ask(&mut buffer);
    buffer.resize(length, value);
    buffer
}

/// A copy, on large pages if it is large.
///
/// ```
/// assert_eq!(downhill::kernel::large_pages::copied(&[1, 2, 3]), [1, 2, 3]);
/// ```
pub fn copied<T: Clone>(values: &[T]) -> Vec<T> {
    let mut buffer = Vec::with_capacity(values.len());
    ask(&mut buffer);
    buffer.extend_from_slice(values);
    buffer
}

#[cfg(all(target_os = "linux", not(miri), any(target_arch = "x86_64", target_arch = "aarch64")))]
mod system {
    use std::ffi::{c_int, c_void};

    /// "Give this range large pages", in Linux's own numbers.
    const MADV_HUGEPAGE: c_int = 14;

    unsafe extern "C" {
        fn madvise(start: *mut c_void, length: usize, advice: c_int) -> c_int;
    }

    /// Asks for large pages; whether the system heeds it changes no number.
    ///
    /// # Safety
    /// The memory belongs to the caller.
    pub unsafe fn advise(start: *mut u8, bytes: usize) {
        // SAFETY: the advice changes what lies under the caller's memory, and not what it holds.
        unsafe { madvise(start.cast(), bytes, MADV_HUGEPAGE) };
    }
}

#[cfg(not(all(
    target_os = "linux",
    not(miri),
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
mod system {
    /// Nothing is asked here.
    ///
    /// # Safety
    /// None is needed.
    pub unsafe fn advise(_start: *mut u8, _bytes: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_length_is_filled_and_keeps_what_it_holds() {
        for length in [0, 1, 1000, LARGE / 4, 3 * LARGE / 4 + 5, LARGE] {
            let mut buffer = filled(length, 0.25_f32);
            buffer.iter_mut().enumerate().for_each(|(i, x)| *x = i as f32);
            ask(&mut buffer);
            assert!(
                buffer.len() == length && buffer.iter().enumerate().all(|(i, &x)| x == i as f32)
            );
        }
        ask(&mut vec![(); 5]);
    }

    /// Where Linux has large pages and tells of its maps, the one that such a buffer lies in was advised.
    #[cfg(all(
        target_os = "linux",
        not(miri),
        any(target_arch = "x86_64", target_arch = "aarch64")
    ))]
    #[test]
    fn a_large_buffer_is_advised() {
        let buffer = filled(4 * LARGE, 1_u8);
        let middle = buffer.as_ptr().addr() + 2 * LARGE;
        let has = std::fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled");
        let (Ok(_), Ok(maps)) = (has, std::fs::read_to_string("/proc/self/smaps")) else { return };
        let mut within = false;
        for line in maps.lines() {
            let ends = line.split(' ').next().and_then(|range| range.split_once('-'));
            let ends = ends.map(|(a, b)| [a, b].map(|end| usize::from_str_radix(end, 16)));
            if let Some([Ok(start), Ok(end)]) = ends {
                within = (start..end).contains(&middle);
            }
            if let Some(flags) = line.strip_prefix("VmFlags:").filter(|_| within) {
                assert!(flags.split(' ').any(|flag| flag == "hg"), "{flags}");
            }
        }
    }
}

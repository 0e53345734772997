//! Copies of a few kilobytes.
//!
//! The C library copies more than two kilobytes by one string instruction, which some processors (AMD's third generation of EPYC among them) do at a
//! twentieth of the speed where the destination begins a little further into a page than the source: `cargo bench --bench limits` prints both. Rows of a
//! convolution's windows often lie so.

use crate::scalar::Scalar;

/// Copies `from` to `to`; nothing if they are not as long, and debug builds panic.
///
/// ```
/// let (from, mut to) = ([1.0_f32; 1000], [0.0; 1000]);
/// downhill::kernel::copy::copy(&from, &mut to);
/// assert_eq!(from, to);
/// ```
#[inline]
pub fn copy<F: Scalar>(from: &[F], to: &mut [F]) {
    debug_assert_eq!(from.len(), to.len(), "a copy must be as long");
    if from.len() != to.len() {
        return;
    }
    #[cfg(target_arch = "x86_64")]
    {
        use std::any::TypeId;
        // A foreign number may have bytes between its parts, which hold nothing that could be read.
        let own = [TypeId::of::<f32>(), TypeId::of::<f64>()].contains(&TypeId::of::<F>());
        let fits = (SMALL..LARGE).contains(&size_of_val(from));
        if own && fits && is_x86_feature_detected!("avx2") {
            // SAFETY: the machine has the instruction set, and both slices are as long.
            return unsafe { in_registers(from, to) };
        }
    }
    to.copy_from_slice(from);
}

/// Below so many bytes the C library copies in registers.
#[cfg(target_arch = "x86_64")]
const SMALL: usize = 2 << 10;

/// From so many bytes on it is left to the C library, which knows when to go round the caches.
#[cfg(target_arch = "x86_64")]
const LARGE: usize = 512 << 10;

/// Copies bytes by 128 at a time.
///
/// # Safety
/// Both slices must be as long.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn in_registers<F: Scalar>(from: &[F], to: &mut [F]) {
    use std::arch::x86_64::{__m256i, _mm256_loadu_si256, _mm256_storeu_si256};

    const REGISTERS: usize = 4;
    const STEP: usize = REGISTERS * size_of::<__m256i>();
    let bytes = size_of_val(from);
    let (source, target) = (from.as_ptr().cast::<u8>(), to.as_mut_ptr().cast::<u8>());
    let mut at = 0;
    while at + STEP <= bytes {
        // SAFETY: the registers lie within both slices, which do not overlap. All are read before any is written: a loop of single ones would be compiled to
        // a call of the C library's copy.
        unsafe {
            let registers: [__m256i; REGISTERS] = std::array::from_fn(|i| {
                _mm256_loadu_si256(source.add(at).cast::<__m256i>().add(i))
            });
            for (i, &register) in registers.iter().enumerate() {
                _mm256_storeu_si256(target.add(at).cast::<__m256i>().add(i), register);
            }
        }
        at += STEP;
    }
    // SAFETY: what is left lies within both slices.
    unsafe { std::ptr::copy_nonoverlapping(source.add(at), target.add(at), bytes - at) };
}

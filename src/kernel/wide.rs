//! Loops compiled for the widest vectors of the machine they run on.

/// A loop over what `Args` borrow. It is compiled once for each instruction set, so `run`, and what it calls for each number, must be
/// `#[inline(always)]`.
///
/// The instruction sets differ in speed alone: compilers neither fuse nor reorder arithmetic, so that all of them give the same bits.
pub trait Loop<Args> {
    /// Does it.
    fn run(args: Args);
}

/// Does the loop `L` with the widest vectors of this machine.
#[inline]
pub fn wide<L: Loop<Args>, Args>(args: Args) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
        {
            // SAFETY: the machine has the instruction sets.
            return unsafe { with_avx512::<L, Args>(args) };
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the machine has the instruction set.
            return unsafe { with_avx2::<L, Args>(args) };
        }
    }
    L::run(args);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512dq,avx512vl")]
fn with_avx512<L: Loop<Args>, Args>(args: Args) {
    L::run(args);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<L: Loop<Args>, Args>(args: Args) {
    L::run(args);
}

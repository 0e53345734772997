//! The fast loops: the only place for `unsafe`.
//!
//! Each kernel has a plain version that is its specification. Work is split by its size, never by the number of threads,
//! so that any number of threads gives the same bits.

pub mod copy;
pub mod functions;
pub mod gemm;
pub mod large_pages;
pub mod parallel;
pub mod prefetch;
pub mod stretches;
pub mod sum;
pub mod wide;

//! Readers of files that may hold anything.
//!
//! No reader trusts what a file says about itself: memory grows with the bytes that were read, and every reader has a limit.

pub(super) mod bytes;
#[cfg(feature = "csv")]
pub(super) mod csv;
pub(super) mod idx;

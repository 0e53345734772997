//! Attention: sums of values, weighted by how well their keys answer a query.

mod dot_product;
mod head;
mod keys;
mod memory;
mod multi_head;
mod projection;

pub use multi_head::MultiHeadAttention;

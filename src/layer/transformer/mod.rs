//! The blocks that transformers are made of.

mod decoder_layer;
mod encoder_layer;
mod feed_forward;
mod frame;

pub use decoder_layer::TransformerDecoderLayer;
pub use encoder_layer::TransformerEncoderLayer;
pub use feed_forward::FeedForward;

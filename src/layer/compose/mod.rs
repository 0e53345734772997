//! Layers made of layers.
//!
//! Such a layer's plan hands its inputs to the layers it is made of. A model then holds those alone: the composite itself is never run, so its
//! `forward` and `backward` have nothing to do.

mod chain;

pub use chain::Chain;

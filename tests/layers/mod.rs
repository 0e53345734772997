//! What the laws of layers (`tests/laws/`) do not say.

mod activations;
mod attention;
mod backward;
mod compose;
mod conv;
mod embedding;
mod in_place;
mod norm;
mod recurrent;
mod transformer;

mod transformer_support;

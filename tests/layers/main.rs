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

#[allow(dead_code)]
#[path = "../convolutions/mod.rs"]
mod convolutions;
#[allow(dead_code)]
#[path = "../hand_wired/mod.rs"]
mod hand_wired;

//! What the laws (`tests/laws/`) do not say, and the reference data. One program, since each would compile the crate's layers and losses anew.

mod data;
mod golden;
mod layers;
mod training;

#[allow(dead_code)]
mod convolutions;
#[allow(dead_code)]
mod hand_wired;
mod optim_support;
mod shapes;
mod trainer_support;

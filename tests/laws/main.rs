//! The laws, for all components of the crate: a module for each kit.
#![cfg(feature = "check")]

mod attention;
mod augment;
mod augmented_sources;
mod clipping;
mod inits;
mod layers;
mod losses;
mod metrics;
mod norm;
mod observers;
mod optimizers;
mod recurrent;
mod regularizers;
mod schedules;
mod sources;
mod trainer;
mod unusual_layers;
mod wirings;

mod solved_problems;

#[path = "../convolutions/mod.rs"]
mod convolutions;
#[allow(dead_code)]
#[path = "../optim_support/custom.rs"]
mod custom;
#[path = "../hand_wired/mod.rs"]
mod hand_wired;
#[path = "../naive_optimizers/mod.rs"]
mod naive_optimizers;
#[allow(dead_code)]
#[path = "../trainer_support/mod.rs"]
mod trainer_support;

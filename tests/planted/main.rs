//! The test kit itself: broken components and the laws that catch them, the test problems, and what a report says.
#![cfg(feature = "check")]

mod augment;
mod check_problems;
mod check_report;
mod clipping;
mod inits;
mod layers;
mod losses;
mod metrics;
mod observers;
mod optimizers;
mod regularizers;
mod schedules;
mod sources;
mod trainers;

mod broken_layers;
mod broken_metrics;
mod broken_optimizers;
mod broken_trainers;
mod support;

#[path = "../naive_optimizers/mod.rs"]
mod naive_optimizers;
#[allow(dead_code)]
#[path = "../trainer_support/mod.rs"]
mod trainer_support;

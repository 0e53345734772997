//! Data: what reads, scales, hands out and augments it.

mod augment;
mod augment_refused;
mod augment_sources;
mod readers;
mod scalers;
mod sources;

mod augment_support;

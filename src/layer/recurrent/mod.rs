//! Layers that go through a sequence step by step.

pub mod cell;
mod direction;
mod gru;
mod lstm;
mod recurrence;
mod rnn;

pub use gru::Gru;
pub use lstm::Lstm;
pub use recurrence::Recurrence;
pub use rnn::Rnn;

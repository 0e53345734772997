//! The trainer, and what the laws of its parts (`tests/laws/`) do not say.

mod clipping;
mod init;
mod losses;
mod metrics;
mod optimizers;
mod predictor;
mod public_panics;
mod regularizers;
mod rejections;
mod schedules;
mod trainer;
mod trainer_failures;
mod trainer_sources;
mod trainer_untrusted;

//! Trainers with one bug each, named by a sentence, in one of their parts. The empty name is a trainer without a bug.
//!
//! Every part knows its own bugs and is sound under any other name. A misspelt name would be a trainer without a bug, which no law breaks: the
//! table of planted bugs would report it as missed.

mod constraint;
mod entry;
mod init;
mod metric;
mod observer;
mod schedule;
mod source;
mod squares;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use downhill::check::trainer::TrainerUnderTest;
use downhill::prelude::*;

use crate::broken_optimizers::adam::Adam;
use crate::trainer_support::table;

/// A count that the trainer does not know of.
#[derive(Debug, Default)]
struct Count(AtomicU64);

impl Count {
    /// Counts on, and gives the number before.
    fn next(&self) -> f64 {
        self.0.fetch_add(1, Ordering::Relaxed) as f64
    }

    fn now(&self) -> f64 {
        self.0.load(Ordering::Relaxed) as f64
    }
}

/// A small network that draws random numbers, with this bug.
pub fn trainer(bug: &'static str) -> TrainerUnderTest<f64> {
    let shared = Arc::new(Count::default());
    let make = move || {
        let dense = |units| Dense::new(units).weight_init(init::Start { bug });
        let model =
            Chain::new().then(entry::Entry::new(bug)).then(dense(3)).then(Tanh).then(dense(1));
        Trainer::builder(model, squares::Squares::new(bug), Adam::new(bug))
            .constraint(constraint::Leash::new(bug))
            .schedule(schedule::Fading::new(bug))
            .metric(metric::Gap::new(bug))
            .on(observer::observer(bug, Arc::clone(&shared)))
    };
    TrainerUnderTest::new(make, source::Rows::new(bug, table(23, 1))).named(bug).draws()
}

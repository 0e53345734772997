//! The cases that laws of trainers are tried on.

use proptest::prelude::*;

use super::{TrainerUnderTest, must};
use crate::check::{Generate, Unmet};
use crate::data::{Batch, Source};
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::train::Fit;

/// How to train, for how long, and where to interfere.
///
/// A law takes from a case what it needs. `Case::default()` is the simplest one: one step on one sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The seed of the run.
    pub seed: u64,
    /// Samples to a part.
    pub batch: usize,
    /// Parts to a step.
    pub accumulate: usize,
    /// How many steps.
    pub steps: u64,
    /// A moment of the run, as a share of its steps: where it is cut, stopped or frozen.
    pub moment: f64,
    /// Whether each epoch has an order of its own.
    pub shuffle: bool,
    /// Whether a part of the data is held out for validation.
    pub validate: bool,
    /// After how many epochs without improvement the run ends by itself.
    pub patience: Option<u64>,
    /// How many threads to compare with one.
    pub threads: usize,
    /// A row, a column, a parameter or a way to stop; taken modulo the number of those.
    pub pick: usize,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            seed: 0,
            batch: 1,
            accumulate: 1,
            steps: 1,
            moment: 0.0,
            shuffle: false,
            validate: false,
            patience: None,
            threads: 2,
            pick: 0,
        }
    }
}

impl Generate for Case {
    fn any() -> BoxedStrategy<Self> {
        let patience = prop_oneof![2 => Just(None), 1 => (0..3_u64).prop_map(Some)];
        let run = (0..1_u64 << 32, 1..18_usize, 1..5_usize, 1..11_u64, 0.0..=1.0);
        let turns = (any::<bool>(), any::<bool>(), patience, 2..6_usize, 0..1_000_usize);
        (run, turns)
            .prop_map(
                |(
                    (seed, batch, accumulate, steps, moment),
                    (shuffle, validate, patience, threads, pick),
                )| {
                    Self {
                        seed,
                        batch,
                        accumulate,
                        steps,
                        moment,
                        shuffle,
                        validate,
                        patience,
                        threads,
                        pick,
                    }
                },
            )
            .boxed()
    }
}

impl Case {
    /// A step of the run, counted from 0; `steps` for its end.
    pub fn moment(&self) -> u64 {
        (self.moment * (self.steps + 1) as f64) as u64
    }

    /// Training until this step, as the case has it, but without an end of its own.
    pub fn to_step<F: Scalar>(&self, step: u64) -> Fit<'static, F> {
        self.plain(Fit::to_step(step))
    }

    /// The same batches for another length of time.
    pub fn plain<'a, F: Scalar>(&self, fit: Fit<'a, F>) -> Fit<'a, F> {
        let fit = fit.batch(self.batch).accumulate(self.accumulate);
        if self.shuffle { fit } else { fit.in_order() }
    }

    /// Training until this step, with validation and patience as the case has it.
    pub fn full<F: Scalar>(&self, step: u64, data: &dyn Source<F>) -> Fit<'static, F> {
        let mut fit = self.to_step(step);
        // With fewer rows one of the sides would be empty.
        if self.validate && data.len() >= 4 {
            fit = fit.hold_out(0.3);
        }
        match self.patience {
            Some(patience) => fit.patience(patience),
            None => fit,
        }
    }

    /// Rows of the data in random order, as many as fit in one step of the case.
    pub fn rows(&self, len: usize) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..len).collect();
        Noise::new(self.seed).at("case").shuffle(&mut rows);
        rows.truncate(self.batch * self.accumulate);
        rows
    }

    /// Those rows as a batch.
    pub(super) fn sample<F: Scalar>(
        &self,
        subject: &TrainerUnderTest<F>,
    ) -> Result<Batch<F>, Unmet> {
        must("a batch", Batch::of_rows(subject.data(), &self.rows(subject.data().len())))
    }
}

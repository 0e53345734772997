//! One epoch: what its steps add up to, and what follows from it at its end.

use super::call::{Call, Held};
use super::judge::Judge;
use super::tallies::{reset, values};
use super::{EarlyStopping, EpochRecord, Evaluation, StepRecord, Trainer};
use crate::error::Error;
use crate::goal::Watch;
use crate::loss::Total;
use crate::scalar::Scalar;

impl<F: Scalar> Trainer<F> {
    /// Goes on to the next epoch, whether this one was finished or not.
    pub(super) fn next_epoch(&mut self) {
        reset(&mut self.tallies, &self.start);
        let place = &mut self.place;
        (place.epoch, place.position, place.samples) = (place.epoch + 1, 0, 0);
        place.total = Total::default();
    }

    /// Measures and records the epoch, and keeps the weights if they are the best so far.
    pub(super) fn end_epoch(
        &mut self,
        call: &Call<'_, F>,
        judge: Option<&mut Judge<F>>,
    ) -> Result<(), Error> {
        let steps = self.history.steps.iter().rev();
        if steps.take_while(|step| step.epoch == self.place.epoch).all(|step| step.weight == 0.0) {
            self.next_epoch();
            let fix = "give at least one sample a weight, and a target that is not ignored";
            return Err(Error::empty("what counts in the training data", fix));
        }
        let validation = match (judge, &call.validation) {
            (Some(judge), Some(Held { data, rows, .. })) => {
                let (loss, metrics) = (&*self.rules.loss, &self.metrics);
                let parallel = self.threads.parallel();
                Some(judge.measure(&self.model, loss, metrics, *data, rows, parallel)?)
            }
            _ => None,
        };
        let record = EpochRecord {
            epoch: self.place.epoch,
            steps: self.place.step,
            training: self.training_so_far(),
            validation,
        };
        if let Some(goal) = call.goal {
            // An epoch is compared with those that were judged by the same kind of data.
            let better = self.best.as_ref().is_none_or(|best| {
                !best.record.is_judged_like(&record)
                    || goal.better(call.score(&record), call.score(&best.record))
            });
            if better && !call.score(&record).is_nan() {
                self.keep_best(&record);
            }
        }
        self.history.epochs.push(record);
        self.next_epoch();
        Ok(())
    }

    /// Adds a step's loss, and what the metrics have counted in it, to those of the epoch.
    pub(super) fn count_step(&mut self, step: &StepRecord) {
        self.place.total += Total { sum: step.loss * step.weight, weight: step.weight };
        let counts = self.tallies.iter_mut().zip(&self.step_tallies);
        for (metric, ((_, tally), (_, more))) in self.metrics.iter().zip(counts) {
            metric.merge(tally, more);
        }
    }

    /// The mean loss over the steps of `fit` in the current epoch that count, and the metrics counted along the way.
    fn training_so_far(&self) -> Evaluation {
        let Total { sum, weight } = self.place.total;
        if weight == 0.0 {
            return Evaluation::nothing();
        }
        Evaluation { loss: sum / weight, metrics: values(&self.metrics, &self.tallies) }
    }

    /// Whether the epochs since the last early stop have used up the patience: a function of the history alone.
    pub(super) fn out_of_patience(&self, call: &Call<'_, F>, early: EarlyStopping) -> bool {
        let Some(goal) = call.goal else { return false };
        let mut watch = Watch::new(goal, early.threshold);
        let mut counts = false;
        let Some(last) = self.history.epochs.last() else { return false };
        for record in self.history.epochs.iter().filter(|record| record.is_judged_like(last)) {
            if !counts && record.epoch >= self.place.patience_from {
                // What came before still has to be beaten, but no longer counts against the patience.
                (watch.bad, counts) = (0, true);
            }
            watch.see(call.score(record));
        }
        watch.bad > early.patience
    }
}

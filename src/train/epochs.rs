//! The loop over epochs.

use std::sync::atomic::Ordering;

use super::call::{Call, Limit};
use super::event::Event;
use super::filled::fill;
use super::judge::Judge;
use super::rows::with_row;
use super::{Fit, Run, StopReason, Trainer};
use crate::buffer::reserve;
use crate::data::{Batch, Sampling, Source};
use crate::error::Error;
use crate::scalar::Scalar;

impl<F: Scalar> Trainer<F> {
    /// Trains on `data` for as long as `fit` says.
    ///
    /// With validation data, early stopping or [`Fit::monitor`], each epoch is judged, and the weights of the best one are kept for
    /// [`predict`](Trainer::predict) and [`evaluate`](Trainer::evaluate), whatever ends the call. Without any of these no epoch is judged, and the
    /// last weights are those that count.
    ///
    /// # Errors
    /// What does not fit between model, loss, metrics and data; a bad setting; a loss or gradient that is not finite. After an error the run can
    /// go on: parameters are those of the last whole step.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let data = Dataset::new(ndarray::array![[1.0_f64], [2.0], [3.0]], ndarray::array![[3.0], [5.0], [7.0]])?; // y = 2x + 1
    /// let rule = Sgd { learning_rate: 0.05, ..Sgd::default() };
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, rule).build(&[1])?;
    /// let run = trainer.fit(&data, Fit::epochs(2000))?;
    /// assert!(run.best().loss < 1e-6);
    /// assert!((trainer.predict(&ndarray::array![[10.0]])?[[0, 0]] - 21.0).abs() < 1e-2);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn fit(&mut self, data: &dyn Source<F>, fit: Fit<'_, F>) -> Result<Run, Error> {
        let call = self.call(data, &fit)?;
        let threads = self.threads.clone();
        threads.enter(|| self.run(&call))
    }

    fn run(&mut self, call: &Call<'_, F>) -> Result<Run, Error> {
        if call.gives_up && !call.limit.reached(&self.place) {
            // Its steps stay in the history.
            self.next_epoch();
        }
        let steps = call.last_step.saturating_sub(self.place.step);
        let (batch_size, steps_per_epoch) = (call.samples(), call.steps_per_epoch());
        // Room for the whole run where it is known and not absurd, so that recording a step allocates nothing.
        let room = usize::try_from(steps.min(1 << 20)).unwrap_or(0);
        self.history.steps.reserve(room);
        self.history.epochs.reserve((steps / steps_per_epoch).min(1 << 16) as usize + 1);
        let mut batch = Batch::new(&call.content);
        batch.resize(batch_size.min(call.rows.len()))?;
        let mut order = Vec::new();
        reserve(&mut order, call.rows.len(), "the order of the samples")?;
        let held = call.validation.as_ref();
        let mut judge = held.map(|held| Judge::new(&self.model, held.content.clone()));

        let mut stop =
            self.notify(&Event::Started { steps_per_epoch, last_step: call.last_step })?;
        if cfg!(debug_assertions) && !self.warned {
            self.warned = true;
            let warning = "this is a debug build, which trains many times slower: use --release, or set opt-level for this package";
            stop |= self.notify(&Event::Warning(warning))?;
        }
        let mut reason = StopReason::Completed;
        'run: while !call.limit.reached(&self.place) {
            order.clear();
            order.extend_from_slice(&call.rows);
            call.fit.order.arrange(&mut order, self.rules.seed, self.place.epoch);
            let mut announced = self.place.position > 0;
            while self.place.position < order.len() {
                let early_end =
                    if stop { Some(StopReason::Observer) } else { self.interrupted(call) };
                if let Some(early_end) = early_end {
                    reason = early_end;
                    break 'run;
                }
                if matches!(call.limit, Limit::Step(_)) && call.limit.reached(&self.place) {
                    break 'run;
                }
                if !std::mem::replace(&mut announced, true) {
                    // Only now, so that an epoch begins once however often a run is stopped at its edge.
                    stop |= self.notify(&Event::EpochStarted { epoch: self.place.epoch })?;
                    continue;
                }
                let end = self.place.position.saturating_add(batch_size).min(order.len());
                let rows = &order[self.place.position..end];
                let sampling = Sampling::new(self.rules.seed, self.place.epoch);
                fill(call.data, &call.content, rows, sampling, &mut batch)?;
                let record = self.take(&batch, call.fit.batch, self.threads.parallel()).map_err(
                    |error| {
                        with_row(error, |sample| {
                            rows.get(sample).map(|&row| call.data.row_name(row))
                        })
                    },
                )?;
                (self.place.position, self.place.samples) = (end, call.rows.len());
                if call.goal.is_none() {
                    // Nobody can say any more which weights of the run are the best.
                    self.best = None;
                }
                // A loss that is not finite stays in the record: one of them would make the epoch's mean useless.
                if !record.skipped && record.loss.is_finite() {
                    self.count_step(&record);
                }
                stop |= self.notify(&Event::Step(&record))?;
            }
            self.end_epoch(call, judge.as_mut())?;
            if let Some(record) = self.history.epochs.last().cloned() {
                stop |= self.notify(&Event::Epoch(&record))?;
            }
            if call.fit.early.is_some_and(|early| self.out_of_patience(call, early)) {
                self.place.patience_from = self.place.epoch;
                reason = StopReason::EarlyStopping;
                break;
            }
            if stop {
                reason = StopReason::Observer;
                break;
            }
        }
        self.notify(&Event::Finished(&reason))?;
        Ok(Run {
            reason,
            steps: self.place.step,
            epochs: self.place.epoch,
            elapsed: call.started.elapsed(),
            best: self.best.as_ref().map(|best| best.record.clone()),
            last: self.history.epochs.last().cloned(),
        })
    }

    fn interrupted(&self, call: &Call<'_, F>) -> Option<StopReason> {
        if call.fit.stop.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Some(StopReason::Interrupted);
        }
        let late = call.fit.budget.is_some_and(|budget| call.started.elapsed() > budget);
        late.then_some(StopReason::TimeBudget)
    }
}

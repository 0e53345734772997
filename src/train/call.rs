//! What one call of `fit` works with.

use std::sync::Arc;
use std::time::Instant;

use super::event::goal_of;
use super::filled::rows_of;
use super::fit::{End, Validation};
use super::place::Place;
use super::tallies::fresh;
use super::{EpochRecord, Fit, Trainer};
use crate::data::{Content, Source};
use crate::error::Error;
use crate::goal::Goal;
use crate::metric::Metric;
use crate::random::Noise;
use crate::scalar::Scalar;

/// What one call of `fit` works with.
pub(super) struct Call<'a, F> {
    pub fit: &'a Fit<'a, F>,
    pub data: &'a dyn Source<F>,
    pub content: Content,
    /// The rows to train on, in their own order.
    pub rows: Vec<usize>,
    pub validation: Option<Held<'a, F>>,
    /// Which way the monitored metric should go; `None` if epochs are not judged.
    pub goal: Option<Goal>,
    pub limit: Limit,
    /// Whether an unfinished epoch over other samples is in the way.
    pub gives_up: bool,
    /// The step at which the call ends, as far as can be told.
    pub last_step: u64,
    pub started: Instant,
}

impl<F> Call<'_, F> {
    /// Samples to a step.
    pub fn samples(&self) -> usize {
        self.fit.batch * self.fit.accumulate
    }

    pub fn steps_per_epoch(&self) -> u64 {
        self.rows.len().div_ceil(self.samples()) as u64
    }

    /// What the epoch is judged by; NaN if it was not measured.
    pub fn score(&self, record: &EpochRecord) -> f64 {
        record.deciding().metric(monitored(self.fit)).unwrap_or(f64::NAN)
    }
}

/// What a call of `fit` validates on.
pub(super) struct Held<'a, F> {
    pub data: &'a dyn Source<F>,
    pub content: Content,
    pub rows: Vec<usize>,
}

/// Where a call of `fit` ends at the latest, in counts of the whole run.
#[derive(Clone, Copy)]
pub(super) enum Limit {
    Epoch(u64),
    Step(u64),
}

impl Limit {
    pub fn reached(self, place: &Place) -> bool {
        match self {
            Self::Epoch(epoch) => place.epoch >= epoch,
            Self::Step(step) => place.step >= step,
        }
    }
}

/// The metric that epochs are judged by.
fn monitored<'a, F>(fit: &'a Fit<'_, F>) -> &'a str {
    fit.monitor.as_deref().unwrap_or("loss")
}

impl<F: Scalar> Trainer<F> {
    /// Checks what `fit` is given, and says what the call works with.
    pub(super) fn call<'a>(
        &mut self,
        data: &'a dyn Source<F>,
        fit: &'a Fit<'a, F>,
    ) -> Result<Call<'a, F>, Error> {
        fit.validate_settings()?;
        let mut rows = rows_of(data)?;
        if rows.is_empty() {
            return Err(Error::empty("the training data", "give it at least one sample"));
        }
        let content = data.content();
        self.check(&content)?;
        let metrics = self.metrics_for(&content);
        self.check_metrics(&metrics, &content)?;
        if metrics.len() != self.metrics.len() {
            self.adopt(metrics);
        }
        let validation = self.held(data, fit, &content, &mut rows)?;
        let judged = validation.is_some() || fit.early.is_some() || fit.monitor.is_some();
        let goal = if judged { Some(goal_of(&self.metrics, monitored(fit))?) } else { None };
        let gives_up = self.place.position > 0 && self.place.samples != rows.len();
        let limit = match fit.end {
            End::Epochs(count) => {
                let first = self.place.epoch + u64::from(gives_up);
                Limit::Epoch(first.saturating_add(count))
            }
            End::ToEpoch(epoch) => Limit::Epoch(epoch),
            End::Steps(count) => Limit::Step(self.place.step.saturating_add(count)),
            End::ToStep(step) => Limit::Step(step),
        };
        let mut call = Call {
            fit,
            data,
            content,
            rows,
            validation,
            goal,
            limit,
            gives_up,
            last_step: 0,
            started: Instant::now(),
        };
        call.last_step = self.last_step(&call);
        Ok(call)
    }

    /// Takes these metrics as the run's own.
    fn adopt(&mut self, metrics: Vec<Arc<dyn Metric<F>>>) {
        // A state that was put back may have counts of a metric that only the data decide on.
        let saved = std::mem::replace(&mut self.tallies, fresh(&metrics));
        for (name, tally) in &mut self.tallies {
            let found = saved.iter().find(|(saved, _)| saved == name);
            if let Some((_, found)) = found.filter(|(_, found)| found.len() >= tally.len()) {
                tally.clone_from(found);
            }
        }
        (self.step_tallies, self.start) = (fresh(&metrics), fresh(&metrics));
        self.metrics = metrics;
    }

    /// What the call validates on; what it holds out of the training data is no longer among `rows`.
    fn held<'a>(
        &self,
        data: &'a dyn Source<F>,
        fit: &'a Fit<'a, F>,
        content: &Content,
        rows: &mut Vec<usize>,
    ) -> Result<Option<Held<'a, F>>, Error> {
        match fit.validation {
            Validation::None => Ok(None),
            Validation::Data(data) => {
                let content = data.content();
                self.check(&content)?;
                self.check_metrics(&self.metrics, &content)?;
                let rows = rows_of(data)?;
                if rows.is_empty() {
                    let fix = "leave out `validate`, or give it at least one sample";
                    return Err(Error::empty("the validation data", fix));
                }
                Ok(Some(Held { data, content, rows }))
            }
            Validation::HoldOut(share) => {
                Noise::new(self.rules.seed).at("hold out").shuffle(rows);
                let kept = ((1.0 - share) * rows.len() as f64).round() as usize;
                let held = rows.split_off(kept.min(rows.len()));
                if held.is_empty() || rows.is_empty() {
                    let expected = "a share that leaves samples on both sides";
                    return Err(Error::argument("Fit::hold_out", share, expected));
                }
                rows.sort_unstable();
                Ok(Some(Held { data, content: content.clone(), rows: held }))
            }
        }
    }

    /// The step at which this call ends if nothing stops it.
    fn last_step(&self, call: &Call<'_, F>) -> u64 {
        let last = match call.limit {
            Limit::Step(step) => return step.max(self.place.step),
            Limit::Epoch(last) => last,
        };
        let Place { step, epoch, position, .. } = self.place;
        let (epoch, position) = if call.gives_up { (epoch + 1, 0) } else { (epoch, position) };
        let Some(whole) = last.checked_sub(epoch.saturating_add(1)) else { return step };
        let rest = call.rows.len().saturating_sub(position).div_ceil(call.samples()) as u64;
        step.saturating_add(rest).saturating_add(whole.saturating_mul(call.steps_per_epoch()))
    }
}

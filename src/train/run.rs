//! The loop over epochs.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::event::{Event, goal_of};
use super::filled::{fill, rows_of};
use super::fit::{End, Validation};
use super::judge::Judge;
use super::place::Place;
use super::rows::with_row;
use super::tallies::{fresh, reset, values};
use super::{EarlyStopping, EpochRecord, Evaluation, Fit, StepRecord, Trainer};
use crate::buffer::reserve;
use crate::data::{Batch, Content, Sampling, Source};
use crate::error::Error;
use crate::goal::{Goal, Watch};
use crate::loss::Total;
use crate::random::Noise;
use crate::scalar::Scalar;

/// What ended a call of `fit`.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [3.0]], ndarray::array![[2.0], [6.0]])?;
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default())
///     .on(|event, control| if let Event::Step(record) = event {
///         if record.step == 4 {
///             control.stop();
///         }
///     })
///     .build(&[1])?;
/// assert_eq!(trainer.fit(&data, Fit::steps(3))?.reason, StopReason::Completed);
/// assert_eq!(trainer.fit(&data, Fit::steps(3))?.reason, StopReason::Observer);
/// assert_eq!(trainer.steps(), 5);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// It did all that was asked for.
    Completed,
    /// The epochs no longer improved.
    EarlyStopping,
    /// The stop flag was set.
    Interrupted,
    /// The time budget was used up.
    TimeBudget,
    /// An observer asked for it.
    Observer,
}

/// What a call of `fit` did.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[1.0], [3.0]], ndarray::array![[2.0], [6.0]])?;
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
/// trainer.fit(&data, Fit::epochs(2))?;
/// let run = trainer.fit(&data, Fit::epochs(3).batch(1))?;
/// assert_eq!(run.reason, StopReason::Completed);
/// assert_eq!((run.epochs, run.steps), (2 + 3, 2 + 6)); // of the whole run
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Run {
    /// What ended it.
    pub reason: StopReason,
    /// How many steps the run has taken, earlier calls included.
    pub steps: u64,
    /// How many epochs the run has finished, earlier calls included.
    pub epochs: u64,
    /// How long this call took.
    pub elapsed: Duration,
    best: Option<EpochRecord>,
    last: Option<EpochRecord>,
}

impl Run {
    /// Loss and metrics of the best epoch of the run, whose weights the trainer predicts with: of the validation data if there are any, else
    /// of the training data. Without validation, early stopping or a monitored metric the best epoch is the last, and so it is if what is monitored was
    /// NaN in all. Of a run that has finished no epoch, and of an epoch in which no step had a finite loss, the loss is NaN and [`Evaluation::metric`]
    /// is an error; [`best_epoch`](Run::best_epoch) tells the two apart.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0], [3.0], [4.0]], ndarray::array![[2.0], [4.0], [6.0], [8.0]])?;
    /// # let (train, validation) = data.split(0.5, 7)?;
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// let run = trainer.fit(&train, Fit::epochs(20).validate(&validation))?;
    /// assert_eq!(run.best(), trainer.evaluate(&validation)?);
    /// assert!(trainer.fit(&train, Fit::epochs(0))?.best().loss.is_finite());
    /// # let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// let run = trainer.fit(&train, Fit::epochs(0))?; // of another trainer, which has no epoch yet
    /// assert!(run.best().loss.is_nan() && run.best().metric("loss").is_err());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn best(&self) -> Evaluation {
        let record = self.best.as_ref().or(self.last.as_ref());
        record.map_or_else(nothing, |record| record.deciding().clone())
    }

    /// The record of the best epoch, if an epoch was finished.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
    /// # let (train, validation) = data.split(0.5, 7)?;
    /// // A rate of 10 makes it worse and worse, so that the first epoch is the best.
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd { learning_rate: 10.0, ..Sgd::default() }).build(&[1])?;
    /// let run = trainer.fit(&train, Fit::epochs(5).validate(&validation))?;
    /// assert_eq!(run.best_epoch().map(|record| record.epoch), Some(0));
    /// assert_eq!(trainer.fit(&train, Fit::epochs(0))?.best_epoch().map(|record| record.epoch), Some(0));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn best_epoch(&self) -> Option<&EpochRecord> {
        self.best.as_ref().or(self.last.as_ref())
    }

    /// The record of the last finished epoch, if there is one.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// assert!(trainer.fit(&data, Fit::epochs(0))?.last_epoch().is_none());
    /// let run = trainer.fit(&data, Fit::epochs(5))?;
    /// assert_eq!(run.last_epoch(), trainer.history().epochs.last());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn last_epoch(&self) -> Option<&EpochRecord> {
        self.last.as_ref()
    }
}

impl<F> Plan<'_, F> {
    /// Samples to a step.
    fn samples(&self) -> usize {
        self.fit.batch * self.fit.accumulate
    }

    fn steps_per_epoch(&self) -> u64 {
        self.rows.len().div_ceil(self.samples()) as u64
    }
}

fn nothing() -> Evaluation {
    Evaluation { loss: f64::NAN, metrics: Vec::new() }
}

/// What one call of `fit` works with.
struct Plan<'a, F> {
    fit: &'a Fit<'a, F>,
    data: &'a dyn Source<F>,
    content: Content,
    /// The rows to train on, in their own order.
    rows: Vec<usize>,
    validation: Option<Held<'a, F>>,
    /// Which way the monitored metric should go; `None` if epochs are not judged.
    goal: Option<Goal>,
    limit: Limit,
    /// Whether an unfinished epoch over other samples is in the way.
    gives_up: bool,
    /// The step at which the call ends, as far as can be told.
    last_step: u64,
    started: Instant,
}

/// What a call of `fit` validates on.
struct Held<'a, F> {
    data: &'a dyn Source<F>,
    content: Content,
    rows: Vec<usize>,
}

/// Where a call of `fit` ends at the latest, in counts of the whole run.
#[derive(Clone, Copy)]
enum Limit {
    Epoch(u64),
    Step(u64),
}

impl Limit {
    fn reached(self, place: &Place) -> bool {
        match self {
            Self::Epoch(epoch) => place.epoch >= epoch,
            Self::Step(step) => place.step >= step,
        }
    }
}

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
        let plan = self.plan(data, &fit)?;
        let threads = self.threads.clone();
        threads.enter(|| self.run(&plan))
    }

    fn plan<'a>(
        &mut self,
        data: &'a dyn Source<F>,
        fit: &'a Fit<'a, F>,
    ) -> Result<Plan<'a, F>, Error> {
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
        let validation = match fit.validation {
            Validation::None => None,
            Validation::Data(data) => {
                let content = data.content();
                self.check(&content)?;
                self.check_metrics(&self.metrics, &content)?;
                let rows = rows_of(data)?;
                if rows.is_empty() {
                    let fix = "leave out `validate`, or give it at least one sample";
                    return Err(Error::empty("the validation data", fix));
                }
                Some(Held { data, content, rows })
            }
            Validation::HoldOut(share) => {
                Noise::new(self.rules.seed).at("hold out").shuffle(&mut rows);
                let kept = ((1.0 - share) * rows.len() as f64).round() as usize;
                let held = rows.split_off(kept.min(rows.len()));
                if held.is_empty() || rows.is_empty() {
                    let expected = "a share that leaves samples on both sides";
                    return Err(Error::argument("Fit::hold_out", share, expected));
                }
                rows.sort_unstable();
                Some(Held { data, content: content.clone(), rows: held })
            }
        };
        let judged = validation.is_some() || fit.early.is_some() || fit.monitor.is_some();
        let monitored = fit.monitor.as_deref().unwrap_or("loss");
        let goal = if judged { Some(goal_of(&self.metrics, monitored)?) } else { None };
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
        let mut plan = Plan {
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
        plan.last_step = self.last_step(&plan);
        Ok(plan)
    }

    /// The step at which this call ends if nothing stops it.
    fn last_step(&self, plan: &Plan<'_, F>) -> u64 {
        let last = match plan.limit {
            Limit::Step(step) => return step.max(self.place.step),
            Limit::Epoch(last) => last,
        };
        let Place { step, epoch, position, .. } = self.place;
        let (epoch, position) = if plan.gives_up { (epoch + 1, 0) } else { (epoch, position) };
        let Some(whole) = last.checked_sub(epoch.saturating_add(1)) else { return step };
        let rest = plan.rows.len().saturating_sub(position).div_ceil(plan.samples()) as u64;
        step.saturating_add(rest).saturating_add(whole.saturating_mul(plan.steps_per_epoch()))
    }

    fn run(&mut self, plan: &Plan<'_, F>) -> Result<Run, Error> {
        if plan.gives_up && !plan.limit.reached(&self.place) {
            // Its steps stay in the history.
            self.next_epoch();
        }
        let steps = plan.last_step.saturating_sub(self.place.step);
        let (batch_size, steps_per_epoch) = (plan.samples(), plan.steps_per_epoch());
        // Room for the whole run where it is known and not absurd, so that recording a step allocates nothing.
        let room = usize::try_from(steps.min(1 << 20)).unwrap_or(0);
        self.history.steps.reserve(room);
        self.history.epochs.reserve((steps / steps_per_epoch).min(1 << 16) as usize + 1);
        let mut batch = Batch::new(&plan.content);
        batch.resize(batch_size.min(plan.rows.len()))?;
        let mut order = Vec::new();
        reserve(&mut order, plan.rows.len(), "the order of the samples")?;
        let held = plan.validation.as_ref();
        let mut judge = held.map(|held| Judge::new(&self.model, held.content.clone()));

        let mut stop =
            self.notify(&Event::Started { steps_per_epoch, last_step: plan.last_step })?;
        if cfg!(debug_assertions) && !self.warned {
            self.warned = true;
            let warning = "this is a debug build, which trains many times slower: use --release, or set opt-level for this package";
            stop |= self.notify(&Event::Warning(warning))?;
        }
        let mut reason = StopReason::Completed;
        'run: while !plan.limit.reached(&self.place) {
            order.clear();
            order.extend_from_slice(&plan.rows);
            plan.fit.order.arrange(&mut order, self.rules.seed, self.place.epoch);
            let mut announced = self.place.position > 0;
            while self.place.position < order.len() {
                let early_end =
                    if stop { Some(StopReason::Observer) } else { self.interrupted(plan) };
                if let Some(early_end) = early_end {
                    reason = early_end;
                    break 'run;
                }
                if matches!(plan.limit, Limit::Step(_)) && plan.limit.reached(&self.place) {
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
                fill(plan.data, &plan.content, rows, sampling, &mut batch)?;
                let record = self.take(&batch, plan.fit.batch, self.threads.parallel()).map_err(
                    |error| {
                        with_row(error, |sample| {
                            rows.get(sample).map(|&row| plan.data.row_name(row))
                        })
                    },
                )?;
                (self.place.position, self.place.samples) = (end, plan.rows.len());
                if plan.goal.is_none() {
                    // Nobody can say any more which weights of the run are the best.
                    self.best = None;
                }
                // A loss that is not finite stays in the record: one of them would make the epoch's mean useless.
                if !record.skipped && record.loss.is_finite() {
                    self.count_step(&record);
                }
                stop |= self.notify(&Event::Step(&record))?;
            }
            self.end_epoch(plan, judge.as_mut())?;
            if let Some(record) = self.history.epochs.last().cloned() {
                stop |= self.notify(&Event::Epoch(&record))?;
            }
            if plan.fit.early.is_some_and(|early| self.out_of_patience(plan, early)) {
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
            elapsed: plan.started.elapsed(),
            best: self.best.as_ref().map(|best| best.record.clone()),
            last: self.history.epochs.last().cloned(),
        })
    }

    /// Goes on to the next epoch, whether this one was finished or not.
    fn next_epoch(&mut self) {
        reset(&mut self.tallies, &self.start);
        let place = &mut self.place;
        (place.epoch, place.position, place.samples) = (place.epoch + 1, 0, 0);
        place.total = Total::default();
    }

    fn interrupted(&self, plan: &Plan<'_, F>) -> Option<StopReason> {
        if plan.fit.stop.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Some(StopReason::Interrupted);
        }
        let late = plan.fit.budget.is_some_and(|budget| plan.started.elapsed() > budget);
        late.then_some(StopReason::TimeBudget)
    }

    /// Measures and records the epoch, and keeps the weights if they are the best so far.
    fn end_epoch(&mut self, plan: &Plan<'_, F>, judge: Option<&mut Judge<F>>) -> Result<(), Error> {
        let steps = self.history.steps.iter().rev();
        if steps.take_while(|step| step.epoch == self.place.epoch).all(|step| step.weight == 0.0) {
            self.next_epoch();
            let fix = "give at least one sample a weight, and a target that is not ignored";
            return Err(Error::empty("what counts in the training data", fix));
        }
        let validation = match (judge, &plan.validation) {
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
        if let Some(goal) = plan.goal {
            let score = |record: &EpochRecord| monitored(record, plan.fit.monitor.as_deref());
            // An epoch is compared with those that were judged by the same kind of data.
            let better = self.best.as_ref().is_none_or(|best| {
                !best.record.is_judged_like(&record)
                    || goal.better(score(&record), score(&best.record))
            });
            if better && !score(&record).is_nan() {
                self.keep_best(&record);
            }
        }
        self.history.epochs.push(record);
        self.next_epoch();
        Ok(())
    }

    /// Adds a step's loss, and what the metrics have counted in it, to those of the epoch.
    fn count_step(&mut self, step: &StepRecord) {
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
            return nothing();
        }
        Evaluation { loss: sum / weight, metrics: values(&self.metrics, &self.tallies) }
    }

    /// Whether the epochs since the last early stop have used up the patience: a function of the history alone.
    fn out_of_patience(&self, plan: &Plan<'_, F>, early: EarlyStopping) -> bool {
        let Some(goal) = plan.goal else { return false };
        let mut watch = Watch::new(goal, early.threshold);
        let mut counts = false;
        let Some(last) = self.history.epochs.last() else { return false };
        for record in self.history.epochs.iter().filter(|record| record.is_judged_like(last)) {
            if !counts && record.epoch >= self.place.patience_from {
                // What came before still has to be beaten, but no longer counts against the patience.
                (watch.bad, counts) = (0, true);
            }
            watch.see(monitored(record, plan.fit.monitor.as_deref()));
        }
        watch.bad > early.patience
    }
}

fn monitored(record: &EpochRecord, monitor: Option<&str>) -> f64 {
    record.deciding().metric(monitor.unwrap_or("loss")).unwrap_or(f64::NAN)
}

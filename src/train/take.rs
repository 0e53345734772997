//! A trainer's single steps and gradients.

use super::event::Event;
use super::filled::check_weights;
use super::objective::Objective;
use super::step::{self, Scene};
use super::tallies::{count, reset};
use super::{Gradient, StepRecord, Trainer};
use crate::data::Batch;
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::network::Draw;
use crate::scalar::Scalar;

impl<F: Scalar> Trainer<F> {
    /// Takes one optimizer step on `batch`, as `fit` does. It counts as a step of the run, and forgets which epoch was best.
    ///
    /// # Errors
    /// What is wrong with the batch, such as a negative weight, or a loss or gradient that is not finite; parameters are untouched then.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let data = Dataset::new(ndarray::array![[3.0]], ndarray::array![[1.0]])?;
    /// let model = Dense::new(1).without_bias().weight_init(init::Constant(1.0));
    /// let mut trainer = Trainer::builder(model, Mse, Sgd { learning_rate: 0.01, ..Sgd::default() }).build(&[1])?;
    /// let record = trainer.step(&Batch::of(&data)?)?;
    /// assert_eq!((record.loss, record.gradient_norm), (4.0, 12.0)); // (3w − 1)² and its slope at w = 1
    /// assert_eq!((trainer.model().values(), trainer.steps()), (&[1.0 - 0.01 * 12.0][..], 1));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn step(&mut self, batch: &Batch<F>) -> Result<StepRecord, Error> {
        self.check_batch(batch)?;
        let threads = self.threads_for(batch.len());
        let record = threads.enter(|| self.take(batch, batch.len(), threads.parallel()))?;
        self.best = None;
        self.notify(&Event::Step(&record))?;
        Ok(record)
    }

    /// The gradient that the last step handed to the optimizer, regularised and clipped, with the loss of that step. Before the first step, after one
    /// that failed and after [`restore`](Trainer::restore): zeros, and NaN as loss. Of a step that was skipped it is the gradient that it found.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[3.0]], ndarray::array![[1.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).clip(Clip::GlobalNorm(0.5)).build(&[1])?;
    /// assert_eq!(trainer.last_gradient().values(), [0.0, 0.0]);
    /// let record = trainer.step(&Batch::of(&data)?)?;
    /// assert!(record.gradient_norm > 0.5);
    /// assert!((trainer.last_gradient().norm() - 0.5).abs() < 1e-12);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn last_gradient(&self) -> Gradient<'_, F> {
        Gradient::new(self.gradient_loss, self.model.parameters(), &self.gradient)
    }

    /// The mean loss over `batch` and the gradient of loss and penalties, before any clipping, without moving anything. What is NaN or infinite in
    /// them is handed out as it is, for you to look at.
    ///
    /// # Errors
    /// What is wrong with the batch.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// let data = Dataset::new(ndarray::array![[3.0]], ndarray::array![[1.0]])?;
    /// let model = Dense::new(1).without_bias().weight_init(init::Constant(1.0));
    /// let mut trainer = Trainer::builder(model, Mse, Sgd::default()).regularizer(L2::new(0.5)).build(&[1])?;
    /// let gradient = trainer.gradient(&Batch::of(&data)?)?;
    /// assert_eq!(gradient.loss(), 4.0); // (3w − 1)² at w = 1
    /// assert_eq!(gradient.values(), [12.0 + 0.5]); // its slope and that of w² / 4
    /// assert_eq!((trainer.model().values(), trainer.steps()), (&[1.0][..], 0));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn gradient(&mut self, batch: &Batch<F>) -> Result<Gradient<'_, F>, Error> {
        self.check_batch(batch)?;
        let threads = self.threads_for(batch.len());
        let draw = Draw::new(self.rules.seed, self.place.step).parallel(threads.parallel());
        let loss = threads.enter(|| {
            let objective = Objective {
                rules: &self.rules,
                courses: &self.base_courses,
                batch,
                part: batch.len(),
                draw,
            };
            let Self { model, work, probe, spare, .. } = self;
            probe.resize(model.values().len(), F::zero());
            objective.without_trace(model, work, probe, spare)
        })?;
        Ok(Gradient::new(loss, self.model.parameters(), &self.probe))
    }

    /// Takes one step in parts of `part` samples and adds it to the history.
    pub(super) fn take(
        &mut self,
        batch: &Batch<F>,
        part: usize,
        parallel: Parallel,
    ) -> Result<StepRecord, Error> {
        reset(&mut self.step_tallies, &self.start);
        let awake = if self.model.layout.is_little(batch.len()) { Parallel::Off } else { parallel };
        let (metrics, tallies) = (&self.metrics, &mut self.step_tallies);
        let take = || {
            let scene = Scene {
                model: &mut self.model,
                memory: &mut self.memory,
                work: &mut self.work,
                gradient: &mut self.gradient,
                spare: &mut self.spare,
                courses: &mut self.courses,
                base_courses: &self.base_courses,
                learning_rate_scale: self.place.learning_rate_scale,
                step: self.place.step,
                epoch: self.place.epoch,
                draw: Draw::new(self.rules.seed, self.place.step).parallel(parallel),
                part,
                watch: &mut |work, samples| count(metrics, tallies, work.outputs(), samples),
            };
            step::take(&self.rules, scene, batch)
        };
        let record = awake.awake(take).inspect_err(|_| self.forget_gradient())?;
        self.gradient_loss = record.loss;
        self.place.step += 1;
        self.history.steps.push(record);
        Ok(record)
    }

    /// Makes the last gradient that of no step.
    pub(super) fn forget_gradient(&mut self) {
        self.gradient.fill(F::zero());
        self.gradient_loss = f64::NAN;
    }

    /// Whether a batch that somebody else has filled can be trained on.
    fn check_batch(&self, batch: &Batch<F>) -> Result<(), Error> {
        self.check(batch.content())?;
        if batch.is_empty() {
            return Err(Error::empty("the batch", "give it at least one sample"));
        }
        check_weights(batch.weights(), |sample| sample)
    }
}

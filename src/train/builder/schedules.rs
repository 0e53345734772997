//! Schedules on the settings of a trainer.

use super::TrainerBuilder;
use crate::scalar::Scalar;
use crate::schedule::Schedule;

impl<F: Scalar> TrainerBuilder<F> {
    /// Scales the learning rate, as a function of the step.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[1.0]])?;
    /// let rule = Sgd { learning_rate: 0.5, ..Sgd::default() };
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, rule).schedule(warmup(2)).build(&[1])?;
    /// trainer.fit(&data, Fit::steps(3))?;
    /// let rates: Vec<f64> = trainer.history().steps.iter().map(|step| step.learning_rate).collect();
    /// assert_eq!(rates, [0.25, 0.5, 0.5]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedules.rate = Some(Box::new(schedule));
        self
    }

    /// Scales the momentum (or first beta), as a function of the step.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0]], ndarray::array![[1.0]])?;
    /// # let build = |rule: Sgd| Trainer::builder(Dense::new(1), Mse, rule).seed(7);
    /// let with_momentum = Sgd { momentum: 0.9, ..Sgd::default() };
    /// let mut off = build(with_momentum).momentum_schedule(constant(0.0)).build(&[1])?;
    /// let mut plain = build(Sgd::default()).build(&[1])?;
    /// off.fit(&data, Fit::steps(5))?;
    /// plain.fit(&data, Fit::steps(5))?;
    /// assert_eq!(off.model().values(), plain.model().values());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn momentum_schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedules.momentum = Some(Box::new(schedule));
        self
    }

    /// Scales the decoupled weight decay, as a function of the step.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[0.0]], ndarray::array![[0.0]])?;
    /// let model = Dense::new(1).without_bias().weight_init(init::Constant(1.0));
    /// let mut trainer = Trainer::builder(model, Mse, Sgd { learning_rate: 0.5, ..Sgd::default() })
    ///     .weight_decay(DecoupledDecay(0.5))
    ///     .weight_decay_schedule(multi_step([1], 0.0)) // only in the first step
    ///     .build(&[1])?;
    /// trainer.fit(&data, Fit::steps(3))?; // the gradient is 0
    /// assert_eq!(trainer.model().values(), [1.0 - 0.5 * 0.5]);
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn weight_decay_schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedules.decay = Some(Box::new(schedule));
        self
    }

    /// Scales the clipping bound, as a function of the step; nothing without [`clip`](TrainerBuilder::clip).
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[100.0]], ndarray::array![[100.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default())
    ///     .clip(Clip::GlobalNorm(1.0))
    ///     .clip_schedule(step_decay(1, 0.5))
    ///     .build(&[1])?;
    /// trainer.fit(&data, Fit::steps(3))?;
    /// let norms = trainer.history().steps.iter().map(|step| step.gradient_norm * step.clip_factor);
    /// assert!(norms.zip([1.0, 0.5, 0.25]).all(|(norm, bound)| (norm - bound).abs() < 1e-12));
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn clip_schedule(mut self, schedule: impl Schedule + 'static) -> Self {
        self.schedules.clip = Some(Box::new(schedule));
        self
    }
}

//! The run that an observer watches.

use ndarray::Array2;

use super::{Case, ObserverUnderTest};
use crate::check::Unmet;
use crate::check::trainer::data::Spoiled;
use crate::check::trainer::must;
use crate::clip::NonFinite;
use crate::data::{Dataset, Source};
use crate::layer::{Chain, Dense, Tanh};
use crate::loss::Mse;
use crate::metric::Rmse;
use crate::optim::Sgd;
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::train::{Fit, StopReason, TrainState, Trainer, TrainerBuilder};

/// Ten samples of a product, and what a case does with them.
pub(super) struct Scene<'a, F> {
    case: &'a Case,
    data: Dataset<F>,
}

impl<'a, F: Scalar> Scene<'a, F> {
    pub(super) fn of(case: &'a Case) -> Result<Self, Unmet> {
        let noise = Noise::new(case.seed).at("data");
        let x = Array2::from_shape_fn((10, 2), |(i, j)| F::of(noise.normal((2 * i + j) as u64)));
        let y = Array2::from_shape_fn((10, 1), |(i, _)| x[[i, 0]] * x[[i, 1]]);
        Ok(Self { case, data: must("the data", Dataset::new(x, y))? })
    }

    /// A trainer with what is added to it.
    pub(super) fn trainer(
        &self,
        seed: u64,
        policy: NonFinite,
        add: impl FnOnce(TrainerBuilder<F>) -> TrainerBuilder<F>,
    ) -> Result<Trainer<F>, Unmet> {
        let model = Chain::new().then(Dense::new(3)).then(Tanh).then(Dense::new(1));
        let sgd = Sgd { learning_rate: self.case.rate, ..Sgd::default() };
        let builder = Trainer::builder(model, Mse, sgd).metric(Rmse).non_finite(policy);
        must("building the trainer", add(builder.seed(seed).threads(1)).build(&[2]))
    }

    /// The trainer of the case with a fresh observer.
    pub(super) fn watched(&self, subject: &ObserverUnderTest<F>) -> Result<Trainer<F>, Unmet> {
        self.trainer(self.case.seed, NonFinite::Skip, |builder| (subject.join)(builder))
    }

    /// Trains until this step; says what ended it.
    pub(super) fn to_step(&self, trainer: &mut Trainer<F>, step: u64) -> Result<StopReason, Unmet> {
        self.fit(trainer, Fit::to_step(step))
    }

    /// Trains as the case has it, for as long as `fit` says.
    pub(super) fn fit(
        &self,
        trainer: &mut Trainer<F>,
        fit: Fit<'_, F>,
    ) -> Result<StopReason, Unmet> {
        let run = match self.case.bad_row {
            None => trainer.fit(&self.data, self.plan(fit)),
            Some(row) => trainer.fit(&self.spoiled(row), self.plan(fit)),
        };
        Ok(must(format_args!("training from step {}", trainer.steps()), run)?.reason)
    }

    /// The data with a NaN in this row.
    pub(super) fn spoiled(&self, row: usize) -> Spoiled<'_, F> {
        let data: &dyn Source<F> = &self.data;
        Spoiled { data, row, column: 0 }
    }

    /// The batches of the case.
    pub(super) fn plan<'b>(&self, fit: Fit<'b, F>) -> Fit<'b, F> {
        let fit = fit.batch(self.case.batch);
        // What is judged has to be finite.
        if self.case.validate && self.case.bad_row.is_none() { fit.hold_out(0.3) } else { fit }
    }

    /// The state of a whole run with a fresh observer, and what ended it.
    pub(super) fn whole(
        &self,
        subject: &ObserverUnderTest<F>,
    ) -> Result<(TrainState<F>, StopReason), Unmet> {
        let mut trainer = self.watched(subject)?;
        let reason = self.to_step(&mut trainer, self.case.steps)?;
        Ok((trainer.state(), reason))
    }
}

//! The trainer under test, and what its author says about it.

use std::sync::Arc;

use super::must;
use crate::check::{Exception, Subject, Unmet};
use crate::data::Source;
use crate::scalar::Scalar;
use crate::train::{Trainer, TrainerBuilder};

/// A way to put a trainer together, and data to train it on.
///
/// The kit sets seed and threads and builds for the shape of the data, so a subject is a closure that gives a builder; a pair of closure and
/// data is one too ([`Into`]). A few dozen rows of data are enough.
///
/// ```
/// use downhill::check::{Cases, trainer::{TrainerUnderTest, report_on}};
/// use downhill::prelude::*;
/// use ndarray::Array2;
///
/// let data = Dataset::new(Array2::eye(6), Array2::<f64>::ones((6, 1)))?;
/// let subject = TrainerUnderTest::new(|| Trainer::builder(Dense::new(1), Mse, Sgd::default()), data);
/// assert_eq!(subject.fresh(7)?.steps(), 0);
/// report_on(subject, &Cases::fixed(8)).assert();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct TrainerUnderTest<F> {
    name: Option<String>,
    make: Arc<dyn Fn() -> TrainerBuilder<F>>,
    data: Arc<dyn Source<F>>,
    pub(super) batch_statistics: bool,
    pub(super) same_start: bool,
    pub(super) draws: bool,
    exceptions: Vec<Exception>,
}

impl<F: Scalar> TrainerUnderTest<F> {
    /// What this closure puts together, trained on these data.
    pub fn new(
        make: impl Fn() -> TrainerBuilder<F> + 'static,
        data: impl Source<F> + 'static,
    ) -> Self {
        Self {
            name: None,
            make: Arc::new(make),
            data: Arc::new(data),
            batch_statistics: false,
            same_start: false,
            draws: false,
            exceptions: Vec::new(),
        }
    }

    /// The same, called this in messages.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The same, known to break this law for this reason.
    #[must_use]
    pub fn except(mut self, law: &str, reason: &str) -> Self {
        self.exceptions.push(Exception::new(law, reason));
        self
    }

    /// The same, which takes statistics over the samples of a batch in training, so that a batch is not the sum of its parts.
    #[must_use]
    pub fn batch_statistics(self) -> Self {
        Self { batch_statistics: true, ..self }
    }

    /// The same, whose parameters start the same for any seed.
    #[must_use]
    pub fn same_start(self) -> Self {
        Self { same_start: true, ..self }
    }

    /// The same, which draws random numbers while it trains, as dropout does, so that the seed shows in the gradient.
    #[must_use]
    pub fn draws(self) -> Self {
        Self { draws: true, ..self }
    }

    /// The data.
    pub fn data(&self) -> &dyn Source<F> {
        &*self.data
    }

    /// A fresh trainer of this seed, on one thread.
    ///
    /// # Errors
    /// [`Unmet::Broken`] if it cannot be built.
    pub fn fresh(&self, seed: u64) -> Result<Trainer<F>, Unmet> {
        self.changed(seed, |builder| builder)
    }

    /// A fresh trainer of this seed, on one thread unless the change asks for others.
    ///
    /// # Errors
    /// [`Unmet::Broken`] if it cannot be built.
    pub fn changed(
        &self,
        seed: u64,
        change: impl FnOnce(TrainerBuilder<F>) -> TrainerBuilder<F>,
    ) -> Result<Trainer<F>, Unmet> {
        let builder = change((self.make)().seed(seed).threads(1));
        must("building the trainer", builder.build_for(&self.data.content().inputs))
    }
}

impl<F, M, D> From<(M, D)> for TrainerUnderTest<F>
where
    F: Scalar,
    M: Fn() -> TrainerBuilder<F> + 'static,
    D: Source<F> + 'static,
{
    fn from((make, data): (M, D)) -> Self {
        Self::new(make, data)
    }
}

impl<F> Subject for TrainerUnderTest<F> {
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| "the trainer".to_owned())
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

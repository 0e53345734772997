//! The observer under test, and what its author says about it.

use std::sync::Arc;

use crate::check::{Exception, Subject};
use crate::scalar::Scalar;
use crate::train::{Observer, TrainerBuilder};

/// A way to make an observer, with what its author says about it.
///
/// Any closure that gives an observer is one ([`Into`]). If nothing more is said, the observer only watches: it neither stops a run nor scales its
/// rate.
///
/// ```
/// use downhill::check::{Subject, observer::ObserverUnderTest};
/// use downhill::prelude::*;
/// let make = || ReduceOnPlateau::new(Plateau { patience: 2, ..Plateau::default() });
/// let subject = ObserverUnderTest::<f32>::new(make).named("plateau").scales(0.0, 1.0);
/// assert_eq!(subject.title(), "plateau");
/// ```
#[derive(Clone)]
pub struct ObserverUnderTest<F> {
    name: Option<String>,
    pub(super) join: Arc<dyn Fn(TrainerBuilder<F>) -> TrainerBuilder<F>>,
    pub(super) stops: bool,
    pub(super) scales: Option<(f64, f64)>,
    pub(super) refused: Vec<(Arc<dyn Observer<F>>, String)>,
    exceptions: Vec<Exception>,
}

impl<F: Scalar> ObserverUnderTest<F> {
    /// The observer that this closure makes, a fresh one for each run.
    pub fn new<O: Observer<F> + 'static>(make: impl Fn() -> O + 'static) -> Self {
        Self {
            name: None,
            join: Arc::new(move |builder| builder.observer(make())),
            stops: false,
            scales: None,
            refused: Vec::new(),
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

    /// It may stop a run.
    #[must_use]
    pub fn stops(self) -> Self {
        Self { stops: true, ..self }
    }

    /// It scales the learning rate, by factors from `low` to `high` in all.
    #[must_use]
    pub fn scales(self, low: f64, high: f64) -> Self {
        Self { scales: Some((low, high)), ..self }
    }

    /// `validate` refuses this observer, with a message that contains `field`.
    #[must_use]
    pub fn refuses(mut self, bad: impl Observer<F> + 'static, field: &str) -> Self {
        self.refused.push((Arc::new(bad), field.to_owned()));
        self
    }
}

impl<F, M, O> From<M> for ObserverUnderTest<F>
where
    F: Scalar,
    M: Fn() -> O + 'static,
    O: Observer<F> + 'static,
{
    fn from(make: M) -> Self {
        Self::new(make)
    }
}

impl<F> Subject for ObserverUnderTest<F> {
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| "the observer".to_owned())
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

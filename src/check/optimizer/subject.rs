//! The optimizer under test, and what its author says about it.

use std::sync::Arc;

use crate::check::{Exception, Subject};
use crate::optim::Optimizer;
use crate::scalar::Scalar;

/// An optimizer in both precisions, with what its author says about it.
///
/// Any rule is one ([`Into`]); the methods add what the kit cannot know.
///
/// ```
/// use downhill::check::{Subject, optimizer::OptimizerUnderTest};
/// use downhill::optim::Adam;
/// let subject = OptimizerUnderTest::new(Adam::default()).named("adam");
/// assert_eq!(subject.title(), "adam");
/// ```
#[derive(Clone, Debug)]
pub struct OptimizerUnderTest {
    name: Option<String>,
    pub(super) single: Arc<dyn Optimizer<f32>>,
    pub(super) double: Arc<dyn Optimizer<f64>>,
    exceptions: Vec<Exception>,
}

impl OptimizerUnderTest {
    /// This rule, in both precisions.
    pub fn new<O: Optimizer<f32> + Optimizer<f64> + 'static>(rule: O) -> Self {
        let rule = Arc::new(rule);
        Self { name: None, single: rule.clone(), double: rule, exceptions: Vec::new() }
    }

    /// The same, called this in messages; the rule's settings if nothing is said.
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
}

impl<O: Optimizer<f32> + Optimizer<f64> + 'static> From<O> for OptimizerUnderTest {
    fn from(rule: O) -> Self {
        Self::new(rule)
    }
}

impl Subject for OptimizerUnderTest {
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{:?}", self.double))
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

/// A precision of the subject: laws are written once, for any `F`, and tried in both.
pub(super) trait Precision: Scalar {
    /// The subject's rule in this precision.
    fn rule(subject: &OptimizerUnderTest) -> &dyn Optimizer<Self>;
}

impl Precision for f32 {
    fn rule(subject: &OptimizerUnderTest) -> &dyn Optimizer<Self> {
        &*subject.single
    }
}

impl Precision for f64 {
    fn rule(subject: &OptimizerUnderTest) -> &dyn Optimizer<Self> {
        &*subject.double
    }
}

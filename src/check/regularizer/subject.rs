//! The regularizer under test, and what its author says about it.

use std::sync::Arc;

use crate::check::{Exception, Subject};
use crate::regularize::Regularizer;
use crate::scalar::Scalar;

/// A regularizer in both precisions, with what its author says about it.
///
/// Any regularizer is one ([`Into`]); the methods add what the kit cannot know.
///
/// ```
/// use downhill::check::{Subject, regularizer::RegularizerUnderTest};
/// use downhill::regularize::L2;
/// let subject = RegularizerUnderTest::new(L2::new(0.1)).convex().homogeneous(2.0).named("ridge");
/// assert_eq!(subject.title(), "ridge");
/// ```
#[derive(Clone, Debug)]
pub struct RegularizerUnderTest {
    name: Option<String>,
    single: Arc<dyn Regularizer<f32>>,
    double: Arc<dyn Regularizer<f64>>,
    pub(super) additive: bool,
    pub(super) never_negative: bool,
    pub(super) convex: bool,
    pub(super) even: bool,
    pub(super) degree: Option<f64>,
    pub(super) refused: Vec<(Arc<dyn Regularizer<f64>>, String)>,
    exceptions: Vec<Exception>,
}

impl RegularizerUnderTest {
    /// This regularizer, in both precisions.
    pub fn new<R: Regularizer<f32> + Regularizer<f64> + 'static>(rule: R) -> Self {
        let rule = Arc::new(rule);
        Self {
            name: None,
            single: rule.clone(),
            double: rule,
            additive: false,
            never_negative: false,
            convex: false,
            even: false,
            degree: None,
            refused: Vec::new(),
            exceptions: Vec::new(),
        }
    }

    /// The same, called this in messages; the regularizer's settings if nothing is said.
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

    /// The penalty of a tensor is that of its parts together.
    #[must_use]
    pub fn additive(self) -> Self {
        Self { additive: true, ..self }
    }

    /// No penalty is below 0.
    #[must_use]
    pub fn never_negative(self) -> Self {
        Self { never_negative: true, ..self }
    }

    /// It is a convex function of the weights.
    #[must_use]
    pub fn convex(self) -> Self {
        Self { convex: true, ..self }
    }

    /// The signs of the weights make no difference.
    #[must_use]
    pub fn even(self) -> Self {
        Self { even: true, ..self }
    }

    /// Weights k times as large cost kᵈ times as much, for this d.
    #[must_use]
    pub fn homogeneous(self, degree: f64) -> Self {
        Self { degree: Some(degree), ..self }
    }

    /// `rule` is refused by `validate`, with an error that names `field`.
    #[must_use]
    pub fn refuses(mut self, rule: impl Regularizer<f64> + 'static, field: &str) -> Self {
        self.refused.push((Arc::new(rule), field.to_owned()));
        self
    }
}

impl<R: Regularizer<f32> + Regularizer<f64> + 'static> From<R> for RegularizerUnderTest {
    fn from(rule: R) -> Self {
        Self::new(rule)
    }
}

impl Subject for RegularizerUnderTest {
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{:?}", self.double))
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

/// A precision of the subject: laws are written once, for any `F`, and tried in both.
pub(super) trait Precision: Scalar {
    /// The subject's regularizer in this precision.
    fn rule(subject: &RegularizerUnderTest) -> &dyn Regularizer<Self>;
}

impl Precision for f32 {
    fn rule(subject: &RegularizerUnderTest) -> &dyn Regularizer<Self> {
        &*subject.single
    }
}

impl Precision for f64 {
    fn rule(subject: &RegularizerUnderTest) -> &dyn Regularizer<Self> {
        &*subject.double
    }
}

//! The loss under test, and what its author says about it.

use std::sync::Arc;

use super::{Outputs, Targets};
use crate::check::{Exception, Subject};
use crate::loss::Loss;
use crate::scalar::Scalar;

/// A loss in both precisions, with what its author says about it.
///
/// Any loss is one ([`Into`]). How many outputs it takes, and which targets, the kit finds by asking [`Loss::check`] and by trying targets; the methods
/// add what it cannot find.
///
/// ```
/// use downhill::check::{Subject, loss::{LossUnderTest, Outputs}};
/// use downhill::loss::BinaryCrossEntropy;
/// let subject = LossUnderTest::new(BinaryCrossEntropy)
///     .outputs(&[Outputs::Probabilities])
///     .minimum_at_target()
///     .refuses_target(1.5);
/// assert_eq!(subject.title(), "BinaryCrossEntropy");
/// ```
#[derive(Clone, Debug)]
pub struct LossUnderTest {
    name: Option<String>,
    single: Arc<dyn Loss<f32>>,
    double: Arc<dyn Loss<f64>>,
    pub(super) outputs: Option<Vec<Outputs>>,
    pub(super) targets: Option<Targets>,
    pub(super) classes: Option<usize>,
    pub(super) skipped_class: Option<usize>,
    pub(super) reach: f64,
    pub(super) compares_samples: bool,
    pub(super) minimum_at_target: bool,
    pub(super) never_negative: bool,
    pub(super) convex: bool,
    pub(super) refused_targets: Vec<f64>,
    pub(super) refused_settings: Vec<(Arc<dyn Loss<f64>>, String)>,
    exceptions: Vec<Exception>,
}

impl LossUnderTest {
    /// This loss, in both precisions.
    pub fn new<L: Loss<f32> + Loss<f64> + 'static>(loss: L) -> Self {
        let loss = Arc::new(loss);
        Self {
            name: None,
            single: loss.clone(),
            double: loss,
            outputs: None,
            targets: None,
            classes: None,
            skipped_class: None,
            reach: 1e4,
            compares_samples: false,
            minimum_at_target: false,
            never_negative: false,
            convex: false,
            refused_targets: Vec::new(),
            refused_settings: Vec::new(),
            exceptions: Vec::new(),
        }
    }

    /// The same, called this in messages; the loss's settings if nothing is said.
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

    /// The outputs that it takes, one entry for each; any real numbers if nothing is said.
    #[must_use]
    pub fn outputs(self, outputs: &[Outputs]) -> Self {
        Self { outputs: Some(outputs.to_vec()), ..self }
    }

    /// The targets that it takes; found by trying if nothing is said.
    #[must_use]
    pub fn targets(self, targets: Targets) -> Self {
        Self { targets: Some(targets), ..self }
    }

    /// How long the last axis of its outputs has to be; found by asking if nothing is said.
    #[must_use]
    pub fn classes(self, classes: usize) -> Self {
        Self { classes: Some(classes), ..self }
    }

    /// A class that marks places to be passed over, whatever the outputs there are.
    #[must_use]
    pub fn skips_class(self, class: usize) -> Self {
        Self { skipped_class: Some(class), ..self }
    }

    /// Up to which size of outputs value and gradient are finite in single precision; 10⁴ if nothing is said.
    #[must_use]
    pub fn reach(self, reach: f64) -> Self {
        Self { reach, ..self }
    }

    /// The loss of a sample depends on the other samples of the batch, as that of contrastive losses does.
    #[must_use]
    pub fn compares_samples(self) -> Self {
        Self { compares_samples: true, ..self }
    }

    /// No outputs cost less than those that equal the targets.
    #[must_use]
    pub fn minimum_at_target(self) -> Self {
        Self { minimum_at_target: true, ..self }
    }

    /// No outputs cost less than 0.
    #[must_use]
    pub fn never_negative(self) -> Self {
        Self { never_negative: true, ..self }
    }

    /// It is a convex function of its outputs.
    #[must_use]
    pub fn convex(self) -> Self {
        Self { convex: true, ..self }
    }

    /// A target of this value is an error. (A class index that is too large has to be one anyway.)
    #[must_use]
    pub fn refuses_target(mut self, value: f64) -> Self {
        self.refused_targets.push(value);
        self
    }

    /// `loss` is refused by `validate`, with an error that names `field`.
    #[must_use]
    pub fn refuses(mut self, loss: impl Loss<f64> + 'static, field: &str) -> Self {
        self.refused_settings.push((Arc::new(loss), field.to_owned()));
        self
    }
}

impl<L: Loss<f32> + Loss<f64> + 'static> From<L> for LossUnderTest {
    fn from(loss: L) -> Self {
        Self::new(loss)
    }
}

impl Subject for LossUnderTest {
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{:?}", self.double))
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

/// A precision of the subject: laws are written once, for any `F`, and tried in both.
pub(super) trait Precision: Scalar {
    /// The subject's loss in this precision.
    fn loss(subject: &LossUnderTest) -> &dyn Loss<Self>;
}

impl Precision for f32 {
    fn loss(subject: &LossUnderTest) -> &dyn Loss<Self> {
        &*subject.single
    }
}

impl Precision for f64 {
    fn loss(subject: &LossUnderTest) -> &dyn Loss<Self> {
        &*subject.double
    }
}

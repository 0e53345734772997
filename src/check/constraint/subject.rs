//! The constraint under test, and what its author says about it.

use std::fmt;
use std::sync::Arc;

use crate::check::{Exception, Subject};
use crate::regularize::Constraint;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Whether a condition holds for a tensor: its values, its shape, and the machine epsilon of the precision they were computed in.
type Condition = dyn Fn(&[f64], &Shape, f64) -> bool + Send + Sync;

/// A constraint in both precisions, with what its author says about it.
///
/// Any constraint is one ([`Into`]); the methods add what the kit cannot know.
///
/// ```
/// use downhill::check::{Subject, constraint::ConstraintUnderTest};
/// use downhill::regularize::NonNegative;
/// let subject = ConstraintUnderTest::new(NonNegative)
///     .holds(|values, _shape, _epsilon| values.iter().all(|&w| w >= 0.0))
///     .by_units();
/// assert_eq!(subject.title(), "NonNegative");
/// ```
#[derive(Clone)]
pub struct ConstraintUnderTest {
    name: Option<String>,
    single: Arc<dyn Constraint<f32>>,
    double: Arc<dyn Constraint<f64>>,
    pub(super) condition: Option<Arc<Condition>>,
    pub(super) by_units: bool,
    pub(super) refused: Vec<(Arc<dyn Constraint<f64>>, String)>,
    exceptions: Vec<Exception>,
}

impl ConstraintUnderTest {
    /// This constraint, in both precisions.
    pub fn new<C: Constraint<f32> + Constraint<f64> + 'static>(rule: C) -> Self {
        let rule = Arc::new(rule);
        Self {
            name: None,
            single: rule.clone(),
            double: rule,
            condition: None,
            by_units: false,
            refused: Vec::new(),
            exceptions: Vec::new(),
        }
    }

    /// The same, called this in messages; the constraint's settings if nothing is said.
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

    /// The condition, as a function of a tensor's values, its shape, and the machine epsilon of the precision that they were computed in.
    #[must_use]
    pub fn holds(
        self,
        condition: impl Fn(&[f64], &Shape, f64) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { condition: Some(Arc::new(condition)), ..self }
    }

    /// Each unit, a place of the first axis, is moved by itself. A tensor with fewer than two axes is one unit.
    #[must_use]
    pub fn by_units(self) -> Self {
        Self { by_units: true, ..self }
    }

    /// `rule` is refused by `validate`, with an error that names `field`.
    #[must_use]
    pub fn refuses(mut self, rule: impl Constraint<f64> + 'static, field: &str) -> Self {
        self.refused.push((Arc::new(rule), field.to_owned()));
        self
    }
}

impl fmt::Debug for ConstraintUnderTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConstraintUnderTest").field("rule", &self.double).finish_non_exhaustive()
    }
}

impl<C: Constraint<f32> + Constraint<f64> + 'static> From<C> for ConstraintUnderTest {
    fn from(rule: C) -> Self {
        Self::new(rule)
    }
}

impl Subject for ConstraintUnderTest {
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{:?}", self.double))
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

/// A precision of the subject: laws are written once, for any `F`, and tried in both.
pub(super) trait Precision: Scalar {
    /// The subject's constraint in this precision.
    fn rule(subject: &ConstraintUnderTest) -> &dyn Constraint<Self>;
}

impl Precision for f32 {
    fn rule(subject: &ConstraintUnderTest) -> &dyn Constraint<Self> {
        &*subject.single
    }
}

impl Precision for f64 {
    fn rule(subject: &ConstraintUnderTest) -> &dyn Constraint<Self> {
        &*subject.double
    }
}

//! The metric under test, and what its author says about it.

use std::sync::Arc;

use super::samples::Samples;
use super::{Case, Kind};
use crate::check::{Exception, Subject, Verdict, close};
use crate::metric::Metric;

/// A metric in both precisions, with what its author says about it.
///
/// Any metric is one ([`Into`]); the methods add what the kit cannot know.
///
/// ```
/// use downhill::check::{Subject, metric::{Kind, MetricUnderTest}};
/// use downhill::metric::Rmse;
/// let subject = MetricUnderTest::new(Rmse).takes([Kind::Numbers(2)]).bounds(0.0, f64::INFINITY).perfect(0.0);
/// assert_eq!(subject.title(), "rmse");
/// ```
#[derive(Clone, Debug)]
pub struct MetricUnderTest {
    name: Option<String>,
    pub(super) single: Arc<dyn Metric<f32>>,
    pub(super) double: Arc<dyn Metric<f64>>,
    takes: Option<Vec<Kind>>,
    pub(super) bounds: Option<(f64, f64)>,
    pub(super) perfect: Option<f64>,
    pub(super) empty: f64,
    pub(super) exact: bool,
    pub(super) grows: bool,
    pub(super) nan_is_wrong: bool,
    pub(super) refused: Vec<(Arc<dyn Metric<f64>>, String)>,
    exceptions: Vec<Exception>,
}

impl MetricUnderTest {
    /// This metric, in both precisions.
    pub fn new<M: Metric<f32> + Metric<f64> + 'static>(metric: M) -> Self {
        let metric = Arc::new(metric);
        Self {
            name: None,
            single: metric.clone(),
            double: metric,
            takes: None,
            bounds: None,
            perfect: None,
            empty: f64::NAN,
            exact: false,
            grows: false,
            nan_is_wrong: false,
            refused: Vec::new(),
            exceptions: Vec::new(),
        }
    }

    /// The same, called this in messages; the metric's own name if nothing is said.
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

    /// What it measures. If nothing is said: those of [`Kind::ALL`] that its `check` accepts, numbers only if it takes no class indices.
    #[must_use]
    pub fn takes(self, kinds: impl Into<Vec<Kind>>) -> Self {
        Self { takes: Some(kinds.into()), ..self }
    }

    /// The value lies in [low, high], or is NaN.
    #[must_use]
    pub fn bounds(self, low: f64, high: f64) -> Self {
        Self { bounds: Some((low, high)), ..self }
    }

    /// The value of predictions without fault.
    #[must_use]
    pub fn perfect(self, value: f64) -> Self {
        Self { perfect: Some(value), ..self }
    }

    /// The value if nothing was counted; NaN if nothing is said.
    #[must_use]
    pub fn empty(self, value: f64) -> Self {
        Self { empty: value, ..self }
    }

    /// It counts: the value of parts is that of the whole to the bit, and not only but for rounding.
    #[must_use]
    pub fn exact(self) -> Self {
        Self { exact: true, ..self }
    }

    /// It grows with the data, as a sum or a count does; all weights doubled then need not give the same value.
    #[must_use]
    pub fn grows(self) -> Self {
        Self { grows: true, ..self }
    }

    /// An output that is NaN counts as a wrong one; if nothing is said, the value becomes NaN.
    #[must_use]
    pub fn nan_is_wrong(self) -> Self {
        Self { nan_is_wrong: true, ..self }
    }

    /// `check` refuses this metric whatever it is to measure, with a message that contains `field`.
    #[must_use]
    pub fn refuses(mut self, bad: impl Metric<f64> + 'static, field: &str) -> Self {
        self.refused.push((Arc::new(bad), field.to_owned()));
        self
    }

    /// All that it measures.
    pub(super) fn kinds(&self) -> Vec<Kind> {
        if let Some(kinds) = &self.takes {
            return kinds.clone();
        }
        let accepts = |kind: &Kind| self.double.check(&[kind.output()], &kind.targets()).is_ok();
        let mut kinds: Vec<Kind> = Kind::ALL.into_iter().filter(accepts).collect();
        let indexed = kinds.iter().any(|kind| kind.is_indexed());
        // The shapes alone do not tell 0 and 1 from any other numbers.
        kinds.retain(|kind| match kind {
            Kind::Numbers(_) => !indexed,
            Kind::Binary => indexed,
            _ => true,
        });
        kinds
    }

    /// What the case asks to measure. Without any kind that is accepted, the first of all, for laws to fail on.
    pub(super) fn kind(&self, case: &Case) -> Kind {
        let kinds = self.kinds();
        kinds.get(case.kind % kinds.len().max(1)).copied().unwrap_or(Kind::ALL[0])
    }

    pub(super) fn samples(&self, case: &Case) -> Samples {
        Samples::of(case, self.kind(case))
    }

    /// Two values are the same, but for rounding if the metric is not exact.
    pub(super) fn same(&self, what: &str, got: f64, want: f64) -> Verdict {
        let rounding = if self.exact { 0.0 } else { 1e-12 };
        close(what, &[got], &[want], rounding, rounding)
    }
}

impl<M: Metric<f32> + Metric<f64> + 'static> From<M> for MetricUnderTest {
    fn from(metric: M) -> Self {
        Self::new(metric)
    }
}

impl Subject for MetricUnderTest {
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.double.name())
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

//! The initialiser under test, and what its author says about it.

use std::fmt;
use std::sync::Arc;

use crate::check::{Exception, Subject};
use crate::error::Error;
use crate::params::init::{Init, Start};
use crate::random::Noise;

/// A number for fan-in and fan-out.
type ByFans<T> = Arc<dyn Fn(usize, usize) -> T + Send + Sync>;

/// An initialiser with what its author says about it.
///
/// Any rule is one ([`Into`]); the methods add what the kit cannot know.
///
/// ```
/// use downhill::check::{Subject, init::InitUnderTest};
/// use downhill::params::init::{Glorot, VarianceScaling};
/// let subject = InitUnderTest::new(Glorot::normal())
///     .named("glorot")
///     .mean(0.0)
///     .std(|fan_in, fan_out| (2.0 / (fan_in + fan_out) as f64).sqrt())
///     .scales(|gain| Glorot::normal().gain(gain))
///     .refuses(Glorot::normal().gain(-1.0), "gain");
/// assert_eq!(subject.title(), "glorot");
/// ```
#[derive(Clone)]
pub struct InitUnderTest {
    name: Option<String>,
    pub(super) rule: Shared,
    pub(super) mean: Option<f64>,
    pub(super) std: Option<ByFans<f64>>,
    pub(super) kurtosis: f64,
    pub(super) bounds: Option<ByFans<(f64, f64)>>,
    pub(super) gain: Option<Arc<dyn Fn(f64) -> Shared + Send + Sync>>,
    pub(super) fixed: bool,
    pub(super) whole: bool,
    pub(super) refused: Vec<(Shared, String)>,
    exceptions: Vec<Exception>,
}

/// A rule of any type, in as many hands as needed.
#[derive(Clone)]
pub(super) struct Shared(Arc<dyn Init>);

impl Shared {
    fn new(rule: impl Init + 'static) -> Self {
        Self(Arc::new(rule))
    }

    /// The values of a tensor that holds `before` at first.
    pub(super) fn over(
        &self,
        before: f64,
        shape: &[usize],
        fans: (usize, usize),
        noise: Noise,
    ) -> Vec<f64> {
        let mut values = vec![before; shape.iter().product()];
        self.fill(Start::new(&shape.into(), fans, noise, &mut values));
        values
    }

    /// The values of a tensor.
    pub(super) fn draw(&self, shape: &[usize], fans: (usize, usize), noise: Noise) -> Vec<f64> {
        self.over(f64::NAN, shape, fans, noise)
    }
}

impl Init for Shared {
    fn fill(&self, tensor: Start<'_>) {
        self.0.fill(tensor);
    }

    fn validate(&self) -> Result<(), Error> {
        self.0.validate()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl InitUnderTest {
    /// This rule.
    pub fn new(rule: impl Init + 'static) -> Self {
        Self {
            name: None,
            rule: Shared::new(rule),
            mean: None,
            std: None,
            kurtosis: 3.0,
            bounds: None,
            gain: None,
            fixed: false,
            whole: false,
            refused: Vec::new(),
            exceptions: Vec::new(),
        }
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

    /// The mean of the distribution; checked if the standard deviation is known too.
    #[must_use]
    pub fn mean(self, mean: f64) -> Self {
        Self { mean: Some(mean), ..self }
    }

    /// The standard deviation of the distribution for fan-in and fan-out.
    #[must_use]
    pub fn std(self, std: impl Fn(usize, usize) -> f64 + Send + Sync + 'static) -> Self {
        Self { std: Some(Arc::new(std)), ..self }
    }

    /// The kurtosis of the distribution, which says how far the variance of a sample may be off; 3, that of a normal one, if nothing is said.
    #[must_use]
    pub fn kurtosis(self, kurtosis: f64) -> Self {
        Self { kurtosis, ..self }
    }

    /// The least and the greatest value for fan-in and fan-out.
    #[must_use]
    pub fn bounds(
        self,
        bounds: impl Fn(usize, usize) -> (f64, f64) + Send + Sync + 'static,
    ) -> Self {
        Self { bounds: Some(Arc::new(bounds)), ..self }
    }

    /// The same rule with another gain, by which all values are multiplied.
    #[must_use]
    pub fn scales<I: Init + 'static>(
        self,
        with_gain: impl Fn(f64) -> I + Send + Sync + 'static,
    ) -> Self {
        Self { gain: Some(Arc::new(move |gain| Shared::new(with_gain(gain)))), ..self }
    }

    /// It draws no random numbers: the values are the same from any seed.
    #[must_use]
    pub fn fixed(self) -> Self {
        Self { fixed: true, ..self }
    }

    /// Each value depends on the whole tensor, as in an orthogonal matrix.
    #[must_use]
    pub fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    /// `validate` refuses this rule, with a message that contains `field`.
    #[must_use]
    pub fn refuses(mut self, bad: impl Init + 'static, field: &str) -> Self {
        self.refused.push((Shared::new(bad), field.to_owned()));
        self
    }
}

impl fmt::Debug for InitUnderTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InitUnderTest").field("rule", &self.rule).finish_non_exhaustive()
    }
}

impl<I: Init + 'static> From<I> for InitUnderTest {
    fn from(rule: I) -> Self {
        Self::new(rule)
    }
}

impl Subject for InitUnderTest {
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{:?}", self.rule))
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

//! The schedule under test, and what its author says about it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::Case;
use crate::check::{Exception, Subject};
use crate::error::Error;
use crate::schedule::Schedule;

/// A schedule with what its author says about it.
///
/// Any schedule is one ([`Into`]); the methods add what the kit cannot know.
///
/// ```
/// use downhill::check::{Subject, schedule::ScheduleUnderTest};
/// use downhill::schedule::{Schedule, cosine, warmup};
/// let subject = ScheduleUnderTest::new(warmup(5).then(cosine(20)))
///     .named("rise and fall")
///     .joins(warmup(5), cosine(20))
///     .bounds(0.0, 1.0)
///     .rises(0..5)
///     .falls(5..u64::MAX);
/// assert_eq!(subject.title(), "rise and fall");
/// ```
#[derive(Clone, Debug)]
pub struct ScheduleUnderTest {
    name: String,
    pub(super) schedule: Shared,
    pub(super) claims: Claims,
    exceptions: Vec<Exception>,
}

/// A schedule of any type, in as many hands as needed.
#[derive(Clone)]
pub(super) struct Shared(Arc<dyn Schedule>);

impl Shared {
    fn new(schedule: impl Schedule + 'static) -> Self {
        Self(Arc::new(schedule))
    }
}

impl Schedule for Shared {
    fn at(&self, step: u64) -> f64 {
        self.0.at(step)
    }

    fn length(&self) -> Option<u64> {
        self.0.length()
    }

    fn validate(&self) -> Result<(), Error> {
        self.0.validate()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// What the author says.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims {
    pub(super) bounds: Option<(f64, f64)>,
    pub(super) starts: Option<f64>,
    pub(super) ends: Option<f64>,
    pub(super) holds: bool,
    pub(super) rises: Vec<Range<u64>>,
    pub(super) falls: Vec<Range<u64>>,
    pub(super) period: Option<u64>,
    pub(super) joints: Vec<(u64, f64)>,
    pub(super) made: Option<Made>,
    pub(super) reference: Option<Shared>,
    pub(super) refused: Vec<(Shared, String)>,
}

/// Of what a combination is made.
#[derive(Clone, Debug)]
pub(super) enum Made {
    Joined(Shared, Shared),
    Scaled(Shared, f64),
    Product(Shared, Shared),
    Cut(Shared, u64),
    Slowed(Shared, u64),
    Clamped(Shared, f64, f64),
}

impl ScheduleUnderTest {
    /// This schedule.
    pub fn new<S: Schedule + 'static>(schedule: S) -> Self {
        Self {
            name: std::any::type_name::<S>().to_owned(),
            schedule: Shared::new(schedule),
            claims: Claims::default(),
            exceptions: Vec::new(),
        }
    }

    /// The same, called this in messages; the type's name if nothing is said.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The same, known to break this law for this reason.
    #[must_use]
    pub fn except(mut self, law: &str, reason: &str) -> Self {
        self.exceptions.push(Exception::new(law, reason));
        self
    }

    /// Every factor lies in [low, high], but for rounding. If nothing is said: it is 0 or more.
    #[must_use]
    pub fn bounds(mut self, low: f64, high: f64) -> Self {
        self.claims.bounds = Some((low, high));
        self
    }

    /// The factor of the first update, which is step 0.
    #[must_use]
    pub fn starts_at(mut self, factor: f64) -> Self {
        self.claims.starts = Some(factor);
        self
    }

    /// The factor at its length; if it never ends, at the last step that can be counted.
    #[must_use]
    pub fn ends_at(mut self, factor: f64) -> Self {
        self.claims.ends = Some(factor);
        self
    }

    /// From its length on the factor does not change any more.
    #[must_use]
    pub fn holds(mut self) -> Self {
        self.claims.holds = true;
        self
    }

    /// Among these steps a later factor is never smaller.
    #[must_use]
    pub fn rises(mut self, steps: Range<u64>) -> Self {
        self.claims.rises.push(steps);
        self
    }

    /// Among these steps a later factor is never larger.
    #[must_use]
    pub fn falls(mut self, steps: Range<u64>) -> Self {
        self.claims.falls.push(steps);
        self
    }

    /// After this many steps it comes again.
    #[must_use]
    pub fn period(mut self, steps: u64) -> Self {
        self.claims.period = Some(steps);
        self
    }

    /// From the step before `step` to `step` the factor changes by no more than `most`: nothing jumps at this joint.
    #[must_use]
    pub fn continuous_at(mut self, step: u64, most: f64) -> Self {
        self.claims.joints.push((step, most));
        self
    }

    /// It is `first` up to its length, and `next`, counted from 0, from there on.
    #[must_use]
    pub fn joins(self, first: impl Schedule + 'static, next: impl Schedule + 'static) -> Self {
        self.made(Made::Joined(Shared::new(first), Shared::new(next)))
    }

    /// It is `schedule` times this factor.
    #[must_use]
    pub fn scales(self, schedule: impl Schedule + 'static, factor: f64) -> Self {
        self.made(Made::Scaled(Shared::new(schedule), factor))
    }

    /// It is the product of these two, as long as the longer one.
    #[must_use]
    pub fn multiplies(self, a: impl Schedule + 'static, b: impl Schedule + 'static) -> Self {
        self.made(Made::Product(Shared::new(a), Shared::new(b)))
    }

    /// It is `schedule` with this length.
    #[must_use]
    pub fn cuts(self, schedule: impl Schedule + 'static, steps: u64) -> Self {
        self.made(Made::Cut(Shared::new(schedule), steps))
    }

    /// It is `schedule`, moving on once in so many steps.
    #[must_use]
    pub fn slows(self, schedule: impl Schedule + 'static, steps: u64) -> Self {
        self.made(Made::Slowed(Shared::new(schedule), steps))
    }

    /// It is `schedule`, kept between `low` and `high`.
    #[must_use]
    pub fn clamps(self, schedule: impl Schedule + 'static, low: f64, high: f64) -> Self {
        self.made(Made::Clamped(Shared::new(schedule), low, high))
    }

    /// It has the factors of `reference` to twelve digits, and its length.
    #[must_use]
    pub fn same_as(mut self, reference: impl Schedule + 'static) -> Self {
        self.claims.reference = Some(Shared::new(reference));
        self
    }

    /// `validate` refuses this schedule, with a message that contains `field`.
    #[must_use]
    pub fn refuses(mut self, bad: impl Schedule + 'static, field: &str) -> Self {
        self.claims.refused.push((Shared::new(bad), field.to_owned()));
        self
    }

    fn made(mut self, made: Made) -> Self {
        self.claims.made = Some(made);
        self
    }

    pub(super) fn at(&self, step: u64) -> f64 {
        self.schedule.at(step)
    }

    /// The factors at these steps, asked for one after the other.
    pub(super) fn factors(&self, steps: &[u64]) -> Vec<f64> {
        steps.iter().map(|&step| self.at(step)).collect()
    }

    /// The steps of the case, those around the end of the schedule, and the first and the last one of all.
    pub(super) fn steps(&self, case: &Case) -> Vec<u64> {
        case.around(self.schedule.length().unwrap_or(0))
    }
}

impl<S: Schedule + 'static> From<S> for ScheduleUnderTest {
    fn from(schedule: S) -> Self {
        Self::new(schedule)
    }
}

impl Subject for ScheduleUnderTest {
    fn title(&self) -> String {
        self.name.clone()
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

//! The augmentation under test, and what its author says about it.

use std::fmt;
use std::sync::Arc;

use crate::check::{Exception, Subject};
use crate::data::augment::{Augmentation, Sample};
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// An augmentation in both precisions, with what its author says about it.
///
/// Any augmentation is one ([`Into`]); the methods add what the kit cannot know.
///
/// ```
/// use downhill::check::{Subject, augment::AugmentationUnderTest};
/// use downhill::data::augment::Jitter;
/// let subject = AugmentationUnderTest::new(Jitter::new(0.1))
///     .draws([3])
///     .unchanged(Jitter::new(0.0))
///     .refuses(Jitter::new(-1.0), "Jitter::std");
/// assert_eq!(subject.title(), "Jitter { std: 0.1 }");
/// ```
#[derive(Clone)]
pub struct AugmentationUnderTest {
    name: Option<String>,
    single: Arc<dyn Augmentation<f32>>,
    double: Arc<dyn Augmentation<f64>>,
    pub(super) shapes: Vec<Shape>,
    pub(super) draws: Option<Shape>,
    pub(super) still: Vec<Arc<dyn Augmentation<f64>>>,
    pub(super) refused: Vec<(Arc<dyn Augmentation<f64>>, String)>,
    pub(super) refused_shapes: Vec<Shape>,
    exceptions: Vec<Exception>,
}

impl AugmentationUnderTest {
    /// This augmentation, in both precisions.
    pub fn new<A: Augmentation<f32> + Augmentation<f64> + 'static>(augmentation: A) -> Self {
        let augmentation = Arc::new(augmentation);
        Self {
            name: None,
            single: augmentation.clone(),
            double: augmentation,
            shapes: Vec::new(),
            draws: None,
            still: Vec::new(),
            refused: Vec::new(),
            refused_shapes: Vec::new(),
            exceptions: Vec::new(),
        }
    }

    /// The same, called this in messages; the augmentation's settings if nothing is said.
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

    /// Samples of this shape are among those to try it on; if nothing is said, any that it accepts are.
    #[must_use]
    pub fn takes(mut self, shape: impl Into<Shape>) -> Self {
        self.shapes.push(shape.into());
        self
    }

    /// Samples of this shape, whose numbers are all different, come out in more than one way.
    #[must_use]
    pub fn draws(self, shape: impl Into<Shape>) -> Self {
        Self { draws: Some(shape.into()), ..self }
    }

    /// `still`, the same augmentation with settings that change nothing, leaves the bits of any sample that it accepts.
    #[must_use]
    pub fn unchanged(mut self, still: impl Augmentation<f64> + 'static) -> Self {
        self.still.push(Arc::new(still));
        self
    }

    /// `augmentation` is refused by `validate`, with an error that names `field`, for shapes that this one takes.
    #[must_use]
    pub fn refuses(mut self, augmentation: impl Augmentation<f64> + 'static, field: &str) -> Self {
        self.refused.push((Arc::new(augmentation), field.to_owned()));
        self
    }

    /// Samples of this shape are refused by `validate`, with an error that names the shape.
    #[must_use]
    pub fn refuses_shape(mut self, shape: impl Into<Shape>) -> Self {
        self.refused_shapes.push(shape.into());
        self
    }
}

impl fmt::Debug for AugmentationUnderTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AugmentationUnderTest").field("rule", &self.double).finish_non_exhaustive()
    }
}

impl<A: Augmentation<f32> + Augmentation<f64> + 'static> From<A> for AugmentationUnderTest {
    fn from(augmentation: A) -> Self {
        Self::new(augmentation)
    }
}

impl Subject for AugmentationUnderTest {
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{:?}", self.double))
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

/// An augmentation in as many hands as needed.
#[derive(Debug)]
pub(super) struct Shared<F>(pub Arc<dyn Augmentation<F>>);

impl<F: Scalar> Augmentation<F> for Shared<F> {
    fn validate(&self, shape: &Shape) -> Result<(), Error> {
        self.0.validate(shape)
    }

    fn scratch(&self, shape: &Shape) -> usize {
        self.0.scratch(shape)
    }

    fn apply(&self, sample: Sample<'_, F>) {
        self.0.apply(sample);
    }
}

/// A precision of the subject: laws are written once, for any `F`, and tried in both.
pub(super) trait Precision: Scalar {
    /// The subject's augmentation in this precision.
    fn rule(subject: &AugmentationUnderTest) -> &Arc<dyn Augmentation<Self>>;
}

impl Precision for f32 {
    fn rule(subject: &AugmentationUnderTest) -> &Arc<dyn Augmentation<Self>> {
        &subject.single
    }
}

impl Precision for f64 {
    fn rule(subject: &AugmentationUnderTest) -> &Arc<dyn Augmentation<Self>> {
        &subject.double
    }
}

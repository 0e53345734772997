//! What clips, and which bound it claims to keep.

use std::fmt::Debug;
use std::sync::Arc;

use crate::check::{Exception, Subject};
use crate::clip::Clip;
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::params::Parameter;
use crate::scalar::Scalar;

/// What is lent to a [`Clipper`]: what [`Clip::apply`] is given.
#[derive(Debug)]
#[non_exhaustive]
pub struct Call<'a, F> {
    /// The tensors.
    pub parameters: &'a [Parameter],
    /// Their weights, one after the other.
    pub weights: &'a [F],
    /// Their gradients, to clip.
    pub gradient: &'a mut [F],
    /// The Euclidean norm of all gradients.
    pub norm: f64,
    /// What the bound is multiplied by.
    pub scale: f64,
    /// Whether several threads may be used.
    pub parallel: Parallel,
}

/// Something that clips gradients: a [`Clip`], or a user's own.
pub trait Clipper<F: Scalar>: Debug + Send + Sync {
    /// Clips in place, and returns the factor as [`Clipped`](crate::clip::Clipped) has it.
    fn clip(&self, call: Call<'_, F>) -> f64;

    /// Checks the bound.
    ///
    /// # Errors
    /// [`Error::Argument`] for a bound outside its range.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl<F: Scalar> Clipper<F> for Clip {
    fn clip(&self, call: Call<'_, F>) -> f64 {
        let Call { parameters, weights, gradient, norm, scale, parallel } = call;
        self.apply(parameters, weights, gradient, norm, scale, parallel).factor
    }

    fn validate(&self) -> Result<(), Error> {
        Self::validate(self)
    }
}

/// Something that clips, in both precisions, with the bound that it claims to keep.
///
/// Any [`Clip`] is one ([`Into`]): it claims to keep its own bound. [`done_by`](ClipUnderTest::done_by) puts a user's own clipper in its place.
///
/// ```
/// use downhill::{Clip, check::{Subject, clip::ClipUnderTest}};
/// assert_eq!(ClipUnderTest::new(Clip::Value(0.5)).title(), "Value(0.5)");
/// ```
#[derive(Clone, Debug)]
pub struct ClipUnderTest {
    name: Option<String>,
    pub(super) claim: Clip,
    single: Arc<dyn Clipper<f32>>,
    double: Arc<dyn Clipper<f64>>,
    pub(super) refused: Vec<(Arc<dyn Clipper<f64>>, String)>,
    exceptions: Vec<Exception>,
}

impl ClipUnderTest {
    /// This bound, kept by the crate.
    pub fn new(clip: Clip) -> Self {
        let rule = Arc::new(clip);
        Self {
            name: None,
            claim: clip,
            single: rule.clone(),
            double: rule,
            refused: Vec::new(),
            exceptions: Vec::new(),
        }
    }

    /// The same bound, kept by this clipper.
    #[must_use]
    pub fn done_by<C: Clipper<f32> + Clipper<f64> + 'static>(self, clipper: C) -> Self {
        let clipper = Arc::new(clipper);
        Self { single: clipper.clone(), double: clipper, ..self }
    }

    /// The same, called this in messages; the clipper's settings if nothing is said.
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

    /// `clipper` is refused by `validate`, with an error that names `field`.
    #[must_use]
    pub fn refuses(mut self, clipper: impl Clipper<f64> + 'static, field: &str) -> Self {
        self.refused.push((Arc::new(clipper), field.to_owned()));
        self
    }
}

impl From<Clip> for ClipUnderTest {
    fn from(clip: Clip) -> Self {
        Self::new(clip)
    }
}

impl Subject for ClipUnderTest {
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{:?}", self.double))
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

/// A precision of the subject: laws are written once, for any `F`, and tried in both.
pub(super) trait Precision: Scalar {
    /// The subject's clipper in this precision.
    fn rule(subject: &ClipUnderTest) -> &dyn Clipper<Self>;
}

impl Precision for f32 {
    fn rule(subject: &ClipUnderTest) -> &dyn Clipper<Self> {
        &*subject.single
    }
}

impl Precision for f64 {
    fn rule(subject: &ClipUnderTest) -> &dyn Clipper<Self> {
        &*subject.double
    }
}

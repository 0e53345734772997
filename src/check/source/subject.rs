//! The source under test, and what its author says about it.

use std::sync::Arc;

use crate::check::{Exception, Subject};
use crate::data::Source;
use crate::scalar::Scalar;

/// A way to make a source of samples, with what its author says about it.
///
/// Any closure that gives a source is one ([`Into`]); the methods add what the kit cannot know. The kit makes the source several times, because a
/// run can only be resumed if the data are the same in another process. A few dozen rows are enough.
///
/// ```
/// use downhill::check::{Subject, source::SourceUnderTest};
/// use downhill::data::Dataset;
/// use ndarray::Array2;
///
/// let data = Dataset::new(Array2::<f32>::eye(6), vec![0, 1, 2, 0, 1, 2])?;
/// let (first, second) = data.split(0.5, 7)?;
/// let subject = SourceUnderTest::new(move || data.clone()).named("six rows").classes(3).divides_into([first, second]);
/// assert_eq!(subject.title(), "six rows");
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone)]
pub struct SourceUnderTest<F> {
    name: Option<String>,
    make: Arc<dyn Fn() -> Arc<dyn Source<F>>>,
    pub(super) source: Arc<dyn Source<F>>,
    pub(super) augments: bool,
    pub(super) changes_targets: bool,
    pub(super) classes: Option<usize>,
    pub(super) reference: Option<Arc<dyn Source<F>>>,
    pub(super) divisions: Vec<Vec<Arc<dyn Source<F>>>>,
    exceptions: Vec<Exception>,
}

impl<F: Scalar> SourceUnderTest<F> {
    /// The source that this closure makes.
    pub fn new<S: Source<F> + 'static>(make: impl Fn() -> S + 'static) -> Self {
        Self {
            name: None,
            source: Arc::new(make()),
            make: Arc::new(move || Arc::new(make())),
            augments: false,
            changes_targets: false,
            classes: None,
            reference: None,
            divisions: Vec::new(),
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

    /// In training each epoch, and each seed, gives other inputs; if nothing is said, training sees the rows as they are.
    #[must_use]
    pub fn augments(self) -> Self {
        Self { augments: true, ..self }
    }

    /// Augmentation changes targets or weights too, as mixing samples does.
    #[must_use]
    pub fn changes_targets(self) -> Self {
        Self { changes_targets: true, ..self }
    }

    /// Targets are class indices below this number.
    #[must_use]
    pub fn classes(self, classes: usize) -> Self {
        Self { classes: Some(classes), ..self }
    }

    /// Taken as they are, the rows are those of this source, to the bit: of a [`Dataset`](crate::data::Dataset) of plain arrays, for example.
    #[must_use]
    pub fn same_as(self, reference: impl Source<F> + 'static) -> Self {
        Self { reference: Some(Arc::new(reference)), ..self }
    }

    /// These parts hold each row exactly once. May be called for several divisions.
    #[must_use]
    pub fn divides_into<S: Source<F> + 'static>(
        mut self,
        parts: impl IntoIterator<Item = S>,
    ) -> Self {
        let shared = |part| -> Arc<dyn Source<F>> { Arc::new(part) };
        self.divisions.push(parts.into_iter().map(shared).collect());
        self
    }

    /// The source, made again.
    pub(super) fn fresh(&self) -> Arc<dyn Source<F>> {
        (self.make)()
    }
}

impl<F, M, S> From<M> for SourceUnderTest<F>
where
    F: Scalar,
    M: Fn() -> S + 'static,
    S: Source<F> + 'static,
{
    fn from(make: M) -> Self {
        Self::new(make)
    }
}

impl<F> Subject for SourceUnderTest<F> {
    fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| "the source".to_owned())
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

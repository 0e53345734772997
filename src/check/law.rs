//! What a law is.

use std::fmt::Debug;

use proptest::strategy::BoxedStrategy;

use super::Verdict;

/// One law: a sentence about a subject `S`, and the check that it holds in a case `C`.
///
/// ```
/// use downhill::check::{Law, optimizer};
/// use downhill::optim::Sgd;
///
/// let law = &optimizer::LAWS[0];
/// let verdict = (law.check)(&Sgd::default().into(), &optimizer::Case::default());
/// assert!(verdict.is_ok(), "{}: {}", law.name, law.says);
/// ```
#[derive(Debug)]
pub struct Law<S: ?Sized, C> {
    /// The law's name, which is the name of its function and of the test that the macro makes.
    pub name: &'static str,
    /// The law in a sentence.
    pub says: &'static str,
    /// What to look for when it is broken.
    pub look: &'static str,
    /// Whether it holds for this subject in this case.
    pub check: fn(&S, &C) -> Verdict,
}

/// A generated case: plain data, so that it can be printed, shrunk and written down again in a test of its own.
pub trait Generate: Clone + Debug + 'static {
    /// All cases, with the simplest ones where proptest shrinks to.
    fn any() -> BoxedStrategy<Self>;
}

/// What a kit tests: a component with everything that its author says about it.
pub trait Subject {
    /// The name in messages and tables.
    fn title(&self) -> String;

    /// The laws that this subject is known to break, each with the reason.
    fn exceptions(&self) -> &[Exception] {
        &[]
    }
}

/// A law that a subject is known to break. It is strict: on the day the law holds after all, its test fails and asks to remove the exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The law's name.
    pub law: String,
    /// Why it does not hold.
    pub reason: String,
}

impl Exception {
    /// An exception from the law of this name.
    pub fn new(law: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { law: law.into(), reason: reason.into() }
    }
}

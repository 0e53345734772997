//! The laws of sources of samples: data sets, what reads them from elsewhere, and augmentation.
//!
//! ```
//! use downhill::check::source::{self, SourceUnderTest};
//! use downhill::data::Dataset;
//! use ndarray::Array2;
//!
//! let data = Dataset::new(Array2::<f32>::eye(6), vec![0, 1, 2, 0, 1, 2])?;
//! let subject = SourceUnderTest::new(move || data.clone()).classes(3);
//! let report = source::report_on(subject, &downhill::check::Cases::fixed(4));
//! println!("{report}");
//! report.assert();
//! # Ok::<(), downhill::Error>(())
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`laws`] lists them all.

mod case;
pub mod content;
pub mod division;
mod filled;
mod list;
pub mod memory;
pub mod purity;
pub mod rows;
pub mod sampling;
mod subject;

pub use case::Case;
pub use subject::SourceUnderTest;

use super::{Cases, Law, Report};
use crate::scalar::Scalar;

/// All laws of sources.
#[doc = crate::__check_source_laws!(__check_table[source])]
pub fn laws<F: Scalar>() -> &'static [Law<SourceUnderTest<F>, Case>] {
    crate::__check_source_laws!(__check_values[source])
}

/// Tries all laws on this source, on as many cases as the environment asks for.
pub fn report<F: Scalar>(subject: impl Into<SourceUnderTest<F>>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on this source, on these cases.
pub fn report_on<F: Scalar>(subject: impl Into<SourceUnderTest<F>>, cases: &Cases) -> Report {
    Report::of(laws(), &subject.into(), cases)
}

/// One `#[test]` for each law of sources: `check::source!(name, \|\| source)`.
///
/// The closure gives anything that implements [`Source`](crate::data::Source) in one precision. Claims need a
/// [`SourceUnderTest`] in its place, and so does a source that has several precisions: `SourceUnderTest::<f32>::new(…)`.
///
/// ```
/// use downhill::check::{self, source::SourceUnderTest};
/// use downhill::data::Dataset;
/// use ndarray::Array2;
///
/// fn data() -> Dataset<f32> {
///     Dataset::new(Array2::eye(6), vec![0, 1, 2, 0, 1, 2]).expect("good data")
/// }
///
/// check::source!(six, data);
/// check::source!(six_of_three, SourceUnderTest::new(data).classes(3));
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_source {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_source_laws! { __check_tests [source $name $subject] }
    };
}

//! The laws of initialisers.
//!
//! ```
//! use downhill::check::init::{self, InitUnderTest};
//! use downhill::params::init::LeCun;
//!
//! let subject = InitUnderTest::new(LeCun::normal()).mean(0.0).std(|fan_in, _| 1.0 / (fan_in as f64).sqrt());
//! let report = init::report_on(subject, &downhill::check::Cases::fixed(4));
//! println!("{report}");
//! report.assert();
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`LAWS`] lists them all. Laws about the spread of the values
//! hold where the author [claims](InitUnderTest) it.

mod case;
pub mod determinism;
pub mod layer;
mod list;
pub mod range;
pub mod settings;
pub mod spread;
mod subject;

pub use case::Case;
pub use subject::InitUnderTest;

use super::{Cases, Law, Report};

/// All laws of initialisers.
#[doc = crate::__check_init_laws!(__check_table[init])]
pub static LAWS: &[Law<InitUnderTest, Case>] = crate::__check_init_laws!(__check_values[init]);

/// Tries all laws on this rule, on as many cases as the environment asks for.
pub fn report(subject: impl Into<InitUnderTest>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on this rule, on these cases.
pub fn report_on(subject: impl Into<InitUnderTest>, cases: &Cases) -> Report {
    Report::of(LAWS, &subject.into(), cases)
}

/// One `#[test]` for each law of initialisers: `check::init!(name, rule)`.
///
/// The rule may be anything that implements [`Init`](crate::params::init::Init), or an [`InitUnderTest`] with claims; it is
/// evaluated once for each test.
///
/// ```
/// use downhill::check::{self, init::InitUnderTest};
/// use downhill::params::init::{He, Normal};
///
/// check::init!(normal, Normal::default());
/// check::init!(he, InitUnderTest::new(He::normal()).mean(0.0).std(|fan_in, _| (2.0 / fan_in as f64).sqrt()));
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_init {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_init_laws! { __check_tests [init $name $subject] }
    };
}

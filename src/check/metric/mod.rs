//! The laws of metrics.
//!
//! ```
//! use downhill::check::metric::{self, MetricUnderTest};
//! use downhill::metric::Accuracy;
//!
//! let subject = MetricUnderTest::new(Accuracy).bounds(0.0, 1.0).perfect(1.0);
//! let report = metric::report_on(subject, &downhill::check::Cases::fixed(4));
//! println!("{report}");
//! report.assert();
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`LAWS`] lists them all. What a metric is tried on is said by
//! [`Kind`]; if nothing is said, its `check` is asked.

mod case;
pub mod interface;
mod kind;
mod list;
pub mod partition;
mod samples;
mod subject;
pub mod value;
pub mod weights;

pub use case::Case;
pub use kind::Kind;
pub use subject::MetricUnderTest;

use super::{Cases, Law, Report};

/// All laws of metrics.
#[doc = crate::__check_metric_laws!(__check_table[metric])]
pub static LAWS: &[Law<MetricUnderTest, Case>] =
    crate::__check_metric_laws!(__check_values[metric]);

/// Tries all laws on this metric, on as many cases as the environment asks for.
pub fn report(subject: impl Into<MetricUnderTest>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on this metric, on these cases.
pub fn report_on(subject: impl Into<MetricUnderTest>, cases: &Cases) -> Report {
    Report::of(LAWS, &subject.into(), cases)
}

/// One `#[test]` for each law of metrics: `check::metric!(name, metric)`.
///
/// The metric may be any value of a type that implements [`Metric`](crate::metric::Metric) in both precisions, or a
/// [`MetricUnderTest`] with claims; it is evaluated once for each test.
///
/// ```
/// use downhill::check::{self, metric::MetricUnderTest};
/// use downhill::metric::{Accuracy, Rmse};
///
/// check::metric!(rmse, Rmse);
/// check::metric!(accuracy, MetricUnderTest::new(Accuracy).bounds(0.0, 1.0).perfect(1.0));
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_metric {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_metric_laws! { __check_tests [metric $name $subject] }
    };
}

//! The laws of schedules.
//!
//! ```
//! use downhill::check::schedule::{self, ScheduleUnderTest};
//! use downhill::schedule::cosine;
//!
//! let subject = ScheduleUnderTest::new(cosine(10)).bounds(0.0, 1.0).starts_at(1.0).ends_at(0.0).holds();
//! let report = schedule::report_on(subject, &downhill::check::Cases::fixed(4));
//! println!("{report}");
//! report.assert();
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`LAWS`] lists them all. Laws about bounds, ends, parts and
//! so on hold where the author [claims](ScheduleUnderTest) them.

mod case;
pub mod combine;
mod list;
pub mod purity;
pub mod range;
pub mod settings;
pub mod shape;
mod subject;
pub mod training;

pub use case::Case;
pub use subject::ScheduleUnderTest;

use super::{Cases, Law, Report};

/// All laws of schedules.
#[doc = crate::__check_schedule_laws!(__check_table[schedule])]
pub static LAWS: &[Law<ScheduleUnderTest, Case>] =
    crate::__check_schedule_laws!(__check_values[schedule]);

/// Tries all laws on this schedule, on as many cases as the environment asks for.
pub fn report(subject: impl Into<ScheduleUnderTest>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on this schedule, on these cases.
pub fn report_on(subject: impl Into<ScheduleUnderTest>, cases: &Cases) -> Report {
    Report::of(LAWS, &subject.into(), cases)
}

/// One `#[test]` for each law of schedules: `check::schedule!(name, schedule)`.
///
/// The schedule may be anything that implements [`Schedule`](crate::schedule::Schedule), or a
/// [`ScheduleUnderTest`] with claims; it is evaluated once for each test.
///
/// ```
/// use downhill::check::{self, schedule::ScheduleUnderTest};
/// use downhill::schedule::{cosine, warmup};
///
/// check::schedule!(rise, warmup(10));
/// check::schedule!(fall, ScheduleUnderTest::new(cosine(10)).bounds(0.0, 1.0).falls(0..u64::MAX));
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_schedule {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_schedule_laws! { __check_tests [schedule $name $subject] }
    };
}

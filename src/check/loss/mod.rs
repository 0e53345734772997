//! The laws of [`Loss`](crate::loss::Loss).
//!
//! ```
//! use downhill::check::loss::{self, LossUnderTest};
//! use downhill::loss::Mse;
//!
//! let report = loss::report(LossUnderTest::new(Mse).minimum_at_target().never_negative().convex());
//! println!("{report}");
//! report.assert();
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`LAWS`] lists them all.

mod case;
pub mod claims;
pub mod extremes;
pub mod fit;
mod frame;
pub mod gradient;
mod list;
mod problem;
pub mod samples;
mod subject;
pub mod weights;

pub use case::Case;
pub use frame::{Outputs, Targets};
use problem::{Answer, Problem};
pub use subject::LossUnderTest;
use subject::Precision;

use super::{Cases, Law, Report};

/// All laws of losses.
#[doc = crate::__check_loss_laws!(__check_table[loss])]
pub static LAWS: &[Law<LossUnderTest, Case>] = crate::__check_loss_laws!(__check_values[loss]);

/// Tries all laws on this loss, on as many cases as the environment asks for.
pub fn report(subject: impl Into<LossUnderTest>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on this loss, on these cases.
pub fn report_on(subject: impl Into<LossUnderTest>, cases: &Cases) -> Report {
    Report::of(LAWS, &subject.into(), cases)
}

/// One `#[test]` for each law of losses: `check::loss!(name, loss)`.
///
/// The tests are in a module of this name. The loss may be any value of a type that implements [`Loss`](crate::loss::Loss) in both precisions, or a
/// [`LossUnderTest`] with claims; it is evaluated once for each test.
///
/// ```
/// use downhill::check::{self, loss::LossUnderTest};
/// use downhill::loss::{Mae, Mse};
///
/// check::loss!(mae, Mae);
/// check::loss!(mse, LossUnderTest::new(Mse).minimum_at_target().convex());
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_loss {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_loss_laws! { __check_tests [loss $name $subject] }
    };
}

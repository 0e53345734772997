//! The laws of [`Regularizer`].
//!
//! ```
//! use downhill::check::regularizer::{self, RegularizerUnderTest};
//! use downhill::regularize::L1;
//!
//! let report = regularizer::report(RegularizerUnderTest::new(L1::new(0.1)).even().homogeneous(1.0));
//! println!("{report}");
//! report.assert();
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`LAWS`] lists them all.

mod case;
pub mod claims;
mod list;
pub mod penalty;
mod subject;

pub use case::Case;
use subject::Precision;
pub use subject::RegularizerUnderTest;

use super::{Cases, Law, Report};
use crate::regularize::{Regularizer, Weights};
use crate::scalar::Scalar;

/// All laws of regularizers.
#[doc = crate::__check_regularizer_laws!(__check_table[regularizer])]
pub static LAWS: &[Law<RegularizerUnderTest, Case>] =
    crate::__check_regularizer_laws!(__check_values[regularizer]);

/// Tries all laws on this regularizer, on as many cases as the environment asks for.
pub fn report(subject: impl Into<RegularizerUnderTest>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on this regularizer, on these cases.
pub fn report_on(subject: impl Into<RegularizerUnderTest>, cases: &Cases) -> Report {
    Report::of(LAWS, &subject.into(), cases)
}

/// One `#[test]` for each law of regularizers: `check::regularizer!(name, subject)`.
///
/// The tests are in a module of this name. The subject may be any value that turns into a [`RegularizerUnderTest`],
/// or one of those with claims; it is evaluated once for each test.
///
/// ```
/// downhill::check::regularizer!(ridge, downhill::regularize::L2::new(0.1));
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_regularizer {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_regularizer_laws! { __check_tests [regularizer $name $subject] }
    };
}

/// The penalty of the case's tensor with these weights.
fn penalty<F: Scalar>(rule: &dyn Regularizer<F>, case: &Case, weights: &[F]) -> f64 {
    rule.penalty(Weights::new(&case.parameter(), weights))
}

/// Its gradient.
fn gradient<F: Scalar>(rule: &dyn Regularizer<F>, case: &Case, weights: &[F]) -> Vec<F> {
    let mut gradient = vec![F::zero(); weights.len()];
    rule.add_gradient(Weights::new(&case.parameter(), weights), &mut gradient);
    gradient
}

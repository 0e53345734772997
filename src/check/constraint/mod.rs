//! The laws of [`Constraint`].
//!
//! ```
//! use downhill::check::constraint::{self, ConstraintUnderTest};
//! use downhill::regularize::NonNegative;
//!
//! let subject = ConstraintUnderTest::new(NonNegative).holds(|w, _, _| w.iter().all(|&w| w >= 0.0));
//! let report = constraint::report(subject);
//! println!("{report}");
//! report.assert();
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`LAWS`] lists them all.

mod list;
pub mod projection;
mod subject;

pub use subject::ConstraintUnderTest;
use subject::Precision;

pub use super::regularizer::Case;
use super::{Cases, Law, Report, Unmet};
use crate::regularize::{Constraint, WeightsMut};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// All laws of constraints.
#[doc = crate::__check_constraint_laws!(__check_table[constraint])]
pub static LAWS: &[Law<ConstraintUnderTest, Case>] =
    crate::__check_constraint_laws!(__check_values[constraint]);

/// Tries all laws on this constraint, on as many cases as the environment asks for.
pub fn report(subject: impl Into<ConstraintUnderTest>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on this constraint, on these cases.
pub fn report_on(subject: impl Into<ConstraintUnderTest>, cases: &Cases) -> Report {
    Report::of(LAWS, &subject.into(), cases)
}

/// One `#[test]` for each law of constraints: `check::constraint!(name, subject)`.
///
/// The tests are in a module of this name. The subject may be any value that turns into a [`ConstraintUnderTest`],
/// or one of those with claims; it is evaluated once for each test.
///
/// ```
/// downhill::check::constraint!(unit_norm, downhill::regularize::UnitNorm);
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_constraint {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_constraint_laws! { __check_tests [constraint $name $subject] }
    };
}

/// The case's tensor with these weights, projected.
fn project<F: Scalar>(rule: &dyn Constraint<F>, case: &Case, weights: &[F]) -> Vec<F> {
    let mut weights = weights.to_vec();
    rule.project(WeightsMut::new(&case.parameter(), &mut weights));
    weights
}

/// Whether the claimed condition holds.
fn holds<F: Scalar>(
    subject: &ConstraintUnderTest,
    case: &Case,
    weights: &[F],
) -> Result<bool, Unmet> {
    let Some(condition) = &subject.condition else {
        return Err(Unmet::NotApplicable("no condition is claimed".to_owned()));
    };
    let values: Vec<f64> = weights.iter().map(|w| w.as_f64()).collect();
    Ok(condition(&values, &Shape::from(case.shape.as_slice()), F::epsilon().as_f64()))
}

/// How many weights a unit has.
fn unit(shape: &[usize]) -> usize {
    crate::clip::unit_size(&Shape::from(shape))
}

//! The laws of [`Optimizer`](crate::optim::Optimizer).
//!
//! ```
//! use downhill::check::optimizer;
//! use downhill::optim::Adam;
//!
//! let report = optimizer::report(Adam::default());
//! println!("{report}");
//! report.assert();
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`LAWS`] lists them all.

mod case;
mod claims;
pub mod decay;
pub mod descent;
pub mod determinism;
mod guard;
mod list;
pub mod memory;
pub mod numbers;
pub mod parts;
pub mod rest;
mod run;
pub mod settings;
mod subject;
pub mod symmetry;
pub mod time;

use std::fmt::Display;
use std::ops::Range;

pub use case::{Case, Pattern};
pub use claims::Reference;
pub use run::{Run, parameters};
pub use subject::OptimizerUnderTest;
use subject::Precision;

use super::{Cases, Law, Report, Verdict, broken, close, same_bits};
use crate::scalar::Scalar;

/// All laws of optimizers.
#[doc = crate::__check_optimizer_laws!(__check_table[optimizer])]
pub static LAWS: &[Law<OptimizerUnderTest, Case>] =
    crate::__check_optimizer_laws!(__check_values[optimizer]);

/// Tries all laws on this optimizer, on as many cases as the environment asks for.
pub fn report(subject: impl Into<OptimizerUnderTest>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on this optimizer, on these cases.
pub fn report_on(subject: impl Into<OptimizerUnderTest>, cases: &Cases) -> Report {
    Report::of(LAWS, &subject.into(), cases)
}

/// One `#[test]` for each law of optimizers: `check::optimizer!(name, rule)`.
///
/// The tests are in a module of this name. The rule may be any value of a type that implements [`Optimizer`](crate::optim::Optimizer) in both
/// precisions, or an [`OptimizerUnderTest`] with claims; it is evaluated once for each test.
///
/// ```
/// use downhill::check::{self, optimizer::OptimizerUnderTest};
/// use downhill::optim::{Adam, Lion};
///
/// check::optimizer!(adam, Adam::default());
/// check::optimizer!(lion, OptimizerUnderTest::new(Lion::default()).named("lion"));
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_optimizer {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_optimizer_laws! { __check_tests [optimizer $name $subject] }
    };
}

/// Takes these steps of the case.
fn train<F: Scalar>(run: &mut Run<'_, F>, case: &Case, steps: Range<u64>) -> Verdict {
    steps.into_iter().try_for_each(|t| step(run, &case.gradient(t)))
}

/// Takes one step; an error of the rule breaks the law.
fn step<F: Scalar>(run: &mut Run<'_, F>, gradient: &[f64]) -> Verdict {
    let at = run.tick.step;
    run.along(gradient)
        .or_else(|error| broken(format_args!("{} step {at}", F::NAME), "no error", error))
}

/// The same bits; the same numbers within rounding if the rule sums over the whole model, whose order may change.
fn alike<F: Scalar>(
    subject: &OptimizerUnderTest,
    what: impl Display,
    got: &[F],
    want: &[F],
) -> Verdict {
    if !subject.claims.whole_model {
        return same_bits(what, got, want);
    }
    let tolerance = 1e4 * F::epsilon().as_f64();
    close(what, got, want, tolerance, tolerance)
}

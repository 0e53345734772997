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
pub mod determinism;
mod list;
pub mod rest;
mod run;
mod subject;

use std::ops::Range;

pub use case::{Case, Pattern};
pub use run::{Run, parameters};
pub use subject::OptimizerUnderTest;
use subject::Precision;

use super::{Cases, Law, Report, Verdict, broken};
use crate::scalar::Scalar;

/// All laws of optimizers.
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

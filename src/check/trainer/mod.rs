//! The laws of a [`Trainer`] with a model, a loss, an optimizer and all else that a user has put into it.
//!
//! A trainer is only as reproducible as its parts: a layer that counts its calls, an optimizer with memory outside its slots, or a loss that
//! returns a mean breaks the laws of the whole. These laws find it in the whole, whichever part it is.
//!
//! ```
//! use downhill::check::{Cases, trainer};
//! use downhill::prelude::*;
//! use ndarray::Array2;
//!
//! let x = Array2::from_shape_fn((12, 2), |(i, j)| (i * 5 % 7) as f64 - j as f64);
//! let y = Array2::from_shape_fn((12, 1), |(i, _)| (i % 3) as f64);
//! let builder = || Trainer::builder(Dense::new(1), Mse, Sgd::default());
//! trainer::report_on((builder, Dataset::new(x, y)?), &Cases::fixed(2)).assert();
//! # Ok::<(), Error>(())
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`laws`] lists them all.

pub mod bad_data;
pub mod batches;
mod case;
mod compare;
pub(super) mod data;
pub mod determinism;
pub mod judging;
mod list;
pub mod looking;
pub mod resume;
pub mod rows;
pub mod standing;
pub mod stops;
mod subject;
pub mod weights;

use std::fmt::Display;

pub use case::Case;
pub use compare::same_state;
pub use subject::TrainerUnderTest;

use super::{Broken, Cases, Law, Report, Unmet};
use crate::data::Source;
use crate::error::Error;
use crate::scalar::Scalar;
use crate::train::{Fit, Run, Trainer};

/// How many cases [`assert_resumable!`](crate::assert_resumable) and [`assert_deterministic!`](crate::assert_deterministic) try if the
/// environment does not say: a user's own model may be large.
const FEW: u32 = 8;

/// All laws of trainers.
#[doc = crate::__check_trainer_laws!(__check_table[trainer])]
pub fn laws<F: Scalar>() -> &'static [Law<TrainerUnderTest<F>, Case>] {
    crate::__check_trainer_laws!(__check_values[trainer])
}

/// Tries all laws on this trainer, on as many cases as the environment asks for.
pub fn report<F: Scalar>(subject: impl Into<TrainerUnderTest<F>>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on this trainer, on these cases.
pub fn report_on<F: Scalar>(subject: impl Into<TrainerUnderTest<F>>, cases: &Cases) -> Report {
    Report::of(laws(), &subject.into(), cases)
}

/// Tries the laws about runs that are cut and go on; [`assert_resumable!`](crate::assert_resumable) is this with an assertion.
pub fn resumable<F: Scalar>(subject: impl Into<TrainerUnderTest<F>>) -> Report {
    let names =
        ["a_cut_run_is_the_whole_run", "going_back_repeats_the_run", "a_stopped_run_goes_on"];
    some(&subject.into(), &names)
}

/// Tries the laws about runs that are repeated; [`assert_deterministic!`](crate::assert_deterministic) is this with an assertion.
pub fn deterministic<F: Scalar>(subject: impl Into<TrainerUnderTest<F>>) -> Report {
    let names = ["same_seed_same_bits", "any_number_of_threads", "runs_do_not_disturb_each_other"];
    some(&subject.into(), &names)
}

fn some<F: Scalar>(subject: &TrainerUnderTest<F>, names: &[&str]) -> Report {
    let cases = Cases::from_env_or(FEW);
    let chosen = laws().iter().filter(|law| names.contains(&law.name));
    let outcomes = chosen.map(|law| super::run(law, subject, &cases)).collect();
    Report { title: super::Subject::title(subject), outcomes }
}

/// What came of something that must not fail here.
pub(super) fn must<T>(what: impl Display, result: Result<T, Error>) -> Result<T, Unmet> {
    result.map_err(|error| {
        let (what, expected) = (what.to_string(), "no error".to_owned());
        Unmet::Broken(Broken { what, expected, got: error.to_string() })
    })
}

/// Trains; an error breaks the law.
fn fit<F: Scalar>(
    trainer: &mut Trainer<F>,
    data: &dyn Source<F>,
    plan: Fit<'_, F>,
) -> Result<Run, Unmet> {
    must(format_args!("training from step {}", trainer.steps()), trainer.fit(data, plan))
}

/// The trainer of a case after this many of its steps.
fn after<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
    steps: u64,
) -> Result<Trainer<F>, Unmet> {
    let mut trainer = subject.fresh(case.seed)?;
    fit(&mut trainer, subject.data(), case.to_step(steps))?;
    Ok(trainer)
}

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

mod assert;
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

pub use assert::{deterministic, resumable};
pub use case::Case;
pub use compare::same_state;
pub use subject::TrainerUnderTest;

use super::{Broken, Cases, Law, Report, Unmet};
use crate::data::Source;
use crate::error::Error;
use crate::scalar::Scalar;
use crate::train::{Fit, Run, Trainer};

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

/// One `#[test]` for each law of trainers: `check::trainer!(name, || builder, data)`.
///
/// The closure puts together what is tested; the kit sets seed and threads, and builds it for the shape of the data. Claims need a
/// [`TrainerUnderTest`] in the place of the two.
///
/// ```
/// use downhill::{check, prelude::*};
/// use ndarray::Array2;
///
/// fn data() -> Dataset<f32> {
///     Dataset::new(Array2::eye(6), vec![0, 1, 2, 0, 1, 2]).expect("good data")
/// }
///
/// check::trainer!(linear, || Trainer::builder(Dense::new(3), CrossEntropy::default(), Adam::default()), data());
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_trainer {
    ($name:ident, $make:expr, $data:expr $(,)?) => {
        $crate::__check_trainer_laws! { __check_tests [trainer $name ($make, $data)] }
    };
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_trainer_laws! { __check_tests [trainer $name $subject] }
    };
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

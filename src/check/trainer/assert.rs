//! Some of the laws as assertions.

use super::{TrainerUnderTest, laws};
use crate::check::{Cases, Report, Subject, run};
use crate::scalar::Scalar;

/// How many cases [`assert_resumable!`](crate::assert_resumable) and [`assert_deterministic!`](crate::assert_deterministic) try if the
/// environment does not say: a user's own model may be large.
const FEW: u32 = 8;

/// Fails a test unless runs of this model can be cut, stopped and put back anywhere: `assert_resumable!(|| builder, data)`.
///
/// ```
/// use downhill::prelude::*;
/// use ndarray::Array2;
///
/// let data = Dataset::new(Array2::<f32>::eye(6), vec![0, 1, 2, 0, 1, 2])?;
/// let model = || Chain::new().then(Dense::new(8)).then(Dropout::new(0.2)).then(Dense::new(3));
/// downhill::assert_resumable!(
///     move || Trainer::builder(model(), CrossEntropy::default(), Adam::default()),
///     data
/// );
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! assert_resumable {
    ($make:expr, $data:expr $(,)?) => {
        $crate::check::trainer::resumable(($make, $data)).assert()
    };
    ($subject:expr $(,)?) => {
        $crate::check::trainer::resumable($subject).assert()
    };
}

/// Fails a test unless a run of this model is a function of its seed, on any number of threads: `assert_deterministic!(|| builder, data)`.
///
/// ```
/// use downhill::prelude::*;
/// use ndarray::Array2;
///
/// let data = Dataset::new(Array2::<f32>::eye(6), vec![0, 1, 2, 0, 1, 2])?;
/// downhill::assert_deterministic!(
///     || Trainer::builder(Dense::new(3), CrossEntropy::default(), Adam::default()),
///     data
/// );
/// # Ok::<(), Error>(())
/// ```
#[macro_export]
macro_rules! assert_deterministic {
    ($make:expr, $data:expr $(,)?) => {
        $crate::check::trainer::deterministic(($make, $data)).assert()
    };
    ($subject:expr $(,)?) => {
        $crate::check::trainer::deterministic($subject).assert()
    };
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
    let outcomes = chosen.map(|law| run(law, subject, &cases)).collect();
    Report { title: Subject::title(subject), outcomes }
}

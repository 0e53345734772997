//! The laws of observers.
//!
//! What an observer does is to follow from the history, so that a run can be resumed with a fresh one. An observer that only writes or draws
//! keeps these laws by doing nothing to the run.
//!
//! ```
//! use downhill::check::observer::{self, ObserverUnderTest};
//! use downhill::prelude::*;
//!
//! let make = || ReduceOnPlateau::new(Plateau { patience: 2, ..Plateau::default() });
//! let subject = ObserverUnderTest::<f64>::new(make).scales(0.0, 1.0);
//! let report = observer::report_on(subject, &downhill::check::Cases::fixed(4));
//! println!("{report}");
//! report.assert();
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`laws`] lists them all.

mod case;
pub mod determinism;
pub mod effects;
mod list;
pub mod resume;
mod scene;
mod subject;
pub mod trouble;

pub use case::Case;
pub use subject::ObserverUnderTest;

use super::{Cases, Law, Report};
use crate::scalar::Scalar;

/// All laws of observers.
#[doc = crate::__check_observer_laws!(__check_table[observer])]
pub fn laws<F: Scalar>() -> &'static [Law<ObserverUnderTest<F>, Case>] {
    crate::__check_observer_laws!(__check_values[observer])
}

/// Tries all laws on this observer, on as many cases as the environment asks for.
pub fn report<F: Scalar>(subject: impl Into<ObserverUnderTest<F>>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on this observer, on these cases.
pub fn report_on<F: Scalar>(subject: impl Into<ObserverUnderTest<F>>, cases: &Cases) -> Report {
    Report::of(laws(), &subject.into(), cases)
}

/// One `#[test]` for each law of observers: `check::observer!(name, || observer)`.
///
/// The closure gives a fresh observer, of runs in one precision. Claims need an [`ObserverUnderTest`] in its place, and
/// so does an observer of runs in any precision.
///
/// ```
/// use downhill::check::{self, observer::ObserverUnderTest};
/// use downhill::prelude::*;
///
/// /// Ends the run when the loss is small enough.
/// struct GoodEnough(f64);
///
/// impl Observer<f32> for GoodEnough {
///     fn observe(&mut self, event: &Event<'_>, control: &mut Control<'_, f32>) {
///         if let Event::Epoch(record) = event {
///             if record.deciding().loss < self.0 {
///                 control.stop();
///             }
///         }
///     }
/// }
///
/// check::observer!(never, || GoodEnough(0.0));
/// check::observer!(good_enough, ObserverUnderTest::new(|| GoodEnough(0.1)).stops());
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_observer {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_observer_laws! { __check_tests [observer $name $subject] }
    };
}

//! The test kit: property-test your own optimizer with the laws that ours are tested with.
//!
//! One line in a test file makes one `#[test]` for each law:
//!
//! ```
//! use downhill::optim::Sgd;
//!
//! downhill::check::optimizer!(heavy_ball, Sgd { momentum: 0.9, ..Sgd::default() });
//! # fn main() {}
//! ```
//!
//! Each law is tried on generated [cases](Cases). A broken one is shrunk to the smallest case that breaks it, and reported as in a bug report:
//! the law in a sentence, the case, what was expected and what came, where to look, and the command that runs this case again. A panic of
//! the subject is a broken law too. A subject that never comes back is not stopped: the test harness names the test that is still running. A law that
//! holds prints in how many cases it did, which `cargo test -- --show-output` shows; one that says nothing about the subject prints why. Such tests are
//! green, too; `DOWNHILL_CHECK_STRICT=1 cargo test` makes them fail, with the claim that the subject would have to make. Components that know one precision alone cannot be tested: the laws
//! are tried in `f32` and `f64`, whose difference is one of them. Those who want no macro take a [`Report`]:
//!
//! ```
//! use downhill::{check, optim::Sgd};
//!
//! let report = check::optimizer::report(Sgd::default());
//! println!("{report}"); // a table of all laws
//! report.assert();
//! ```
//!
//! [`guide`] goes from an empty struct to an optimizer that keeps every law, and to a run against Adam.
//!
//! | for | macro | laws |
//! |---|---|---|
//! | [`Optimizer`](crate::optim::Optimizer) | `check::optimizer!(name, rule)` | [`mod@optimizer`] |
//! | [`Layer`](crate::layer::Layer) | `check::layer!(name, layer)` | [`mod@layer`] |
//! | [`Loss`](crate::loss::Loss) | `check::loss!(name, loss)` | [`mod@loss`] |
//! | [`Regularizer`](crate::regularize::Regularizer) | `check::regularizer!(name, rule)` | [`mod@regularizer`] |
//! | [`Constraint`](crate::regularize::Constraint) | `check::constraint!(name, rule)` | [`mod@constraint`] |
//! | [`Clip`](crate::clip::Clip) and what clips like it | `check::clip!(name, clip)` | [`mod@clip`] |
//! | [`Trainer`](crate::train::Trainer) | `check::trainer!(name, \|\| builder, data)` | [`mod@trainer`] |
//! | [`Augmentation`](crate::data::augment::Augmentation) | `check::augment!(name, augmentation)` | [`mod@augment`] |
//! | [`Schedule`](crate::schedule::Schedule) | `check::schedule!(name, schedule)` | [`mod@schedule`] |
//! | [`Init`](crate::params::init::Init) | `check::init!(name, rule)` | [`mod@init`] |
//! | [`Metric`](crate::metric::Metric) | `check::metric!(name, metric)` | [`mod@metric`] |
//! | [`Observer`](crate::train::Observer) | `check::observer!(name, \|\| observer)` | [`mod@observer`] |
//! | [`Source`](crate::data::Source) | `check::source!(name, \|\| source)` | [`mod@source`] |
//!
//! # How to write a kit
//!
//! A kit is a folder `src/check/<kit>/` for one trait. Take [`mod@optimizer`] as the pattern:
//!
//! 1. **`subject.rs`**: the component under test with what its author says about it, as a plain struct with builder methods
//!    (`new`, `named`, `except`, then one method for each claim). It implements [`Subject`], and `From` for the component itself, so that the
//!    macro takes either. Laws that are generic in the number type are written once and called for `f32` and `f64`.
//! 2. **`case.rs`**: one plain struct with public fields and a `Default`, the simplest case. [`Generate::any`] makes it by a proptest strategy,
//!    with the simplest values first: that is what shrinking shrinks to. Numbers that need not shrink come from a seed by
//!    [`Noise`](crate::random::Noise).
//! 3. **One file for each group of laws**: `pub fn law(subject: &…, case: &Case) -> Verdict`, documented by the law as a sentence. It compares by
//!    [`same_bits`], [`close`], [`finite`], [`refused`], [`equal`] or [`ensure`] with `?`, and says [`not_applicable`] with a reason if the subject makes no
//!    such claim or the case is none of those that the law is about. It must not panic by itself.
//! 4. **`list.rs`**: the macro with all laws, one entry for each: `group::law`, the sentence, what to look for.
//! 5. **`mod.rs`**: `LAWS`, `report` and `report_on`, three lines each, and the macro `__check_<kit>`.
//! 6. In this file: `pub mod <kit>;`, `pub use … as <kit>;` for the macro, and a row in the table above. In `entry.rs`: a line in [`all`].
//! 7. **`tests/planted/<kit>.rs`**: for each law at least three broken components that make it fail. A law that nothing breaks proves nothing and
//!    has to go. **`tests/laws/<kit>.rs`**: our own components, one line each. Each is a module of its folder's `main.rs`.

pub mod augment;
mod cases;
pub mod clip;
pub mod constraint;
mod dual;
mod entry;
pub mod guide;
pub mod init;
mod law;
pub mod layer;
pub mod loss;
mod macros;
pub mod metric;
pub mod observer;
pub mod optimizer;
mod panics;
pub mod problems;
pub mod regularizer;
mod report;
mod runner;
pub mod schedule;
pub mod source;
pub mod trainer;
mod verdict;

pub use cases::Cases;
pub use dual::Dual;
pub use entry::{Entry, all};
pub use law::{Exception, Generate, Law, Subject};
pub use report::{Failure, Finding, Outcome, Report};
pub use runner::{hold, hold_one, run};
use verdict::in_both;
pub use verdict::{
    Broken, Unmet, Verdict, broken, close, ensure, equal, finite, not_applicable, refused,
    same_bits,
};

#[doc(inline)]
pub use crate::__check_augment as augment;
#[doc(inline)]
pub use crate::__check_clip as clip;
#[doc(inline)]
pub use crate::__check_constraint as constraint;
#[doc(inline)]
pub use crate::__check_init as init;
#[doc(inline)]
pub use crate::__check_layer as layer;
#[doc(inline)]
pub use crate::__check_loss as loss;
#[doc(inline)]
pub use crate::__check_metric as metric;
#[doc(inline)]
pub use crate::__check_observer as observer;
#[doc(inline)]
pub use crate::__check_optimizer as optimizer;
#[doc(inline)]
pub use crate::__check_regularizer as regularizer;
#[doc(inline)]
pub use crate::__check_schedule as schedule;
#[doc(inline)]
pub use crate::__check_source as source;
#[doc(inline)]
pub use crate::__check_trainer as trainer;

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
//! 5. **`mod.rs`**: `LAWS`, `report` and `report_on`, three lines each.
//! 6. In this file: `pub mod <kit>;`, the macro `__check_<kit>` with its `pub use … as <kit>;`, a line in [`all`], and a row in the table above.
//! 7. **`tests/planted/<kit>.rs`**: for each law at least three broken components that make it fail. A law that nothing breaks proves nothing and
//!    has to go. **`tests/laws/<kit>.rs`**: our own components, one line each. Each is a module of its folder's `main.rs`.

pub mod augment;
mod cases;
pub mod clip;
pub mod constraint;
mod dual;
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
pub use law::{Exception, Generate, Law, Subject};
pub use report::{Failure, Finding, Outcome, Report};
pub use runner::{hold, hold_one, run};
use verdict::in_both;
pub use verdict::{
    Broken, Unmet, Verdict, broken, close, ensure, equal, finite, not_applicable, refused,
    same_bits,
};

/// One `#[test]` for each law of optimizers: `check::optimizer!(name, rule)`.
///
/// The tests are in a module of this name. The rule may be any value of a type that implements [`Optimizer`](crate::optim::Optimizer) in both
/// precisions, or an [`OptimizerUnderTest`](optimizer::OptimizerUnderTest) with claims; it is evaluated once for each test.
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
#[doc(inline)]
pub use crate::__check_optimizer as optimizer;

/// One `#[test]` for each law of layers: `check::layer!(name, layer)`.
///
/// The tests are in a module of this name. The layer may be any value of a type that implements [`Layer`](crate::layer::Layer) for every number type, a pair
/// of layers for `f32` and `f64`, or a [`LayerUnderTest`](layer::LayerUnderTest) with claims; it is evaluated once for each test.
///
/// ```
/// use downhill::check::{self, layer::LayerUnderTest};
/// use downhill::layer::{Dense, Relu, Tanh};
///
/// check::layer!(tanh, Tanh);
/// check::layer!(relu, LayerUnderTest::new(Relu).kinks(&[0.0]));
/// check::layer!(dense, LayerUnderTest::drawn(|pick| Dense::new(pick.size(1..4))).affine());
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_layer {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_layer_laws! { __check_tests [layer $name $subject] }
    };
}
#[doc(inline)]
pub use crate::__check_layer as layer;

/// One `#[test]` for each law of losses: `check::loss!(name, loss)`.
///
/// The tests are in a module of this name. The loss may be any value of a type that implements [`Loss`](crate::loss::Loss) in both precisions, or a
/// [`LossUnderTest`](loss::LossUnderTest) with claims; it is evaluated once for each test.
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
#[doc(inline)]
pub use crate::__check_loss as loss;

/// One `#[test]` for each law of augmentations: `check::augment!(name, augmentation)`.
///
/// The augmentation may be any value of a type that implements [`Augmentation`](crate::data::augment::Augmentation) in both precisions, or an
/// [`AugmentationUnderTest`](augment::AugmentationUnderTest) with claims; it is evaluated once for each test.
///
/// ```
/// use downhill::check::{self, augment::AugmentationUnderTest};
/// use downhill::data::augment::{Flip, Jitter};
///
/// check::augment!(jitter, Jitter::new(0.1));
/// check::augment!(flip, AugmentationUnderTest::new(Flip::default()).draws([3, 3]).unchanged(Flip::new(0.0, 0.0)));
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_augment {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_augment_laws! { __check_tests [augment $name $subject] }
    };
}
#[doc(inline)]
pub use crate::__check_augment as augment;

/// One `#[test]` for each law of regularizers: `check::regularizer!(name, subject)`.
///
/// The tests are in a module of this name. The subject may be any value that turns into a [`RegularizerUnderTest`](regularizer::RegularizerUnderTest),
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
#[doc(inline)]
pub use crate::__check_regularizer as regularizer;

/// One `#[test]` for each law of constraints: `check::constraint!(name, subject)`.
///
/// The tests are in a module of this name. The subject may be any value that turns into a [`ConstraintUnderTest`](constraint::ConstraintUnderTest),
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
#[doc(inline)]
pub use crate::__check_constraint as constraint;

/// One `#[test]` for each law of clipping: `check::clip!(name, subject)`.
///
/// The tests are in a module of this name. The subject may be any value that turns into a [`ClipUnderTest`](clip::ClipUnderTest),
/// or one of those with claims; it is evaluated once for each test.
///
/// ```
/// downhill::check::clip!(global, downhill::Clip::GlobalNorm(1.0));
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_clip {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_clip_laws! { __check_tests [clip $name $subject] }
    };
}
#[doc(inline)]
pub use crate::__check_clip as clip;

/// One `#[test]` for each law of trainers: `check::trainer!(name, || builder, data)`.
///
/// The closure puts together what is tested; the kit sets seed and threads, and builds it for the shape of the data. Claims need a
/// [`TrainerUnderTest`](trainer::TrainerUnderTest) in the place of the two.
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
#[doc(inline)]
pub use crate::__check_trainer as trainer;

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

/// One `#[test]` for each law of schedules: `check::schedule!(name, schedule)`.
///
/// The schedule may be anything that implements [`Schedule`](crate::schedule::Schedule), or a
/// [`ScheduleUnderTest`](schedule::ScheduleUnderTest) with claims; it is evaluated once for each test.
///
/// ```
/// use downhill::check::{self, schedule::ScheduleUnderTest};
/// use downhill::schedule::{cosine, warmup};
///
/// check::schedule!(rise, warmup(10));
/// check::schedule!(fall, ScheduleUnderTest::new(cosine(10)).bounds(0.0, 1.0).falls(0..u64::MAX));
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_schedule {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_schedule_laws! { __check_tests [schedule $name $subject] }
    };
}
#[doc(inline)]
pub use crate::__check_schedule as schedule;

/// One `#[test]` for each law of initialisers: `check::init!(name, rule)`.
///
/// The rule may be anything that implements [`Init`](crate::params::init::Init), or an [`InitUnderTest`](init::InitUnderTest) with claims; it is
/// evaluated once for each test.
///
/// ```
/// use downhill::check::{self, init::InitUnderTest};
/// use downhill::params::init::{He, Normal};
///
/// check::init!(normal, Normal::default());
/// check::init!(he, InitUnderTest::new(He::normal()).mean(0.0).std(|fan_in, _| (2.0 / fan_in as f64).sqrt()));
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_init {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_init_laws! { __check_tests [init $name $subject] }
    };
}
#[doc(inline)]
pub use crate::__check_init as init;

/// One `#[test]` for each law of metrics: `check::metric!(name, metric)`.
///
/// The metric may be any value of a type that implements [`Metric`](crate::metric::Metric) in both precisions, or a
/// [`MetricUnderTest`](metric::MetricUnderTest) with claims; it is evaluated once for each test.
///
/// ```
/// use downhill::check::{self, metric::MetricUnderTest};
/// use downhill::metric::{Accuracy, Rmse};
///
/// check::metric!(rmse, Rmse);
/// check::metric!(accuracy, MetricUnderTest::new(Accuracy).bounds(0.0, 1.0).perfect(1.0));
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_metric {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_metric_laws! { __check_tests [metric $name $subject] }
    };
}
#[doc(inline)]
pub use crate::__check_metric as metric;

/// One `#[test]` for each law of observers: `check::observer!(name, || observer)`.
///
/// The closure gives a fresh observer, of runs in one precision. Claims need an [`ObserverUnderTest`](observer::ObserverUnderTest) in its place, and
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
#[doc(inline)]
pub use crate::__check_observer as observer;

/// One `#[test]` for each law of sources: `check::source!(name, \|\| source)`.
///
/// The closure gives anything that implements [`Source`](crate::data::Source) in one precision. Claims need a
/// [`SourceUnderTest`](source::SourceUnderTest) in its place, and so does a source that has several precisions: `SourceUnderTest::<f32>::new(…)`.
///
/// ```
/// use downhill::check::{self, source::SourceUnderTest};
/// use downhill::data::Dataset;
/// use ndarray::Array2;
///
/// fn data() -> Dataset<f32> {
///     Dataset::new(Array2::eye(6), vec![0, 1, 2, 0, 1, 2]).expect("good data")
/// }
///
/// check::source!(six, data);
/// check::source!(six_of_three, SourceUnderTest::new(data).classes(3));
/// # fn main() {}
/// ```
#[doc(hidden)]
#[macro_export]
macro_rules! __check_source {
    ($name:ident, $subject:expr $(,)?) => {
        $crate::__check_source_laws! { __check_tests [source $name $subject] }
    };
}
#[doc(inline)]
pub use crate::__check_source as source;

/// A law of any kit, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The trait that it is a law of.
    pub of: &'static str,
    /// Its name.
    pub law: &'static str,
    /// The law in a sentence.
    pub says: &'static str,
}

/// The laws of all kits.
///
/// ```
/// let all = downhill::check::all();
/// assert!(all.iter().any(|entry| entry.of == "Optimizer"));
/// ```
pub fn all() -> Vec<Entry> {
    // One line for each kit.
    [
        entries("Optimizer", optimizer::LAWS),
        entries("Layer", layer::LAWS),
        entries("Loss", loss::LAWS),
        entries("Regularizer", regularizer::LAWS),
        entries("Constraint", constraint::LAWS),
        entries("Clip", clip::LAWS),
        entries("Augmentation", augment::LAWS),
        entries("Schedule", schedule::LAWS),
        entries("Init", init::LAWS),
        entries("Metric", metric::LAWS),
        entries("Trainer", trainer::laws::<f64>()),
        entries("Source", source::laws::<f64>()),
        entries("Observer", observer::laws::<f64>()),
    ]
    .concat()
}

fn entries<S: ?Sized, C>(of: &'static str, laws: &[Law<S, C>]) -> Vec<Entry> {
    laws.iter().map(|law| Entry { of, law: law.name, says: law.says }).collect()
}

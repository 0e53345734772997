//! The laws of [`Layer`](crate::layer::Layer).
//!
//! ```
//! use downhill::check::{Cases, layer::{self, LayerUnderTest}};
//! use downhill::layer::Dense;
//!
//! let dense = LayerUnderTest::drawn(|pick| Dense::new(pick.size(1..4))).affine();
//! let report = layer::report_on(dense, &Cases::fixed(8));
//! println!("{report}");
//! report.assert();
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`LAWS`] lists them all.

mod case;
pub mod claims;
mod condition;
pub mod determinism;
pub mod gradient;
mod list;
pub mod memory;
pub mod non_finite;
pub mod numbers;
mod pick;
pub mod plan;
mod run;
pub mod samples;
mod subject;
mod trial;
pub mod used;

pub use case::Case;
pub use pick::Pick;
use run::{Passed, Run};
use subject::Precision;
pub use subject::{Forms, LayerUnderTest, Precisions, Values};
use trial::Trial;

use super::{Cases, Law, Report};

/// All laws of layers.
#[doc = crate::__check_layer_laws!(__check_table[layer])]
pub static LAWS: &[Law<LayerUnderTest, Case>] = crate::__check_layer_laws!(__check_values[layer]);

/// Tries all laws on this layer, on as many cases as the environment asks for.
pub fn report(subject: impl Into<LayerUnderTest>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on this layer, on these cases.
pub fn report_on(subject: impl Into<LayerUnderTest>, cases: &Cases) -> Report {
    Report::of(LAWS, &subject.into(), cases)
}

/// One `#[test]` for each law of layers: `check::layer!(name, layer)`.
///
/// The tests are in a module of this name. The layer may be any value of a type that implements [`Layer`](crate::layer::Layer) for every number type, a pair
/// of layers for `f32` and `f64`, or a [`LayerUnderTest`] with claims; it is evaluated once for each test.
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

//! The laws of [`Augmentation`].
//!
//! ```
//! use downhill::check::augment::{self, AugmentationUnderTest};
//! use downhill::data::augment::Shift;
//!
//! let subject = AugmentationUnderTest::new(Shift::new(1)).draws([4, 4]).unchanged(Shift::new(0)).refuses_shape([64]);
//! let report = augment::report_on(subject, &downhill::check::Cases::fixed(8));
//! println!("{report}");
//! report.assert();
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`LAWS`] lists them all. That the shape is kept and nothing is
//! written outside the sample needs no law: an augmentation is lent a slice. What a source makes of augmentations is in the laws of
//! [sources](crate::data::Source).

mod case;
mod list;
pub mod purity;
pub mod scratch;
pub mod settings;
mod subject;
pub mod values;

pub use case::Case;
pub use subject::AugmentationUnderTest;
use subject::Precision;

use super::{Cases, Law, Report, Unmet, broken, not_applicable};
use crate::data::augment::{Augmentation, Sample};
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// All laws of augmentations.
#[doc = crate::__check_augment_laws!(__check_table[augment])]
pub static LAWS: &[Law<AugmentationUnderTest, Case>] =
    crate::__check_augment_laws!(__check_values[augment]);

/// Tries all laws on this augmentation, on as many cases as the environment asks for.
pub fn report(subject: impl Into<AugmentationUnderTest>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on this augmentation, on these cases.
pub fn report_on(subject: impl Into<AugmentationUnderTest>, cases: &Cases) -> Report {
    Report::of(LAWS, &subject.into(), cases)
}

/// One `#[test]` for each law of augmentations: `check::augment!(name, augmentation)`.
///
/// The augmentation may be any value of a type that implements [`Augmentation`](crate::data::augment::Augmentation) in both precisions, or an
/// [`AugmentationUnderTest`] with claims; it is evaluated once for each test.
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

/// The shape of the case's sample, which the subject has to accept: one that it claims, or else any that it does accept.
fn shape<F: Precision>(subject: &AugmentationUnderTest, case: &Case) -> Result<Shape, Unmet> {
    let rule = F::rule(subject);
    let Some(last) = subject.shapes.len().checked_sub(1) else {
        let shape = Shape::from(case.shape.as_slice());
        return match rule.validate(&shape) {
            Ok(()) => Ok(shape),
            Err(error) => not_applicable(error).map(|()| shape),
        };
    };
    let shape = subject.shapes[case.pick % (last + 1)].clone();
    match rule.validate(&shape) {
        Ok(()) => Ok(shape),
        Err(error) => {
            broken(format_args!("validate, for shape {shape}"), "no error", error).map(|()| shape)
        }
    }
}

/// These numbers, changed with exactly the scratch that was asked for, which holds `held`.
fn changed<F: Scalar>(
    rule: &dyn Augmentation<F>,
    shape: &Shape,
    numbers: &[F],
    noise: Noise,
    held: F,
) -> Vec<F> {
    changed_with(rule, shape, numbers, noise, &mut vec![held; rule.scratch(shape)])
}

/// These numbers, changed with this scratch.
fn changed_with<F: Scalar>(
    rule: &dyn Augmentation<F>,
    shape: &Shape,
    numbers: &[F],
    noise: Noise,
    scratch: &mut [F],
) -> Vec<F> {
    let mut values = numbers.to_vec();
    if let Ok(sample) = Sample::new(&mut values, shape, noise, scratch) {
        rule.apply(sample);
    }
    values
}

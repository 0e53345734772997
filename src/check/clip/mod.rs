//! The laws of clipping: of a [`Clip`](crate::clip::Clip), or of a user's own [`Clipper`] that claims to keep the bound of one.
//!
//! ```
//! use downhill::{Clip, check::clip};
//!
//! let report = clip::report(Clip::TensorNorm(1.0));
//! println!("{report}");
//! report.assert();
//! ```
//!
//! Each law is a function of the subject and a [`Case`], in a module for each group; [`LAWS`] lists them all.

pub mod bound;
mod case;
mod list;
pub mod parts;
pub mod said;
mod scene;
mod subject;

pub use case::Case;
use subject::Precision;
pub use subject::{Call, ClipUnderTest, Clipper};

use super::{Cases, Law, Report};

/// All laws of clipping.
#[doc = crate::__check_clip_laws!(__check_table[clip])]
pub static LAWS: &[Law<ClipUnderTest, Case>] = crate::__check_clip_laws!(__check_values[clip]);

/// Tries all laws on what clips, on as many cases as the environment asks for.
pub fn report(subject: impl Into<ClipUnderTest>) -> Report {
    report_on(subject, &Cases::from_env())
}

/// Tries all laws on what clips, on these cases.
pub fn report_on(subject: impl Into<ClipUnderTest>, cases: &Cases) -> Report {
    Report::of(LAWS, &subject.into(), cases)
}

/// One `#[test]` for each law of clipping: `check::clip!(name, subject)`.
///
/// The tests are in a module of this name. The subject may be any value that turns into a [`ClipUnderTest`],
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

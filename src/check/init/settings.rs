//! Settings are checked.

use super::{Case, InitUnderTest};
use crate::check::{Verdict, broken, not_applicable, refused};
use crate::params::init::Init;

/// `validate` accepts the subject.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn accepts_its_settings(subject: &InitUnderTest, _: &Case) -> Verdict {
    subject
        .rule
        .validate()
        .or_else(|error| broken("validate", "no error", format_args!("the error: {error}")))
}

/// `validate` refuses the settings that are said to be bad, and names the field.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn refuses_bad_settings(subject: &InitUnderTest, _: &Case) -> Verdict {
    if subject.refused.is_empty() {
        return not_applicable("no bad settings are given");
    }
    subject.refused.iter().try_for_each(|(bad, field)| {
        refused(format_args!("validate of {bad:?}"), &bad.validate(), field)
    })
}

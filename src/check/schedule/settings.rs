//! Settings are checked.

use super::{Case, ScheduleUnderTest};
use crate::check::{Verdict, broken, not_applicable, refused};
use crate::schedule::Schedule;

/// `validate` accepts the subject.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn accepts_its_settings(subject: &ScheduleUnderTest, _: &Case) -> Verdict {
    subject
        .schedule
        .validate()
        .or_else(|error| broken("validate", "no error", format_args!("the error: {error}")))
}

/// `validate` refuses the settings that are said to be bad, and names the field.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn refuses_bad_settings(subject: &ScheduleUnderTest, _: &Case) -> Verdict {
    if subject.claims.refused.is_empty() {
        return not_applicable("no bad settings are given");
    }
    subject
        .claims
        .refused
        .iter()
        .try_for_each(|(bad, field)| refused("validate", &bad.validate(), field))
}

//! What is refused before anything is changed.

use super::{AugmentationUnderTest, Case, Precision};
use crate::check::{Verdict, ensure, not_applicable, refused};
use crate::shape::Shape;

/// `validate` accepts these settings for some shape, and refuses bad ones with an error that names the field.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn bad_settings_are_refused(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
    let usual = [Shape::from([8]), [8, 8].into(), [3, 8, 8].into(), case.shape.as_slice().into()];
    let shapes = if subject.shapes.is_empty() { &usual[..] } else { &subject.shapes[..] };
    let taken = shapes.iter().find(|shape| {
        f32::rule(subject).validate(shape).is_ok() && f64::rule(subject).validate(shape).is_ok()
    });
    let names: Vec<String> = shapes.iter().map(Shape::to_string).collect();
    let what = format!("the shapes that are accepted, of {}", names.join(", "));
    ensure(taken.is_some(), what, "one or more", "none")?;
    let Some(shape) = taken else { return Ok(()) };
    subject.refused.iter().try_for_each(|(rule, field)| {
        refused(format!("validate of {rule:?} for shape {shape}"), &rule.validate(shape), field)
    })
}

/// `validate` refuses the shapes that are said not to fit, with an error that names the shape.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn shapes_that_do_not_fit_are_refused(subject: &AugmentationUnderTest, _: &Case) -> Verdict {
    if subject.refused_shapes.is_empty() {
        return not_applicable("no shapes are said not to fit");
    }
    subject.refused_shapes.iter().try_for_each(|shape| {
        let (what, name) = (format!("validate for shape {shape}"), shape.to_string());
        refused(&what, &f32::rule(subject).validate(shape), &name)?;
        refused(&what, &f64::rule(subject).validate(shape), &name)
    })
}

//! What does not fit is an error that says so.

use super::samples::Samples;
use super::{Case, MetricUnderTest};
use crate::check::{Unmet, Verdict, broken, ensure, equal, not_applicable, refused};
use crate::data::TargetKind;
use crate::shape::Shape;

/// The name is not empty, and always the same.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn the_name_is_stable(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let name = subject.double.name();
    ensure(!name.trim().is_empty(), "the name", "a name", format_args!("{name:?}"))?;
    subject.samples(case).tally(&*subject.double)?;
    equal("the name, asked again", subject.double.name(), name.clone())?;
    equal("the name in f32", subject.single.name(), name)
}

/// `check` accepts what the metric is said to measure, in both precisions.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn accepts_what_it_measures(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let kind = subject.kind(case);
    let (outputs, targets) = ([kind.output()], kind.targets());
    let checks =
        [subject.single.check(&outputs, &targets), subject.double.check(&outputs, &targets)];
    checks.into_iter().try_for_each(|check| {
        check.or_else(|error| broken(format_args!("check of {kind:?}"), "no error", error))
    })
}

/// Another number of outputs, other shapes and other targets than the metric takes are refused by `check`, with its name.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn refuses_what_it_cannot_measure(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let (metric, kind, kinds) = (&*subject.double, subject.kind(case), subject.kinds());
    let (output, targets) = (kind.output(), kind.targets());
    let longer = Shape::from(kind.width() + 1);
    let mut bad = vec![
        ("no targets", vec![output.clone()], TargetKind::None),
        ("no outputs", vec![], targets.clone()),
        ("two outputs", vec![output.clone(), output.clone()], targets.clone()),
        ("outputs with an axis too many", vec![Shape::from([5, kind.width()])], targets.clone()),
    ];
    if !kind.is_indexed() {
        bad.push(("one target too many", vec![output.clone()], TargetKind::Values(longer.clone())));
        bad.push(("one output too many", vec![longer], targets));
        // It would broadcast elsewhere.
        bad.push((
            "targets without an axis",
            vec![output.clone()],
            TargetKind::Values(Shape::default()),
        ));
    }
    if !kinds.iter().any(|kind| kind.is_indexed()) {
        bad.push(("class indices", vec![output.clone()], TargetKind::Classes(Shape::default())));
    }
    let name = metric.name();
    bad.into_iter().try_for_each(|(what, outputs, targets)| {
        refused(format_args!("check of {what}"), &metric.check(&outputs, &targets), &name)
    })
}

/// A target out of range is an error that names the metric.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn refuses_targets_out_of_range(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let metric = &*subject.double;
    let mut samples = Samples::perfect(case, subject.kind(case));
    if !samples.spoil_target(case.pick % samples.len()) {
        return not_applicable("any number may be a target");
    }
    let (what, expected) =
        ("a target out of range", format!("an error that names `{}`", metric.name()));
    match samples.tally(metric) {
        Ok(tally) => broken(what, expected, format_args!("the value {}", metric.value(&tally))),
        Err(Unmet::Broken(found)) if found.got.contains(&metric.name()) => Ok(()),
        Err(Unmet::Broken(found)) => broken(what, expected, found.got),
        Err(other) => Err(other),
    }
}

/// `check` refuses the settings that are said to be bad, and names the field.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn refuses_bad_settings(subject: &MetricUnderTest, case: &Case) -> Verdict {
    if subject.refused.is_empty() {
        return not_applicable("no bad settings are given");
    }
    let kind = subject.kind(case);
    subject.refused.iter().try_for_each(|(bad, field)| {
        refused(
            format_args!("check of {bad:?}"),
            &bad.check(&[kind.output()], &kind.targets()),
            field,
        )
    })
}

//! The value means what it says.

use super::samples::Samples;
use super::{Case, MetricUnderTest};
use crate::check::{Verdict, close, ensure, not_applicable};

/// If nothing was counted, the value is NaN, or the one that is claimed; also if all weights are 0.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn nothing_counted_has_no_value(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let metric = &*subject.double;
    subject.same("the value at the start", metric.value(&metric.start()), subject.empty)?;
    let mut samples = subject.samples(case);
    samples.weights.fill(0.0);
    subject.same("the value of samples of weight 0", samples.value(metric)?, subject.empty)
}

/// The value lies within the bounds that are claimed, or is NaN.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn stays_within_its_bounds(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let Some((low, high)) = subject.bounds else { return not_applicable("no bounds are claimed") };
    let metric = &*subject.double;
    let (samples, mut right) = (subject.samples(case), Samples::perfect(case, subject.kind(case)));
    let best = right.value(metric)?;
    (0..right.len()).for_each(|row| right.predict(row, false));
    [samples.value(metric)?, best, right.value(metric)?].into_iter().try_for_each(|value| {
        ensure(
            value.is_nan() || value >= low - 1e-12 && value <= high + 1e-12,
            "the value",
            format_args!("a number from {low} to {high}"),
            value,
        )
    })
}

/// Predictions without fault have the value that is claimed for them.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn perfect_predictions_are_perfect(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let Some(best) = subject.perfect else {
        return not_applicable("no value of perfect predictions is claimed");
    };
    let value = Samples::perfect(case, subject.kind(case)).value(&*subject.double)?;
    close("the value of perfect predictions", &[value], &[best], 1e-12, 1e-12)
}

/// By its goal, wrong predictions are worse than right ones, and no mixture of both is better.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn the_goal_prefers_right_predictions(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let (metric, kind) = (&*subject.double, subject.kind(case));
    let right = Samples::perfect(case, kind);
    let (mut mixed, mut wrong) = (right.clone(), right.clone());
    for row in 0..right.len() {
        wrong.predict(row, false);
        if case.noise("wrong").below(row as u64, 2) == 0 {
            mixed.predict(row, false);
        }
    }
    let value = |samples: &Samples| samples.value(metric);
    let (right, mixed, wrong, goal) =
        (value(&right)?, value(&mixed)?, value(&wrong)?, metric.goal());
    ensure(
        goal.better(right, wrong),
        "the value of wrong predictions",
        format_args!("worse than {right} of right ones ({goal:?})"),
        wrong,
    )?;
    let rounding = 1e-12 * right.abs();
    let much_better = goal.better(mixed, right) && (mixed - right).abs() > rounding;
    ensure(
        !much_better,
        "the value of some wrong predictions among right ones",
        format_args!("no better than {right} of right ones ({goal:?})"),
        mixed,
    )
}

/// An output that is NaN makes the value NaN; or, if that is claimed, is no better than a wrong one.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn nan_is_never_a_good_prediction(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let (metric, right) = (&*subject.double, Samples::perfect(case, subject.kind(case)));
    let row = case.pick % right.len();
    for (what, one) in [("NaN outputs", None), ("one NaN output", Some(case.pick))] {
        let mut lost = right.clone();
        lost.lose(row, one);
        let got = lost.value(metric)?;
        let what = format!("the value with {what} in row {row}");
        if subject.nan_is_wrong {
            let mut wrong = right.clone();
            wrong.predict(row, false);
            let wrong = wrong.value(metric)?;
            let rounding = 1e-12 * wrong.abs();
            let better = metric.goal().better(got, wrong) && (got - wrong).abs() > rounding;
            ensure(!better, what, format_args!("no better than {wrong} of a wrong one"), got)?;
        } else {
            ensure(got.is_nan(), what, "NaN", got)?;
        }
    }
    Ok(())
}

/// In single precision the value is the same, to four digits; also of predictions that are sure and some of them wrong.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn single_precision_follows_double(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let mut sure = Samples::perfect(case, subject.kind(case));
    (0..sure.len()).step_by(2).for_each(|row| sure.predict(row, false));
    for samples in [subject.samples(case), sure] {
        let (got, want) = (samples.value(&*subject.single)?, samples.value(&*subject.double)?);
        close("the value in f32", &[got], &[want], 1e-4, 1e-4)?;
    }
    Ok(())
}

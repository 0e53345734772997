//! Values are spread as promised.

use super::{Case, InitUnderTest};
use crate::check::{Verdict, close, ensure, not_applicable};

/// How many standard errors a sample may be off. A sound rule is farther off once in 10¹¹ cases.
const ERRORS: f64 = 7.0;

/// The tensor that moments are measured on.
const SHAPE: [usize; 2] = [100, 80];

/// The values, less the mean and divided by the standard deviation that are promised for their fans.
fn standardized(subject: &InitUnderTest, case: &Case) -> Option<Vec<f64>> {
    let std = subject.std.as_ref()?(case.fan_in, case.fan_out);
    let mean = subject.mean?;
    let values = subject.rule.draw(&SHAPE, case.fans(), case.noise("weight"));
    Some(values.into_iter().map(|value| (value - mean) / std).collect())
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// The mean is the promised one, to seven standard errors, whatever the fans are.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn mean_as_promised(subject: &InitUnderTest, case: &Case) -> Verdict {
    let Some(values) = standardized(subject, case) else {
        return not_applicable("no mean and standard deviation are claimed");
    };
    let most = ERRORS / (values.len() as f64).sqrt();
    let got = mean(values.into_iter());
    let what = "the mean of 8,000 values, less the promised one, in standard deviations";
    ensure(got.abs() < most, what, format_args!("a number within {most} of 0"), got)
}

/// The variance is the promised one, to seven standard errors, whatever the fans are.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn variance_as_promised(subject: &InitUnderTest, case: &Case) -> Verdict {
    let Some(values) = standardized(subject, case) else {
        return not_applicable("no mean and standard deviation are claimed");
    };
    let most = ERRORS * ((subject.kurtosis - 1.0).max(0.0) / values.len() as f64).sqrt();
    let got = mean(values.into_iter().map(|value| value * value));
    let what = format_args!(
        "the variance of 8,000 values over the promised one, for fans {:?},",
        case.fans()
    )
    .to_string();
    ensure((got - 1.0).abs() < most, what, format_args!("a number within {most} of 1"), got)
}

/// A value says nothing about its neighbours: their correlation is no larger than chance makes it.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn neighbours_are_uncorrelated(subject: &InitUnderTest, case: &Case) -> Verdict {
    if subject.fixed {
        return not_applicable("the rule is said to draw no random numbers");
    }
    let columns = 40;
    let values = subject.rule.draw(&[columns, columns], case.fans(), case.noise("weight"));
    let middle = mean(values.iter().copied());
    let values: Vec<f64> = values.into_iter().map(|value| value - middle).collect();
    let square: f64 = values.iter().map(|value| value * value).sum();
    // The next value, the one after it, and the one below.
    [1, 2, columns].into_iter().try_for_each(|lag| {
        let product: f64 = values.iter().zip(&values[lag..]).map(|(a, b)| a * b).sum();
        let (got, most) = (product / square, ERRORS / (values.len() as f64).sqrt());
        ensure(
            got.abs() < most,
            format_args!("the correlation of values that are {lag} apart"),
            format_args!("a number within {most} of 0"),
            got,
        )
    })
}

/// The gain multiplies every value, where the rule is said to have one.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn the_gain_multiplies_every_value(subject: &InitUnderTest, case: &Case) -> Verdict {
    let Some(with_gain) = &subject.gain else { return not_applicable("no gain is claimed") };
    let draw = |gain| with_gain(gain).draw(&case.shape, case.fans(), case.noise("weight"));
    let want: Vec<f64> = draw(1.0).into_iter().map(|value| case.gain * value).collect();
    let size = want.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    close(format_args!("value for gain {}", case.gain), &draw(case.gain), &want, 1e-9, 1e-12 * size)
}

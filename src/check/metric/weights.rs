//! A weight says how often a sample counts.

use super::{Case, MetricUnderTest};
use crate::check::{Verdict, close, not_applicable};

/// A sample of weight 0 counts as if it were not there, even if its output is NaN.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn weight_zero_removes(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let (metric, mut samples) = (&*subject.double, subject.samples(case));
    let counts: Vec<usize> = (0..samples.len()).filter(|&row| samples.weights[row] > 0.0).collect();
    let want = samples.select(&counts).value(metric)?;
    subject.same("the value with samples of weight 0", samples.value(metric)?, want)?;
    for row in 0..samples.len() {
        if samples.weights[row] == 0.0 {
            samples.lose(row, None);
        }
    }
    subject.same("the value with samples of NaN and weight 0", samples.value(metric)?, want)
}

/// A sample of weight 2 counts as if it were there twice; no weights are weights of 1.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn weight_two_counts_twice(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let (metric, mut samples) = (&*subject.double, subject.samples(case));
    let noise = case.noise("repeat");
    let times: Vec<usize> = (0..samples.len()).map(|i| 1 + noise.below(i as u64, 3)).collect();
    samples.weights = times.iter().map(|&times| times as f64).collect();
    let rows: Vec<usize> = (0..samples.len()).flat_map(|row| vec![row; times[row]]).collect();
    let mut repeated = samples.select(&rows);
    repeated.weights.fill(1.0);
    let want = repeated.value(metric)?;
    let mut bare = metric.start();
    repeated.add(metric, &mut bare, false)?;
    subject.same("the value without weights", metric.value(&bare), want)?;
    subject.same("the value of weighted samples", samples.value(metric)?, want)
}

/// All weights times the same number give the same value, unless the metric is said to grow with the data.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn the_scale_of_weights_does_not_matter(subject: &MetricUnderTest, case: &Case) -> Verdict {
    if subject.grows {
        return not_applicable("the metric is said to grow with the data");
    }
    let (metric, mut samples) = (&*subject.double, subject.samples(case));
    let want = samples.value(metric)?;
    samples.weights.iter_mut().for_each(|weight| *weight *= 3.0);
    // Products with 3 round even where sums do not.
    close(
        "the value with three times the weights",
        &[samples.value(metric)?],
        &[want],
        1e-12,
        1e-12,
    )
}

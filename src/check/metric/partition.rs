//! Any partition of the data gives the value of the whole.

use super::samples::Samples;
use super::{Case, MetricUnderTest};
use crate::check::{Unmet, Verdict};
use crate::metric::{Metric, Tally};

/// What is counted of each part.
fn tallies(metric: &dyn Metric<f64>, samples: &Samples, case: &Case) -> Result<Vec<Tally>, Unmet> {
    let parts = case.partition(samples.len());
    parts.iter().map(|rows| samples.select(rows).tally(metric)).collect()
}

fn merged<'a>(metric: &dyn Metric<f64>, parts: impl IntoIterator<Item = &'a Tally>) -> Tally {
    parts.into_iter().fold(metric.start(), |mut sum, part| {
        metric.merge(&mut sum, part);
        sum
    })
}

/// The data in any parts, counted apart and merged, has the value of the whole; some parts may be empty.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn parts_merge_to_the_whole(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let (metric, samples) = (&*subject.double, subject.samples(case));
    let parts = tallies(metric, &samples, case)?;
    let got = metric.value(&merged(metric, &parts));
    subject.same("the value of merged parts", got, samples.value(metric)?)
}

/// Merged in any order, or by pairs, parts have the same value.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn order_of_merging_does_not_matter(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let (metric, samples) = (&*subject.double, subject.samples(case));
    let parts = tallies(metric, &samples, case)?;
    let want = metric.value(&merged(metric, &parts));
    let backwards = metric.value(&merged(metric, parts.iter().rev()));
    subject.same("the value of parts merged backwards", backwards, want)?;
    let (left, right) = parts.split_at(parts.len() / 2);
    let halves = [merged(metric, left), merged(metric, right)];
    let by_halves = metric.value(&merged(metric, &halves));
    subject.same("the value of two halves merged by themselves first", by_halves, want)
}

/// A tally of nothing changes nothing, on either side of a merge.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn merging_nothing_changes_nothing(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let metric = &*subject.double;
    let tally = subject.samples(case).tally(metric)?;
    let (want, nothing) = (metric.value(&tally), metric.start());
    let before = metric.value(&merged(metric, [&nothing, &tally]));
    subject.same("the value with nothing merged before", before, want)?;
    let mut after = tally;
    metric.merge(&mut after, &nothing);
    subject.same("the value with nothing merged after", metric.value(&after), want)
}

/// A batch counts as its rows do, counted one by one; the last, smaller batch counts too.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn a_batch_counts_as_its_rows(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let (metric, samples) = (&*subject.double, subject.samples(case));
    let want = samples.value(metric)?;
    for size in [1, case.parts.max(2)] {
        let (mut tally, rows) = (metric.start(), Vec::from_iter(0..samples.len()));
        for batch in rows.chunks(size) {
            samples.select(batch).add(metric, &mut tally, true)?;
        }
        subject.same(&format!("the value in batches of {size}"), metric.value(&tally), want)?;
    }
    Ok(())
}

/// The order of the samples changes nothing.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn order_of_samples_does_not_matter(subject: &MetricUnderTest, case: &Case) -> Verdict {
    let (metric, samples) = (&*subject.double, subject.samples(case));
    let mut rows = Vec::from_iter(0..samples.len());
    case.noise("order").shuffle(&mut rows);
    let got = samples.select(&rows).value(metric)?;
    subject.same("the value of shuffled samples", got, samples.value(metric)?)?;
    rows.sort_unstable_by(|a, b| b.cmp(a));
    let got = samples.select(&rows).value(metric)?;
    subject.same("the value of samples in reverse order", got, samples.value(metric)?)
}

//! What the weight of a sample does.

use super::{Answer, Case, LossUnderTest, Precision, Problem};
use crate::check::{Verdict, close, not_applicable};

/// How far sums may differ by the order of additions.
const ROUNDING: f64 = 1e-12;

/// A sample of weight zero is as if it were not there, whatever it holds: it adds nothing, and its gradient is zero.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn weight_zero_removes_a_sample(subject: &LossUnderTest, case: &Case) -> Verdict {
    let (loss, mut problem) = (f64::loss(subject), Problem::unweighted(subject, case)?);
    let sample = case.pick % problem.batch;
    let others: Vec<usize> = (0..problem.batch).filter(|&i| i != sample).collect();
    if others.is_empty() {
        return not_applicable("a batch of one sample");
    }
    let want = problem.select(&others).measure(loss)?;
    problem.weights[sample] = 0.0;
    // Made as bad as can be.
    let mut outputs = std::mem::take(&mut problem.outputs);
    outputs.iter_mut().for_each(|output| problem.row_mut(output, sample).fill(f64::NAN));
    problem.outputs = outputs;
    let mut answer = std::mem::replace(&mut problem.answer, Answer::None);
    match &mut answer {
        Answer::None => {}
        Answer::Classes(labels) => problem.row_mut(labels, sample).fill(usize::MAX),
        Answer::Values(values) => problem.row_mut(values, sample).fill(f64::NAN),
    }
    problem.answer = answer;
    let got = problem.measure(loss)?;
    let total =
        |measured: &super::problem::Measured<f64>| [measured.total.sum, measured.total.weight];
    close("f64 sum and weight", &total(&got), &total(&want), ROUNDING, ROUNDING)?;
    for (k, (got, want)) in got.gradients.iter().zip(&want.gradients).enumerate() {
        let silent = problem.row(got, sample);
        let what = format!("f64 gradient of output {k} for the sample of weight 0");
        close(what, silent, &vec![0.0; silent.len()], 0.0, 0.0)?;
        let rest: Vec<f64> =
            others.iter().flat_map(|&other| problem.row(got, other).to_vec()).collect();
        let what = format!("f64 gradient of output {k} for the other samples");
        close(what, &rest, want, ROUNDING, ROUNDING)?;
    }
    Ok(())
}

/// A sample of weight two counts as the same sample twice.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn weight_two_is_the_sample_twice(subject: &LossUnderTest, case: &Case) -> Verdict {
    if subject.compares_samples {
        return not_applicable("it compares samples, so a copy is another sample to compare with");
    }
    let (loss, mut problem) = (f64::loss(subject), Problem::unweighted(subject, case)?);
    let sample = case.pick % problem.batch;
    let rows: Vec<usize> = (0..problem.batch).chain([sample]).collect();
    let twice = problem.select(&rows).measure(loss)?;
    problem.weights[sample] = 2.0;
    let double = problem.measure(loss)?;
    let [got, want] = [&double, &twice].map(|measured| [measured.total.sum, measured.total.weight]);
    close("f64 sum and weight", &got, &want, ROUNDING, ROUNDING)?;
    for (k, (double, twice)) in double.gradients.iter().zip(&twice.gradients).enumerate() {
        let all = problem.row(double, sample);
        let size = all.len();
        let one = twice.get(sample * size..(sample + 1) * size).unwrap_or_default();
        let want: Vec<f64> = one.iter().map(|g| 2.0 * g).collect();
        close(format!("f64 gradient of output {k}"), all, &want, ROUNDING, ROUNDING)?;
    }
    Ok(())
}

/// Sum, weight and gradient grow in proportion to the weights.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn everything_is_proportional_to_the_weights(subject: &LossUnderTest, case: &Case) -> Verdict {
    let (loss, mut problem) = (f64::loss(subject), Problem::draw(subject, case)?);
    let factor = 4.0 * case.share;
    let want: Vec<f64> = problem.measure(loss)?.numbers().iter().map(|x| factor * x).collect();
    problem.weights.iter_mut().for_each(|weight| *weight *= factor);
    let got = problem.measure(loss)?.numbers();
    close(
        format!("f64 total and gradient, weights times {factor}"),
        &got,
        &want,
        ROUNDING,
        ROUNDING,
    )
}

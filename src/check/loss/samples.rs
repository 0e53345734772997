//! How the samples of a batch go together.

use super::problem::Measured;
use super::{Case, LossUnderTest, Precision, Problem};
use crate::check::{Verdict, close, ensure, finite, in_both, not_applicable, same_bits};
use crate::loss::Total;

/// How far sums may differ by the order of additions.
const ROUNDING: f64 = 1e-12;

fn total(measured: &Measured<f64>) -> [f64; 2] {
    [measured.total.sum, measured.total.weight]
}

/// Sums and weights of the two parts of a batch add up to those of the whole.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn parts_add_up(subject: &LossUnderTest, case: &Case) -> Verdict {
    let (loss, problem) = (f64::loss(subject), Problem::draw(subject, case)?);
    if subject.compares_samples {
        return not_applicable("it compares samples, so parts are not the whole");
    }
    if problem.batch < 2 {
        return not_applicable("a batch of one sample");
    }
    let whole = problem.measure(loss)?;
    let rows: Vec<usize> = (0..problem.batch).collect();
    for cut in 1..problem.batch {
        let (first, second) = rows.split_at(cut);
        let (first, second) =
            (problem.select(first).measure(loss)?, problem.select(second).measure(loss)?);
        let sum = first.total + second.total;
        let scale = ROUNDING * (first.total.sum.abs() + second.total.sum.abs());
        close("f64 sum of the parts", &[sum.sum], &[whole.total.sum], 0.0, scale)?;
        close("f64 weight of the parts", &[sum.weight], &[whole.total.weight], ROUNDING, 0.0)?;
        let parts = first.gradients.into_iter().zip(second.gradients);
        for (k, (parts, whole)) in parts.zip(&whole.gradients).enumerate() {
            let parts = [parts.0, parts.1].concat();
            close(format!("f64 gradient of output {k}"), &parts, whole, ROUNDING, ROUNDING)?;
        }
    }
    Ok(())
}

/// The order of the samples changes nothing but their order, to rounding.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn order_of_samples_is_irrelevant(subject: &LossUnderTest, case: &Case) -> Verdict {
    let (loss, problem) = (f64::loss(subject), Problem::draw(subject, case)?);
    if problem.batch < 2 {
        return not_applicable("a batch of one sample");
    }
    let turned: Vec<usize> = (0..problem.batch).rev().collect();
    let (want, got) = (problem.measure(loss)?, problem.select(&turned).measure(loss)?);
    close("f64 sum and weight", &total(&got), &total(&want), ROUNDING, ROUNDING)?;
    for (k, (got, want)) in got.gradients.iter().zip(&want.gradients).enumerate() {
        let want: Vec<f64> =
            turned.iter().flat_map(|&sample| problem.row(want, sample).to_vec()).collect();
        close(format!("f64 gradient of output {k}"), got, &want, ROUNDING, ROUNDING)?;
    }
    Ok(())
}

/// The gradient of a sample does not depend on the other samples.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn samples_do_not_touch_each_other(subject: &LossUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LossUnderTest, case: &Case) -> Verdict {
        let (loss, problem) = (F::loss(subject), Problem::unweighted(subject, case)?);
        let other = Problem::unweighted(subject, &Case { seed: case.seed + 1, ..case.clone() })?;
        let sample = case.pick % problem.batch;
        // One batch out of both: this sample of the first, the others of the second.
        let mut mixed = other;
        let mut outputs = std::mem::take(&mut mixed.outputs);
        for (output, own) in outputs.iter_mut().zip(&problem.outputs) {
            mixed.row_mut(output, sample).copy_from_slice(problem.row(own, sample));
        }
        mixed.outputs = outputs;
        match (&mut mixed.answer, &problem.answer) {
            (super::Answer::Classes(labels), super::Answer::Classes(own)) => {
                let size = own.len() / problem.batch;
                let at = sample * size..(sample + 1) * size;
                labels[at.clone()].copy_from_slice(&own[at]);
            }
            (super::Answer::Values(values), super::Answer::Values(own)) => {
                let size = own.len() / problem.batch;
                let at = sample * size..(sample + 1) * size;
                values[at.clone()].copy_from_slice(&own[at]);
            }
            _ => {}
        }
        let (want, got) = (problem.measure(loss)?, mixed.measure(loss)?);
        for (k, (got, want)) in got.gradients.iter().zip(&want.gradients).enumerate() {
            let what = format!("{} gradient of output {k} for sample {sample}", F::NAME);
            same_bits(what, problem.row(got, sample), problem.row(want, sample))?;
        }
        Ok(())
    }
    if subject.compares_samples {
        return not_applicable("it compares samples");
    }
    if case.batch < 2 {
        return not_applicable("a batch of one sample");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A batch of one sample has the mean loss of any number of its copies.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_batch_of_one_is_a_batch(subject: &LossUnderTest, case: &Case) -> Verdict {
    let (loss, problem) = (f64::loss(subject), Problem::unweighted(subject, case)?);
    let one = problem.select(&[case.pick % problem.batch]);
    let got = one.measure(loss)?;
    finite("f64 total and gradient of a batch of one", &got.numbers())?;
    if subject.compares_samples {
        return Ok(());
    }
    let copies = one.select(&vec![0; 1 + case.batch]).measure(loss)?;
    let (got, want) = ([got.total.mean()], [copies.total.mean()]);
    close("f64 mean over a batch of one", &got, &want, ROUNDING, ROUNDING)
}

/// An empty batch is an error, or a sum and a weight of zero.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn an_empty_batch_is_nothing(subject: &LossUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LossUnderTest, case: &Case) -> Verdict {
        let problem = Problem::draw(subject, case)?.select(&[]);
        let Ok(measured) = problem.evaluate(F::loss(subject), Some(F::zero())) else {
            return Ok(());
        };
        let (what, got) = (format!("{} total", F::NAME), format!("{:?}", measured.total));
        ensure(measured.total == Total::default(), what, "an error, or zeros", got)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

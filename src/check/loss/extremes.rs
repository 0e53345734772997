//! Large numbers, few digits, and what is no number at all.

use super::problem::last;
use super::{Answer, Case, LossUnderTest, Outputs, Precision, Problem};
use crate::check::{Verdict, close, ensure, finite, in_both, not_applicable};
use crate::random::Noise;

/// Value and gradient are finite for outputs of ±10⁴, or as large as the loss claims to reach, and for tiny ones beside them.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn large_outputs_have_finite_losses(subject: &LossUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LossUnderTest, case: &Case) -> Verdict {
        let mut problem = Problem::draw(subject, case)?;
        let reach = subject.reach;
        let kinds: Vec<Outputs> = problem.frame.outputs.iter().map(|(out, _)| *out).collect();
        for (k, (output, out)) in problem.outputs.iter_mut().zip(kinds).enumerate() {
            let list: &[f64] = match out {
                Outputs::Real => &[0.0, 1e-30, -1e-30, 1.0, -1.0, reach, -reach],
                Outputs::Probabilities => &[0.0, 1.0, 1e-30, 1e-7, 0.5],
                Outputs::LogProbabilities => &[0.0, -1e-30, -1.0, -1e4, -reach],
                Outputs::Positive | Outputs::OnePositive => &[1e-30, 1.0, reach],
            };
            let noise = Noise::new(case.seed).at("extreme").step(k as u64);
            for (i, x) in output.iter_mut().enumerate() {
                *x = list.get(noise.below(i as u64, list.len())).copied().unwrap_or(0.0);
            }
        }
        let measured = problem.measure(F::loss(subject))?;
        finite(format!("{} total and gradient", F::NAME), &measured.numbers())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// NaN among the outputs is NaN in the sum; NaN among the targets is NaN in the sum or an error. It is never taken for a number.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn nan_is_never_laundered(subject: &LossUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LossUnderTest, case: &Case) -> Verdict {
        let (loss, mut problem) = (F::loss(subject), Problem::unweighted(subject, case)?);
        let classes = last(&problem.frame);
        if let (Some(skipped), Answer::Classes(labels)) =
            (subject.skipped_class, &mut problem.answer)
        {
            if classes < 2 {
                return not_applicable("all places may be passed over");
            }
            labels.iter_mut().filter(|label| **label == skipped).for_each(|label| {
                *label = (*label + 1) % classes;
            });
        }
        for k in 0..problem.outputs.len() {
            for i in 0..problem.outputs[k].len() {
                let mut bad = problem.clone();
                bad.outputs[k][i] = f64::NAN;
                let sum = bad.measure(loss)?.total.sum;
                let what = format!("{} sum with NaN in output {k}, number {i}", F::NAME);
                ensure(sum.is_nan(), what, "NaN", sum)?;
            }
        }
        let Answer::Values(targets) = &problem.answer else { return Ok(()) };
        for i in 0..targets.len() {
            let mut targets = targets.clone();
            targets[i] = f64::NAN;
            let bad = Problem { answer: Answer::Values(targets), ..problem.clone() };
            if let Ok(measured) = bad.evaluate(loss, None) {
                let (what, sum) =
                    (format!("{} sum with NaN in target {i}", F::NAME), measured.total.sum);
                ensure(sum.is_nan(), what, "NaN or an error", sum)?;
            }
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Single precision follows double precision: the sum to 16, the gradient to 64 units in the last place for each √n of n numbers.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn f32_follows_f64(subject: &LossUnderTest, case: &Case) -> Verdict {
    let problem = Problem::draw(subject, case)?.rounded();
    let (single, double) =
        (problem.measure(f32::loss(subject))?, problem.measure(f64::loss(subject))?);
    let count: usize = problem.outputs.iter().map(Vec::len).sum();
    let unit = f64::from(f32::EPSILON) * (count.max(1) as f64).sqrt();
    // Terms of a sum may cancel, so its errors are measured by the size of what it is made of, too.
    let scale = problem.size() * problem.weights.iter().sum::<f64>().max(1.0);
    let (sum, want) = ([single.total.sum], [double.total.sum]);
    close("f32 sum, against f64", &sum, &want, 16.0 * unit, 16.0 * unit * scale)?;
    let (weight, want) = ([single.total.weight], [double.total.weight]);
    close("f32 weight, against f64", &weight, &want, 16.0 * unit, 0.0)?;
    for (k, (single, double)) in single.gradients.iter().zip(&double.gradients).enumerate() {
        let single: Vec<f64> = single.iter().map(|&g| f64::from(g)).collect();
        let what = format!("f32 gradient of output {k}, against f64");
        close(what, &single, double, 64.0 * unit, 64.0 * unit)?;
    }
    Ok(())
}

//! The gradient is that of the sum, and nothing else.

use super::problem::unexpected;
use super::{Case, LossUnderTest, Precision, Problem};
use crate::check::{Verdict, broken, in_both, same_bits};

/// Steps of the differences. The first is the best of them; the others are for outputs next to a bend, or where the loss is steep.
const STEPS: [f64; 4] = [1e-4, 1e-5, 1e-3, 1e-6];

/// Steps to one side alone, for outputs that are closer to a bend than any step: away from it, the loss is smooth.
const ONE_SIDED: [f64; 4] = [1e-5, -1e-5, 1e-4, -1e-4];

/// Every number of the gradient is the slope of the sum of losses.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn gradient_is_the_slope_of_the_sum(subject: &LossUnderTest, case: &Case) -> Verdict {
    let (loss, problem) = (f64::loss(subject), Problem::draw(subject, case)?);
    let measured = problem.measure(loss)?;
    for (k, gradient) in measured.gradients.iter().enumerate() {
        for (i, &got) in gradient.iter().enumerate() {
            let at = |step: f64| {
                let mut moved = problem.clone();
                moved.outputs[k][i] += step;
                moved.sum(loss)
            };
            // Central differences of fourth order.
            let central = |h: f64| {
                Ok((8.0 * (at(h)? - at(-h)?) - (at(2.0 * h)? - at(-2.0 * h)?)) / (12.0 * h))
            };
            // Differences of third order.
            let one_sided = |h: f64| {
                let (here, more) = (at(0.0)?, [at(h)?, at(2.0 * h)?, at(3.0 * h)?]);
                Ok((18.0 * more[0] - 9.0 * more[1] + 2.0 * more[2] - 11.0 * here) / (6.0 * h))
            };
            let first = central(STEPS[0])?;
            let fits = |want: f64| (got - want).abs() <= 1e-8 + 1e-6 * want.abs();
            let mut found = fits(first);
            for &h in &STEPS[1..] {
                found = found || fits(central(h)?);
            }
            for h in ONE_SIDED {
                found = found || fits(one_sided(h)?);
            }
            if !found {
                let expected = format_args!("{first:?} (within 1e-6 of it + 1e-8)").to_string();
                let what = format!("f64 gradient[{i}] of output {k}");
                return broken(what, expected, format_args!("{got:?}"));
            }
        }
    }
    Ok(())
}

/// Gradients are overwritten, whatever the buffers held before.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn gradients_are_overwritten(subject: &LossUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LossUnderTest, case: &Case) -> Verdict {
        let (loss, problem) = (F::loss(subject), Problem::draw(subject, case)?);
        let into = |held: f64| problem.evaluate(loss, Some(F::of(held))).map_err(unexpected);
        let want = into(0.0)?.numbers();
        for held in [1.0, -1e30, f64::NAN] {
            let what = format!("{} total and gradient, in buffers of {held}", F::NAME);
            same_bits(what, &into(held)?.numbers(), &want)?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// The total is the same whether gradients are asked for or not.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn gradients_change_no_total(subject: &LossUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LossUnderTest, case: &Case) -> Verdict {
        let (loss, problem) = (F::loss(subject), Problem::draw(subject, case)?);
        let total = |held: Option<F>| {
            let total = problem.evaluate(loss, held).map_err(unexpected)?.total;
            Ok([total.sum, total.weight])
        };
        let what = format!("{} sum and weight without gradients", F::NAME);
        same_bits(what, &total(None)?, &total(Some(F::zero()))?)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// The same batch gives the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn same_input_same_bits(subject: &LossUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LossUnderTest, case: &Case) -> Verdict {
        let (loss, problem) = (F::loss(subject), Problem::draw(subject, case)?);
        let (first, second) = (problem.measure(loss)?, problem.measure(loss)?);
        let what = format!("{} total and gradient, a second time", F::NAME);
        same_bits(what, &second.numbers(), &first.numbers())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

//! NaN is passed on, and never taken for a number.

use super::{Case, LayerUnderTest, Precision, Run, Trial, Values};
use crate::check::{Unmet, Verdict, broken, in_both, not_applicable};

/// What is added to a number to see what depends on it. The large ones are for layers that choose, such as pools.
const MOVES: [f64; 4] = [0.75, -0.75, 3_000.0, -3_000.0];

/// How many numbers of a list are tried in one case.
const TRIED: usize = 8;

/// All numbers of a short list; some of a long one, from one end to the other, and others in another case.
fn some(len: usize, pick: usize) -> impl Iterator<Item = usize> {
    let step = len.div_ceil(TRIED).max(1);
    (pick % step..len).step_by(step)
}

/// With NaN in the place of a number, all that depends on the number is not finite. `gives` computes with another number in its place.
fn is_passed_on<F: Precision>(
    what: &str,
    moved: &[F],
    now: &[Vec<F>],
    mut gives: impl FnMut(F) -> Result<Vec<Vec<F>>, Unmet>,
) -> Verdict {
    let bad = gives(F::nan())?;
    let finite = |lists: &[Vec<F>]| lists.iter().flatten().any(|y| y.is_finite());
    if !finite(&bad) {
        return Ok(());
    }
    for &other in moved {
        let then = gives(other)?;
        for (k, ((bad, now), then)) in bad.iter().zip(now).zip(&then).enumerate() {
            for (i, ((bad, now), then)) in bad.iter().zip(now).zip(then).enumerate() {
                if bad.is_finite() && now != then && !now.is_nan() {
                    let what = format!("{} {what}: result {k}, number {i}", F::NAME);
                    return broken(what, "NaN, since it depends on that number", bad);
                }
            }
        }
    }
    Ok(())
}

/// NaN in one number of an input is NaN in every output that depends on it.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn nan_in_an_input_is_passed_on(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let mut trial = Trial::<F>::new(subject, case)?;
        let mut run = Run::new(&trial);
        let now = run.forward(&trial)?;
        for k in 0..trial.inputs.len() {
            for i in some(trial.inputs[k].len(), case.pick) {
                let x = trial.inputs[k][i];
                let moved = match subject.values_of(k) {
                    Values::Real => MOVES.iter().map(|&by| x + F::of(by)).collect(),
                    Values::Below(n) => vec![(x + F::one()) % F::of(n as f64)],
                    Values::Mask => vec![F::one() - x],
                };
                let what = format!("outputs with NaN in input {k}, number {i}");
                is_passed_on(&what, &moved, &now, |other| {
                    trial.inputs[k][i] = other;
                    run.forward(&trial)
                })?;
                trial.inputs[k][i] = x;
            }
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// NaN in one number of a parameter is NaN in every output that depends on it.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn nan_in_a_parameter_is_passed_on(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let mut trial = Trial::<F>::new(subject, case)?;
        if trial.model.values().is_empty() {
            return not_applicable("it has no parameters");
        }
        let mut run = Run::new(&trial);
        let now = run.forward(&trial)?;
        for i in some(trial.model.values().len(), case.pick) {
            let x = trial.model.values()[i];
            let moved: Vec<F> = MOVES.iter().map(|&by| x + F::of(by)).collect();
            let what = format!("outputs with NaN in parameter {i} of the buffer");
            is_passed_on(&what, &moved, &now, |other| {
                trial.model.values_mut()[i] = other;
                run.forward(&trial)
            })?;
            trial.model.values_mut()[i] = x;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// NaN in one number of an output's gradient is NaN in every gradient that depends on it.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn nan_in_an_upstream_gradient_is_passed_on(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let mut trial = Trial::<F>::new(subject, case)?;
        let mut run = Run::new(&trial);
        let mut gradients = |trial: &Trial<F>| {
            let passed = run.pass(trial)?;
            Ok([passed.inputs, vec![passed.parameters]].concat())
        };
        let now = gradients(&trial)?;
        for k in 0..trial.upstream.len() {
            for i in some(trial.upstream[k].len(), case.pick) {
                let u = trial.upstream[k][i];
                let what = format!("gradients with NaN in that of output {k}, number {i}");
                let moved = [u + F::of(0.75), u - F::of(3_000.0)];
                is_passed_on(&what, &moved, &now, |other| {
                    trial.upstream[k][i] = other;
                    gradients(&trial)
                })?;
                trial.upstream[k][i] = u;
            }
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

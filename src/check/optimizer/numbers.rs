//! Gradients of any size, and of none.

use super::{Case, OptimizerUnderTest, Precision, Run};
use crate::check::{Verdict, broken, ensure, finite, in_both, same_bits};
use crate::optim::Grain;

/// Finite gradients of any size and pattern give finite weights and slots.
pub fn finite_in_finite_out(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let largest = subject.claims.largest_gradient;
        let mut run = Run::<F>::new(F::rule(subject)?, &case.shapes, &case.weights());
        for step in 0..4 * case.steps {
            let gradient = case.gradient(step);
            let gradient: Vec<f64> =
                gradient.into_iter().map(|g| g.clamp(-largest, largest)).collect();
            super::step(&mut run, &gradient)?;
            finite(format_args!("{} state after step {step}", F::NAME), &run.state())?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A gradient that is NaN or infinite gives a weight that is not finite, now and in later steps.
pub fn not_finite_is_not_hidden(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let mut run = Run::<F>::new(F::rule(subject)?, &case.shapes, &case.weights());
        let (element, bad) = blemish(case);
        for step in 0..case.steps {
            let mut gradient = case.plain_gradient(step);
            if step == case.moment() {
                gradient[element] = bad;
            }
            super::step(&mut run, &gradient)?;
            let weight = run.weights[element];
            if step >= case.moment() && weight.is_finite() {
                let what = format_args!("{} weight[{element}] after step {step}", F::NAME);
                let expected =
                    format!("NaN or infinity, as its gradient was {bad} in step {}", case.moment());
                return broken(what, expected, weight);
            }
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A gradient that is not finite harms only its own element; if the rule asks for whole tensors, only its own tensor.
pub fn not_finite_does_not_spread(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let rule = F::rule(subject)?;
        let mut healthy = Run::<F>::new(rule, &case.shapes, &case.weights());
        let mut run = healthy.clone();
        let (element, bad) = blemish(case);
        let mut harmed = element..element + 1;
        if rule.grain() == Grain::Tensor {
            let mut places = healthy.parameters.iter().map(|tensor| tensor.range());
            harmed = places.find(|place| place.contains(&element)).unwrap_or(harmed);
        }
        for step in 0..case.steps {
            let mut gradient = case.plain_gradient(step);
            super::step(&mut healthy, &gradient)?;
            if step == case.moment() {
                gradient[element] = bad;
            }
            super::step(&mut run, &gradient)?;
        }
        run.weights[harmed.clone()].copy_from_slice(&healthy.weights[harmed]);
        let what = format_args!("{} weights beside a gradient of {bad}", F::NAME);
        same_bits(what, &run.weights, &healthy.weights)
    }
    if subject.claims.whole_model {
        return crate::check::not_applicable("it looks at all parameters at once");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// An element, and what is wrong with its gradient.
fn blemish(case: &Case) -> (usize, f64) {
    let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    (case.pick % case.size(), bad[case.pick % 3])
}

/// Single precision follows double precision: within half a unit in the last place of the weight for each rounding, and some hundred such units
/// of the way that was gone. One element may be elsewhere on its way: where the sign of almost nothing decides, it may fall either way.
pub fn single_follows_double(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    let weights = case.weights();
    let mut single = Run::new(f32::rule(subject)?, &case.shapes, &weights);
    let mut double = Run::new(f64::rule(subject)?, &case.shapes, &weights);
    let mut way = vec![0.0; weights.len()];
    for step in 0..4 * case.steps {
        let gradient = case.plain_gradient(step);
        let before = double.weights.clone();
        super::step(&mut single, &gradient)?;
        super::step(&mut double, &gradient)?;
        let mut astray = None;
        for i in 0..weights.len() {
            let want = double.weights[i];
            way[i] += (want - before[i]).abs();
            let rounding = 6e-8 * (2 * step + 3) as f64 * weights[i].abs().max(want.abs());
            let distance = (f64::from(single.weights[i]) - want).abs();
            let off = distance > rounding + 5e-5 * way[i];
            let far = distance > rounding + 2.0 * way[i];
            ensure(
                !(off && (far || astray.is_some())),
                format_args!("f32 weight[{i}] after step {step}"),
                format_args!("{want} within {:e}", rounding + 5e-5 * way[i]),
                single.weights[i],
            )?;
            astray = if off { Some(i) } else { astray };
        }
    }
    Ok(())
}

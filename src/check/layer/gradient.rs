//! Gradients are slopes, and are put where they belong.

use super::condition::condition;
use super::run::{alike, largest};
use super::{Case, LayerUnderTest, Precision, Run, Trial, Values};
use crate::check::dual::slope_was_lost;
use crate::check::{Dual, Unmet, Verdict, broken, close, in_both, not_applicable, same_bits};
use crate::params::Parameter;

/// Steps of the differences, for numbers up to 1. The first is the best of them; the others are for places next to a bend, or where the layer is steep.
const STEPS: [f64; 4] = [1e-3, 1e-4, 1e-5, 1e-6];

/// The step of differences to one side, for places on a bend: there is none on the side where the number is.
const SIDE: f64 = 1e-5;

/// `got` is the slope of Σ upstream·output for a number of this size. `outputs` are those with the number moved by a step.
fn is_slope(
    what: impl Fn() -> String,
    got: f64,
    size: f64,
    upstream: &[Vec<f64>],
    mut outputs: impl FnMut(f64) -> Result<Vec<Vec<f64>>, Unmet>,
) -> Verdict {
    // Differences are taken for each output before they are summed: what does not change cancels without rounding.
    let mut slope = |terms: &[(f64, f64)], per: f64| -> Result<f64, Unmet> {
        let mut slope = 0.0;
        let moved: Result<Vec<_>, _> = terms.iter().map(|&(step, _)| outputs(step)).collect();
        let moved = moved?;
        for (k, upstream) in upstream.iter().enumerate() {
            for (i, u) in upstream.iter().enumerate() {
                let parts = moved.iter().zip(terms).map(|(y, (_, factor))| factor * y[k][i]);
                slope += u * parts.sum::<f64>() / per;
            }
        }
        Ok(slope)
    };
    let near = |want: f64| (got - want).abs() <= 1e-8 + 1e-6 * want.abs();
    let mut first = None;
    for step in STEPS {
        let h = step * size.abs().max(1.0);
        // Central differences of fourth order.
        let terms = [(h, 8.0), (-h, -8.0), (2.0 * h, -1.0), (-2.0 * h, 1.0)];
        let want = slope(&terms, 12.0 * h)?;
        if near(want) {
            return Ok(());
        }
        first = first.or(Some(want));
    }
    for side in [1.0, -1.0] {
        let h = side * SIDE * size.abs().max(1.0);
        if near(slope(&[(0.0, -3.0), (h, 4.0), (2.0 * h, -1.0)], 2.0 * h)?) {
            return Ok(());
        }
    }
    let want = first.unwrap_or(f64::NAN);
    broken(what(), format_args!("{want:?} (within 1e-6 of it + 1e-8)"), format_args!("{got:?}"))
}

/// Every number of every input's gradient is the slope of the outputs for it; that of an input that is no real number is 0.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn input_gradients_are_slopes(subject: &LayerUnderTest, case: &Case) -> Verdict {
    let mut trial = Trial::<f64>::new(subject, case)?;
    let mut run = Run::new(&trial);
    let passed = run.pass(&trial)?;
    for (k, gradient) in passed.inputs.iter().enumerate() {
        if subject.values_of(k) != Values::Real {
            let zeros = vec![0.0; gradient.len()];
            close(format_args!("f64 gradient for input {k}"), gradient, &zeros, 0.0, 0.0)?;
            continue;
        }
        for i in 0..trial.inputs[k].len() {
            // The gradient for an input that nothing reads is empty, which stands for zeros.
            let got = gradient.get(i).copied().unwrap_or(0.0);
            let x = trial.inputs[k][i];
            let upstream = trial.upstream.clone();
            let what = || format!("f64 gradient for input {k}, number {i}");
            is_slope(what, got, x, &upstream, |step| {
                trial.inputs[k][i] = x + step;
                run.forward(&trial)
            })?;
            trial.inputs[k][i] = x;
        }
    }
    Ok(())
}

/// Every number of every parameter's gradient is the slope of the outputs for it.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn parameter_gradients_are_slopes(subject: &LayerUnderTest, case: &Case) -> Verdict {
    let mut trial = Trial::<f64>::new(subject, case)?;
    if trial.model.values().is_empty() {
        return not_applicable("it has no parameters");
    }
    let parameters = trial.model.parameters().to_vec();
    let mut run = Run::new(&trial);
    let passed = run.pass(&trial)?;
    for (i, &got) in passed.parameters.iter().enumerate() {
        let x = trial.model.values()[i];
        let upstream = trial.upstream.clone();
        let what = || format!("f64 gradient for {}", place(&parameters, i));
        is_slope(what, got, x, &upstream, |step| {
            trial.model.values_mut()[i] = x + step;
            run.forward(&trial)
        })?;
        trial.model.values_mut()[i] = x;
    }
    Ok(())
}

/// The path and position of a number in the flat buffer.
fn place(parameters: &[Parameter], index: usize) -> String {
    let owner = parameters.iter().find(|parameter| parameter.range().contains(&index));
    owner.map_or_else(String::new, |p| format!("{}[{}]", p.path(), index - p.range().start))
}

/// All gradients are the exact slopes, to 10⁻¹¹: those that the outputs have by dual numbers.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn gradients_are_exact(subject: &LayerUnderTest, case: &Case) -> Verdict {
    slope_was_lost();
    let verdict = compare_with_dual_numbers(subject, case);
    if matches!(verdict, Err(Unmet::Broken(_))) && slope_was_lost() {
        return not_applicable("it computes by `as_f64`, where dual numbers lose their slope");
    }
    verdict
}

fn compare_with_dual_numbers(subject: &LayerUnderTest, case: &Case) -> Verdict {
    let mut dual = Trial::<Dual>::new(subject, case)?;
    let trial = Trial::<f64>::new(subject, case)?;
    let passed = Run::new(&trial).pass(&trial)?;
    let mut run = Run::new(&dual);
    let mut slope = |dual: &Trial<Dual>| -> Result<f64, Unmet> {
        let outputs = run.forward(dual)?;
        let upstream = trial.upstream.iter().flatten();
        Ok(outputs.iter().flatten().zip(upstream).map(|(y, u)| y.slope * u).sum())
    };
    let scales = condition(&trial, |input| subject.values_of(input))?;
    // Outputs and layer state come first.
    let scales = &scales[passed.outputs.len() + 1..];
    for (k, scale) in scales[..trial.inputs.len()].iter().enumerate() {
        if subject.values_of(k) != Values::Real {
            continue;
        }
        let mut want = Vec::new();
        for i in 0..trial.inputs[k].len() {
            dual.inputs[k][i].slope = 1.0;
            want.push(slope(&dual)?);
            dual.inputs[k][i].slope = 0.0;
        }
        let mut got = passed.inputs[k].clone();
        // The gradient for an input that nothing reads is empty.
        got.resize(want.len(), 0.0);
        close(format_args!("f64 gradient for input {k}"), &got, &want, 1e-11, 1e-13 * scale)?;
    }
    let mut want = Vec::new();
    for i in 0..trial.model.values().len() {
        dual.model.values_mut()[i].slope = 1.0;
        want.push(slope(&dual)?);
        dual.model.values_mut()[i].slope = 0.0;
    }
    let scale = scales[trial.inputs.len()];
    close("f64 gradient for the parameters", &passed.parameters, &want, 1e-11, 1e-13 * scale)
}

/// Gradients for parameters are added to what is there.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn gradients_of_parameters_are_added(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        if trial.model.values().is_empty() {
            return not_applicable("it has no parameters");
        }
        let mut run = Run::new(&trial);
        let alone = run.pass(&trial)?.parameters;
        let unit = largest(&alone).max(1.0);
        let start = |i: usize| F::of(unit * (1.0 + i as f64 / 8.0));
        let mut sum: Vec<F> = (0..alone.len()).map(start).collect();
        for pass in 1..3 {
            run.forward(&trial)?;
            run.backward(&trial, &mut sum)?;
            let want: Vec<F> = alone
                .iter()
                .enumerate()
                .map(|(i, &g)| start(i) + F::of(f64::from(pass)) * g)
                .collect();
            let what = format!("{} gradient for the parameters after {pass} passes", F::NAME);
            let scale = trial.scale() + largest(&sum);
            alike(format!("{what} into a buffer that was not empty"), &sum, &want, scale)?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Gradients for inputs are overwritten, whatever the buffers held before.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn gradients_of_inputs_are_overwritten(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        let mut run = Run::new(&trial);
        let want = run.pass(&trial)?;
        for held in [1.0, -1e30, f64::NAN] {
            let outputs = run.forward(&trial)?;
            run.fill(&["gradient", "spare gradient"], held);
            let got = run.finish(&trial, outputs)?;
            got.is(&want, format_args!("into buffers of {held}"))?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Backward is a linear function of the gradients for the outputs, and gives zeros for zeros.
///
/// The two sides differ by the rounding of three passes, each of which is off by at most n·ε for sums of n terms of the scale that the layer's condition
/// gives. In the shapes that are drawn n stays below 256.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn backward_is_linear(subject: &LayerUnderTest, case: &Case) -> Verdict {
    let one = Trial::<f64>::new(subject, case)?;
    let two = Trial { inputs: one.inputs.clone(), ..one.other(subject, case, one.batch) };
    let (a, b) = (2.0, -0.75);
    let mut mixed = one.clone();
    let (u, v) = (one.upstream.iter().flatten(), two.upstream.iter().flatten());
    let sums: Vec<f64> = u.zip(v).map(|(u, v)| a * u + b * v).collect();
    mixed.upstream.iter_mut().flatten().zip(sums).for_each(|(mixed, sum)| *mixed = sum);
    let mut run = Run::new(&one);
    let (first, second, got) = (run.pass(&one)?, run.pass(&two)?, run.pass(&mixed)?);
    let parts = got.parts().into_iter().zip(first.parts()).zip(second.parts());
    let values = |input| subject.values_of(input);
    let scales = condition(&one, values)?.into_iter().zip(condition(&two, values)?);
    for ((((what, got), (_, first)), (_, second)), (one, two)) in
        parts.zip(scales).filter(|((((what, _), _), _), _)| what.starts_with("gradient"))
    {
        let want: Vec<f64> = first.iter().zip(second).map(|(f, s)| a * f + b * s).collect();
        let what = format!("f64 {what}, of {a} times one upstream gradient and {b} times another");
        alike(what, got, &want, one.max(two))?;
    }
    mixed.upstream.iter_mut().flatten().for_each(|u| *u = 0.0);
    let nothing = run.pass(&mixed)?;
    for (what, got) in nothing.parts().into_iter().filter(|(what, _)| what.starts_with("gradient"))
    {
        let zeros = vec![0.0; got.len()];
        close(format_args!("f64 {what}, of zeros"), got, &zeros, 0.0, 0.0)?;
    }
    Ok(())
}

/// An input's gradient that nobody wants changes no other gradient.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn skipped_gradients_change_no_other(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        let all = Run::new(&trial).pass(&trial)?;
        let count = trial.inputs.len();
        // None of them, then each of several alone.
        for wanted in (0..=count).filter(|&wanted| count > 1 || wanted == count) {
            let got = Run::wanting(&trial, |input| input == wanted).pass(&trial)?;
            let who = if wanted == count {
                "no input wants one".to_owned()
            } else {
                format!("input {wanted} alone wants one")
            };
            for ((what, got), (_, want)) in got.parts().into_iter().zip(all.parts()) {
                let skipped = what.starts_with("gradient for input")
                    && what != format!("gradient for input {wanted}");
                if !skipped {
                    same_bits(format_args!("{} {what}, where {who}", F::NAME), got, want)?;
                }
            }
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

//! What an author claims about the geometry of the steps. All in double precision: these laws are about formulas, not about rounding.

use super::{Case, OptimizerUnderTest, Precision, Run};
use crate::check::{Unmet, Verdict, close, ensure, not_applicable};
use crate::optim::Grain;
use crate::random::Noise;

/// In one step no number moves by more than the claimed multiple of the rate.
pub fn step_is_bounded(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    let Some(factor) = subject.claims.step_bound else {
        return not_applicable("it does not claim a largest step");
    };
    let mut run = start(subject, case, &case.weights())?;
    for step in 0..4 * case.steps {
        let before = run.weights.clone();
        super::step(&mut run, &case.gradient(step))?;
        let bound = factor * run.tick.learning_rate;
        for (i, (now, before)) in run.weights.iter().zip(before).enumerate() {
            let moved = (now - before).abs();
            // The difference of two weights carries their rounding.
            let slack = 1e-9 * bound + 4.0 * f64::EPSILON * before.abs();
            ensure(
                moved <= bound + slack,
                format_args!("the move of weight[{i}] in step {step}"),
                format_args!("at most {bound}: {factor} times the rate"),
                moved,
            )?;
        }
    }
    Ok(())
}

/// Twice the rate moves twice as far.
pub fn step_is_linear_in_rate(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    if !subject.claims.linear_in_rate {
        return not_applicable("it does not claim to be linear in the rate");
    }
    let mut run = start(subject, case, &case.weights())?;
    for step in 0..case.moment() {
        super::step(&mut run, &case.plain_gradient(step))?;
    }
    let rate = run.tick.learning_rate;
    let moved = |rate: f64| -> Result<Vec<f64>, _> {
        let mut next = run.clone().rate(rate);
        super::step(&mut next, &case.plain_gradient(case.steps))?;
        Ok(moves(&next.weights, &run.weights))
    };
    let twice: Vec<f64> = moved(rate)?.iter().map(|x| 2.0 * x).collect();
    close("the move at twice the rate", &moved(2.0 * rate)?, &twice, 1e-9, 1e-14)
}

/// Gradients that are all multiplied by one number lead to the same weights.
pub fn scale_of_gradients_is_lost(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    if !subject.claims.scale_invariant {
        return not_applicable("it does not claim to be invariant to the gradient's scale");
    }
    let scale = 10_f64.powf(4.0 * case.moment - 3.0);
    let mut plain = start(subject, case, &case.weights())?;
    let mut scaled = plain.clone();
    let begin = plain.weights.clone();
    for step in 0..case.steps {
        let gradient = case.bold_gradient(step);
        super::step(&mut plain, &gradient)?;
        super::step(&mut scaled, &gradient.iter().map(|g| scale * g).collect::<Vec<_>>())?;
    }
    let (got, want) = (moves(&scaled.weights, &begin), moves(&plain.weights, &begin));
    // What an ε outside the root leaves of its scale beside gradients of a thousandth; one inside leaves more.
    let far = 5e-3 * case.steps as f64 * plain.tick.learning_rate;
    close(format_args!("the way along gradients times {scale}"), &got, &want, 1e-3, far)
}

/// The steps do not depend on where the weights are.
pub fn place_does_not_matter(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    if !subject.claims.translation_invariant {
        return not_applicable("it does not claim to be invariant to a translation");
    }
    let weights = case.weights();
    let there: Vec<f64> = weights.iter().map(|w| w + 1.0 + case.rate).collect();
    let (mut here, mut there) = (start(subject, case, &weights)?, start(subject, case, &there)?);
    let begin = [here.weights.clone(), there.weights.clone()];
    for step in 0..case.steps {
        super::step(&mut here, &case.plain_gradient(step))?;
        super::step(&mut there, &case.plain_gradient(step))?;
    }
    let (got, want) = (moves(&there.weights, &begin[1]), moves(&here.weights, &begin[0]));
    close("the way from another place", &got, &want, 1e-9, 1e-13)
}

/// The elements of a tensor are treated alike, wherever they stand in it.
pub fn place_in_the_tensor_does_not_matter(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    let own = f64::rule(subject)?.grain() == Grain::Element && !subject.claims.whole_model;
    if !own && !subject.claims.permutation_invariant {
        return not_applicable("it does not claim to be invariant to a permutation");
    }
    let mut plain = start(subject, case, &case.weights())?;
    let mut order: Vec<usize> = (0..case.size()).collect();
    let noise = Noise::new(case.seed).at("order");
    plain.parameters.iter().for_each(|tensor| noise.shuffle(&mut order[tensor.range()]));
    let permuted = |numbers: &[f64]| order.iter().map(|&i| numbers[i]).collect::<Vec<f64>>();
    let mut other = start(subject, case, &permuted(&case.weights()))?;
    for step in 0..case.steps {
        super::step(&mut plain, &case.plain_gradient(step))?;
        super::step(&mut other, &permuted(&case.plain_gradient(step)))?;
    }
    close("weights in another order", &other.weights, &permuted(&plain.weights), 1e-9, 1e-12)
}

/// Gradients that are turned in space lead to steps that are turned likewise.
pub fn turned_gradients_turn_the_steps(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    if !subject.claims.rotation_invariant {
        return not_applicable("it does not claim to be invariant to a rotation");
    }
    let noise = Noise::new(case.seed).at("axis");
    let axis: Vec<f64> = (0..case.size() as u64).map(|i| noise.normal(i)).collect();
    let square: f64 = axis.iter().map(|x| x * x).sum();
    // A reflection, which is orthogonal like a rotation and easier to write.
    let turned = |numbers: &[f64]| -> Vec<f64> {
        let along: f64 = axis.iter().zip(numbers).map(|(a, x)| a * x).sum();
        numbers.iter().zip(&axis).map(|(x, a)| x - 2.0 * along / square * a).collect()
    };
    let mut plain = start(subject, case, &case.weights())?;
    let mut other = start(subject, case, &turned(&case.weights()))?;
    for step in 0..case.steps {
        super::step(&mut plain, &case.plain_gradient(step))?;
        super::step(&mut other, &turned(&case.plain_gradient(step)))?;
    }
    close("weights after turning", &other.weights, &turned(&plain.weights), 1e-9, 1e-9)
}

/// Gradients of the opposite sign lead to the opposite way.
pub fn opposite_gradients_lead_the_opposite_way(
    subject: &OptimizerUnderTest,
    case: &Case,
) -> Verdict {
    if !subject.claims.mirror_invariant {
        return not_applicable("it does not claim to be invariant to the gradient's sign");
    }
    let weights = case.weights();
    let opposite = |numbers: Vec<f64>| numbers.into_iter().map(|x| -x).collect::<Vec<f64>>();
    let mut plain = start(subject, case, &weights)?;
    let mut mirror = start(subject, case, &opposite(weights))?;
    for step in 0..case.steps {
        super::step(&mut plain, &case.plain_gradient(step))?;
        super::step(&mut mirror, &opposite(case.plain_gradient(step)))?;
    }
    let want = opposite(plain.weights);
    close("weights along the opposite gradients", &mirror.weights, &want, 1e-12, 1e-14)
}

/// It agrees with its naive reference.
pub fn agrees_with_its_reference(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    let Some(reference) = subject.claims.reference else {
        return not_applicable("no reference is given");
    };
    let shape = &case.shapes[case.pick % case.shapes.len()];
    let size = shape.iter().product::<usize>();
    let mut weights = case.weights()[..size].to_vec();
    let shapes = std::slice::from_ref(shape);
    let mut run = Run::<f64>::new(f64::rule(subject)?, shapes, &weights);
    let mut gradients = Vec::new();
    for step in 0..4 * case.steps {
        let gradient = case.plain_gradient(step)[..size].to_vec();
        super::step(&mut run, &gradient)?;
        gradients.push(gradient);
    }
    reference(&mut weights, &gradients, run.tick.learning_rate);
    close("weights against the reference", &run.weights, &weights, 1e-9, 1e-12)
}

fn start<'s>(
    subject: &'s OptimizerUnderTest,
    case: &Case,
    weights: &[f64],
) -> Result<Run<'s, f64>, Unmet> {
    Ok(Run::new(f64::rule(subject)?, &case.shapes, weights).without_decay())
}

fn moves(now: &[f64], before: &[f64]) -> Vec<f64> {
    now.iter().zip(before).map(|(now, before)| now - before).collect()
}

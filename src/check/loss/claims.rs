//! What holds for a loss whose author says so.

use super::{Answer, Case, LossUnderTest, Precision, Problem};
use crate::check::{Verdict, broken, ensure, not_applicable};

/// How far a comparison may be off by rounding.
const ROUNDING: f64 = 1e-12;

/// No outputs cost less than those that equal the targets.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn minimum_at_the_target(subject: &LossUnderTest, case: &Case) -> Verdict {
    if !subject.minimum_at_target {
        return not_applicable("its minimum is not said to be at the target");
    }
    let (loss, problem) = (f64::loss(subject), Problem::unweighted(subject, case)?);
    let mut at = problem.clone();
    let targets = match &problem.answer {
        Answer::Values(values) if values.len() == problem.outputs[0].len() => values.clone(),
        _ => return broken("the targets", "one for each number of the output", "others"),
    };
    at.outputs[0].clone_from(&targets);
    let least = at.sum(loss)?;
    // Another batch far away, and two steps in the direction of its first number.
    for share in [1.0, 0.1, -0.1] {
        let mut other = problem.clone();
        for (x, &target) in other.outputs[0].iter_mut().zip(&targets) {
            *x = target + share * (*x - target);
        }
        let cost = other.sum(loss)?;
        // A step to the other side may leave the range of the outputs; then there is no cost.
        let fine = cost.is_nan() || cost + ROUNDING * (1.0 + least.abs()) >= least;
        let what = format!("f64 sum at the targets + {share} of the way to the outputs");
        ensure(fine, what, format_args!("{least:?} or more, as at the targets"), cost)?;
    }
    Ok(())
}

/// No outputs cost less than zero.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn never_negative(subject: &LossUnderTest, case: &Case) -> Verdict {
    if !subject.never_negative {
        return not_applicable("it is not said never to be negative");
    }
    let problem = Problem::draw(subject, case)?;
    let sum = problem.sum(f64::loss(subject))?;
    ensure(sum >= -ROUNDING, "f64 sum", "0 or more", sum)
}

/// Between two points the loss is not above the straight line between its values there.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn convex(subject: &LossUnderTest, case: &Case) -> Verdict {
    if !subject.convex {
        return not_applicable("it is not said to be convex");
    }
    let (loss, one) = (f64::loss(subject), Problem::unweighted(subject, case)?);
    let seed = case.seed.wrapping_add(1);
    let far = Problem::unweighted(subject, &Case { seed, ..case.clone() })?;
    let (mut other, mut between) = (one.clone(), one.clone());
    other.outputs = far.outputs;
    let t = case.share;
    let pairs = one.outputs.iter().flatten().zip(other.outputs.iter().flatten());
    let mixed = pairs.map(|(a, b)| (1.0 - t) * a + t * b);
    between.outputs.iter_mut().flatten().zip(mixed).for_each(|(x, mixed)| *x = mixed);
    let (first, second) = (one.sum(loss)?, other.sum(loss)?);
    let chord = (1.0 - t) * first + t * second;
    let sum = between.sum(loss)?;
    let fine = sum <= chord + ROUNDING * (1.0 + first.abs() + second.abs());
    ensure(fine, format!("f64 sum at {t} of the way"), format!("at most {chord:?}"), sum)
}

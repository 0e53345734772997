//! It goes down.

use super::{Case, OptimizerUnderTest, Precision, Run};
use crate::check::problems::{Problem, Quadratic, by_name};
use crate::check::{Unmet, Verdict, broken, ensure, not_applicable};
use crate::optim::Optimizer;
use crate::scalar::Scalar;

/// At a hundredth of its own rate it goes down on convex quadratics of any conditioning.
pub fn descends_on_quadratics(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    let own = f64::rule(subject).map(|rule| rule.learning_rate());
    let rate = own.or_else(|_| f32::rule(subject).map(|rule| rule.learning_rate()))?;
    if rate == 0.0 {
        return not_applicable("its own learning rate is 0");
    }
    let size = case.size().min(20);
    let bowl = Quadratic::new(size, 10_f64.powf(4.0 * case.moment), case.seed);
    let (before, after) = minimize(subject, &bowl, &case.weights()[..size], 0.01 * rate, 20)?;
    let what = format!("the value on {bowl:?} after 20 steps at a rate of {}", 0.01 * rate);
    ensure(after < before, what, format_args!("less than {before:e}"), format_args!("{after:e}"))
}

/// It reaches the optimum of each problem that it claims to solve.
pub fn reaches_the_optimum(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    let claims = &subject.claims.solves;
    if claims.is_empty() {
        return not_applicable("it does not claim to solve a problem");
    }
    let claim = &claims[case.pick % claims.len()];
    let Some(problem) = by_name(&claim.problem) else {
        return broken("the claim", "a problem of the kit", &claim.problem);
    };
    let (_, after) = minimize(subject, &*problem, &problem.start(), claim.rate, claim.steps)?;
    let gap = after - problem.optimum_value();
    ensure(
        gap.abs() <= claim.gap,
        format!("`{}` after {} steps at a rate of {}", claim.problem, claim.steps, claim.rate),
        format_args!("within {:e} of the optimum", claim.gap),
        format_args!("{gap:e} away from it"),
    )
}

/// The values before and after, in double precision if the rule has it.
fn minimize(
    subject: &OptimizerUnderTest,
    problem: &dyn Problem,
    start: &[f64],
    rate: f64,
    steps: u64,
) -> Result<(f64, f64), Unmet> {
    let after = match f64::rule(subject) {
        Ok(rule) => minimum(rule, problem, start, rate, steps)?,
        Err(_) => minimum(f32::rule(subject)?, problem, start, rate, steps)?,
    };
    Ok((problem.value(start), after))
}

/// The value after so many steps.
fn minimum<F: Scalar>(
    rule: &dyn Optimizer<F>,
    problem: &dyn Problem,
    start: &[f64],
    rate: f64,
    steps: u64,
) -> Result<f64, Unmet> {
    let wide = |numbers: &[F]| numbers.iter().map(|x| x.as_f64()).collect::<Vec<f64>>();
    let mut run = Run::flat(rule, start).without_decay().rate(rate);
    let mut slopes = vec![0.0; start.len()];
    for step in 0..steps {
        let took = run.step(&mut |x, gradient| {
            let x = wide(x);
            problem.gradient(&x, &mut slopes);
            gradient.iter_mut().zip(&slopes).for_each(|(g, &slope)| *g = F::of(slope));
            Ok(problem.value(&x))
        });
        took.or_else(|error| broken(format_args!("step {step}"), "no error", error))?;
    }
    Ok(problem.value(&wide(&run.weights)))
}

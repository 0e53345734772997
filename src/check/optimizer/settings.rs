//! Settings, and errors.

use super::{Case, OptimizerUnderTest, Precision, Run, train};
use crate::check::{Verdict, broken, ensure, equal, in_both, not_applicable, refused};
use crate::error::Error;
use crate::optim::Optimizer;
use crate::scalar::Scalar;

/// Its own settings are accepted.
pub fn accepts_its_own_settings(subject: &OptimizerUnderTest, _: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, _: &Case) -> Verdict {
        F::rule(subject)?
            .validate()
            .or_else(|error| broken(format_args!("validate() in {}", F::NAME), "no error", error))
    }
    in_both(subject, &Case::default(), law::<f32>, law::<f64>)
}

/// Settings that are listed as bad are refused, by the name of the field.
pub fn refuses_bad_settings(subject: &OptimizerUnderTest, _: &Case) -> Verdict {
    if subject.claims.refuses.is_empty() {
        return not_applicable("no bad settings are listed");
    }
    fn law<F: Precision>(rule: &OptimizerUnderTest, field: &str) -> Verdict {
        let rule = F::rule(rule)?;
        refused(format_args!("validate() of {rule:?} in {}", F::NAME), &rule.validate(), field)
    }
    let mut refuses = subject.claims.refuses.iter();
    refuses.try_for_each(|(rule, field)| in_both(rule, &**field, law::<f32>, law::<f64>))
}

/// Name, rate and decay make sense and are the same at any time and in both precisions.
pub fn settings_stay(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn settings<F: Scalar>(rule: &dyn Optimizer<F>) -> (String, f64, f64, String) {
        let grain = format!("{:?}", rule.grain());
        (rule.name(), rule.learning_rate(), rule.weight_decay(), grain)
    }
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let rule = F::rule(subject)?;
        let before = settings(rule);
        ensure(!before.0.is_empty(), "the name", "a name", "an empty one")?;
        for (what, number) in [("learning_rate()", before.1), ("weight_decay()", before.2)] {
            let sound = number.is_finite() && number >= 0.0;
            ensure(sound, what, "a finite number, 0 or more", number)?;
        }
        let mut run = Run::new(rule, &case.shapes, &case.weights());
        train(&mut run, case, 0..case.steps)?;
        equal("name, rate, decay and grain after some steps", settings(rule), before)
    }
    in_both(subject, case, law::<f32>, law::<f64>)?;
    let (Ok(single), Ok(double)) = (f32::rule(subject), f64::rule(subject)) else { return Ok(()) };
    equal("name, rate, decay and grain in f32", settings(single), settings(double))
}

/// If the loss fails in the middle of a step, the step fails.
pub fn errors_are_passed_on(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let mut run = Run::<F>::new(F::rule(subject)?, &case.shapes, &case.weights());
        let gradient = case.plain_gradient(0);
        let mut calls = 0_u32;
        let result = run.step(&mut |_, g| {
            calls += 1;
            g.iter_mut().zip(&gradient).for_each(|(g, &new)| *g = F::of(new));
            // The first call is the kit's own.
            if calls == 1 { Ok(1.0) } else { Err(Error::other("loss", "it fails here")) }
        });
        if calls == 1 {
            return not_applicable("it does not ask for the loss again");
        }
        refused(format_args!("a {} step whose loss fails", F::NAME), &result, "it fails here")
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

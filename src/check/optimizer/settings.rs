//! Settings, and errors.

use super::{Case, OptimizerUnderTest, Precision, Run, train};
use crate::check::{Verdict, broken, ensure, equal, not_applicable, refused};
use crate::error::Error;

/// Its own settings are accepted.
pub fn accepts_its_own_settings(subject: &OptimizerUnderTest, _: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, _: &Case) -> Verdict {
        F::rule(subject)
            .validate()
            .or_else(|error| broken(format_args!("validate() in {}", F::NAME), "no error", error))
    }
    law::<f32>(subject, &Case::default())?;
    law::<f64>(subject, &Case::default())
}

/// Settings that are listed as bad are refused, by the name of the field.
pub fn refuses_bad_settings(subject: &OptimizerUnderTest, _: &Case) -> Verdict {
    if subject.claims.refuses.is_empty() {
        return not_applicable("no bad settings are listed");
    }
    subject.claims.refuses.iter().try_for_each(|(rule, field)| {
        let what = |precision: &str| format!("validate() of {:?} in {precision}", rule.double);
        refused(what("f32"), &rule.single.validate(), field)?;
        refused(what("f64"), &rule.double.validate(), field)
    })
}

/// Name, rate and decay make sense and are the same at any time and in both precisions.
pub fn settings_stay(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn settings<F: Precision>(subject: &OptimizerUnderTest) -> (String, f64, f64, String) {
        let rule = F::rule(subject);
        let grain = format!("{:?}", rule.grain());
        (rule.name(), rule.learning_rate(), rule.weight_decay(), grain)
    }
    let before = settings::<f64>(subject);
    ensure(!before.0.is_empty(), "the name", "a name", "an empty one")?;
    for (what, number) in [("learning_rate()", before.1), ("weight_decay()", before.2)] {
        let sound = number.is_finite() && number >= 0.0;
        ensure(sound, what, "a finite number, 0 or more", number)?;
    }
    equal("name, rate, decay and grain in f32", settings::<f32>(subject), before.clone())?;
    let mut run = Run::<f64>::new(&*subject.double, &case.shapes, &case.weights());
    train(&mut run, case, 0..case.steps)?;
    equal("name, rate, decay and grain after some steps", settings::<f64>(subject), before)
}

/// If the loss fails in the middle of a step, the step fails.
pub fn errors_are_passed_on(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let mut run = Run::<F>::new(F::rule(subject), &case.shapes, &case.weights());
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
    law::<f32>(subject, case)?;
    law::<f64>(subject, case)
}

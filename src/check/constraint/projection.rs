//! What every projection has to do.

use super::{Case, ConstraintUnderTest, Precision, holds, project, unit};
use crate::check::{
    Verdict, broken, close, ensure, finite, in_both, not_applicable, refused, same_bits,
};
use crate::scalar::Scalar;

fn weights<F: Scalar>(weights: Vec<f64>) -> Vec<F> {
    weights.into_iter().map(F::of).collect()
}

/// The condition holds after the projection, for weights of 10⁻³⁰ to 10³⁰.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn the_condition_holds(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
        let projected = project(F::rule(subject), case, &weights::<F>(case.scaled(0)));
        let what = format!("{} weights", F::NAME);
        let fine = holds(subject, case, &projected)?;
        ensure(fine, what, "the condition holds", format!("{projected:?}"))
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A second projection changes no bit.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_second_projection_changes_nothing(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
        let once = project(F::rule(subject), case, &weights::<F>(case.scaled(0)));
        let twice = project(F::rule(subject), case, &once);
        same_bits(format!("{} weight, projected twice", F::NAME), &twice, &once)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Weights for which the condition holds keep their bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn what_is_inside_stays(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
        let drawn = case.scaled(0);
        let most = drawn.iter().fold(f64::MIN_POSITIVE, |most, w| most.max(w.abs()));
        let many = drawn.len() as f64;
        let positive: Vec<f64> = drawn.iter().map(|w| w.abs()).collect();
        let small = |values: &[f64]| values.iter().map(|w| w / most / many * 0.5).collect();
        let even = vec![1.0; drawn.len()];
        let mut tried = 0;
        for values in [small(&drawn), small(&positive), drawn.clone(), positive, even] {
            let values = weights::<F>(values);
            if holds(subject, case, &values)? {
                tried += 1;
                let projected = project(F::rule(subject), case, &values);
                same_bits(format!("{} weight", F::NAME), &projected, &values)?;
            }
        }
        if tried == 0 { not_applicable("none of the weights are inside") } else { Ok(()) }
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Weights of zero become finite ones.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn zeros_are_safe(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
        let projected = project(F::rule(subject), case, &vec![F::zero(); case.size()]);
        finite(format!("{} weight that was 0", F::NAME), &projected)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A weight that is NaN stays NaN.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn nan_is_never_laundered(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
        let mut values = weights::<F>(case.weights(0));
        let place = case.pick % values.len();
        values[place] = F::nan();
        let got = project(F::rule(subject), case, &values)[place];
        ensure(got.is_nan(), format!("{} weight[{place}]", F::NAME), "NaN, as it was", got)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Weights of 10⁻³⁰ to 10³⁰ become finite ones.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn finite_at_any_magnitude(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
        let projected = project(F::rule(subject), case, &weights::<F>(case.scaled(0)));
        finite(format!("{} weight", F::NAME), &projected)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Where a unit is moved to does not depend on the other units.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn units_do_not_touch_each_other(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
        let (values, mut others) = (weights::<F>(case.scaled(0)), weights::<F>(case.weights(1)));
        let size = unit(&case.shape);
        let at = case.pick % (values.len() / size) * size;
        others[at..at + size].copy_from_slice(&values[at..at + size]);
        let [one, other] = [values, others].map(|values| project(F::rule(subject), case, &values));
        let what = format!("{} weights of a unit among others", F::NAME);
        same_bits(what, &other[at..at + size], &one[at..at + size])
    }
    if !subject.by_units {
        return not_applicable("units are not said to be moved by themselves");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// The same weights give the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn same_input_same_bits(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
        let values = weights::<F>(case.scaled(0));
        let run = || project(F::rule(subject), case, &values);
        let first = run();
        same_bits(format!("{} weight, a second time", F::NAME), &run(), &first)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Single precision follows double precision to 64 units in the last place for each √n of n weights.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn f32_follows_f64(subject: &ConstraintUnderTest, case: &Case) -> Verdict {
    let single: Vec<f32> = weights(case.weights(0));
    let double: Vec<f64> = single.iter().map(|&w| f64::from(w)).collect();
    let got = project(f32::rule(subject), case, &single);
    let got: Vec<f64> = got.into_iter().map(f64::from).collect();
    let want = project(f64::rule(subject), case, &double);
    let unit = f64::from(f32::EPSILON) * (single.len() as f64).sqrt();
    close("f32 weight, against f64", &got, &want, 64.0 * unit, 0.0)
}

/// `validate` accepts these settings, and refuses bad ones with an error that names the field.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn bad_settings_are_refused(subject: &ConstraintUnderTest, _: &Case) -> Verdict {
    let results = [f32::rule(subject).validate(), f64::rule(subject).validate()];
    for error in results.into_iter().filter_map(Result::err) {
        broken("validate", "no error", error)?;
    }
    subject.refused.iter().try_for_each(|(rule, field)| {
        refused(format!("validate of {rule:?}"), &rule.validate(), field)
    })
}

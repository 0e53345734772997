//! What every penalty has to do.

use super::{Case, Precision, RegularizerUnderTest, gradient, penalty};
use crate::check::{Verdict, broken, close, ensure, finite, in_both, refused, same_bits};
use crate::regularize::Weights;

/// The gradient is the slope of the penalty, for every weight.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn gradient_is_the_slope(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
    let (rule, weights) = (f64::rule(subject), case.weights(0));
    for (i, got) in gradient(rule, case, &weights).into_iter().enumerate() {
        let at = |step: f64| {
            let mut moved = weights.clone();
            moved[i] += step;
            penalty(rule, case, &moved)
        };
        let slope = |h: f64| (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        // The shorter steps are for weights next to a bend.
        let near = |want: f64| (got - want).abs() <= 1e-8 + 1e-6 * want.abs();
        if ![1e-3, 1e-4, 1e-5].into_iter().map(slope).any(near) {
            let expected = format!("{:?} (within 1e-6 of it + 1e-8)", slope(1e-3));
            return broken(format!("f64 gradient[{i}]"), expected, format!("{got:?}"));
        }
    }
    Ok(())
}

/// The gradient is added to what is there.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn gradient_is_added(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
        let rule = F::rule(subject);
        let weights: Vec<F> = case.weights(0).into_iter().map(F::of).collect();
        let start = F::of(2.0);
        let want: Vec<F> = gradient(rule, case, &weights).into_iter().map(|g| start + g).collect();
        let mut got = vec![start; weights.len()];
        rule.add_gradient(Weights::new(&case.parameter(), &weights), &mut got);
        let rounding = 8.0 * F::epsilon().as_f64();
        close(format!("{} gradient on top of 2", F::NAME), &got, &want, rounding, rounding)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Weights of zero have no penalty and no gradient.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn zero_costs_nothing(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
        let (rule, zeros) = (F::rule(subject), vec![F::zero(); case.size()]);
        let cost = penalty(rule, case, &zeros);
        close(format!("{} penalty of zeros", F::NAME), &[cost], &[0.0], 0.0, 0.0)?;
        let got = gradient(rule, case, &zeros);
        close(format!("{} gradient at zero", F::NAME), &got, &zeros, 0.0, 0.0)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// The same weights give the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn same_input_same_bits(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
        let rule = F::rule(subject);
        let weights: Vec<F> = case.weights(0).into_iter().map(F::of).collect();
        let both = || (penalty(rule, case, &weights), gradient(rule, case, &weights));
        let (first, second) = (both(), both());
        same_bits(format!("{} penalty, a second time", F::NAME), &[second.0], &[first.0])?;
        same_bits(format!("{} gradient, a second time", F::NAME), &second.1, &first.1)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A weight that is NaN or infinite has a penalty that is, and NaN has a gradient of NaN.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn nan_is_never_laundered(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
        let rule = F::rule(subject);
        let place = case.pick % case.size();
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut weights: Vec<F> = case.weights(0).into_iter().map(F::of).collect();
            weights[place] = F::of(bad);
            let cost = penalty(rule, case, &weights);
            let what = format!("{} penalty with {bad} in weight[{place}]", F::NAME);
            ensure(!cost.is_finite(), what, "no finite number", cost)?;
            if bad.is_nan() {
                let got = gradient(rule, case, &weights)[place];
                ensure(got.is_nan(), format!("{} gradient[{place}] of NaN", F::NAME), "NaN", got)?;
            }
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Penalty and gradient are finite for weights of 10⁻³⁰ to 10³⁰.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn finite_at_any_magnitude(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
        let rule = F::rule(subject);
        let weights: Vec<F> = case.scaled(0).into_iter().map(F::of).collect();
        finite(format!("{} penalty", F::NAME), &[penalty(rule, case, &weights)])?;
        finite(format!("{} gradient", F::NAME), &gradient(rule, case, &weights))
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Single precision follows double precision: the penalty to 16, the gradient to 64 units in the last place for each √n of n weights.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn f32_follows_f64(subject: &RegularizerUnderTest, case: &Case) -> Verdict {
    let single: Vec<f32> = case.weights(0).into_iter().map(|w| w as f32).collect();
    let double: Vec<f64> = single.iter().map(|&w| f64::from(w)).collect();
    let unit = f64::from(f32::EPSILON) * (single.len() as f64).sqrt();
    let got = penalty(f32::rule(subject), case, &single);
    let want = penalty(f64::rule(subject), case, &double);
    close("f32 penalty, against f64", &[got], &[want], 16.0 * unit, 0.0)?;
    let got = gradient(f32::rule(subject), case, &single);
    let got: Vec<f64> = got.into_iter().map(f64::from).collect();
    let want = gradient(f64::rule(subject), case, &double);
    close("f32 gradient, against f64", &got, &want, 64.0 * unit, 0.0)
}

/// `validate` accepts these settings, and refuses bad ones with an error that names the field.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn bad_settings_are_refused(subject: &RegularizerUnderTest, _: &Case) -> Verdict {
    let results = [f32::rule(subject).validate(), f64::rule(subject).validate()];
    for error in results.into_iter().filter_map(Result::err) {
        broken("validate", "no error", error)?;
    }
    subject.refused.iter().try_for_each(|(rule, field)| {
        refused(format!("validate of {rule:?}"), &rule.validate(), field)
    })
}

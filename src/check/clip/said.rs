//! What a clipper says, and what it refuses.

use super::scene::{Scene, grain, length};
use super::{Case, ClipUnderTest, Precision};
use crate::check::{Verdict, broken, close, ensure, in_both, refused, same_bits};
use crate::clip::Norm;
use crate::kernel::parallel::Parallel;

/// The factor is the Euclidean norm of all gradients afterwards by the one before, and 1 if nothing was changed.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn the_factor_is_true(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        for share in [case.share, 1.0 + case.share] {
            let scene = Scene::<F>::new(subject, case, share);
            let (clipped, factor) = scene.clip(subject, Parallel::Off);
            let [before, after] = [&scene.gradient, &clipped].map(|g| length(Norm::L2, g));
            let (rounding, grain) = (8.0 * F::epsilon().as_f64(), grain::<F>(clipped.len()));
            let what = format!("{} norm before × factor, at a bound of {share}", F::NAME);
            close(what, &[factor * before], &[after], rounding, grain)?;
            let fine = factor == 1.0 || clipped != scene.gradient;
            ensure(fine, format!("{} factor of what was not changed", F::NAME), 1.0, factor)?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Nothing was changed, and the factor says that nothing could be.
fn left_alone<F: Precision>(subject: &ClipUnderTest, scene: &Scene<F>, why: &str) -> Verdict {
    let (clipped, factor) = scene.clip(subject, Parallel::Off);
    same_bits(format!("{} gradient with {why}", F::NAME), &clipped, &scene.gradient)?;
    ensure(factor.is_nan(), format!("{} factor with {why}", F::NAME), "NaN", factor)
}

/// Gradients with NaN or an infinity are left as they are, and the factor is NaN.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn non_finite_gradients_are_left_alone(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        let mut scene = Scene::<F>::new(subject, case, case.share);
        let place = case.pick % scene.gradient.len();
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            scene.gradient[place] = F::of(bad);
            left_alone(subject, &scene, &format!("{bad} at {place}"))?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A scale that is negative or NaN changes nothing, and the factor is NaN.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn senseless_scales_change_nothing(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        let scene = Scene::<F>::new(subject, case, case.share);
        for scale in [-scene.scale, f64::NEG_INFINITY, f64::NAN] {
            left_alone(subject, &Scene { scale, ..scene.clone() }, &format!("a scale of {scale}"))?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// `validate` accepts this bound, and refuses bad ones with an error that names the field.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn bad_bounds_are_refused(subject: &ClipUnderTest, _: &Case) -> Verdict {
    let results = [f32::rule(subject).validate(), f64::rule(subject).validate()];
    for error in results.into_iter().filter_map(Result::err) {
        broken("validate", "no error", error)?;
    }
    subject.refused.iter().try_for_each(|(rule, field)| {
        refused(format!("validate of {rule:?}"), &rule.validate(), field)
    })
}

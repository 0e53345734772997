//! The bound is kept, and nothing else is done.

use super::scene::{Scene, grain, size};
use super::{Case, ClipUnderTest, Precision};
use crate::check::{Verdict, close, ensure, in_both, not_applicable, same_bits};
use crate::clip::{Clip, Norm};
use crate::kernel::parallel::Parallel;

/// What is outside the bound comes to it, right to 4 units in the last place for gradients of 10⁻³⁸ to 10³⁸; what is inside keeps its norm.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn the_norm_is_right_to_4_ulp(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        let scene = Scene::<F>::new(subject, case, case.share);
        let (clipped, _) = scene.clip(subject, Parallel::Off);
        // Powers are not right to the last place.
        let powers = match subject.claim {
            Clip::GlobalNormOf { norm: Norm::P(_), .. } => 32.0 * f64::EPSILON,
            _ => 0.0,
        };
        for group in scene.groups(subject) {
            let before = size(subject, &scene.gradient[group.range.clone()]);
            let want = before.min(group.bound * scene.scale);
            let got = size(subject, &clipped[group.range.clone()]);
            let what = format!("{} norm of {:?}, {before:e} before,", F::NAME, group.range);
            let unit = F::epsilon().as_f64() * 2_f64.powi(want.log2().floor() as i32);
            close(what, &[got], &[want], powers, 4.0 * unit + grain::<F>(group.range.len()))?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// The numbers that are bounded together are all multiplied by one factor.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn the_direction_is_kept(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        let scene = Scene::<F>::new(subject, case, case.share);
        let (clipped, _) = scene.clip(subject, Parallel::Off);
        for group in scene.groups(subject) {
            let old = &scene.gradient[group.range.clone()];
            let before = size(subject, old);
            let factor = if before > 0.0 {
                size(subject, &clipped[group.range.clone()]) / before
            } else {
                1.0
            };
            let want: Vec<f64> = old.iter().map(|g| g.as_f64() * factor).collect();
            let got: Vec<f64> = clipped[group.range.clone()].iter().map(|g| g.as_f64()).collect();
            let what = format!("{} gradient of {:?}", F::NAME, group.range);
            // The measured factor is as coarse as the numbers are.
            close(what, &got, &want, 16.0 * F::epsilon().as_f64(), 2.0 * grain::<F>(old.len()))?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// No number grows or changes its sign.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn nothing_grows(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        let scene = Scene::<F>::new(subject, case, 2.0 * case.share);
        let (clipped, _) = scene.clip(subject, Parallel::Off);
        for (i, (new, old)) in clipped.iter().zip(&scene.gradient).enumerate() {
            let fine =
                new.abs() <= old.abs() && (*new == F::zero() || new.signum() == old.signum());
            let expected = format!("between 0 and {old:?}");
            ensure(fine, format!("{} gradient[{i}]", F::NAME), expected, format!("{new:?}"))?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Gradients within the bound keep their bits, and the factor is 1.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn what_is_inside_stays(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        // From just inside to far inside.
        for share in [1.0 + 1e-5, 1.0 + case.share, 1e3] {
            let scene = Scene::<F>::new(subject, case, share);
            let (clipped, factor) = scene.clip(subject, Parallel::Off);
            let what = format!("{} gradient under {share} of its norm", F::NAME);
            same_bits(what, &clipped, &scene.gradient)?;
            ensure(factor == 1.0, format!("{} factor", F::NAME), 1.0, factor)?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Clipping a second time changes nothing but the rounding.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_second_time_changes_nothing(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        let mut scene = Scene::<F>::new(subject, case, case.share);
        let (once, _) = scene.clip(subject, Parallel::Off);
        scene.gradient.clone_from(&once);
        let (twice, _) = scene.clip(subject, Parallel::Off);
        let what = format!("{} gradient, clipped twice", F::NAME);
        close(what, &twice, &once, 4.0 * F::epsilon().as_f64(), grain::<F>(once.len()))
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// The scale multiplies the bound: gradients and scale times a power of two give results times that power, scale 0 gives zeros, and an
/// infinite one changes nothing.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn the_scale_multiplies_the_bound(subject: &ClipUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &ClipUnderTest, case: &Case) -> Verdict {
        // A wide berth to the ends of the range, where digits would be lost.
        let case = Case { exponent: case.exponent.clamp(-20, 20), ..case.clone() };
        let scene = Scene::<F>::new(subject, &case, case.share);
        let (plain, _) = scene.clip(subject, Parallel::Off);
        for power in [0.125, 16.0] {
            let mut larger = scene.clone();
            larger.scale *= power;
            larger.gradient.iter_mut().for_each(|g| *g *= F::of(power));
            let (got, _) = larger.clip(subject, Parallel::Off);
            let want: Vec<F> = plain.iter().map(|&g| g * F::of(power)).collect();
            let what = format!("{} gradient, gradient and scale times {power}", F::NAME);
            close(what, &got, &want, 4.0 * F::epsilon().as_f64(), 0.0)?;
        }
        let (nothing, factor) = Scene { scale: 0.0, ..scene.clone() }.clip(subject, Parallel::Off);
        let zeros = vec![F::zero(); nothing.len()];
        close(format!("{} gradient at scale 0", F::NAME), &nothing, &zeros, 0.0, 0.0)?;
        ensure(factor == 0.0, format!("{} factor at scale 0", F::NAME), 0.0, factor)?;
        let endless = Scene { scale: f64::INFINITY, ..scene.clone() };
        let (all, factor) = endless.clip(subject, Parallel::Off);
        same_bits(format!("{} gradient at infinite scale", F::NAME), &all, &scene.gradient)?;
        ensure(factor == 1.0, format!("{} factor at infinite scale", F::NAME), 1.0, factor)
    }
    if case.gradient().iter().all(|&g| g == 0.0) {
        return not_applicable("gradients of zero");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

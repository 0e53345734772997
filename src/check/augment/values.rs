//! What numbers become.

use super::{AugmentationUnderTest, Case, Precision, changed, shape};
use crate::check::{Verdict, close, ensure, finite, in_both, not_applicable, same_bits};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Numbers of 10⁻¹⁰ to 10¹⁰, and zeros, become finite ones.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn finite_stays_finite(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
        let shape = shape::<F>(subject, case)?;
        let scale = F::of(10_f64.powi(case.exponent));
        let scaled: Vec<F> = case.numbers(&shape, 0).into_iter().map(|x: F| x * scale).collect();
        for numbers in [scaled, vec![F::zero(); shape.size()]] {
            let got = changed(&**F::rule(subject), &shape, &numbers, case.noise(0), F::zero());
            finite(format!("{} number", F::NAME), &got)?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Where another number makes a difference, NaN makes NaN.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn nan_reaches_what_a_number_reaches(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
        let shape = shape::<F>(subject, case)?;
        let numbers: Vec<F> = case.numbers(&shape, 0);
        let place = case.pick % numbers.len().max(1);
        let with = |x: F| {
            let mut numbers = numbers.clone();
            if let Some(number) = numbers.get_mut(place) {
                *number = x;
            }
            changed(&**F::rule(subject), &shape, &numbers, case.noise(0), F::zero())
        };
        let (plain, nan) = (with(F::of(1.25)), with(F::nan()));
        for other in [with(F::of(-2.5)), with(F::of(7.75))] {
            for (i, (a, b)) in plain.iter().zip(&other).enumerate() {
                let fine = a == b || nan.get(i).is_none_or(|x| x.is_nan());
                let what = format!("{} number {i}, if number {place} is NaN", F::NAME);
                ensure(fine, what, "NaN, as other numbers make a difference there", nan[i])?;
            }
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Single precision follows double precision to 64 units in the last place of the largest number.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn f32_follows_f64(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
    fn run<F: Precision>(subject: &AugmentationUnderTest, case: &Case, shape: &Shape) -> Vec<f64> {
        let rule = &**F::rule(subject);
        let got = changed(rule, shape, &case.numbers(shape, 0), case.noise(0), F::zero());
        got.into_iter().map(Scalar::as_f64).collect()
    }
    let shape = shape::<f32>(subject, case)?;
    let (got, want) = (run::<f32>(subject, case, &shape), run::<f64>(subject, case, &shape));
    let largest = want.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
    let bound = 64.0 * f64::from(f32::EPSILON) * largest;
    close("f32 number, against f64", &got, &want, 0.0, bound)
}

/// Settings that are said to change nothing leave the bits, even of −0 and NaN.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn still_settings_leave_the_bits(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
    if subject.still.is_empty() {
        return not_applicable("no settings are said to change nothing");
    }
    let shape = shape::<f64>(subject, case)?;
    let mut numbers: Vec<f64> = case.numbers(&shape, 0);
    let len = numbers.len().max(1);
    for (offset, special) in [(1, -0.0), (2, f64::NAN)] {
        if offset < len {
            numbers[(case.pick + offset) % len] = special;
        }
    }
    if len == 1 {
        numbers.fill(-0.0);
    }
    for rule in &subject.still {
        if rule.validate(&shape).is_ok() {
            let got = changed(&**rule, &shape, &numbers, case.noise(0), 0.0);
            same_bits(format!("number after {rule:?}"), &got, &numbers)?;
        }
    }
    Ok(())
}

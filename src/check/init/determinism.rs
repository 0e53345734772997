//! Values are a function of the tensor and of its random numbers.

use super::{Case, InitUnderTest};
use crate::check::{Verdict, ensure, not_applicable, same_bits};
use crate::random::Noise;

/// The same tensor with the same random numbers gets the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn same_noise_same_bits(subject: &InitUnderTest, case: &Case) -> Verdict {
    let draw = || subject.rule.draw(&case.shape, case.fans(), case.noise("weight"));
    let first = draw();
    same_bits("value, filled again,", &draw(), &first)
}

/// Another seed, or another path, gives other values; none of them if the rule is said to draw no random numbers.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn other_noise_other_values(subject: &InitUnderTest, case: &Case) -> Verdict {
    // Long enough that two draws of mere signs do not agree at nine places of ten by chance.
    let shape = [64 + case.longer];
    let draw = |noise: Noise| subject.rule.draw(&shape, case.fans(), noise);
    let own = draw(case.noise("0.weight"));
    let others = [
        ("seed", draw(Noise::new(case.seed + 1).at("init").at("0.weight"))),
        ("path", draw(case.noise("1.weight"))),
    ];
    others.into_iter().try_for_each(|(what, other)| {
        if subject.fixed {
            return same_bits(format_args!("value from another {what}"), &other, &own);
        }
        let same = own.iter().zip(&other).filter(|(a, b)| a == b).count();
        ensure(
            10 * same < 9 * own.len(),
            format_args!("values from another {what}"),
            "other values",
            format_args!("the same values at {same} of {} places", own.len()),
        )
    })
}

/// Value `i` depends on `i` alone, not on how many values there are: a longer tensor with the same fans begins with the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_value_depends_on_its_index_alone(subject: &InitUnderTest, case: &Case) -> Verdict {
    if subject.whole || subject.fixed {
        return not_applicable("values are said to depend on the whole tensor, or on no draw");
    }
    let len = case.shape.iter().product::<usize>();
    let noise = case.noise("weight");
    let short = subject.rule.draw(&[len], case.fans(), noise);
    let long = subject.rule.draw(&[len + case.longer], case.fans(), noise);
    same_bits("value in a longer tensor", &long[..len], &short)?;
    let shaped = subject.rule.draw(&case.shape, case.fans(), noise);
    same_bits("value in another shape", &shaped, &short)
}

//! Memory to work in.

use super::{AugmentationUnderTest, Case, Precision, changed, changed_with, shape};
use crate::check::{Verdict, in_both, same_bits};

/// What scratch held changes nothing.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn what_scratch_held_does_not_matter(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
        let shape = shape::<F>(subject, case)?;
        let numbers: Vec<F> = case.numbers(&shape, 0);
        let run = |held| changed(&**F::rule(subject), &shape, &numbers, case.noise(0), held);
        let first = run(F::zero());
        for held in [F::of(1.5), F::nan()] {
            let what = format!("{} number, with scratch that held {held}", F::NAME);
            same_bits(what, &run(held), &first)?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// More scratch than was asked for changes nothing.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn the_scratch_it_asks_for_is_enough(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
        let shape = shape::<F>(subject, case)?;
        let (rule, numbers) = (&**F::rule(subject), case.numbers::<F>(&shape, 0));
        // Chance may leave the scratch unused in one draw.
        for which in 0..4 {
            let noise = case.noise(which);
            let exact = changed(rule, &shape, &numbers, noise, F::zero());
            let mut large = vec![F::zero(); rule.scratch(&shape) + 2 * shape.size() + 64];
            let with_more = changed_with(rule, &shape, &numbers, noise, &mut large);
            same_bits(format!("{} number, with less scratch", F::NAME), &exact, &with_more)?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

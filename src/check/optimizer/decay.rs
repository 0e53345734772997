//! Decoupled weight decay.

use super::{Case, OptimizerUnderTest, Precision, Run, train};
use crate::check::{Verdict, in_both, same_bits};

/// Decay multiplies the weights by 1 − rate · decay once, before the update.
pub fn decay_comes_first_and_once(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let run = Run::<F>::new(F::rule(subject)?, &case.shapes, &case.weights());
        let mut decayed = run.without_decay();
        train(&mut decayed, case, 0..case.moment())?;
        let mut by_hand = decayed.clone();
        let decay = 0.1 * case.rate;
        decayed.courses.iter_mut().for_each(|course| course.decay = decay);
        let keep = F::of(1.0 - decayed.tick.learning_rate * decay);
        by_hand.weights.iter_mut().for_each(|w| *w *= keep);
        let last = case.moment()..case.moment() + 1;
        train(&mut decayed, case, last.clone())?;
        train(&mut by_hand, case, last)?;
        let what = format_args!("{} state after a decay of {decay}", F::NAME);
        same_bits(what, &decayed.state(), &by_hand.state())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

//! Whatever is remembered is in the slots.

use super::{Case, OptimizerUnderTest, Precision, Run, train};
use crate::check::{Verdict, broken, ensure, equal, in_both, same_bits};
use crate::optim::Memory;
use crate::scalar::Scalar;

/// A run that is saved and loaded at any step goes on as if nothing had happened.
pub fn saved_and_loaded_goes_on(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let rule = F::rule(subject)?;
        let start = || Run::new(rule, &case.shapes, &case.weights());
        let mut whole = start();
        train(&mut whole, case, 0..case.moment())?;
        let saved = whole.clone();
        train(&mut whole, case, case.moment()..case.steps)?;
        let mut resumed = start();
        resumed.weights.clone_from(&saved.weights);
        resumed.tick = saved.tick;
        load(&mut resumed.memory, &saved.memory)?;
        train(&mut resumed, case, case.moment()..case.steps)?;
        let what = format_args!("{} state after saving at step {}", F::NAME, case.moment());
        same_bits(what, &resumed.state(), &whole.state())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Slots have names, no two the same, and are the same ones at any time and in both precisions.
pub fn slots_have_names(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let rule = F::rule(subject)?;
        let slots = rule.slots();
        let mut names: Vec<&str> = slots.iter().map(|slot| slot.name()).collect();
        ensure(!names.contains(&""), "the names of the slots", "a name for each", "an empty name")?;
        names.sort_unstable();
        let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
        ensure(twice.is_none(), "the names of the slots", "each name once", format!("{names:?}"))?;
        let mut run = Run::new(rule, &case.shapes, &case.weights());
        train(&mut run, case, 0..case.steps)?;
        equal("the slots after some steps", rule.slots(), slots)
    }
    in_both(subject, case, law::<f32>, law::<f64>)?;
    let (Ok(single), Ok(double)) = (f32::rule(subject), f64::rule(subject)) else { return Ok(()) };
    equal("the slots in f32", single.slots(), double.slots())
}

/// Every slot changes, or changes something.
pub fn slots_are_used(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let mut run = Run::<F>::new(F::rule(subject)?, &case.shapes, &case.weights());
        let fresh = run.memory.clone();
        let mut unchanged: Vec<usize> = (0..fresh.slots().len()).collect();
        for step in 0..24 {
            super::step(&mut run, &case.bold_gradient(step))?;
            unchanged.retain(|&id| run.memory.buffers()[id] == fresh.buffers()[id]);
            if unchanged.is_empty() {
                return Ok(());
            }
        }
        for id in unchanged {
            let slot = &fresh.slots()[id];
            let (mut plain, mut other) = (run.clone(), run.clone());
            other.memory.slot_mut(id).iter_mut().for_each(|x| *x += F::one());
            super::step(&mut plain, &case.bold_gradient(24))?;
            super::step(&mut other, &case.bold_gradient(24))?;
            if plain.weights == other.weights {
                let what = format_args!("{} slot `{}`", F::NAME, slot.name());
                return broken(what, "a slot that is used", "neither written nor read in 24 steps");
            }
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Weights, slots and counts keep their lengths.
pub fn lengths_never_change(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let mut run = Run::<F>::new(F::rule(subject)?, &case.shapes, &case.weights());
        let before = lengths(&run.memory);
        for step in 0..case.steps {
            train(&mut run, case, step..step + 1)?;
            let what = format_args!("{} lengths of slots and counts after step {step}", F::NAME);
            equal(what, lengths(&run.memory), before.clone())?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

fn lengths<F: Scalar>(memory: &Memory<F>) -> Vec<usize> {
    let slots = memory.buffers().iter().map(Vec::len);
    slots.chain([memory.updates().len()]).collect()
}

/// Takes the numbers of `saved` over by name, as a checkpoint does.
fn load<F: Scalar>(memory: &mut Memory<F>, saved: &Memory<F>) -> Verdict {
    for (slot, numbers) in saved.slots().iter().zip(saved.buffers()) {
        let place = memory.slots().iter().position(|known| known.name() == slot.name());
        let Some(place) = place else {
            return broken("the slots of a new run", format_args!("`{}`", slot.name()), "none");
        };
        let buffer = memory.slot_mut(place);
        equal(format_args!("the length of `{}`", slot.name()), numbers.len(), buffer.len())?;
        buffer.copy_from_slice(numbers);
    }
    memory.updates_mut().copy_from_slice(saved.updates());
    Ok(())
}

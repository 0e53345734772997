//! Parameters are moved in parts, and each part gets its due.

use super::guard::Guarded;
use super::{Case, OptimizerUnderTest, Precision, Run, alike, train};
use crate::check::{Verdict, ensure, in_both, not_applicable, same_bits};
use crate::optim::{Block, Grain, Slots, Tick};
use crate::scalar::Scalar;

/// However the buffer is cut into blocks, the result is the same.
pub fn any_cut_gives_the_same(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let rule = F::rule(subject)?;
        if rule.grain() == Grain::Tensor {
            return not_applicable("it asks for whole tensors");
        }
        let mut whole = Run::flat(rule, &case.weights());
        let mut cut = whole.clone();
        for step in 0..case.steps {
            let gradient: Vec<F> = case.gradient(step).into_iter().map(F::of).collect();
            let tick = Tick::new(step + 1, rule.learning_rate());
            rule.update(&tick, piece(&mut whole, &gradient, 0..gradient.len()));
            for place in case.pieces() {
                rule.update(&tick, piece(&mut cut, &gradient, place));
            }
        }
        same_bits(format_args!("{} state after cutting", F::NAME), &cut.state(), &whole.state())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Tensors that are trained together become what each becomes alone.
pub fn tensors_do_not_mix(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let weights = case.weights();
        let mut together = Run::<F>::new(F::rule(subject)?, &case.shapes, &weights);
        train(&mut together, case, 0..case.steps)?;
        for (id, shape) in case.shapes.iter().enumerate() {
            let place = together.parameters[id].range();
            let shapes = std::slice::from_ref(shape);
            let mut alone = Run::<F>::new(F::rule(subject)?, shapes, &weights[place.clone()]);
            for step in 0..case.steps {
                super::step(&mut alone, &case.gradient(step)[place.clone()])?;
            }
            let what = format_args!("{} state of tensor {id} among others", F::NAME);
            same_bits(what, &together.tensor_state(id), &alone.tensor_state(0))?;
        }
        Ok(())
    }
    if subject.claims.whole_model {
        return not_applicable("it looks at all parameters at once");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// The order of the tensors does not matter.
pub fn order_of_tensors_is_free(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let weights = case.weights();
        let mut forth = Run::<F>::new(F::rule(subject)?, &case.shapes, &weights);
        let places: Vec<_> = forth.parameters.iter().map(|tensor| tensor.range()).collect();
        let backwards = |numbers: &[f64]| -> Vec<f64> {
            places.iter().rev().flat_map(|place| numbers[place.clone()].to_vec()).collect()
        };
        let shapes: Vec<_> = case.shapes.iter().rev().cloned().collect();
        let mut back = Run::<F>::new(F::rule(subject)?, &shapes, &backwards(&weights));
        train(&mut forth, case, 0..case.steps)?;
        for step in 0..case.steps {
            super::step(&mut back, &backwards(&case.gradient(step)))?;
        }
        let last = places.len() - 1;
        (0..places.len()).try_for_each(|id| {
            let what = format_args!("{} state of tensor {id} in reverse order", F::NAME);
            alike(subject, what, &back.tensor_state(last - id), &forth.tensor_state(id))
        })
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Every number whose gradient is not zero moves.
pub fn every_element_moves(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let rule = F::rule(subject)?;
        // A rate that a weight near 1 feels in single precision too.
        let run = Run::<F>::new(rule, &case.shapes, &case.weights());
        let mut run = run.without_decay().rate(rule.learning_rate().max(1e-3));
        let start = run.weights.clone();
        let mut moved = vec![false; start.len()];
        for step in 0..3 {
            super::step(&mut run, &case.bold_gradient(step))?;
            let now = run.weights.iter().zip(&start);
            moved.iter_mut().zip(now).for_each(|(moved, (now, start))| *moved |= now != start);
        }
        let still = moved.iter().position(|&moved| !moved).unwrap_or(start.len());
        let what = format!("{} weight[{still}] of {}", F::NAME, start.len());
        ensure(still == start.len(), what, "another number after three steps", "the same number")
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A block without elements is no trouble.
pub fn empty_block_is_harmless(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let mut empty = Guarded::<F>::new(F::rule(subject)?, &[0], &[]);
        (1..=case.steps).for_each(|t| empty.update(&Tick::new(t, 0.1)));
        empty.intact()
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Nothing is written outside the slices of a block.
pub fn nothing_is_written_outside(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &OptimizerUnderTest, case: &Case) -> Verdict {
        let shape = &case.shapes[case.pick % case.shapes.len()];
        let mut lent = Guarded::<F>::new(F::rule(subject)?, shape, &case.weights());
        for step in 0..case.steps {
            lent.gradient(&case.gradient(step));
            lent.update(&Tick::new(step + 1, 0.1));
        }
        lent.intact()
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A stretch of a run as a block.
fn piece<'b, F: Scalar>(
    run: &'b mut Run<'_, F>,
    gradient: &'b [F],
    place: std::ops::Range<usize>,
) -> Block<'b, F> {
    let slots = run.memory.buffers_mut().iter_mut().map(|slot| &mut slot[place.clone()]);
    let slots = Slots::from_iter(slots);
    let mut block = Block::new(&mut run.weights[place.clone()], &gradient[place], []);
    block.slots = slots;
    block
}

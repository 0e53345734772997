//! Buffers with guard values around the part that is lent.

use super::parameters;
use crate::check::{Verdict, ensure};
use crate::optim::{Block, Memory, Optimizer, Slots, Tick};
use crate::params::Role;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// How many numbers on each side are watched: more than a vector register holds.
const MARGIN: usize = 64;

/// What stands there: a number that no update would leave.
const GUARD: f64 = 12_345.0;

/// One tensor, its gradient and its slots, each with guard values on both sides.
pub(super) struct Guarded<'r, F: Scalar> {
    rule: &'r dyn Optimizer<F>,
    shape: Shape,
    weights: Vec<F>,
    gradient: Vec<F>,
    slots: Vec<Vec<F>>,
}

impl<'r, F: Scalar> Guarded<'r, F> {
    /// A tensor of this shape in a fresh run, with the first of these weights.
    pub fn new(rule: &'r dyn Optimizer<F>, shape: &[usize], weights: &[f64]) -> Self {
        let shape = Shape::from(shape);
        let weights: Vec<F> = weights.iter().take(shape.size()).map(|&w| F::of(w)).collect();
        let memory = Memory::new(rule, &parameters(&[shape.to_vec()]), &weights);
        Self {
            rule,
            gradient: fenced(&vec![F::zero(); weights.len()]),
            weights: fenced(&weights),
            slots: memory.buffers().iter().map(|slot| fenced(slot)).collect(),
            shape,
        }
    }

    /// The gradient of the next update: the first of these numbers.
    pub fn gradient(&mut self, gradient: &[f64]) {
        let gradient: Vec<F> = gradient.iter().take(self.shape.size()).map(|&g| F::of(g)).collect();
        self.gradient = fenced(&gradient);
    }

    /// Updates the tensor.
    pub fn update(&mut self, tick: &Tick) {
        let (inside, outside) = (MARGIN, MARGIN + self.shape.size());
        let slots = self.slots.iter_mut().map(|slot| {
            let end = slot.len() - MARGIN;
            &mut slot[MARGIN..end]
        });
        let slots = Slots::from_iter(slots);
        let mut block =
            Block::new(&mut self.weights[inside..outside], &self.gradient[inside..outside], []);
        block.slots = slots;
        if self.rule.grain() == crate::optim::Grain::Tensor {
            block = block.of_tensor("p0", &self.shape, Role::Weight);
        }
        self.rule.update(tick, block);
    }

    /// All guard values are there.
    pub fn intact(&self) -> Verdict {
        let buffers = [("weights", &self.weights), ("gradient", &self.gradient)];
        let slots = self.slots.iter().map(|slot| ("slot", slot));
        buffers.into_iter().chain(slots).try_for_each(|(name, buffer)| {
            let (front, back) = (&buffer[..MARGIN], &buffer[buffer.len() - MARGIN..]);
            let before = front.iter().rev().position(|&x| x != F::of(GUARD)).map(|i| (i, "before"));
            let after = back.iter().position(|&x| x != F::of(GUARD)).map(|i| (i, "after"));
            let (distance, side) = before.or(after).unwrap_or((0, ""));
            ensure(
                side.is_empty(),
                format_args!("{} {name} of shape {}", F::NAME, self.shape),
                "no change outside",
                format_args!("a change {} {side} the slice", distance + 1),
            )
        })
    }
}

fn fenced<F: Scalar>(inner: &[F]) -> Vec<F> {
    let fence = [F::of(GUARD); MARGIN];
    [&fence[..], inner, &fence[..]].concat()
}

//! Broken optimizers, and the laws that catch them.
#![cfg(feature = "check")]

mod planted_support;

use std::sync::atomic::{AtomicU64, Ordering};

use downhill::Scalar;
use downhill::check::optimizer::{LAWS, OptimizerUnderTest};
use downhill::optim::{Block, Optimizer, Slot, Tick};
use planted_support::{Planted, healthy, table};

/// What is wrong with the rule.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bug {
    None,
    CountsCallsItself,
    RemembersOutsideTheSlots,
    RateOfItsOwn,
    DecayInsideUpdate,
    DecayWithoutRate,
    NoiseFromACounter,
    SignOfZero,
    EpsilonOnTop,
}

/// Adam, as it should be but for one bug.
#[derive(Debug)]
struct Rule {
    bug: Bug,
    calls: AtomicU64,
}

impl<F: Scalar> Optimizer<F> for Rule {
    fn learning_rate(&self) -> f64 {
        0.01
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("m"), Slot::new("v")]
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let is = |bug: Bug| self.bug == bug;
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let t = if is(Bug::CountsCallsItself) { calls } else { tick.updates } as f64;
        let (b1, b2, epsilon) = (F::of(0.9), F::of(0.999), F::of(1e-8));
        let rate = if is(Bug::RateOfItsOwn) { 0.01 } else { tick.learning_rate };
        let (c1, c2) = (F::of(1.0 - 0.9_f64.powf(t)), F::of(1.0 - 0.999_f64.powf(t)));
        let most = F::max_value().sqrt() * F::of(0.5);
        let [first, second] = block.slots.split();
        let moves = block.weights.iter_mut().zip(block.gradient).zip(first).zip(second);
        for (((w, &g), m), v) in moves {
            // Not `min` and `max`, which would hide NaN.
            let g = if g > most {
                most
            } else if g < -most {
                -most
            } else {
                g
            } + g * F::zero();
            *m = b1 * *m + (F::one() - b1) * g;
            *v = b2 * *v + (F::one() - b2) * g * g;
            let mut step = *m / c1 / ((*v / c2).sqrt() + epsilon);
            match self.bug {
                Bug::DecayInsideUpdate => step += F::of(0.1) * *w,
                Bug::DecayWithoutRate => *w *= F::of(0.999),
                Bug::RemembersOutsideTheSlots if calls > 3 => step *= F::of(0.5),
                Bug::NoiseFromACounter => *w += F::of(1e-4 * (calls as f64).sin()),
                Bug::SignOfZero => step = step.signum(),
                Bug::EpsilonOnTop => step = (*m / c1 + epsilon) / ((*v / c2).sqrt() + epsilon),
                _ => {}
            }
            *w -= F::of(rate) * step;
        }
    }
}

fn rule(bug: Bug) -> OptimizerUnderTest {
    OptimizerUnderTest::new(Rule { bug, calls: AtomicU64::new(0) })
}

#[test]
fn every_law_catches_its_bugs() {
    let planted = |law, bugs: &[Bug]| -> Vec<_> {
        bugs.iter()
            .map(|&bug| Planted { law, bug: format!("{bug:?}"), subject: rule(bug) })
            .collect()
    };
    table(
        LAWS,
        &[
            planted(
                "same_input_same_bits",
                &[Bug::CountsCallsItself, Bug::RemembersOutsideTheSlots, Bug::NoiseFromACounter],
            ),
            planted(
                "rate_zero_moves_nothing",
                &[Bug::RateOfItsOwn, Bug::DecayWithoutRate, Bug::NoiseFromACounter],
            ),
            planted(
                "zero_gradient_moves_nothing",
                &[Bug::DecayInsideUpdate, Bug::SignOfZero, Bug::EpsilonOnTop],
            ),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>(),
    );
}

#[test]
fn without_a_bug_no_law_is_broken() {
    healthy(LAWS, &rule(Bug::None));
}

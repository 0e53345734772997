//! Momentum with one bug: a rule that does nothing to single elements.

use downhill::Scalar;
use downhill::check::optimizer::OptimizerUnderTest;
use downhill::optim::{Block, Optimizer, Slot, Tick};

#[derive(Debug)]
struct HeavyBall {
    bug: &'static str,
}

/// Momentum with this bug, and with the claims that momentum without one fulfils.
pub fn heavy_ball(bug: &'static str) -> OptimizerUnderTest {
    OptimizerUnderTest::new(HeavyBall { bug })
        .rotation_invariant()
        .linear_in_rate()
        .gradients_up_to(1e36)
}

impl<F: Scalar> Optimizer<F> for HeavyBall {
    fn learning_rate(&self) -> f64 {
        0.01
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("direction")]
    }

    fn fuses_decay(&self) -> bool {
        self.bug == "decay is fused in name only"
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let (rate, momentum) = (F::of(tick.learning_rate), F::of(tick.momentum(0.9)));
        let [direction] = block.slots.split();
        for ((w, &g), d) in block.weights.iter_mut().zip(block.gradient).zip(direction) {
            let g = match self.bug {
                "the gradient's sign" => g.signum(),
                "each element is clipped" => g.max(-F::one()).min(F::one()),
                "each element is scaled by its root" => g / g.abs().sqrt(),
                _ => g,
            };
            if self.bug == "the rate is inside the direction" {
                *d = momentum * *d + rate * g;
                *w -= *d;
            } else {
                *d = momentum * *d + g;
                *w -= rate * *d;
            }
        }
    }
}

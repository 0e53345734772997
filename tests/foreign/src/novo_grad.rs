use downhill::optim::{Block, Extent, Grain, Optimizer, Slot, Tick};
use downhill::{Error, Scalar};

use crate::require;

/// NovoGrad (Ginsburg et al., 2019): one second moment for each tensor, that of the gradient's norm; momentum of the normed gradient.
#[derive(Clone, Debug)]
pub struct NovoGrad {
    pub learning_rate: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
}

impl Default for NovoGrad {
    fn default() -> Self {
        Self { learning_rate: 1e-2, beta1: 0.95, beta2: 0.98, epsilon: 1e-8 }
    }
}

impl<F: Scalar> Optimizer<F> for NovoGrad {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("momentum"), Slot::new("norm").extent(Extent::Tensor)]
    }

    fn grain(&self) -> Grain {
        Grain::Tensor
    }

    fn validate(&self) -> Result<(), Error> {
        for (field, beta) in [("beta1", self.beta1), ("beta2", self.beta2)] {
            require((0.0..1.0).contains(&beta), field, beta, "a number in [0, 1)")?;
        }
        let epsilon = self.epsilon;
        require(epsilon > 0.0 && epsilon.is_finite(), "epsilon", epsilon, "a number above 0")
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let [momentum, norm] = block.slots.split();
        // The slot holds the root of the second moment: a square of the norm could leave the type's range.
        let size = downhill::clip::norm(block.gradient, downhill::Parallel::Off);
        let before = norm[0].as_f64();
        let now = if tick.updates == 1 {
            size
        } else {
            (self.beta2.sqrt() * before).hypot((1.0 - self.beta2).sqrt() * size)
        };
        // The norm of many large numbers can be above the largest one; NaN stays NaN.
        let most = F::max_value().as_f64();
        let now = if now > most { most } else { now };
        norm[0] = F::of(now);
        let beta1 = F::of(tick.momentum(self.beta1));
        let (rate, scale) = (F::of(tick.learning_rate), now + self.epsilon);
        for ((w, &g), m) in block.weights.iter_mut().zip(block.gradient).zip(momentum) {
            *m = beta1 * *m + F::of(g.as_f64() / scale);
            *w -= rate * *m;
        }
    }
}

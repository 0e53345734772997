use downhill::optim::{Block, Optimizer, Slot, Tick};
use downhill::{Error, Scalar};

use crate::require;

/// Adan: Adam with Nesterov's momentum by differences of gradients (Xie et al., 2022), in the form of its authors' code without restarts.
///
/// `m` averages the gradient, `d` its change, `n` the square of both; the first change is 0, since there is no gradient before the first.
/// The gradient of the last step is remembered as well, so there are four slots.
#[derive(Clone, Debug)]
pub struct Adan {
    pub learning_rate: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub beta3: f64,
    pub epsilon: f64,
}

impl Default for Adan {
    fn default() -> Self {
        Self { learning_rate: 1e-3, beta1: 0.98, beta2: 0.92, beta3: 0.99, epsilon: 1e-8 }
    }
}

impl<F: Scalar> Optimizer<F> for Adan {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        ["average", "change", "square", "last_gradient"].map(Slot::new).to_vec()
    }

    fn validate(&self) -> Result<(), Error> {
        for (field, beta) in [("beta1", self.beta1), ("beta2", self.beta2), ("beta3", self.beta3)] {
            require((0.0..1.0).contains(&beta), field, beta, "a number in [0, 1)")?;
        }
        let finite = |x: f64| x.is_finite();
        require(
            finite(self.epsilon) && F::of(self.epsilon) > F::zero(),
            "epsilon",
            self.epsilon,
            "a number above 0",
        )?;
        let rate = self.learning_rate;
        require(finite(rate) && rate >= 0.0, "learning_rate", rate, "0 or more")
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let [average, change, square, last] = block.slots.split();
        let beta1 = tick.momentum(self.beta1);
        let correction = |beta: f64| F::of(1.0 - beta.powf(tick.updates as f64));
        let (c1, c2, c3) = (correction(beta1), correction(self.beta2), correction(self.beta3));
        let (b1, b2, b3) = (F::of(beta1), F::of(self.beta2), F::of(self.beta3));
        let (rate, epsilon) = (F::of(tick.learning_rate), F::of(self.epsilon));
        // A square above this would be infinite, and stay so.
        let most =
            if F::NAME == "f32" { F::of(2.0_f64.powi(62)) } else { F::of(2.0_f64.powi(510)) };
        let one = F::one();
        let slots = average.iter_mut().zip(change).zip(square).zip(last);
        for ((w, &g), (((m, d), n), last)) in
            block.weights.iter_mut().zip(block.gradient).zip(slots)
        {
            // An infinite gradient is to be seen in the weights, so it is not held back.
            let g = if g.is_finite() && g.abs() > most { most.copysign(g) } else { g };
            let difference = if tick.updates == 1 { F::zero() } else { g - *last };
            *m = b1 * *m + (one - b1) * g;
            *d = b2 * *d + (one - b2) * difference;
            let looked = g + b2 * difference;
            *n = b3 * *n + (one - b3) * looked * looked;
            *w -= rate * (*m / c1 + b2 * *d / c2) / ((*n / c3).sqrt() + epsilon);
            *last = g;
        }
    }
}

//! Adam that looks ahead.

use super::math::{Moments, bias_correction, validate};
use super::{Block, Optimizer, Slot, Tick};
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// NAdam: Adam with Nesterov's look ahead, and a momentum that grows to beta1.
///
/// ```text
/// m, v and v̂ as for Adam
/// μₜ = beta1 · (1 − ½ · 0.96^(t · momentum_decay)),   Πₜ = μ₁ · μ₂ ⋯ μₜ
/// w ← w − learning_rate · (μₜ₊₁ / (1 − Πₜ₊₁) · m + (1 − μₜ) / (1 − Πₜ) · g) / (√v̂ + epsilon)
/// ```
///
/// | field | default | range | |
/// |---|---|---|---|
/// | `learning_rate` | 2e-3 | ≥ 0 | about the largest step of an element |
/// | `beta1` | 0.9 | [0, 1) | share of the average gradient that is kept; follows the momentum schedule |
/// | `beta2` | 0.999 | [0, 1) | share of the average square that is kept |
/// | `epsilon` | 1e-8 | > 0 | keeps the division finite |
/// | `momentum_decay` | 4e-3 | ≥ 0 | how fast μ grows from half of beta1 to beta1 |
///
/// | slot | |
/// |---|---|
/// | `first_moment` | m |
/// | `second_moment` | v |
///
/// # Errors
/// [`validate`](Optimizer::validate) refuses settings outside these ranges.
///
/// # Source
/// Dozat, [Incorporating Nesterov momentum into Adam](https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ) (2016), algorithm 2, as PyTorch reads it:
/// m is kept by beta1 and not by μ. PyTorch stores Π; here it is computed from the number of updates, so there is nothing to save.
///
/// ```
/// use downhill::optim::{Block, NAdam, Optimizer, Tick};
/// let (mut w, mut m, mut v) = ([1.0], [0.0], [0.0]);
/// NAdam::default().update(&Tick::new(1, 0.1), Block::new(&mut w, &[2.0], [&mut m, &mut v]));
/// assert!(w[0] < 0.9); // further than the rate: it looks ahead
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NAdam {
    /// About the largest step of an element; finite, 0 or more.
    pub learning_rate: f64,
    /// Share of the average gradient that is kept, in [0, 1).
    pub beta1: f64,
    /// Share of the average square that is kept, in [0, 1).
    pub beta2: f64,
    /// Added to the root; above 0.
    pub epsilon: f64,
    /// How fast the momentum grows to beta1; finite, 0 or more.
    pub momentum_decay: f64,
}

impl Default for NAdam {
    fn default() -> Self {
        let (learning_rate, momentum_decay) = (2e-3, 4e-3);
        Self { learning_rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, momentum_decay }
    }
}

impl<F: Scalar> Optimizer<F> for NAdam {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("first_moment"), Slot::new("second_moment")]
    }

    fn momentum(&self) -> f64 {
        self.beta1
    }

    #[inline(always)]
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let beta1 = tick.momentum(self.beta1);
        let moments = Moments::new(beta1, self.beta2);
        let root = bias_correction(self.beta2, tick.updates).sqrt();
        let keep = F::of(tick.keep);
        let (rate, epsilon) = (tick.learning_rate * root, F::of(self.epsilon * root));
        let growth = Growth::new(beta1, self.momentum_decay);
        let (now, next) = (growth.momentum(tick.updates), growth.momentum(tick.updates + 1));
        let product = growth.product(tick.updates);
        let of_average = F::of(rate * next / (1.0 - product * next));
        let of_gradient = F::of(rate * (1.0 - now) / (1.0 - product));
        let [first, second] = block.slots.split();
        let moves = block.weights.iter_mut().zip(block.gradient);
        for (((w, &g), m), v) in moves.zip(first).zip(second) {
            let (m, v, g) = moments.take(g, m, v);
            *w = keep * *w - (of_average * m + of_gradient * g) / (v.sqrt() + epsilon);
        }
    }

    fn fuses_decay(&self) -> bool {
        true
    }

    fn stays_finite(&self) -> bool {
        true
    }

    fn validate(&self) -> Result<(), Error> {
        validate::<F>("NAdam", self.learning_rate, [self.beta1, self.beta2], self.epsilon)?;
        require::non_negative("NAdam::momentum_decay", self.momentum_decay)
    }
}

/// The momentum as it grows: μᵢ = β(1 − ½qⁱ).
struct Growth {
    beta: f64,
    /// ln q
    log: f64,
}

impl Growth {
    fn new(beta: f64, decay: f64) -> Self {
        Self { beta, log: decay * 0.96_f64.ln() }
    }

    fn momentum(&self, i: u64) -> f64 {
        self.beta * (1.0 - 0.5 * (self.log * i as f64).exp())
    }

    /// μ₁ · μ₂ ⋯ μₜ without a loop over t. By ln(1 − x) = −Σ xᵏ/k,
    ///
    /// Π = βᵗ · exp(−Σₖ 2⁻ᵏ/k · (qᵏ + q²ᵏ + … + qᵗᵏ)), and the inner sum is geometric: qᵏ · (1 − qᵗᵏ) / (1 − qᵏ), or t if q is 1.
    fn product(&self, t: u64) -> f64 {
        let t = t as f64;
        let power = self.beta.powf(t);
        // Only 1 − Π is used, and that is 1 from here on.
        if power < 1e-18 {
            return 0.0;
        }
        // qᵏ and qᵗᵏ, and what is missing to 1, which must not be found by a difference: q may be close to 1.
        let (q, qt) = (self.log.exp(), (t * self.log).exp());
        let (miss, miss_t) = (-self.log.exp_m1(), -(t * self.log).exp_m1());
        let (mut qk, mut half, mut missing, mut missing_t, mut qtk) = (q, 0.5, miss, miss_t, qt);
        let mut sum = 0.0;
        for k in 1..=60_u32 {
            let geometric = if missing > 0.0 { qk * missing_t / missing } else { t };
            sum += half / f64::from(k) * geometric;
            (missing, missing_t) = (missing + qk * miss, missing_t + qtk * miss_t);
            (qk, qtk, half) = (qk * q, qtk * qt, half * 0.5);
        }
        power * (-sum).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::Growth;

    #[test]
    fn the_closed_product_is_the_product() {
        let decays = [0.0, 1e-20, 1e-12, 1e-6, 4e-3, 0.1, 1.0, 50.0, 1e6];
        for (beta, decay) in [0.0, 0.5, 0.9, 0.999, 0.999_999_9]
            .into_iter()
            .flat_map(|beta| decays.map(|decay| (beta, decay)))
        {
            let growth = Growth::new(beta, decay);
            let mut product = 1.0;
            for t in 1..=100_000 {
                product *= growth.momentum(t);
                if t < 100 || t % 977 == 0 || t == 100_000 {
                    let closed = growth.product(t);
                    // The direct product gathers a rounding error per factor.
                    let bound = 1e-13_f64.max(product * 1e-16 * t as f64);
                    assert!((closed - product).abs() <= bound, "{beta} {decay} {t}");
                }
            }
        }
    }
}

use downhill::optim::{Block, Grain, Optimizer, Step, Tick};
use downhill::{Error, Scalar};

use crate::require;

/// Gradient descent with a line search: the rate is halved until the loss falls by a share of what the slope promises (Armijo, 1966).
///
/// If no rate does, the step is taken at the smallest one; if the promise is lost in the rounding of the weights, at the rate that was asked for.
#[derive(Clone, Debug)]
pub struct Armijo {
    pub learning_rate: f64,
    pub share: f64,
    pub halvings: u32,
}

impl Default for Armijo {
    fn default() -> Self {
        Self { learning_rate: 1.0, share: 1e-4, halvings: 30 }
    }
}

fn descend<F: Scalar>(rate: f64, block: Block<'_, F>) {
    let rate = F::of(rate);
    block.weights.iter_mut().zip(block.gradient).for_each(|(w, &g)| *w -= rate * g);
}

impl<F: Scalar> Optimizer<F> for Armijo {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn evaluates(&self) -> bool {
        true
    }

    fn validate(&self) -> Result<(), Error> {
        let share = self.share;
        require(share > 0.0 && share < 1.0, "share", share, "a number in (0, 1)")
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        descend(tick.learning_rate, block);
    }

    fn step(&self, step: &mut Step<'_, F>) -> Result<(), Error> {
        let (loss, moving) = (step.loss, step.moving().collect::<Vec<_>>());
        let (start, slope) = (step.weights.to_vec(), step.gradient.to_vec());
        let squares = moving.iter().flat_map(|place| &slope[place.clone()]);
        let promised: f64 = squares.map(|g| g.as_f64().powi(2)).sum();
        let mut rate = step.tick.learning_rate;
        // By how much the loss changes where the weights are rounded. A step that promises no more is taken as it is: rounding would decide on it.
        let sizes = moving.iter().cloned().flatten().map(|i| (slope[i] * start[i]).as_f64().abs());
        let blur = sizes.sum::<f64>() * F::epsilon().as_f64();
        let halvings = if rate * promised <= 4.0 * blur { 0 } else { self.halvings };
        for _ in 0..halvings {
            for i in moving.iter().cloned().flatten() {
                step.weights[i] = start[i] - F::of(rate) * slope[i];
            }
            // False for a loss that is NaN.
            if step.evaluate()? <= loss - self.share * rate * promised {
                break;
            }
            rate /= 2.0;
        }
        // The step itself goes through `apply`, which counts it, and decays by the rate that was asked for.
        step.weights.copy_from_slice(&start);
        step.gradient.copy_from_slice(&slope);
        step.apply(Grain::Element, &|_, block| descend(rate, block))
    }
}

//! A rule that asks for the loss again, with one bug.

use downhill::check::optimizer::OptimizerUnderTest;
use downhill::optim::{Block, Grain, Optimizer, Step, Tick};
use downhill::{Error, Scalar};

#[derive(Debug)]
struct Sharpness {
    bug: &'static str,
}

/// A step along the gradient of a point uphill, with this bug.
pub fn sharpness(bug: &'static str) -> OptimizerUnderTest {
    OptimizerUnderTest::new(Sharpness { bug }).whole_model().gradients_up_to(1e30)
}

impl<F: Scalar> Optimizer<F> for Sharpness {
    fn learning_rate(&self) -> f64 {
        0.01
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        for (w, &g) in block.weights.iter_mut().zip(block.gradient) {
            *w -= F::of(tick.learning_rate) * g;
        }
    }

    fn step(&self, step: &mut Step<'_, F>) -> Result<(), Error> {
        let start = step.weights.to_vec();
        let square: f64 = step.gradient.iter().map(|g| g.as_f64().powi(2)).sum();
        if square > 0.0 {
            let scale = F::of(0.05 / square.sqrt());
            step.weights.iter_mut().zip(&*step.gradient).for_each(|(w, &g)| *w += scale * g);
        }
        let loss = step.evaluate();
        step.weights.copy_from_slice(&start);
        match self.bug {
            "the error is dropped" => _ = loss,
            "the error becomes a loss of zero" => step.loss = loss.unwrap_or(0.0),
            "it stops without a word" if loss.is_err() => return Ok(()),
            "the error is unwrapped" => _ = loss.unwrap(),
            _ => _ = loss?,
        }
        step.apply(Grain::Element, &|tick, block| self.update(tick, block))?;
        Ok(())
    }
}

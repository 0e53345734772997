//! What a step leaves behind that failed.

use crate::trainer_support::blobs;
use downhill::prelude::*;

/// Looks at the loss at twice the weights, takes a step of SGD, and leaves the numbers after a while.
#[derive(Debug)]
struct Looks {
    breaks_at: u64,
}

impl<F: Scalar> Optimizer<F> for Looks {
    fn learning_rate(&self) -> f64 {
        0.01
    }

    fn evaluates(&self) -> bool {
        true
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        Sgd::default().update(tick, block);
    }

    fn step(&self, step: &mut Step<'_, F>) -> Result<(), Error> {
        step.weights.iter_mut().for_each(|w| *w *= F::of(2.0));
        step.evaluate()?;
        step.weights.iter_mut().for_each(|w| *w /= F::of(2.0));
        Sgd::default().step(step)?;
        if step.tick.step >= self.breaks_at {
            step.weights.fill(F::nan());
        }
        Ok(())
    }
}

/// A condition of a user that divides by zero.
#[derive(Debug)]
struct ZeroSum;

impl Constraint<f32> for ZeroSum {
    fn project(&self, tensor: WeightsMut<'_, f32>) {
        tensor.values.iter_mut().for_each(|w| *w /= 0.0);
    }
}

#[test]
fn a_step_that_fails_after_the_passes_leaves_the_layers_as_they_were() {
    fn normalized(rule: impl Optimizer<f32> + 'static) -> TrainerBuilder<f32> {
        let model =
            Chain::new().then(Dense::new(5)).then(BatchNorm1d::default()).then(Dense::new(3));
        Trainer::builder(model, CrossEntropy::default(), rule)
    }
    let huge = Sgd { learning_rate: 3e38, ..Sgd::default() };
    let leaps = normalized(huge).schedule(|step: u64| if step < 2 { 1e-40 } else { 1e3 });
    for (builder, good_steps) in [
        (leaps, 2),
        (normalized(Adam::default()).constraint(ZeroSum), 0),
        (normalized(Looks { breaks_at: 2 }), 2),
    ] {
        let mut trainer = builder.build(&[4]).unwrap();
        trainer.fit(&blobs(20, 1), Fit::steps(good_steps).batch(10)).unwrap();
        let before = trainer.state();
        assert!(!before.layer_state.is_empty());
        let error = trainer.fit(&blobs(20, 1), Fit::steps(1).batch(10)).unwrap_err();
        assert!(matches!(error, Error::Diverged { .. }), "{error}");
        assert_eq!(trainer.state(), before);
    }
}

//! What a step leaves behind that failed, or that found no loss to count.

use crate::trainer_support::{blobs, scripted_builder, table};
use downhill::data::Batch;
use downhill::network::Draw;
use downhill::prelude::*;
use downhill::train::accumulate;
use ndarray::array;

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

#[test]
fn a_loss_that_is_not_finite_is_recorded_and_not_part_of_the_epochs_mean() {
    for bad in [f64::NAN, f64::INFINITY] {
        let build = || {
            scripted_builder(&[1.0, bad, 3.0, 5.0])
                .non_finite(NonFinite::Zero)
                .metric(MeanAbsoluteError)
                .build(&[3])
                .unwrap()
        };
        let mut trainer = build();
        trainer.fit(&table(4, 0), Fit::steps(2).batch(1)).unwrap();
        // In the middle of the epoch.
        build().restore(&trainer.state()).unwrap();
        trainer.fit(&table(4, 0), Fit::to_epoch(1).batch(1)).unwrap();
        let steps = &trainer.history().steps;
        assert_eq!(steps[1].loss.to_bits(), bad.to_bits());
        assert!(!steps[1].skipped);
        let epoch = &trainer.history().epochs[0];
        assert_eq!(epoch.training.metric("loss").unwrap(), (1.0 + 3.0 + 5.0) / 3.0);
        assert!(epoch.training.metric("mean_absolute_error").unwrap() > 0.0);
    }
}

#[test]
fn losses_that_add_up_to_infinity_are_still_a_state_of_the_run() {
    let build = || scripted_builder(&[1.5e308]).build(&[3]).unwrap();
    let mut trainer = build();
    trainer.fit(&table(4, 0), Fit::steps(2).batch(1)).unwrap();
    build().restore(&trainer.state()).unwrap();
    let mut wrong = trainer.state();
    wrong.total.sum = f64::NAN;
    let error = build().restore(&wrong).unwrap_err().to_string();
    assert!(error.contains("are not numbers"), "{error}");
}

#[test]
fn an_epoch_in_which_nothing_counts_says_so_and_is_not_the_best() {
    for policy in [NonFinite::Zero, NonFinite::Skip] {
        for monitor in ["loss", "mean_absolute_error"] {
            let mut trainer = scripted_builder(&[f64::NAN, 2.0, f64::INFINITY])
                .non_finite(policy)
                .metric(MeanAbsoluteError)
                .build(&[3])
                .unwrap();
            let fit = |epochs| Fit::epochs(epochs).batch(4).monitor(monitor);
            let run = trainer.fit(&table(4, 0), fit(1)).unwrap();
            assert!(run.best().loss.is_nan() && trainer.state().best.is_none());
            for name in ["loss", "mean_absolute_error"] {
                let message = run.best().metric(name).unwrap_err().to_string();
                assert!(message.contains("a step has a finite loss"), "{message}");
            }
            let run = trainer.fit(&table(4, 0), fit(2)).unwrap();
            assert_eq!(run.best_epoch().map(|record| record.epoch), Some(1));
            assert_eq!(run.best().loss, 2.0);
            assert!(run.last_epoch().unwrap().training.loss.is_nan());
            trainer.restore(&trainer.state()).unwrap();
        }
    }
}

#[test]
fn weights_of_a_batch_are_looked_at_wherever_it_comes_from() {
    let data = Dataset::new(array![[1.0], [3.0]], array![[2.0], [5.0]]).unwrap();
    let data = data.with_weights(array![1.0, 1.0]).unwrap();
    let mut trainer = Trainer::builder(Dense::new(1), Mse, Adam::default()).build(&[1]).unwrap();
    let refused = |error: Error| {
        let expected = "a finite weight, 0 or more";
        assert!(matches!(error, Error::Cell { row: 1, .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    };
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        let mut batch = Batch::of(&data).unwrap();
        batch.weights_mut()[1] = bad;
        trainer.step(&Batch::of(&data).unwrap()).unwrap();
        let before = (trainer.state(), trainer.last_gradient().values().to_vec());
        refused(trainer.step(&batch).unwrap_err());
        refused(trainer.gradient(&batch).unwrap_err());
        assert_eq!((trainer.state(), trainer.last_gradient().values().to_vec()), before);

        let mut model: Model<f64> = Model::build(Dense::new(1), &[1.into()], 7).unwrap();
        let (mut work, mut gradient) = (Workspace::new(&model), [8.0, 9.0]);
        let (samples, draw) = (batch.part(0, 2), Draw::new(7, 0));
        let found = accumulate(&Mse, &mut model, &mut work, &samples, draw, &mut gradient);
        refused(found.unwrap_err());
        assert_eq!(gradient, [8.0, 9.0]);
    }
    // A weight of 0 is one.
    let mut batch = Batch::of(&data).unwrap();
    batch.weights_mut()[1] = 0.0;
    assert_eq!(trainer.step(&batch).unwrap().weight, 1.0);
}

#[test]
fn the_last_gradient_and_its_loss_are_of_one_step() {
    let data = Dataset::new(array![[1.0], [3.0]], array![[2.0], [5.0]]).unwrap();
    let batch = Batch::of(&data).unwrap();
    let huge = Dataset::new(array![[1e200]], array![[-1e200]]).unwrap();
    let huge = Batch::of(&huge).unwrap();
    let build = || Trainer::builder(Dense::new(1), Mse, Sgd::default()).seed(3);
    let forgotten = |trainer: &Trainer<f64>| {
        let last = trainer.last_gradient();
        last.loss().is_nan() && last.values() == [0.0, 0.0]
    };
    let mut trainer = build().build(&[1]).unwrap();
    let start = trainer.state();
    for undo in [false, true] {
        let record = trainer.step(&batch).unwrap();
        assert_eq!(trainer.last_gradient().loss(), record.loss);
        assert_eq!(trainer.last_gradient().norm(), record.gradient_norm);
        if undo {
            trainer.restore(&start).unwrap();
        } else {
            trainer.step(&huge).unwrap_err();
        }
        assert!(forgotten(&trainer));
    }

    // Of a step that was skipped it is what the step found.
    let mut trainer = build().non_finite(NonFinite::Skip).build(&[1]).unwrap();
    trainer.step(&batch).unwrap();
    assert!(trainer.step(&huge).unwrap().skipped);
    let last = trainer.last_gradient();
    assert!(!last.loss().is_finite() && !last.norm().is_finite());

    // A rule that looks at the loss elsewhere was handed the gradient of where it began.
    let rule = Looks { breaks_at: u64::MAX };
    let mut trainer = Trainer::builder(Dense::new(1), Mse, rule).build(&[1]).unwrap();
    let expected = trainer.gradient(&batch).unwrap().values().to_vec();
    trainer.step(&batch).unwrap();
    assert_eq!(trainer.last_gradient().values(), expected);
}

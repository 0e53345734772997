//! Runs whose parts, data or saved states are not what they should be: an error says so, and nothing is lost.

use crate::trainer_support::table;
use downhill::data::{Content, Sampling, TargetKind};
use downhill::prelude::*;
use ndarray::Array2;

fn line(rule: impl Optimizer<f64> + 'static) -> TrainerBuilder<f64> {
    Trainer::builder(Dense::new(1), Mse, rule)
}

fn samples(count: usize) -> Dataset<f64> {
    let x = Array2::from_shape_fn((count, 1), |(i, _)| i as f64 / 10.0);
    Dataset::new(x.clone(), x).unwrap()
}

/// The number of samples of each step.
fn sizes(trainer: &Trainer<f64>) -> Vec<f64> {
    trainer.history().steps.iter().map(|step| step.weight).collect()
}

#[test]
fn an_epoch_that_another_batch_size_began_is_finished() {
    let data = samples(10);
    let mut trainer = line(Sgd::default()).build(&[1]).unwrap();
    trainer.fit(&data, Fit::steps(1).batch(5)).unwrap();
    // Five samples are left: two batches of up to four, not one.
    let run = trainer.fit(&data, Fit::epochs(1).batch(4)).unwrap();
    assert_eq!((run.epochs, run.reason), (1, StopReason::Completed));
    assert_eq!(sizes(&trainer), [5.0, 4.0, 1.0]);
    assert_eq!(trainer.history().epochs.len(), 1);
}

#[test]
fn the_announced_last_step_is_the_last() {
    use std::sync::{Arc, Mutex};
    let announced = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&announced);
    let mut trainer = line(Sgd::default())
        .on(move |event, _| {
            if let Event::Started { last_step, .. } = event {
                log.lock().unwrap().push(*last_step);
            }
        })
        .build(&[1])
        .unwrap();
    let data = samples(10);
    let mut reached = Vec::new();
    for fit in [
        Fit::steps(1).batch(3),
        Fit::epochs(2).batch(4),
        Fit::to_epoch(3).batch(7),
        Fit::to_epoch(1),
        Fit::to_step(2),
        Fit::steps(2).batch(1).accumulate(3),
        Fit::epochs(1),
        Fit::epochs(0),
    ] {
        trainer.fit(&data, fit).unwrap();
        reached.push(trainer.steps());
    }
    assert_eq!(*announced.lock().unwrap(), reached);
}

#[test]
fn an_unfinished_epoch_over_other_samples_is_given_up() {
    let mut trainer = line(Sgd::default()).build(&[1]).unwrap();
    trainer.fit(&samples(10), Fit::steps(2).batch(4)).unwrap();
    trainer.fit(&samples(6), Fit::epochs(1).batch(4)).unwrap();
    assert_eq!(sizes(&trainer), [4.0, 4.0, 4.0, 2.0]);
    let epochs: Vec<u64> = trainer.history().steps.iter().map(|step| step.epoch).collect();
    assert_eq!(epochs, [0, 0, 1, 1]);
    assert_eq!(trainer.history().epochs.iter().map(|e| e.epoch).collect::<Vec<_>>(), [1]);
    // And what is done already stays done.
    trainer.fit(&samples(3), Fit::to_epoch(1)).unwrap();
    assert_eq!((trainer.epochs(), trainer.steps()), (2, 4));
}

#[test]
fn after_a_fit_that_was_not_judged_the_last_weights_predict() {
    let data = samples(8);
    let mut trainer = line(Sgd { learning_rate: 10.0, ..Sgd::default() }).build(&[1]).unwrap();
    let run = trainer.fit(&data, Fit::epochs(3).validate(&data)).unwrap();
    assert_eq!(run.best_epoch().map(|record| record.epoch), Some(0)); // it gets worse and worse
    assert_ne!(trainer.best_model().values(), trainer.model().values());
    let run = trainer.fit(&data, Fit::epochs(1)).unwrap();
    assert_eq!(trainer.best_model().values(), trainer.model().values());
    assert_eq!(run.best_epoch(), trainer.history().epochs.last());
}

#[test]
fn epochs_are_compared_with_those_that_the_same_kind_of_data_judged() {
    let (train, other) = (samples(8), {
        let x = Array2::from_elem((4, 1), 1.0);
        Dataset::new(x, Array2::from_elem((4, 1), 1000.0)).unwrap()
    });
    let mut trainer = line(Sgd::default()).build(&[1]).unwrap();
    trainer.fit(&train, Fit::epochs(3).patience(50)).unwrap();
    // The loss on the other data is far above that of training, and yet the best of its kind.
    let run = trainer.fit(&train, Fit::epochs(2).validate(&other)).unwrap();
    let best = run.best_epoch().unwrap();
    assert!(best.validation.is_some() && best.epoch >= 3, "{best:?}");
    // Patience does not count the epochs of the other kind either.
    let run = trainer.fit(&train, Fit::epochs(1).validate(&other).patience(0)).unwrap();
    assert_eq!(run.reason, StopReason::Completed);
}

/// A rule of a user that leaves the numbers after a while.
#[derive(Debug)]
struct Breaks {
    after: u64,
}

impl<F: Scalar> Optimizer<F> for Breaks {
    fn learning_rate(&self) -> f64 {
        0.01
    }
    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("sum")]
    }
    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let [sum] = block.slots.split();
        for ((w, &g), s) in block.weights.iter_mut().zip(block.gradient).zip(sum) {
            *s += g;
            *w -= F::of(tick.learning_rate) * g;
            if tick.step >= self.after {
                *w = F::nan();
            }
        }
    }
}

/// A condition of a user that divides by zero.
#[derive(Debug)]
struct ZeroSum;

impl<F: Scalar> Constraint<F> for ZeroSum {
    fn project(&self, tensor: WeightsMut<'_, F>) {
        tensor.values.iter_mut().for_each(|w| *w /= F::zero());
    }
}

#[derive(Debug)]
struct NoPenalty;

impl<F: Scalar> Regularizer<F> for NoPenalty {
    fn penalty(&self, _: Weights<'_, F>) -> f64 {
        f64::NAN
    }
    fn add_gradient(&self, _: Weights<'_, F>, _: &mut [F]) {}
}

/// The run ends with `Diverged` at this place, in the state that it had after the last good step.
fn diverges(builder: TrainerBuilder<f64>, good_steps: u64, place: &str) {
    let data = table(12, 3);
    let shape = &data.content().inputs[0];
    let mut trainer = builder.threads(1).build(shape.axes()).unwrap();
    trainer.fit(&data, Fit::steps(good_steps).batch(4)).unwrap();
    let before = trainer.state();
    let error = trainer.fit(&data, Fit::steps(1).batch(4)).unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, Error::Diverged { .. }) && message.contains(place), "{message}");
    assert_eq!(trainer.state(), before);
}

#[test]
fn what_leaves_the_numbers_is_undone() {
    diverges(line(Breaks { after: 3 }), 3, "weight[0]");
    diverges(line(Adam::default()).constraint(ZeroSum), 0, "weight[0]");
    diverges(line(Adam::default()).regularizer(NoPenalty), 0, "the penalty");
    // A rate, a momentum and a decay that no rule survives.
    let huge = Sgd { learning_rate: 1e300, ..Sgd::default() };
    let error = |builder: TrainerBuilder<f64>| {
        let mut trainer = builder.build(&[1]).unwrap();
        let mut before = trainer.state();
        let fit = || Fit::steps(1).batch(8);
        let error = loop {
            match trainer.fit(&samples(8), fit()) {
                Ok(_) => before = trainer.state(),
                Err(error) => break error,
            }
            assert!(trainer.steps() < 5000);
        };
        assert_eq!(trainer.state(), before);
        error
    };
    for builder in [
        line(huge),
        line(Sgd { learning_rate: 1e3, ..Sgd::default() }).weight_decay(DecoupledDecay(1e6)),
    ] {
        let error = error(builder);
        assert!(matches!(error, Error::Diverged { .. }), "{error}");
    }
}

/// What a source of a user may do wrong.
#[derive(Clone, Copy, Debug)]
enum Lie {
    TooFew,
    TooMany,
    OtherContent,
    BadWeight,
    NotANumber,
    ManyFaces,
}

#[derive(Debug)]
struct Liar(Lie, std::sync::atomic::AtomicBool);

impl Source<f64> for Liar {
    fn len(&self) -> usize {
        6
    }
    fn content(&self) -> Content {
        let asked = self.1.swap(true, std::sync::atomic::Ordering::Relaxed);
        let wide = asked && matches!(self.0, Lie::ManyFaces);
        let weighted = matches!(self.0, Lie::BadWeight);
        let inputs = vec![if wide { 3.into() } else { 1.into() }];
        Content { inputs, targets: TargetKind::Values(1.into()), weighted }
    }
    fn fill(&self, rows: &[usize], _: Sampling, batch: &mut Batch<f64>) -> Result<(), Error> {
        batch.resize(match self.0 {
            Lie::TooFew => rows.len() - 1,
            Lie::TooMany => rows.len() + 1,
            _ => rows.len(),
        })?;
        match self.0 {
            Lie::BadWeight => batch.weights_mut()[1] = -1.0,
            Lie::NotANumber => batch.input_mut(0)[1] = f64::NAN,
            Lie::OtherContent => *batch = Batch::of_rows(&table(9, 3), rows)?,
            _ => {}
        }
        Ok(())
    }
}

#[test]
fn a_source_that_lies_is_an_error_and_nothing_moves() {
    for lie in [
        Lie::TooFew,
        Lie::TooMany,
        Lie::OtherContent,
        Lie::BadWeight,
        Lie::NotANumber,
        Lie::ManyFaces,
    ] {
        let mut trainer = line(Sgd::default()).build(&[1]).unwrap();
        let before = trainer.state();
        let source = Liar(lie, false.into());
        let fit = trainer.fit(&source, Fit::epochs(1).batch(2));
        if matches!(lie, Lie::ManyFaces) {
            // What it said first is what counts, of data to validate on, to evaluate on and to predict for as well.
            fit.unwrap();
            let fresh = || Liar(lie, false.into());
            trainer.fit(&samples(6), Fit::epochs(2).batch(2).validate(&fresh())).unwrap();
            trainer.evaluate(&fresh()).unwrap();
            trainer.predict_on(&fresh()).unwrap();
            continue;
        }
        let message = fit.unwrap_err().to_string();
        let expected = match lie {
            Lie::TooFew => "the batch has length 1, expected 2",
            Lie::TooMany => "the batch has length 3, expected 2",
            Lie::OtherContent => "the batch: is for samples of inputs [",
            Lie::BadWeight => "a finite weight, 0 or more",
            _ => "a finite number",
        };
        assert!(message.contains(expected), "{lie:?}: {message}");
        assert_eq!(trainer.state(), before);
        if !matches!(lie, Lie::NotANumber) {
            let message = trainer.evaluate(&source).unwrap_err().to_string();
            assert!(!message.is_empty());
        }
    }
}

#[test]
fn states_that_no_run_comes_to_are_refused() {
    let data = samples(10);
    let build = || line(Adam::default()).seed(3).build(&[1]).unwrap();
    let mut run = build();
    run.fit(&data, Fit::steps(5).batch(4).validate(&data)).unwrap();
    let good = run.state();
    let mut fresh = build();
    let change = |change: &dyn Fn(&mut TrainState<f64>)| {
        let mut state = good.clone();
        change(&mut state);
        state
    };
    type Change = Box<dyn Fn(&mut TrainState<f64>)>;
    let cases: Vec<(&str, Change)> = vec![
        ("parameter `weight`[0] is NaN", Box::new(|s| s.parameters[0].values[0] = f64::NAN)),
        ("optimizer slot", Box::new(|s| s.slots[1].values[0] = f64::INFINITY)),
        (
            "best parameter",
            Box::new(|s| {
                s.best.as_mut().unwrap().parameters[0].values[0] = f64::NAN;
            }),
        ),
        ("2^53", Box::new(|s| s.step = u64::MAX)),
        ("2^53", Box::new(|s| s.epoch = u64::MAX)),
        ("2^53", Box::new(|s| s.updates[0].1 = u64::MAX)),
        ("beyond the end", Box::new(|s| s.position = 11)),
        ("to come", Box::new(|s| s.patience_from = 7)),
        ("rate scale", Box::new(|s| s.learning_rate_scale = -1.0)),
        ("rate scale", Box::new(|s| s.learning_rate_scale = f64::NAN)),
        ("steps to come", Box::new(|s| s.step = 2)),
        ("epochs to come", Box::new(|s| s.epoch = 0)),
        ("not in order", Box::new(|s| s.history.steps.swap(0, 1))),
    ];
    for (expected, case) in &cases {
        let before = fresh.state();
        let error = fresh.restore(&change(case)).unwrap_err();
        assert!(matches!(error, Error::State { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{expected}: {error}");
        assert_eq!(fresh.state(), before);
    }
    fresh.restore(&good).unwrap();
    assert_eq!(fresh.state(), good);
}

#[test]
fn errors_name_the_row_of_the_data_whatever_the_pass() {
    let mut labels = vec![0; 600];
    labels[590] = 9;
    let data = Dataset::<f64>::new(Array2::zeros((600, 2)), labels).unwrap();
    let model = || Trainer::builder(Dense::new(3), CrossEntropy::default(), Sgd::default());
    let mut trainer = model().build(&[2]).unwrap();
    let accumulated = Fit::epochs(1).batch(8).accumulate(10).in_order();
    for error in [
        trainer.evaluate(&data).unwrap_err(),
        trainer.fit(&data, Fit::epochs(1)).unwrap_err(),
        trainer.fit(&data, accumulated).unwrap_err(),
    ] {
        assert!(matches!(error, Error::Target { row: 590, .. }), "{error}");
    }
}

#[test]
fn steps_of_ones_own_are_no_part_of_an_epoch() {
    let data = samples(8);
    let build = || line(Sgd { learning_rate: 0.0, ..Sgd::default() }).build(&[1]).unwrap();
    let (mut plain, mut mixed) = (build(), build());
    plain.fit(&data, Fit::epochs(1)).unwrap();
    let far = Dataset::new(Array2::zeros((1, 1)), Array2::from_elem((1, 1), 1e6)).unwrap();
    mixed.step(&Batch::of(&far).unwrap()).unwrap();
    mixed.fit(&data, Fit::epochs(1)).unwrap();
    assert_eq!(mixed.history().epochs[0].training, plain.history().epochs[0].training);
}

#[test]
fn data_of_which_nothing_counts_are_no_perfect_data() {
    let data = Dataset::<f64>::new(Array2::zeros((4, 2)), vec![1; 4]).unwrap();
    let loss = CrossEntropy { ignore_index: Some(1), ..CrossEntropy::default() };
    let trainer = Trainer::builder(Dense::new(3), loss, Sgd::default()).build(&[2]).unwrap();
    assert!(matches!(trainer.evaluate(&data), Err(Error::Empty { .. })));
}

#[test]
fn a_model_of_several_inputs_does_not_predict_from_one() {
    let trainer: Trainer<f64> =
        Trainer::builder(Sum, Mse, Sgd::default()).build_for(&[1.into(), 1.into()]).unwrap();
    assert!(matches!(trainer.predict(&Array2::zeros((2, 1))), Err(Error::Arity { .. })));
}

#[test]
fn the_memory_of_another_rule_is_refused() {
    let mut model: Model<f64> = Model::build(Dense::new(1), &[1.into()], 7).unwrap();
    let mut memory = Memory::new(&Sgd::default(), model.parameters(), model.values());
    let (parameters, values) = model.parts_mut();
    let tick = Tick::new(1, 0.1);
    let step = memory.step(&Adam::default(), parameters, values, &mut [1.0, 1.0], tick);
    assert!(step.unwrap_err().to_string().contains("other slots"));
}

/// A rule that uses a slot which it does not declare.
#[derive(Debug)]
struct Forgetful;

impl Optimizer<f64> for Forgetful {
    fn learning_rate(&self) -> f64 {
        0.1
    }

    fn update(&self, tick: &Tick, block: Block<'_, f64>) {
        let [sum] = block.slots.split();
        for ((w, &g), s) in block.weights.iter_mut().zip(block.gradient).zip(sum) {
            *s += g;
            *w -= tick.learning_rate * *s;
        }
    }
}

#[test]
fn a_slot_that_was_not_declared_is_an_error_and_not_a_run_that_learns_nothing() {
    let mut trainer = line(Forgetful).build(&[1]).unwrap();
    let before = trainer.state();
    let error = trainer.fit(&samples(10), Fit::epochs(1)).unwrap_err();
    assert!(matches!(error, Error::Argument { .. }), "{error}");
    assert!(error.to_string().contains("`slots` = [] is not allowed: use the 1 that"), "{error}");
    assert_eq!(trainer.state(), before);
}

#[test]
fn an_overflow_in_an_early_part_names_its_sample_and_row() {
    let mut x = Array2::zeros((8, 1));
    x[[2, 0]] = 1e10;
    let data = Dataset::new(x, Array2::<f64>::zeros((8, 1))).unwrap();
    let large = || Dense::new(1).weight_init(init::Constant(1e150));
    let model = Chain::new().then(large()).then(large());
    let mut trainer = Trainer::builder(model, Mse, Sgd::default()).build(&[1]).unwrap();
    let fit = Fit::epochs(1).batch(2).accumulate(4).in_order();
    let error = trainer.fit(&data, fit).unwrap_err();
    let Error::Diverged { step, place, sample, row, .. } = error else { panic!("{error}") };
    assert_eq!((step, place.as_str(), sample, row), (0, "1.dense", Some(2), Some(2)));
}

#[test]
fn a_model_of_one_layer_is_called_the_model() {
    let data = Dataset::new(ndarray::array![[1e300]], ndarray::array![[0.0]]).unwrap();
    let model = Dense::new(1).weight_init(init::Constant(1e300));
    let mut trainer = Trainer::builder(model, Mse, Sgd::default()).build(&[1]).unwrap();
    let error = trainer.fit(&data, Fit::epochs(1)).unwrap_err();
    assert!(error.to_string().starts_with("step 0: the model gave inf for sample 0"), "{error}");
}

#[test]
fn a_setting_of_a_layer_is_named_with_the_layers_path() {
    let model =
        Chain::new().then(Dense::new(4)).then(Residual::new(Chain::new().then(Dropout::new(1.5))));
    let error = Trainer::<f32>::builder(model, Mse, Sgd::default()).build(&[1]).unwrap_err();
    assert!(
        error.to_string().starts_with("1.residual.body.0.dropout: Dropout::rate = 1.5"),
        "{error}"
    );
}

#[test]
fn a_plateau_knows_its_metric_and_leaves_the_scale_of_others() {
    let data = samples(10);
    let rule = Plateau { patience: 0, factor: 0.5, ..Plateau::default() };
    let still = Sgd { learning_rate: 0.0, ..Sgd::default() };
    let watching = |name: &str| {
        line(still)
            .metric(R2)
            .observer(ReduceOnPlateau::new(rule).watching(name))
            .build(&[1])
            .unwrap()
    };
    let mut unknown = watching("accuracy");
    let error = unknown.fit(&data, Fit::epochs(3)).unwrap_err();
    assert_eq!(error.to_string(), "`accuracy` matches no metric; there are: loss, r2");
    assert_eq!(unknown.steps(), 0);

    // R² is to grow, whatever the rule says: as long as it does, the rate stays.
    let grows = Sgd { learning_rate: 0.1, ..Sgd::default() };
    let plateau = ReduceOnPlateau::new(Plateau { threshold: Threshold::Absolute(0.0), ..rule });
    let mut trainer = line(grows).metric(R2).observer(plateau.watching("r2")).build(&[1]).unwrap();
    trainer.fit(&data, Fit::epochs(10)).unwrap();
    let values: Vec<f64> =
        trainer.history().epochs.iter().map(|epoch| epoch.training.metric("r2").unwrap()).collect();
    assert!(values.is_sorted_by(|a, b| a < b), "{values:?}");
    assert_eq!(trainer.state().learning_rate_scale, 1.0);

    // Another observer has made the rate a tenth before.
    let mut both = line(still)
        .on(|event, control| {
            if let Event::EpochStarted { epoch: 0, .. } = event {
                control.set_learning_rate_scale(0.1);
            }
        })
        .observer(ReduceOnPlateau::new(rule))
        .build(&[1])
        .unwrap();
    both.fit(&data, Fit::epochs(3)).unwrap();
    assert_eq!(both.state().learning_rate_scale, 0.1 * 0.25);
}

#[test]
fn an_observer_can_end_a_run_with_an_error() {
    let mut trainer = line(Sgd::default())
        .on(|event, control| {
            if let Event::Step(record) = event
                && record.step == 1
            {
                control.fail(Error::other("the disk", "is full"));
                control.fail(Error::other("a later one", "does not count"));
            }
        })
        .build(&[1])
        .unwrap();
    let error = trainer.fit(&samples(10), Fit::epochs(1).batch(2)).unwrap_err();
    assert_eq!(error, Error::other("the disk", "is full"));
    assert_eq!(trainer.steps(), 2);
    // It can go on.
    assert_eq!(trainer.fit(&samples(10), Fit::epochs(1).batch(2)).unwrap().steps, 5);
}

#[test]
fn an_epoch_begins_once_however_often_it_is_stopped_at_its_edge() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    let (flag, begun) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU64::new(0)));
    let count = Arc::clone(&begun);
    let mut trainer = line(Sgd::default())
        .on(move |event, _| {
            if let Event::EpochStarted { .. } = event {
                count.fetch_add(1, Ordering::Relaxed);
            }
        })
        .build(&[1])
        .unwrap();
    for _ in 0..3 {
        let run = trainer.fit(&samples(4), Fit::epochs(1).stop_flag(Arc::clone(&flag))).unwrap();
        assert_eq!((run.reason, run.epochs), (StopReason::Interrupted, 0));
    }
    flag.store(false, Ordering::Relaxed);
    trainer.fit(&samples(4), Fit::epochs(2).stop_flag(flag)).unwrap();
    assert_eq!(begun.load(Ordering::Relaxed), 2);
}

#[test]
fn a_momentum_schedule_stays_below_one() {
    let rule = Sgd { momentum: 0.9, ..Sgd::default() };
    let factor = |step| if step == 2 { 1.2 } else { 1.0 };
    let mut trainer = line(rule).momentum_schedule(factor).build(&[1]).unwrap();
    let error = trainer.fit(&samples(4), Fit::steps(5)).unwrap_err();
    assert!(error.to_string().starts_with("the momentum schedule at step 2 = 1.2"), "{error}");
    assert_eq!(trainer.steps(), 2);
}

#[test]
fn what_is_frozen_is_part_of_the_state() {
    let build = || line(Adam::default()).build(&[1]).unwrap();
    let (mut first, mut second) = (build(), build());
    first.freeze("bias").unwrap();
    first.fit(&samples(8), Fit::epochs(2)).unwrap();
    second.restore(&first.state()).unwrap();
    for trainer in [&mut first, &mut second] {
        trainer.fit(&samples(8), Fit::epochs(2)).unwrap();
    }
    assert_eq!(second.state(), first.state());
    assert_eq!(second.state().frozen, ["bias"]);
    let mut unknown = first.state();
    unknown.frozen.push("head.weight".to_owned());
    assert!(second.restore(&unknown).unwrap_err().to_string().contains("`head.weight` is frozen"));
}

#[test]
fn a_step_in_which_no_sample_counts_is_skipped_and_such_an_epoch_is_an_error() {
    let data = samples(4).with_weights(ndarray::array![1.0, 1.0, 0.0, 0.0]).unwrap();
    let mut trainer = line(Adam::default()).build(&[1]).unwrap();
    trainer.fit(&data, Fit::epochs(1).batch(2).in_order()).unwrap();
    let skipped: Vec<bool> = trainer.history().steps.iter().map(|step| step.skipped).collect();
    assert_eq!(skipped, [false, true]);
    assert_eq!(trainer.state().updates, [("weight".to_owned(), 1), ("bias".to_owned(), 1)]);

    let ignoring = CrossEntropy { ignore_index: Some(0), ..CrossEntropy::default() };
    let mut trainer =
        Trainer::builder(Dense::new(2), ignoring, Adam::default()).build(&[1]).unwrap();
    let labelled = |label| Dataset::new(Array2::<f64>::ones((4, 1)), vec![label; 4]).unwrap();
    let before = trainer.model().values().to_vec();
    let error = trainer.fit(&labelled(0), Fit::epochs(1)).unwrap_err();
    assert!(error.to_string().starts_with("what counts in the training data is empty"), "{error}");
    assert_eq!(trainer.model().values(), before);
    // It can go on with other data.
    trainer.fit(&labelled(1), Fit::epochs(1)).unwrap();
}

#[test]
fn metrics_are_told_apart_by_name() {
    let error = line(Sgd::default()).metric(R2).metric(R2).build(&[1]).unwrap_err();
    assert!(error.to_string().starts_with("metric = r2 is not allowed"), "{error}");
}

#[test]
fn there_is_no_way_back_before_a_way_forward() {
    let model: Model<f64> = Model::build(Dense::new(1), &[1.into()], 7).unwrap();
    let mut work = Workspace::new(&model);
    let error =
        work.backward(&model, &mut [0.0; 2], downhill::network::Draw::default()).unwrap_err();
    assert!(error.to_string().contains("call `train` or `evaluate` first"), "{error}");
}

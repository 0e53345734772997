//! The laws of the trainer: what a run is a function of, and what stays when something goes wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::trainer_support::{blobs, scripted, table};
use approx::assert_relative_eq;
use downhill::data::{Batch, Content, Sampling};
use downhill::layer::{Backward, Forward, Plan};
use downhill::prelude::*;
use ndarray::{Array1, Array2};
use proptest::prelude::*;

/// A classifier with everything that draws random numbers or keeps state between steps.
fn classifier(optimizer: impl Optimizer<f32> + 'static, seed: u64, threads: usize) -> Trainer<f32> {
    let model = Chain::new()
        .then(Dense::new(12))
        .then(Tanh)
        .then(Dropout { rate: 0.3 })
        .then(Residual::new(Chain::new().then(Dense::new(12)).then(Relu)))
        .then(Dense::new(3));
    Trainer::builder(model, CrossEntropy::default(), optimizer)
        .regularizer(L2::new(1e-3))
        .clip(Clip::GlobalNorm(0.5))
        .schedule(warmup(3).then(cosine(40)))
        .momentum_schedule(linear(1.0, 0.9, 10))
        .observer(ReduceOnPlateau::new(Plateau { patience: 0, factor: 0.5, ..Plateau::default() }))
        .seed(seed)
        .threads(threads)
        .build(&[4])
        .unwrap()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Runs `total` steps in one go, and again with the state taken out after `cut` steps and put into a fresh trainer.
fn resumes<O: Optimizer<f32> + Clone + 'static>(optimizer: O, cut: u64, accumulate: usize) {
    let data = blobs(53, 1);
    let (train, test) = data.split(0.7, 3).unwrap();
    let fit =
        |step| Fit::to_step(step).batch(5).accumulate(accumulate).validate(&test).patience(100);
    let mut whole = classifier(optimizer.clone(), 9, 1);
    whole.fit(&train, fit(10)).unwrap();

    let mut first = classifier(optimizer.clone(), 9, 1);
    first.fit(&train, fit(cut)).unwrap();
    let state = first.state();
    drop(first);
    let mut second = classifier(optimizer, 77, 1);
    second.restore(&state).unwrap();
    second.fit(&train, fit(10)).unwrap();

    assert_eq!(bits(whole.model().values()), bits(second.model().values()));
    assert_eq!(whole.history(), second.history());
    assert_eq!(whole.state(), second.state());
}

#[test]
fn ten_steps_are_four_out_in_and_six() {
    for cut in 0..=10 {
        for accumulate in [1, 2] {
            resumes(Adam::default(), cut, accumulate);
        }
        resumes(Sgd { momentum: 0.9, nesterov: true, ..Sgd::default() }, cut, 1);
        resumes(Adam { amsgrad: true, ..Adam::default() }, cut, 1);
        resumes(AdamW::default(), cut, 1);
        resumes(Adagrad::default(), cut, 1);
        resumes(RmsProp { centered: true, momentum: 0.5, ..RmsProp::default() }, cut, 1);
        resumes(NAdam::default(), cut, 1);
        resumes(RAdam::default(), cut, 1);
        resumes(Adamax::default(), cut, 1);
        resumes(Adadelta::default(), cut, 1);
        resumes(Lion::default(), cut, 1);
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    // Large enough that the products and the update are split.
    let x =
        Array2::from_shape_fn((300, 256), |(i, j)| ((i * 31 + j * 17) % 97) as f32 / 48.0 - 1.0);
    let y = Array1::from_shape_fn(300, |i| i % 10);
    let data = Dataset::new(x, y).unwrap();
    let dense = Chain::new()
        .then(Dense::new(512))
        .then(Relu)
        .then(Dropout { rate: 0.2 })
        .then(Dense::new(256))
        .then(Gelu::Exact)
        .then(Dense::new(10));
    let normalized = Chain::new()
        .then(Reshape::to([1, 16, 16]))
        .then(Conv2d::new(42, 3))
        .then(BatchNorm2d::default())
        .then(SpatialDropout::new(0.2))
        .then(MaxPool2d::new(2))
        .then(GroupNorm::new(3))
        .then(Flatten)
        .then(Dense::new(10));
    let attention = Chain::new()
        .then(Reshape::to([8, 32]))
        .then(
            TransformerEncoderLayer::new(MultiHeadAttention::new(4), FeedForward::gelu(64))
                .dropout(0.1),
        )
        .then(Flatten)
        .then(Dense::new(10));
    let recurrent = Chain::new()
        .then(Reshape::to([4, 64]))
        .then(Lstm::new(32).bidirectional())
        .then(LayerNorm::default())
        .then(Gru::new(32).last())
        .then(Dense::new(10));
    for (model, epochs) in [(dense, 2), (normalized, 1), (attention, 1), (recurrent, 1)] {
        let train = |threads| {
            let mut trainer =
                Trainer::builder(model.clone(), CrossEntropy::default(), AdamW::default())
                    .clip(Clip::GlobalNorm(1.0))
                    .seed(5)
                    .threads(threads)
                    .build(&[256])
                    .unwrap();
            trainer.fit(&data, Fit::epochs(epochs).batch(128)).unwrap();
            let model = trainer.model();
            (bits(model.values()), bits(model.state()), trainer.history().clone())
        };
        let one = train(1);
        for threads in [2, 3, 8] {
            assert_eq!(one, train(threads), "{threads} threads");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn parts_of_a_batch_equal_the_batch(
        rows in 1..40_usize, batch in 1..9_usize, parts in 1..5_usize, weighted: bool,
    ) {
        let mut data = table(rows, 4);
        if weighted {
            data = data.with_weights(Array1::from_shape_fn(rows, |i| 0.5 + (i % 3) as f64)).unwrap();
        }
        let train = |batch, parts| {
            let model = Chain::new().then(Dense::new(6)).then(Tanh).then(Dropout { rate: 0.4 }).then(Dense::new(1));
            let mut trainer = Trainer::builder(model, Mse, Sgd { momentum: 0.9, ..Sgd::default() })
                .regularizer(L2::new(1e-2))
                .seed(11)
                .threads(1)
                .build(&[3])
                .unwrap();
            trainer.fit(&data, Fit::epochs(2).batch(batch).accumulate(parts)).unwrap();
            trainer
        };
        let (whole, parted) = (train(batch * parts, 1), train(batch, parts));
        prop_assert_eq!(whole.steps(), parted.steps());
        for (a, b) in whole.model().values().iter().zip(parted.model().values()) {
            prop_assert!((a - b).abs() <= 1e-12 + 1e-10 * a.abs(), "{} against {}", a, b);
        }
    }
}

#[test]
fn the_best_weights_are_those_of_the_lowest_validation_loss() {
    let (train, test) = blobs(60, 2).split(0.5, 1).unwrap();
    let model = Chain::new().then(Dense::new(30)).then(Tanh).then(Dense::new(3));
    let mut trainer = Trainer::builder(
        model,
        CrossEntropy::default(),
        Adam { learning_rate: 0.3, ..Adam::default() },
    )
    .seed(4)
    .build(&[4])
    .unwrap();
    let run = trainer.fit(&train, Fit::epochs(25).batch(4).validate(&test)).unwrap();
    let losses: Vec<f64> = trainer
        .history()
        .epochs
        .iter()
        .map(|epoch| epoch.validation.as_ref().unwrap().loss)
        .collect();
    let lowest = losses.iter().copied().fold(f64::INFINITY, f64::min);
    let argmin = losses.iter().position(|&loss| loss == lowest).unwrap();
    assert!(argmin + 1 < losses.len(), "the case has to get worse at the end: {losses:?}");
    assert_eq!(run.best().loss, lowest);
    assert_eq!(run.best_epoch().unwrap().epoch, argmin as u64);
    assert_eq!(trainer.evaluate(&test).unwrap().loss, lowest);
    assert_ne!(trainer.best_model().values(), trainer.model().values());
}

#[test]
fn patience_follows_its_table() {
    // A loss that is dictated: the model is one weight that an observer of a custom loss cannot move.
    let script = [1.0, 0.8, 0.9, 0.7, 0.7, 0.8, 0.75, 0.1, 0.1];
    let mut trainer = scripted(&script);
    let data = table(4, 0);
    let run = trainer.fit(&data, Fit::epochs(9).batch(4).patience(2)).unwrap();
    assert_eq!(run.reason, StopReason::EarlyStopping);
    assert_eq!(run.epochs, 7);
    assert_eq!(run.best().loss, 0.7);
    assert_eq!(run.best_epoch().unwrap().epoch, 3);
    // A run that was stopped can go on, with a new count and the same record to beat.
    let run = trainer.fit(&data, Fit::epochs(2).batch(4).patience(2)).unwrap();
    assert_eq!(run.reason, StopReason::Completed);
    assert_eq!((run.epochs, run.best().loss), (9, 0.1));
}

#[test]
fn a_flag_a_budget_and_an_observer_end_a_run_that_can_go_on() {
    let data = blobs(40, 3);
    let mut whole = classifier(Adam::default(), 1, 1);
    whole.fit(&data, Fit::to_epoch(4).batch(7)).unwrap();

    let flag = Arc::new(AtomicBool::new(true));
    let mut cut = classifier(Adam::default(), 1, 1);
    let run = cut.fit(&data, Fit::to_epoch(4).batch(7).stop_flag(Arc::clone(&flag))).unwrap();
    assert_eq!((run.reason, run.steps), (StopReason::Interrupted, 0));
    let run = cut.fit(&data, Fit::to_epoch(4).batch(7).time_budget(Duration::ZERO)).unwrap();
    assert_eq!(run.reason, StopReason::TimeBudget);
    flag.store(false, Ordering::Relaxed);
    cut.fit(&data, Fit::to_step(9).batch(7)).unwrap();
    let run = cut.fit(&data, Fit::to_epoch(4).batch(7).stop_flag(flag)).unwrap();
    assert_eq!(run.reason, StopReason::Completed);
    assert_eq!(whole.state(), cut.state());

    let stopped: Trainer<f32> =
        Trainer::builder(Dense::new(3), CrossEntropy::default(), Sgd::default())
            .on(|event, control| {
                if let Event::Step(record) = event
                    && record.step == 4
                {
                    control.stop();
                }
            })
            .build(&[4])
            .unwrap();
    let mut stopped = stopped;
    let run = stopped.fit(&data, Fit::epochs(4).batch(7)).unwrap();
    assert_eq!((run.reason, run.steps), (StopReason::Observer, 5));
}

/// Adds the step's number as NaN or infinity to one gradient.
#[derive(Clone, Debug)]
struct Poison {
    at_step: u64,
    seen: Arc<std::sync::atomic::AtomicU64>,
    value: f32,
}

impl Layer<f32> for Poison {
    fn plan(&self, plan: &mut Plan<'_, f32>) -> Result<(), Error> {
        let shape = plan.input()?;
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, f32>) {
        let x = pass.inputs.one();
        pass.outputs.one().values().copy_from_slice(x.values());
    }

    fn backward(&self, mut pass: Backward<'_, f32>) {
        let dy = pass.output_gradients.one();
        if let Some(mut dx) = pass.input_gradients.one() {
            dx.values().copy_from_slice(dy.values());
            if self.seen.fetch_add(1, Ordering::Relaxed) == self.at_step {
                dx.values()[1] = self.value;
            }
        }
    }
}

fn poisoned(value: f32, policy: NonFinite) -> Trainer<f32> {
    let poison = Poison { at_step: 2, seen: Arc::default(), value };
    let model = Chain::new().then(Dense::new(3)).then(poison);
    Trainer::builder(model, CrossEntropy::default(), Adam::default())
        .non_finite(policy)
        .threads(1)
        .build(&[4])
        .unwrap()
}

#[test]
fn a_gradient_that_is_not_finite_is_an_error_that_names_it_and_changes_nothing() {
    let data = blobs(40, 3);
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut clean = poisoned(0.0, NonFinite::Error);
        clean.fit(&data, Fit::steps(2).batch(8)).unwrap();
        let mut trainer = poisoned(value, NonFinite::Error);
        let error = trainer.fit(&data, Fit::steps(5).batch(8)).unwrap_err();
        let Error::NonFiniteGradient { step, tensor, index, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!((*step, tensor.as_str(), *index), (2, "0.dense.weight", 4));
        assert_eq!(bits(trainer.model().values()), bits(clean.model().values()));
        assert_eq!(trainer.steps(), 2);
        // The run goes on where it was.
        trainer.fit(&data, Fit::steps(3).batch(8)).unwrap();
        assert!(trainer.model().values().iter().all(|value| value.is_finite()));

        let mut trainer = poisoned(value, NonFinite::Skip);
        trainer.fit(&data, Fit::steps(3).batch(8)).unwrap();
        assert_eq!(bits(trainer.model().values()), bits(clean.model().values()));
        assert!(trainer.history().steps[2].skipped);

        let mut trainer = poisoned(value, NonFinite::Zero);
        trainer.fit(&data, Fit::steps(5).batch(8)).unwrap();
        assert!(!trainer.history().steps[2].skipped);
        assert!(trainer.model().values().iter().all(|value| value.is_finite()));
    }
}

/// Data with a NaN that no one has checked.
struct Unchecked;

impl Source<f32> for Unchecked {
    fn len(&self) -> usize {
        20
    }

    fn content(&self) -> Content {
        blobs(20, 1).content()
    }

    fn fill(
        &self,
        rows: &[usize],
        sampling: Sampling,
        batch: &mut Batch<f32>,
    ) -> Result<(), Error> {
        blobs(20, 1).fill(rows, sampling, batch)?;
        if let Some(sample) = rows.iter().position(|&row| row == 13) {
            batch.input_mut(0)[sample * 4 + 2] = f32::NAN;
        }
        Ok(())
    }

    fn row_name(&self, row: usize) -> usize {
        row + 1000
    }
}

#[test]
fn a_bad_cell_is_named_by_row_and_column() {
    let mut trainer = classifier(Adam::default(), 1, 1);
    let error = trainer.fit(&Unchecked, Fit::epochs(1).batch(6)).unwrap_err();
    let Error::Cell { row, column, .. } = error else { panic!("{error}") };
    assert_eq!((row, column), (1013, 2));
}

#[test]
fn a_diverging_run_names_the_layer_and_keeps_finite_weights() {
    let data = table(32, 1);
    let model = Chain::new().then(Dense::new(8)).then(Relu).then(Dense::new(1));
    let mut trainer = Trainer::builder(model, Mse, Sgd { learning_rate: 1e150, ..Sgd::default() })
        .build(&[3])
        .unwrap();
    let error = trainer.fit(&data, Fit::epochs(50)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("lower the learning rate"), "{text}");
    assert!(trainer.model().values().iter().all(|value| value.is_finite()));
}

#[test]
fn frozen_parameters_keep_their_bits_and_their_memory() {
    let data = blobs(40, 3);
    let mut trainer = classifier(Adam::default(), 1, 1);
    trainer.fit(&data, Fit::steps(3).batch(8)).unwrap();
    let before = trainer.state();
    trainer.freeze("0.*").unwrap();
    trainer.fit(&data, Fit::steps(3).batch(8)).unwrap();
    let after = trainer.state();
    for (old, new) in before.parameters.iter().zip(&after.parameters) {
        assert_eq!(old.name.starts_with("0."), old == new, "{}", old.name);
    }
    for (old, new) in before.slots.iter().zip(&after.slots) {
        assert_eq!(old.name.contains("/0."), old == new, "{}", old.name);
    }
    trainer.unfreeze("0.*").unwrap();
    trainer.fit(&data, Fit::steps(1).batch(8)).unwrap();
    let counts = trainer.state().updates;
    assert!(counts.iter().all(|(path, n)| *n == if path.starts_with("0.") { 4 } else { 7 }));
    assert!(trainer.freeze("no such layer").unwrap_err().to_string().contains("0.dense.weight"));
}

#[test]
fn groups_scale_rate_and_decay() {
    let data = blobs(40, 3);
    let build = |group: Group| {
        let model = Chain::new().named("encoder", Dense::new(5)).named("head", Dense::new(3));
        let mut trainer: Trainer<f32> = Trainer::builder(
            model,
            CrossEntropy::default(),
            Sgd { learning_rate: 0.1, ..Sgd::default() },
        )
        .group("encoder.*", group)
        .build(&[4])
        .unwrap();
        let start = trainer.model().values().to_vec();
        trainer.fit(&data, Fit::steps(1).batch(40)).unwrap();
        let moved: Vec<f32> =
            trainer.model().values().iter().zip(&start).map(|(new, old)| new - old).collect();
        (moved, start)
    };
    let (plain, start) = build(Group::default());
    let (slow, _) = build(Group { learning_rate_scale: 0.5, ..Group::default() });
    let (decayed, _) = build(Group { weight_decay: Some(0.1), ..Group::default() });
    for i in 0..25 {
        assert_relative_eq!(slow[i], 0.5 * plain[i], epsilon = 1e-7);
        assert_relative_eq!(decayed[i], plain[i] - 0.1 * 0.1 * start[i], epsilon = 1e-7);
    }
    assert_eq!(plain[25..], slow[25..]);
}

#[test]
fn many_threads_can_predict_with_one_trainer() {
    let mut trainer = classifier(Adam::default(), 1, 2);
    trainer.fit(&blobs(40, 3), Fit::epochs(1)).unwrap();
    let x = Array2::from_shape_fn((9, 4), |(i, j)| (i * j) as f32 / 10.0);
    let alone = trainer.predict(&x).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(trainer.predict(&x).unwrap(), alone);
                }
            });
        }
    });
    // One row at a time gives the same bits as all rows together.
    for (i, row) in x.outer_iter().enumerate() {
        let one = trainer.predict(&row.insert_axis(ndarray::Axis(0)).to_owned()).unwrap();
        assert_eq!(one.row(0), alone.row(i));
    }
}

trait Rows {
    fn row(&self, i: usize) -> Vec<f32>;
}

impl Rows for ndarray::ArrayD<f32> {
    fn row(&self, i: usize) -> Vec<f32> {
        self.index_axis(ndarray::Axis(0), i).iter().copied().collect()
    }
}

#[test]
fn what_does_not_fit_is_an_error_that_says_what_to_change() {
    let data = blobs(20, 1);
    let says = |error: Error, words: &[&str]| {
        let text = error.to_string();
        for word in words {
            assert!(text.contains(word), "`{text}` does not say `{word}`");
        }
    };
    let trainer = |units: usize| {
        Trainer::<f32>::builder(Dense::new(units), CrossEntropy::default(), Sgd::default())
            .build(&[4])
            .unwrap()
    };
    // Builders check every setting.
    let build =
        |sgd: Sgd| Trainer::<f32>::builder(Dense::new(3), CrossEntropy::default(), sgd).build(&[4]);
    says(
        build(Sgd { learning_rate: f64::NAN, ..Sgd::default() }).unwrap_err(),
        &["learning_rate", "NaN"],
    );
    says(build(Sgd { momentum: 1.0, ..Sgd::default() }).unwrap_err(), &["momentum", "[0, 1)"]);
    let builder =
        || Trainer::<f32>::builder(Dense::new(3), CrossEntropy::default(), Sgd::default());
    says(builder().clip(Clip::GlobalNorm(-1.0)).build(&[4]).unwrap_err(), &["GlobalNorm", "-1"]);
    says(builder().regularizer(L2::new(-0.1)).build(&[4]).unwrap_err(), &["L2", "-0.1"]);
    says(builder().freeze("nothing.*").build(&[4]).unwrap_err(), &["nothing.*", "weight"]);
    says(builder().threads(0).build(&[4]).unwrap_err(), &["threads"]);
    says(builder().build(&[0]).unwrap_err(), &["input", "[0]"]);
    says(
        Trainer::<f32>::builder(Dense::new(0), CrossEntropy::default(), Sgd::default())
            .build(&[4])
            .unwrap_err(),
        &["units", "0"],
    );
    // Data are checked against model, loss and metrics.
    let mut wrong = Trainer::<f32>::builder(Dense::new(3), CrossEntropy::default(), Sgd::default())
        .build(&[5])
        .unwrap();
    says(wrong.fit(&data, Fit::epochs(1)).unwrap_err(), &["input 0", "[5]", "[4]"]);
    let mut narrow = trainer(2);
    says(narrow.fit(&data, Fit::epochs(1)).unwrap_err(), &["row", "class"]);
    let mut mse = Trainer::<f32>::builder(Dense::new(3), Mse, Sgd::default()).build(&[4]).unwrap();
    says(mse.fit(&data, Fit::epochs(1)).unwrap_err(), &["mse", "class"]);
    // Fit checks its own settings.
    says(trainer(3).fit(&data, Fit::epochs(1).batch(0)).unwrap_err(), &["batch"]);
    says(trainer(3).fit(&data, Fit::epochs(1).accumulate(0)).unwrap_err(), &["accumulate"]);
    says(trainer(3).fit(&data, Fit::epochs(1).hold_out(1.5)).unwrap_err(), &["hold_out", "1.5"]);
    says(trainer(3).fit(&data, Fit::epochs(1).monitor("f2")).unwrap_err(), &["f2", "accuracy"]);
    // States are compared by name, and every difference is listed.
    let state = trainer(3).state();
    says(trainer(7).restore(&state).unwrap_err(), &["weight", "[3, 4]", "[7, 4]", "bias"]);
    let sgd = trainer(3).state();
    let mut adam = Trainer::<f32>::builder(Dense::new(3), CrossEntropy::default(), Adam::default())
        .build(&[4])
        .unwrap();
    says(adam.restore(&sgd).unwrap_err(), &["slot", "weight"]);
    // Empty things.
    assert!(Dataset::<f32>::new(Array2::zeros((0, 4)), Array1::<usize>::zeros(0)).is_err());
    let content = data.content();
    assert!(trainer(3).step(&Batch::new(&content)).is_err());
}

#[test]
fn tiny_and_uneven_batches_train() {
    for rows in [1, 2, 5, 17] {
        for batch in [1, 2, 16, 64] {
            let mut trainer = classifier(Adam::default(), 1, 1);
            let run = trainer.fit(&blobs(rows, 5), Fit::epochs(3).batch(batch)).unwrap();
            assert_eq!(run.steps, 3 * rows.div_ceil(batch) as u64);
            assert!(run.best().loss.is_finite());
        }
    }
}

#[test]
fn steps_and_epochs_count_as_documented() {
    let data = blobs(20, 5);
    let mut trainer = classifier(Adam::default(), 1, 1);
    trainer.fit(&data, Fit::steps(3).batch(8)).unwrap();
    assert_eq!((trainer.steps(), trainer.epochs()), (3, 1));
    trainer.fit(&data, Fit::steps(1).batch(8)).unwrap();
    assert_eq!((trainer.steps(), trainer.epochs()), (4, 1));
    // The epoch that was begun is the first of the one asked for.
    trainer.fit(&data, Fit::epochs(1).batch(8)).unwrap();
    assert_eq!((trainer.steps(), trainer.epochs()), (6, 2));
    trainer.fit(&data, Fit::to_epoch(2).batch(8)).unwrap();
    assert_eq!((trainer.steps(), trainer.epochs()), (6, 2));
    trainer.fit(&data, Fit::epochs(0).batch(8)).unwrap();
    assert_eq!(trainer.history().steps.len(), 6);
    assert_eq!(trainer.history().epochs.len(), 2);
}

#[test]
fn types_promise_what_threads_need() {
    fn promises<T: Send + Sync>() {}
    promises::<Trainer<f32>>();
    promises::<TrainState<f64>>();
    promises::<Model<f32>>();
    promises::<Dataset<f32>>();
    promises::<Box<dyn Layer<f32>>>();
    promises::<Box<dyn Loss<f32>>>();
    promises::<Box<dyn Optimizer<f32>>>();
    promises::<Box<dyn Regularizer<f32>>>();
    promises::<Box<dyn Schedule>>();
    promises::<Box<dyn Metric<f32>>>();
    promises::<Box<dyn Observer<f32>>>();
    promises::<Error>();
}

#[test]
fn a_step_out_of_the_types_range_is_taken_back() {
    let data = blobs(20, 1);
    let sgd = Sgd { learning_rate: 3e38, momentum: 0.9, ..Sgd::default() };
    let mut trainer: Trainer<f32> = Trainer::builder(Dense::new(3), CrossEntropy::default(), sgd)
        .schedule(|step: u64| if step < 2 { 1e-38 } else { 1e3 })
        .build(&[4])
        .unwrap();
    trainer.fit(&data, Fit::steps(2)).unwrap();
    let before = trainer.state();
    let error = trainer.fit(&data, Fit::steps(1)).unwrap_err();
    assert!(matches!(error, Error::Diverged { .. }), "{error}");
    assert_eq!(trainer.state(), before);
}

#[test]
fn a_schedule_that_leaves_its_range_is_an_error_that_names_the_step() {
    let data = blobs(20, 1);
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        let wrong_at_2 = move |step: u64| if step == 2 { bad } else { 1.0 };
        let build = || Trainer::builder(Dense::new(3), CrossEntropy::default(), Adam::default());
        for mut trainer in [
            build().schedule(wrong_at_2).build(&[4]).unwrap(),
            build().momentum_schedule(wrong_at_2).build(&[4]).unwrap(),
            build().weight_decay_schedule(wrong_at_2).build(&[4]).unwrap(),
            build().clip(Clip::Value(1.0)).clip_schedule(wrong_at_2).build(&[4]).unwrap(),
        ] {
            let error = trainer.fit(&data, Fit::epochs(1).batch(4)).unwrap_err();
            assert!(error.to_string().contains("step 2"), "{error}");
            assert_eq!(trainer.steps(), 2);
        }
    }
}

//! The workloads that training libraries are compared by, as one line of JSON for each measurement.
//!
//! ```text
//! cargo run --release --example workload -- w2 --threads 1 --seconds 3 --warmup 1
//! ```
//!
//! | | what | optimizer |
//! |---|---|---|
//! | w1 | step of an MLP 64-128-10, batch 32 | Adam |
//! | w2 | step of an MLP 784-512-256-10, batch 128 | Adam |
//! | w3 | step of an MLP 1024-2048-2048-1024 with squared error, batch 256 | SGD with momentum |
//! | w4 | step of LeNet on 64 images of 28 × 28 | Adam |
//! | w5 | step of three blocks of convolution and batch norm on 64 images of 3 × 32 × 32 | SGD with momentum and L2 |
//! | w6 | step of an LSTM 64-128 on 32 sequences of 50 | Adam, clipped |
//! | w7 | step of a transformer of two layers on 16 × 64 tokens | AdamW, clipped |
//! | w8 | an optimizer's update of ten million parameters, in one tensor or in 200 | |
//! | w9 | inference with the models of w2 and w4, one sample and 256 | |
//! | w10 | softmax cross-entropy of 4096 × 1000, and clipping of ten million numbers by their norm | |
//!
//! `--filter fit` measures `Trainer::fit` over the same batches of w1 to w7 instead of single steps; `ns_per` is then the time of a step. Without a
//! workload: w1, for half a second.
//!
//! Expected: lines with `median_ns`, and in w1 to w7 a `loss_last` below `loss_first`.

mod clock;
mod data;
mod models;

use std::hint::black_box;

use clock::{Clock, Size};
use data::BATCHES;
use downhill::data::Batch;
use downhill::kernel::large_pages::filled;
use downhill::loss::LossPass;
use downhill::network::Draw;
use downhill::optim::Step;
use downhill::prelude::*;
use downhill::{Parallel, clip};
use ndarray::ArrayD;

const RATE: f64 = 1e-3;

/// Parameters of w8 and numbers of w10.
const PARAMETERS: usize = 10_000_000;

/// Epochs of four steps in a call of `fit`.
const EPOCHS: usize = 25;

fn main() -> Outcome {
    run(&Clock::from_arguments()?)
}

fn run(clock: &Clock) -> Outcome {
    let adam = Adam { learning_rate: RATE, ..Adam::default() };
    let momentum = |rate| Sgd { learning_rate: rate, momentum: 0.9, ..Sgd::default() };
    let entropy = CrossEntropy::default;
    match clock.workload.as_str() {
        "w1" => {
            let builder = Trainer::builder(models::mlp(&[128, 10]), entropy(), adam);
            train(clock, builder, &[64], labelled(32, 1, &[64])?)
        }
        "w2" => {
            let builder = Trainer::builder(models::mlp(&[512, 256, 10]), entropy(), adam);
            train(clock, builder, &[784], labelled(128, 1, &[784])?)
        }
        "w3" => {
            let builder = Trainer::builder(models::mlp(&[2048, 2048, 1024]), Mse, momentum(0.1));
            let (x, t) = joined(data::regression(256, 1024));
            train(clock, builder, &[1024], Dataset::new(array(x, &[1024])?, array(t, &[1024])?)?)
        }
        "w4" => {
            let builder = Trainer::builder(models::lenet(), entropy(), adam);
            train(clock, builder, &[1, 28, 28], labelled(64, 1, &[1, 28, 28])?)
        }
        "w5" => {
            let builder = Trainer::builder(models::convolutional(), entropy(), momentum(0.05))
                .regularizer_on(Select::all(), L2::new(5e-4));
            train(clock, builder, &[3, 32, 32], labelled(64, 1, &[3, 32, 32])?)
        }
        "w6" => {
            let clip = Clip::GlobalNorm(1.0);
            let builder = Trainer::builder(models::lstm(), entropy(), adam).clip(clip);
            train(clock, builder, &[50, 64], labelled(32, 50, &[50, 64])?)
        }
        "w7" => {
            // All parameters decay, as in the definition.
            let rule = AdamW { learning_rate: RATE, weight_decay: 0.01, ..AdamW::default() };
            let group = Group { weight_decay: Some(0.01), ..Group::default() };
            let builder = Trainer::builder(models::gpt(), entropy(), rule)
                .group(Select::all(), group)
                .clip(Clip::GlobalNorm(1.0));
            let (x, t) = joined(data::tokens(16, 64, 96));
            let x = x.into_iter().map(|token| token as f32).collect();
            train(clock, builder, &[64], Dataset::new(array(x, &[64])?, array(t, &[64])?)?)
        }
        "w8" => optimizers(clock),
        "w9" => {
            infer(clock, "mlp", models::mlp(&[512, 256, 10]), &[784])?;
            infer(clock, "lenet", models::lenet(), &[1, 28, 28])
        }
        "w10" => {
            cross_entropy(clock)?;
            clipping(clock)
        }
        other => Err(format!("no such workload: {other}; there are w1 to w10").into()),
    }
}

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// All batches one after the other.
fn joined<X, T>(batches: Vec<(Vec<X>, Vec<T>)>) -> (Vec<X>, Vec<T>) {
    batches.into_iter().fold((Vec::new(), Vec::new()), |(mut xs, mut ts), (x, t)| {
        xs.extend(x);
        ts.extend(t);
        (xs, ts)
    })
}

fn array<T>(values: Vec<T>, sample: &[usize]) -> Result<ArrayD<T>, ndarray::ShapeError> {
    let samples = values.len() / sample.iter().product::<usize>();
    let shape: Vec<usize> = [samples].into_iter().chain(sample.iter().copied()).collect();
    ArrayD::from_shape_vec(shape, values)
}

fn labelled(batch: usize, repeat: usize, sample: &[usize]) -> Outcome<Dataset<f32>> {
    let width = sample.iter().product::<usize>() / repeat;
    let (x, y) = joined(data::classification(batch, repeat, width));
    Ok(Dataset::new(array(x, sample)?, y)?)
}

fn train(
    clock: &Clock,
    builder: TrainerBuilder<f32>,
    sample: &[usize],
    set: Dataset<f32>,
) -> Outcome {
    let mut trainer = builder.seed(7).threads(clock.threads).build(sample)?;
    if clock.asks_for("fit") {
        // Several epochs to a call, so that what a call costs is a small part of the whole.
        let size = Size { per: Some(EPOCHS * BATCHES), ..Size::default() };
        clock.measure("fit", size, |_| {
            let fit = Fit::epochs(EPOCHS as u64).batch(set.len() / BATCHES).in_order();
            trainer.fit(&set, fit)?;
            Ok::<_, downhill::Error>(trainer.history().steps.last().map(|record| record.loss))
        })?;
        return Ok(());
    }
    let rows: Vec<usize> = (0..set.len()).collect();
    let batches = rows.chunks(set.len() / BATCHES).map(|rows| Batch::of_rows(&set, rows));
    let batches: Vec<Batch<f32>> = batches.collect::<Result<_, _>>()?;
    drop(set);
    clock.measure("step", Size::default(), |i| {
        trainer.step(&batches[i % BATCHES]).map(|record| Some(record.loss))
    })?;
    Ok(())
}

fn optimizers(clock: &Clock) -> Outcome {
    let layouts = [("one", vec![PARAMETERS]), ("many", vec![PARAMETERS / 200; 200])];
    for (layout, sizes) in layouts {
        let bag = models::Bag(sizes.clone());
        let mut model: Model<f32> = Model::build(bag, &[1.into()], 7)?;
        let fill = |seed: u64, scale: f32| -> Vec<f32> {
            let tensors = sizes.iter().zip(seed..).flat_map(|(&n, seed)| data::floats(seed, n));
            let mut all = filled(PARAMETERS, 0.0);
            all.iter_mut().zip(tensors).for_each(|(to, x)| *to = scale * x);
            all
        };
        let (values, mut gradient) = (fill(1000, 1.0), fill(2000, 0.01));
        let rules: [(&str, usize, Box<dyn Optimizer<f32>>); 5] = [
            (
                "sgd_momentum",
                20,
                Box::new(Sgd { learning_rate: RATE, momentum: 0.9, ..Sgd::default() }),
            ),
            ("adam", 28, Box::new(Adam { learning_rate: RATE, ..Adam::default() })),
            (
                "adamw",
                28,
                Box::new(AdamW { learning_rate: RATE, weight_decay: 0.01, ..AdamW::default() }),
            ),
            ("adagrad", 20, Box::new(Adagrad { learning_rate: RATE, ..Adagrad::default() })),
            ("rmsprop", 20, Box::new(RmsProp { learning_rate: RATE, ..RmsProp::default() })),
        ];
        for (name, bytes, rule) in rules {
            model.values_mut().copy_from_slice(&values);
            let mut memory = Memory::new(&rule, model.parameters(), model.values());
            let size = Size { per: Some(PARAMETERS), bytes: Some(bytes), most: None };
            clock.measure(&format!("{name}/{layout}"), size, |i| {
                let (parameters, weights) = model.parts_mut();
                let mut no_loss = |_: &[f32], _: &mut [f32]| {
                    Err(downhill::Error::other("w8", "there is no loss"))
                };
                let tick = Tick::new(i as u64 + 1, RATE);
                let (courses, memory) = (&[], &mut memory);
                let mut step = Step::new(
                    weights,
                    &mut gradient,
                    parameters,
                    courses,
                    memory,
                    tick,
                    &mut no_loss,
                )?;
                (step.decay, step.parallel) = (rule.weight_decay(), parallel(clock));
                rule.step(&mut step).map(|()| None)
            })?;
        }
    }
    Ok(())
}

fn parallel(clock: &Clock) -> Parallel {
    if clock.threads > 1 { Parallel::On } else { Parallel::Off }
}

fn infer(clock: &Clock, name: &str, model: Chain<f32>, sample: &[usize]) -> Outcome {
    let model: Model<f32> = Model::build(model, &[sample.into()], 7)?;
    for batch in [1, 256] {
        let count = batch * sample.iter().product::<usize>();
        let inputs = (0..BATCHES as u64)
            .map(|b| array(data::floats(100 + b, count), sample))
            .collect::<Result<Vec<_>, _>>()?;
        let mut predictor = Predictor::new(&model);
        let size = Size { per: Some(batch), ..Size::default() };
        clock.measure(&format!("{name}/b{batch}"), size, |i| {
            let outputs = predictor.predict(&model, &inputs[i % BATCHES], parallel(clock))?;
            black_box(outputs.one().values());
            Ok::<_, downhill::Error>(None)
        })?;
    }
    Ok(())
}

fn cross_entropy(clock: &Clock) -> Outcome {
    let (batch, classes) = (4096, 1000);
    let model: Model<f32> = Model::build(Chain::new(), &[classes.into()], 7)?;
    let logits = array(data::floats(100, batch * classes), &[classes])?;
    let set = Dataset::new(logits, data::ints(200, classes, batch))?;
    let batch = Batch::of(&set)?;
    let mut work = Workspace::new(&model);
    work.load_part(&batch.part(0, batch.len()))?;
    work.evaluate(&model, batch.len(), Draw::default())?;
    clock.measure("ce_4096x1000", Size::default(), |_| {
        let (outputs, gradients) = work.output_gradients()?;
        let mut pass = LossPass::new(outputs, batch.target());
        (pass.gradients, pass.parallel) = (Some(gradients), parallel(clock));
        CrossEntropy::default().evaluate(pass).map(|total| Some(total.mean()))
    })?;
    Ok(())
}

fn clipping(clock: &Clock) -> Outcome {
    let sizes = vec![PARAMETERS / 200; 200];
    let mut gradient = filled(PARAMETERS, 0.0);
    let numbers = sizes.iter().zip(2000..).flat_map(|(&size, seed)| data::floats(seed, size));
    gradient.iter_mut().zip(numbers).for_each(|(to, x)| *to = x);
    let model: Model<f32> = Model::build(models::Bag(sizes), &[1.into()], 7)?;
    let size = Size { per: Some(PARAMETERS), bytes: Some(12), most: Some(2000) };
    clock.measure("clip_10m", size, |i| {
        let bound = Clip::GlobalNorm(0.999_f64.powi(i as i32));
        let norm = clip::norm(&gradient, parallel(clock));
        let (parameters, weights) = (model.parameters(), model.values());
        black_box(bound.apply(parameters, weights, &mut gradient, norm, 1.0, parallel(clock)));
        Ok::<_, downhill::Error>(None)
    })?;
    Ok(())
}

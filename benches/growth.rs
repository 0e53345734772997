//! How the time of a training step grows, beside the line that the arithmetic predicts.
//!
//! `cargo bench --bench growth` prints milliseconds and GFLOP/s, on one thread unless the row says otherwise; `cargo bench --bench growth -- FILE.svg` draws them as well.

mod chart;
mod clock;

use chart::Panel;
use clock::time;
use downhill::data::Batch;
use downhill::layer::{Plan, TransformerEncoderLayer};
use downhill::optim::Step;
use downhill::prelude::*;
use ndarray::{Array1, ArrayD};

fn main() {
    let file = std::env::args().skip(1).find(|argument| argument.ends_with(".svg"));
    let powers = |from: u32, to: u32, by: usize| (from..=to).step_by(by).map(|power| 1 << power);
    let panels = [
        panel("samples in a batch, MLP 256-256-256-10", powers(0, 12, 1), |batch| {
            dense(&[256, 256, 256, 10], batch, 1)
        }),
        panel("width of three layers, batch 64", powers(4, 11, 1), |width| {
            dense(&[width, width, width, 10], 64, 1)
        }),
        panel("layers of width 128, batch 32", powers(0, 6, 1), |depth| {
            dense(&vec![128; depth + 1], 32, 1)
        }),
        panel(
            "steps of a sequence, transformer layer of width 64, batch 8",
            powers(3, 9, 1),
            attention,
        ),
        panel("tensors of 4 million parameters, Adam's update", powers(0, 14, 2), tensors),
        panel("threads, MLP 1024-2048-1024, batch 256", 1..=threads(), |threads| {
            dense(&[1024, 2048, 1024], 256, threads)
        }),
    ];
    for panel in &panels {
        panel.print();
    }
    if let Some(file) = file {
        std::fs::write(&file, chart::draw(&panels)).unwrap();
        println!("drawn to {file}");
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// `measure` gives seconds, and the operations they are for.
fn panel(
    name: &'static str,
    at: impl Iterator<Item = usize>,
    measure: impl Fn(usize) -> (f64, f64),
) -> Panel {
    let points = at.map(|x| {
        let (seconds, operations) = measure(x);
        (x, seconds, operations)
    });
    Panel { name, points: points.collect() }
}

fn seconds(
    model: impl Layer<f32> + 'static,
    sample: &[usize],
    batch: usize,
    threads: usize,
) -> f64 {
    let shape = [&[batch], sample].concat();
    let mut count = 0_u32;
    let x = ArrayD::from_shape_simple_fn(shape, || {
        count += 1;
        (count as f32 * 0.37).sin()
    });
    let data = Dataset::new(x, Array1::from_shape_fn(batch, |i| i % 10)).unwrap();
    let samples = Batch::of(&data).unwrap();
    let rule = Sgd { learning_rate: 1e-4, ..Sgd::default() };
    let builder = Trainer::builder(model, CrossEntropy::default(), rule);
    let mut trainer = builder.threads(threads).build(sample).unwrap();
    time(|| {
        trainer.step(&samples).unwrap();
    })
}

/// A product forward, and two on the way back, but for the gradient of the first input, which nobody needs.
fn dense(widths: &[usize], batch: usize, threads: usize) -> (f64, f64) {
    let mut model = Chain::new();
    for &width in &widths[1..] {
        model = model.then(Dense::new(width)).then(Relu);
    }
    let weights: usize = widths.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let products = 3 * weights - widths[0] * widths[1];
    (seconds(model, &[widths[0]], batch, threads), (2 * batch * products) as f64)
}

/// Twelve weights for each pair of features, and two products of all pairs of steps, forward and twice on the way back.
fn attention(steps: usize) -> (f64, f64) {
    let (width, batch) = (64, 8);
    let layer =
        TransformerEncoderLayer::new(MultiHeadAttention::new(4), FeedForward::relu(4 * width));
    let model = Chain::new().then(layer).then(Flatten).then(Dense::new(10));
    let products = 12 * width * width * steps + 2 * steps * steps * width + 10 * steps * width;
    (seconds(model, &[steps, width], batch, 1), (3 * 2 * batch * products) as f64)
}

/// Declares parameters and computes nothing.
#[derive(Debug)]
struct Bag(usize, usize);

impl Layer<f32> for Bag {
    fn plan(&self, plan: &mut Plan<'_, f32>) -> Result<(), downhill::Error> {
        for tensor in 0..self.0 {
            plan.weight(&format!("w{tensor}"), self.1, None)?;
        }
        plan.output(1)
    }
    fn forward(&self, _: downhill::layer::Forward<'_, f32>) {}
    fn backward(&self, _: downhill::layer::Backward<'_, f32>) {}
}

/// Thirteen operations for each parameter, however they are cut.
fn tensors(count: usize) -> (f64, f64) {
    const PARAMETERS: usize = 1 << 22;
    let mut model: Model<f32> =
        Model::build(Bag(count, PARAMETERS / count), &[1.into()], 7).unwrap();
    let (rule, mut gradient) = (Adam::default(), vec![0.01; PARAMETERS]);
    let mut memory = Memory::new(&rule, model.parameters(), model.values());
    let mut steps = 0;
    let seconds = time(|| {
        steps += 1;
        let (parameters, weights) = model.parts_mut();
        let mut no_loss = |_: &[f32], _: &mut [f32]| Ok(0.0);
        let (tick, memory) = (Tick::new(steps, 1e-3), &mut memory);
        let mut step =
            Step::new(weights, &mut gradient, parameters, &[], memory, tick, &mut no_loss).unwrap();
        Optimizer::step(&rule, &mut step).unwrap();
    });
    (seconds, 13.0 * PARAMETERS as f64)
}

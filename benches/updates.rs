//! The speed of the optimizers' updates and of clipping, beside that of a copy of as many bytes.
//!
//! `cargo bench --bench updates` prints nanoseconds for each parameter, on one thread; `cargo bench --bench updates -- threads` uses all of them.

mod clock;

use std::hint::black_box;

use clock::time;
use downhill::optim::Step;
use downhill::prelude::*;
use downhill::{Parallel, clip, layer::Plan};

const SIZES: [usize; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];

fn main() {
    let threads = std::env::args().any(|argument| argument == "threads");
    let parallel = if threads { Parallel::On } else { Parallel::Off };
    parallel.join(|| table(parallel), || ());
}

fn table(parallel: Parallel) {
    let rate = 1e-3;
    let sgd = Sgd { learning_rate: rate, ..Sgd::default() };
    // The least traffic in bytes: each number is read once, and written once if it changes.
    let rules: [(&str, usize, Box<dyn Optimizer<f32>>); 9] = [
        ("SGD", 12, Box::new(sgd)),
        ("SGD, momentum", 20, Box::new(Sgd { momentum: 0.9, ..sgd })),
        ("Lion", 20, Box::new(Lion::default())),
        ("Adagrad", 20, Box::new(Adagrad::default())),
        ("RMSprop", 20, Box::new(RmsProp::default())),
        ("Adadelta", 28, Box::new(Adadelta::default())),
        ("Adam", 28, Box::new(Adam::default())),
        ("AdamW", 28, Box::new(AdamW::default())),
        ("NAdam", 28, Box::new(NAdam::default())),
    ];
    println!("nanoseconds for each parameter, f32, {parallel:?}");
    print!("{:>22}", "");
    SIZES.iter().for_each(|size| print!(" {size:>10}"));
    println!();
    for bytes in [12, 20, 28] {
        row(&format!("a copy of {bytes} bytes"), |size| copying(bytes * size));
    }
    for (name, _, rule) in &rules {
        row(name, |size| update(&**rule, size, parallel));
    }
    row("norm", |size| {
        let gradient = numbers(size, 0.01);
        time(|| {
            black_box(clip::norm(black_box(&gradient), parallel));
        })
    });
    row("clipping by norm", |size| {
        let (mut gradient, mut bound) = (numbers(size, 0.01), 1.0);
        time(|| {
            bound *= 0.999;
            let norm = clip::norm(&gradient, parallel);
            Clip::GlobalNorm(bound).apply(&[], &[], &mut gradient, norm, 1.0, parallel);
        })
    });
}

fn row(name: &str, seconds: impl Fn(usize) -> f64) {
    print!("{name:>22}");
    for size in SIZES {
        print!(" {:>10.3}", 1e9 * seconds(size) / size as f64);
    }
    println!();
}

/// Numbers without a pattern.
fn numbers(size: usize, scale: f32) -> Vec<f32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        scale * (state >> 8) as f32 / (1 << 24) as f32
    };
    (0..size).map(|_| next()).collect()
}

/// A copy that reads and writes so many bytes in all.
fn copying(bytes: usize) -> f64 {
    let from = vec![1_u8; bytes / 2];
    let mut to = vec![0_u8; bytes / 2];
    time(|| black_box(&mut to).copy_from_slice(black_box(&from)))
}

/// Declares parameters and computes nothing.
#[derive(Debug)]
struct Bag(usize);

impl Layer<f32> for Bag {
    fn plan(&self, plan: &mut Plan<'_, f32>) -> Result<(), downhill::Error> {
        plan.weight("weight", self.0, None)?;
        plan.output(1)
    }
    fn forward(&self, _: downhill::layer::Forward<'_, f32>) {}
    fn backward(&self, _: downhill::layer::Backward<'_, f32>) {}
}

fn update(rule: &dyn Optimizer<f32>, size: usize, parallel: Parallel) -> f64 {
    let mut model: Model<f32> = Model::build(Bag(size), &[1.into()], 7).unwrap();
    let mut gradient = numbers(size, 0.01);
    let mut memory = Memory::new(rule, model.parameters(), model.values());
    let mut steps = 0;
    time(|| {
        steps += 1;
        let (parameters, weights) = model.parts_mut();
        let mut no_loss = |_: &[f32], _: &mut [f32]| Ok(0.0);
        let tick = Tick::new(steps, rule.learning_rate());
        let memory = &mut memory;
        let mut step =
            Step::new(weights, &mut gradient, parameters, &[], memory, tick, &mut no_loss).unwrap();
        step.decay = rule.weight_decay();
        step.parallel = parallel;
        rule.step(&mut step).unwrap();
    })
}

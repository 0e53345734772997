//! A training loop without the trainer: every part of the crate works alone.
//!
//! ```text
//! cargo run --release --example own_loop
//! ```
//!
//! Expected: a falling loss, and a last line `test accuracy: 0.9xxx` above 0.94.

use downhill::data::{Batch, Sampling};
use downhill::loss::Total;
use downhill::network::{Draw, Workspace};
use downhill::prelude::*;
use downhill::random::Noise;
use downhill::{clip, train};

fn main() -> Result<(), Error> {
    let (training, test) = data::digits()?.split(0.8, 7)?;
    let (seed, epochs, batch_size) = (7, 15, 32);

    let layers = Chain::new().then(Dense::new(64)).then(Relu).then(Dense::new(10));
    let mut model: Model<f32> = Model::build(layers, &[[64].into()], seed)?;
    let loss = CrossEntropy::default();
    let optimizer = Adam::default();
    let schedule = warmup(20).then(cosine(660));
    let bound = Clip::GlobalNorm(1.0);

    let mut work = Workspace::new(&model);
    let mut memory = Memory::new(&optimizer, model.parameters(), model.values());
    let mut gradient = vec![0.0; model.values().len()];
    let mut batch = Batch::new(&training.content());
    let mut order: Vec<usize> = (0..training.len()).collect();
    let mut step = 0;

    for epoch in 0..epochs {
        Noise::new(seed).at("order").step(epoch).shuffle(&mut order);
        let mut seen = Total::default();
        for rows in order.chunks(batch_size) {
            training.fill(rows, Sampling::new(seed, epoch), &mut batch)?;

            // Forward, loss, backward: sums, which are divided once.
            gradient.fill(0.0);
            let draw = Draw::new(seed, step);
            let samples = batch.part(0, batch.len());
            let total =
                train::accumulate(&loss, &mut model, &mut work, &samples, draw, &mut gradient)?;
            gradient.iter_mut().for_each(|g| *g /= total.weight as f32);

            let norm = clip::norm(&gradient, Parallel::Off);
            bound.apply(
                model.parameters(),
                model.values(),
                &mut gradient,
                norm,
                1.0,
                Parallel::Off,
            );

            let tick = Tick::new(step + 1, 1e-3 * schedule.at(step));
            let (parameters, values) = model.parts_mut();
            memory.step(&optimizer, parameters, values, &mut gradient, tick)?;

            seen += total;
            step += 1;
        }
        println!("epoch {epoch:>2}: loss {:.4}", seen.mean());
    }

    let everything: Vec<usize> = (0..test.len()).collect();
    let mut batch = Batch::new(&test.content());
    test.fill(&everything, Sampling::evaluation(), &mut batch)?;
    work.load_part(&batch.part(0, batch.len()))?;
    work.evaluate(&model, batch.len(), Draw::default())?;
    let mut tally = Metric::<f32>::start(&Accuracy);
    Accuracy.update(&mut tally, MetricPass::new(work.outputs(), batch.target()))?;
    println!("test accuracy: {:.4}", Metric::<f32>::value(&Accuracy, &tally));
    Ok(())
}

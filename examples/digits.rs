//! Trains a small network on the 1,797 handwritten digits that come with the crate, and tests it on a fifth that it has not seen.
//!
//! ```text
//! cargo run --release --example digits
//! ```
//!
//! Expected: progress, then a last line `test accuracy: 0.9xxx`, at least 0.96, in a few seconds.

use downhill::prelude::*;

fn main() -> Result<(), Error> {
    // A fifth is kept for the test; a tenth of the rest decides which epoch is best.
    let (train, test) = data::digits()?.split(0.8, 7)?;
    let (train, validation) = train.split(0.9, 7)?;

    let model = Chain::new()
        .then(Dense::new(128))
        .then(Relu)
        .then(Dropout { rate: 0.2 })
        .then(Dense::new(64))
        .then(Relu)
        .then(Dense::new(10));

    let mut trainer = Trainer::builder(model, CrossEntropy::default(), Adam::default())
        .regularizer(L2::new(1e-4))
        .clip(Clip::GlobalNorm(1.0))
        .schedule(warmup(100).then(cosine(1_600)))
        .observer(progress())
        .seed(7)
        .build(&[64])?;
    println!("{}\n", trainer.summary());

    let run = trainer.fit(&train, Fit::epochs(40).batch(32).validate(&validation))?;
    println!(
        "\n{} steps in {:.2?}; the best epoch was {}",
        run.steps,
        run.elapsed,
        run.best_epoch().map_or(0, |epoch| epoch.epoch)
    );
    println!("test accuracy: {:.4}", trainer.evaluate(&test)?.metric("accuracy")?);
    Ok(())
}

//! An optimizer of one's own: 20 lines, and it is scheduled, clipped, decayed, frozen, grouped, saved and resumed like any other.
//!
//! ```text
//! cargo run --release --example custom_optimizer
//! ```
//!
//! Expected: a line for each rule, both with a test accuracy above 0.94, and `resumed: same bits`.

use downhill::prelude::*;

/// Moves by the sign of a moving average of the gradient (Bernstein et al., "signSGD", 2018).
#[derive(Clone, Debug)]
struct SignMomentum {
    learning_rate: f64,
    momentum: f64,
}

impl<F: Scalar> Optimizer<F> for SignMomentum {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::new("average")]
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let (rate, keep) = (F::of(tick.learning_rate), F::of(tick.momentum(self.momentum)));
        let [average] = block.slots.split();
        for ((w, &g), a) in block.weights.iter_mut().zip(block.gradient).zip(average) {
            *a = keep * *a + (F::one() - keep) * g;
            // The sign of 0 is 0 here, so a zero gradient moves nothing.
            *w -= if *a == F::zero() { F::zero() } else { rate * a.signum() };
        }
    }
}

fn trainer(optimizer: impl Optimizer<f32> + 'static) -> Result<Trainer<f32>, Error> {
    let model = Chain::new().then(Dense::new(64)).then(Relu).then(Dense::new(10));
    Trainer::builder(model, CrossEntropy::default(), optimizer)
        .clip(Clip::GlobalNorm(1.0))
        .schedule(warmup(20).then(cosine(900)))
        .seed(1)
        .build(&[64])
}

fn main() -> Result<(), Error> {
    let (train, test) = data::digits()?.split(0.8, 7)?;
    let own = SignMomentum { learning_rate: 1e-3, momentum: 0.9 };
    let fit = || Fit::to_epoch(20).batch(32);

    let mut whole = trainer(own.clone())?;
    let mut adam = trainer(Adam::default())?;
    for (name, trainer) in [("sign momentum", &mut whole), ("adam", &mut adam)] {
        trainer.fit(&train, fit())?;
        println!("{name}: test accuracy {:.4}", trainer.evaluate(&test)?.metric("accuracy")?);
    }

    // Nothing had to be written for this: the slot is named, so it is saved.
    let mut first = trainer(own.clone())?;
    first.fit(&train, Fit::to_step(333).batch(32))?;
    let mut second = trainer(own)?;
    second.restore(&first.state())?;
    second.fit(&train, fit())?;
    let same = second.model().values() == whole.model().values();
    println!("resumed: {}", if same { "same bits" } else { "different" });
    Ok(())
}

//! A small regression on made-up data: what a new project looks like.

use downhill::prelude::*;
use ndarray::Array2;

fn main() -> Result<(), Error> {
    let x = Array2::from_shape_fn((256, 2), |(i, j)| ((i * 37 + j * 101) % 64) as f32 / 32.0 - 1.0);
    let y = Array2::from_shape_fn((256, 1), |(i, _)| (3.0 * x[[i, 0]]).sin() * x[[i, 1]]);
    let data = Dataset::new(x, y)?;

    let model = Chain::new()
        .then(Dense::new(32))
        .then(Relu)
        .then(Dense::new(32))
        .then(Relu)
        .then(Dense::new(1));
    let mut trainer = Trainer::builder(model, Mse, Adam { learning_rate: 1e-2, ..Adam::default() })
        .seed(7)
        .build(&[2])?;
    let run = trainer.fit(&data, Fit::epochs(200).batch(32))?;
    println!("loss after {} epochs: {:.5}", run.epochs, run.best().loss);
    Ok(())
}

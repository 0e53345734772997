//! Predicts how diabetes progresses (442 patients, ten measurements) with the squared error and with smooth-L1, on clean training targets and
//! on targets of which one in ten was recorded ten times too large.
//!
//! ```text
//! cargo run --release --example regression
//! ```
//!
//! Expected: on clean data the two are alike; with the outliers the squared error's mean absolute error on the test half at least doubles, while
//! smooth-L1 stays close to what it was. The program fails if that does not hold.

use downhill::data::Standardize;
use downhill::prelude::*;

/// Standardised measurements and progression; the outliers are only in the targets trained on.
fn data(outliers: bool) -> Result<(Dataset<f64>, Dataset<f64>), Error> {
    let (train, test) = data::diabetes_as::<f64>()?.split(0.5, 1)?;
    let scale = Standardize::fit(&train)?;
    let (train, test) = (scale.apply(&train)?, scale.apply(&test)?);
    let targets = |data: &Dataset<f64>, outliers: bool| {
        // Progression is 25 to 346; in hundreds it is of the size of one.
        let mut y = data.values().unwrap_or_default() / 100.0;
        if outliers {
            y.iter_mut().step_by(10).for_each(|value| *value *= 10.0);
        }
        y
    };
    let inputs = |data: &Dataset<f64>| data.inputs(0).unwrap_or_default();
    Ok((
        Dataset::new(inputs(&train), targets(&train, outliers))?,
        Dataset::new(inputs(&test), targets(&test, false))?,
    ))
}

/// The mean absolute error on the test half after training with `loss`.
fn error_with(loss: impl Loss<f64> + 'static, outliers: bool) -> Result<f64, Error> {
    let (train, test) = data(outliers)?;
    let model = Chain::new().then(Dense::new(16)).then(Tanh).then(Dense::new(1));
    let mut trainer =
        Trainer::builder(model, loss, Adam { learning_rate: 1e-2, ..Adam::default() })
            .regularizer(L2::new(1e-2))
            .schedule(cosine(30 * 14))
            .metric(MeanAbsoluteError)
            .seed(3)
            .build(&[10])?;
    trainer.fit(&train, Fit::epochs(30).batch(16))?;
    trainer.evaluate(&test)?.metric("mean_absolute_error")
}

fn main() -> Result<(), Error> {
    println!("mean absolute error on the test half, in hundreds of points\n");
    println!("{:<12} {:>8} {:>14}", "loss", "clean", "with outliers");
    let squared = [error_with(Mse, false)?, error_with(Mse, true)?];
    let smooth = [error_with(SmoothL1::default(), false)?, error_with(SmoothL1::default(), true)?];
    for (name, [clean, dirty]) in [("mse", squared), ("smooth-L1", smooth)] {
        println!("{name:<12} {clean:>8.3} {dirty:>14.3}");
    }
    let as_documented = squared[1] > 2.0 * squared[0] && smooth[1] < 1.3 * smooth[0];
    if !as_documented {
        return Err(Error::other("regression", "the figures are not as this example says"));
    }
    Ok(())
}

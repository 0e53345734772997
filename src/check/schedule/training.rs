//! A trainer uses the factors of the schedule.

use ndarray::Array2;

use super::{Case, ScheduleUnderTest};
use crate::check::{Verdict, broken, equal, same_bits};
use crate::data::Dataset;
use crate::error::Error;
use crate::layer::Dense;
use crate::loss::Mse;
use crate::optim::{Block, Optimizer, Tick};
use crate::train::{Fit, Trainer};

/// The rate that the factors are multiplied by.
const RATE: f64 = 0.3;

/// Moves nothing, so that no factor can make a run diverge.
#[derive(Debug)]
struct Still;

impl Optimizer<f64> for Still {
    fn learning_rate(&self) -> f64 {
        RATE
    }

    fn update(&self, _: &Tick, _: Block<'_, f64>) {}
}

/// The rates of a run of this many steps.
fn rates(subject: &ScheduleUnderTest, steps: u64) -> Result<Vec<f64>, Error> {
    let data = Dataset::new(Array2::ones((2, 1)), Array2::<f64>::zeros((2, 1)))?;
    let mut trainer = Trainer::builder(Dense::new(1), Mse, Still)
        .schedule(subject.schedule.clone())
        .threads(1)
        .build(&[1])?;
    trainer.fit(&data, Fit::to_step(steps).batch(1))?;
    Ok(trainer.history().steps.iter().map(|step| step.learning_rate).collect())
}

/// A training run records, at every step, the rate of the optimizer times the factor of that step.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_run_uses_its_factors(subject: &ScheduleUnderTest, case: &Case) -> Verdict {
    let rates = match rates(subject, case.count) {
        Ok(rates) => rates,
        Err(error) => return broken("the run", "no error", error),
    };
    equal("the number of steps", rates.len() as u64, case.count)?;
    let want: Vec<f64> = (0..case.count).map(|step| RATE * subject.at(step)).collect();
    same_bits("recorded rate", &rates, &want)
}

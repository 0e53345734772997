//! A lower rate when the run no longer improves.

use super::{Control, Event, Observer};
use crate::error::Error;
use crate::schedule::Plateau;

/// Lowers the learning rate when the loss, or another metric, stops improving: an observer that applies a [`Plateau`] to the history after each
/// epoch, and multiplies the rate by what the rule drops it by; what other observers scale it by stays. Which way is better is the watched metric's own
/// affair, and not that of `rule.goal`. It keeps nothing between epochs, so there is nothing to save, and it can serve any number of runs.
///
/// ```
/// use downhill::prelude::*;
/// # let data = Dataset::new(ndarray::array![[0.0]], ndarray::array![[0.0]])?;
/// let plateau = Plateau { patience: 2, factor: 0.5, ..Plateau::default() };
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd { learning_rate: 0.1, ..Sgd::default() })
///     .observer(ReduceOnPlateau::new(plateau))
///     .build(&[1])?;
/// trainer.fit(&data, Fit::epochs(5))?; // the loss is 0 from the start: three epochs bring nothing
/// assert_eq!(trainer.history().steps[3].learning_rate, 0.1);
/// assert_eq!(trainer.history().steps[4].learning_rate, 0.05);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ReduceOnPlateau {
    rule: Plateau,
    metric: String,
}

impl ReduceOnPlateau {
    /// Watches the loss: of the validation data if there are any, else of the training data.
    pub fn new(rule: Plateau) -> Self {
        Self { rule, metric: "loss".to_owned() }
    }

    /// Watches another metric. `fit` returns [`Error::NoMatch`] if nothing of this name is measured.
    #[must_use]
    pub fn watching(self, metric: impl Into<String>) -> Self {
        Self { metric: metric.into(), ..self }
    }
}

impl<F> Observer<F> for ReduceOnPlateau {
    fn observe(&mut self, event: &Event<'_>, control: &mut Control<'_, F>) {
        let goal = match control.goal(&self.metric) {
            Ok(goal) => goal,
            Err(error) => return control.fail(error),
        };
        let Event::Epoch(last) = event else { return };
        let rule = Plateau { goal, ..self.rule };
        let epochs = control.history().epochs.iter().filter(|epoch| epoch.is_judged_like(last));
        let value = |epoch: &super::EpochRecord| epoch.deciding().metric(&self.metric);
        let values: Vec<f64> = epochs.map(|epoch| value(epoch).unwrap_or(f64::NAN)).collect();
        let before = rule.scale(&values[..values.len().saturating_sub(1)]);
        let now = rule.scale(&values);
        if now != before {
            // Others may have scaled the rate as well.
            control.set_learning_rate_scale(control.learning_rate_scale() / before * now);
        }
    }

    fn validate(&self) -> Result<(), Error> {
        self.rule.validate()
    }
}

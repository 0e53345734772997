//! The likelihood of the targets.

use super::places::{self, softplus};
use super::{Metric, MetricPass, Tally, add_to_mean, mean_of};
use crate::data::{Target, TargetKind};
use crate::error::Error;
use crate::goal::Goal;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The mean of −ln p, where p is the probability that the model gives to the target: cross-entropy without smoothing, class weights or
/// regularization.
///
/// Outputs are logits: one for each class (softmax), or a single one (sigmoid), whose target may also be a probability from 0 to 1.
///
/// ```
/// use downhill::metric::{self, LogLoss};
/// use ndarray::array;
/// let even = array![[0.0, 0.0], [5.0, 5.0]].into_dyn();
/// assert_eq!(metric::measure(&LogLoss, &[even], vec![0, 1], None)?, f64::ln(2.0));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogLoss;

impl<F: Scalar> Metric<F> for LogLoss {
    fn name(&self) -> String {
        "log_loss".to_owned()
    }

    fn goal(&self) -> Goal {
        Goal::Minimize
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        places::check("log_loss", outputs, targets).map(|_| ())
    }

    fn start(&self) -> Tally {
        vec![0.0; 2]
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
        let Target::Values(_) = pass.targets else {
            return places::each(
                || "log_loss".to_owned(),
                &pass,
                |place| {
                    add_to_mean(tally, -place.log_probability(place.label), place.weight);
                },
            );
        };
        let mut bad = Ok(());
        super::numbers::each("log_loss", &pass, |pair| {
            if !(0.0..=1.0).contains(&pair.target) && bad.is_ok() {
                bad =
                    Err(Error::target("log_loss", pair.sample, pair.target, "a number in [0, 1]"));
            }
            let logit = pair.prediction;
            // t ln(1 + e⁻ˣ) + (1 − t) ln(1 + eˣ), without 0 · ∞.
            let mut loss = 0.0;
            if pair.target > 0.0 || logit.is_nan() {
                loss += pair.target * softplus(-logit);
            }
            if pair.target < 1.0 || logit.is_nan() {
                loss += (1.0 - pair.target) * softplus(logit);
            }
            add_to_mean(tally, loss, pair.weight);
        })?;
        bad
    }

    fn value(&self, tally: &Tally) -> f64 {
        mean_of(tally)
    }
}

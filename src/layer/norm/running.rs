//! Statistics that follow the batches of training, for use in evaluation.

use super::moments::Moments;
use crate::error::{Error, require};
use crate::layer::{Plan, States};
use crate::scalar::Scalar;

/// The states `running_mean` and `running_var`, and `num_batches_tracked` if the average is a cumulative one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Running {
    /// The weight of a new value; without one, all batches weigh the same.
    pub momentum: Option<f64>,
}

impl Running {
    pub fn plan<F: Scalar>(
        self,
        plan: &mut Plan<'_, F>,
        name: &str,
        channels: usize,
    ) -> Result<(), Error> {
        plan.state("running_mean", channels, 0.0)?;
        plan.state("running_var", channels, 1.0)?;
        match self.momentum {
            Some(momentum) => require::share(&format!("{name}::momentum"), momentum),
            None => plan.state("num_batches_tracked", 1, 0.0),
        }
    }

    /// Counts the batch, and gives the weight that it has; nothing in evaluation, which changes no state.
    pub fn weight<F: Scalar>(self, states: &mut States<'_, F>) -> Option<f64> {
        if let Some(momentum) = self.momentum {
            return states.get_mut(0).map(|_| momentum);
        }
        let batches = states.get_mut(2)?.first_mut()?;
        *batches += F::one();
        Some(1.0 / batches.as_f64())
    }
}

/// Moves the statistics of a channel towards those of a batch, by so much of the way.
pub(super) fn follow<F: Scalar>(
    states: &mut States<'_, F>,
    channel: usize,
    weight: f64,
    mean: f64,
    variance: Option<f64>,
) {
    for (state, new) in [(0, Some(mean)), (1, variance)] {
        let old = states.get_mut(state).and_then(|values| values.get_mut(channel));
        if let (Some(old), Some(new)) = (old, new) {
            // A variance may be more than single precision holds; infinity would silence the channel for ever.
            let most = F::max_value().as_f64();
            *old = F::of(((1.0 - weight) * old.as_f64() + weight * new).clamp(-most, most));
        }
    }
}

/// The running statistics of a channel.
pub(super) fn moments<F: Scalar>(states: &States<'_, F>, channel: usize) -> Moments {
    let of = |state: usize| states.get(state).get(channel).map_or(0.0, |value| value.as_f64());
    Moments { count: 0, mean: of(0), variance: of(1) }
}

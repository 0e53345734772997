use downhill::Error;
use downhill::schedule::Schedule;

use crate::require;

/// Cosine decay that starts again after each period, each time from a lower peak: decayⁿ · (1 + cos(π · t / period)) / 2 in period n.
#[derive(Clone, Debug)]
pub struct DecayingRestarts {
    pub period: u64,
    pub decay: f64,
}

impl Schedule for DecayingRestarts {
    fn at(&self, step: u64) -> f64 {
        let period = self.period.max(1);
        let (cycle, within) = (step / period, step % period);
        let angle = std::f64::consts::PI * within as f64 / period as f64;
        self.decay.powf(cycle as f64) * (1.0 + angle.cos()) / 2.0
    }

    fn validate(&self) -> Result<(), Error> {
        require(self.period > 0, "period", 0.0, "1 or more")?;
        let decay = self.decay;
        require((0.0..=1.0).contains(&decay), "decay", decay, "a number in [0, 1]")
    }
}

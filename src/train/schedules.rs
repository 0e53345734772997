//! The schedules of a run.

use crate::error::Error;
use crate::schedule::Schedule;

/// Factors on settings, as functions of the step.
#[derive(Default)]
pub(super) struct Schedules {
    pub rate: Option<Box<dyn Schedule>>,
    pub momentum: Option<Box<dyn Schedule>>,
    pub decay: Option<Box<dyn Schedule>>,
    pub clip: Option<Box<dyn Schedule>>,
}

impl std::fmt::Debug for Schedules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schedules").finish_non_exhaustive()
    }
}

/// The factors of one step.
#[derive(Clone, Copy)]
pub(super) struct Factors {
    pub rate: f64,
    pub momentum: f64,
    pub decay: f64,
    pub clip: f64,
}

impl Schedules {
    /// What the schedules give at this step, for a rule of this momentum; 1 where there is none.
    pub fn at(&self, step: u64, momentum: f64) -> Result<Factors, Error> {
        let factor = |name: &str, schedule: &Option<Box<dyn Schedule>>| {
            let factor = schedule.as_ref().map_or(1.0, |schedule| schedule.at(step));
            if factor.is_finite() && factor >= 0.0 {
                return Ok(factor);
            }
            let name = format!("{name} at step {step}");
            Err(Error::argument(name, factor, "a schedule of finite numbers, 0 or more"))
        };
        let momentum_factor = factor("the momentum schedule", &self.momentum)?;
        if momentum > 0.0 && momentum * momentum_factor >= 1.0 {
            let name = format!("the momentum schedule at step {step}");
            let expected = format!(
                "a factor below {}, so that {momentum} times it stays below 1",
                1.0 / momentum
            );
            return Err(Error::argument(name, momentum_factor, expected));
        }
        Ok(Factors {
            rate: factor("the schedule", &self.rate)?,
            momentum: momentum_factor,
            decay: factor("the decay schedule", &self.decay)?,
            clip: factor("the clip schedule", &self.clip)?,
        })
    }
}

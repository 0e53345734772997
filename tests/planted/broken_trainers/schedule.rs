//! The schedule of the rate.

use downhill::schedule::Schedule;

use super::Count;

/// Falls slowly with the step.
#[derive(Debug)]
pub struct Fading {
    bug: &'static str,
    calls: Count,
}

impl Fading {
    pub fn new(bug: &'static str) -> Self {
        Self { bug, calls: Count::default() }
    }
}

impl Schedule for Fading {
    fn at(&self, step: u64) -> f64 {
        let step = match self.bug {
            "the schedule counts its calls" => self.calls.next(),
            _ => step as f64,
        };
        1.0 / (1.0 + 0.01 * step)
    }
}

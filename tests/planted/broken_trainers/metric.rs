//! The metric.

use downhill::data::{Target, TargetKind};
use downhill::metric::{Metric, MetricPass, Tally};
use downhill::prelude::*;

use super::Count;

/// The mean distance of output and target.
#[derive(Debug)]
pub struct Gap {
    bug: &'static str,
    calls: Count,
}

impl Gap {
    pub fn new(bug: &'static str) -> Self {
        Self { bug, calls: Count::default() }
    }
}

impl Metric<f64> for Gap {
    fn name(&self) -> String {
        "gap".to_owned()
    }

    fn goal(&self) -> Goal {
        Goal::Minimize
    }

    fn check(&self, _: &[Shape], _: &TargetKind) -> Result<(), Error> {
        Ok(())
    }

    fn start(&self) -> Tally {
        vec![0.0; 2]
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, f64>) -> Result<(), Error> {
        let Target::Values(targets) = pass.targets else { unreachable!("the data are numbers") };
        let pairs = pass.outputs.one().values().iter().zip(targets.values());
        for (sample, (output, target)) in pairs.enumerate() {
            tally[0] += pass.weight(sample) * (output - target).abs();
            tally[1] += pass.weight(sample);
        }
        if self.bug == "the metric keeps a count to itself" {
            tally[1] += self.calls.next();
        }
        Ok(())
    }

    fn value(&self, tally: &Tally) -> f64 {
        tally[0] / tally[1]
    }
}

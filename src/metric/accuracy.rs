//! The share of right answers.

use super::{Metric, MetricPass, Tally};
use crate::data::{Target, TargetKind};
use crate::error::Error;
use crate::goal::Goal;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// The share of places whose largest output is at the target's index (the first one of equal outputs).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accuracy;

impl<F: Scalar> Metric<F> for Accuracy {
    fn name(&self) -> String {
        "accuracy".to_owned()
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let ([output], TargetKind::Classes(labels)) = (outputs, targets) else {
            return Err(Error::target_kind("accuracy", "class indices", targets.to_string()));
        };
        match output.split_last() {
            Some((_, places)) if places == labels.axes() => Ok(()),
            _ => {
                let expected = format!("outputs of shape {labels} with a last axis of classes");
                Err(Error::shape("accuracy", expected, output.clone(), "change the last layer"))
            }
        }
    }

    fn start(&self) -> Tally {
        vec![0.0; 2]
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
        let Target::Classes(target) = pass.targets else {
            let got = pass.targets.kind().to_string();
            return Err(Error::target_kind("accuracy", "class indices", got));
        };
        let output = pass.outputs.one();
        let classes = output.shape().last().copied().unwrap_or(1);
        let places = (output.size() / classes).max(1);
        for (place, (scores, &label)) in
            output.values().chunks_exact(classes).zip(target.labels()).enumerate()
        {
            let weight = pass.weight(place / places);
            let largest = |best: usize, i: usize| if scores[i] > scores[best] { i } else { best };
            tally[0] += if (0..classes).fold(0, largest) == label { weight } else { 0.0 };
            tally[1] += weight;
        }
        Ok(())
    }

    fn value(&self, tally: &Tally) -> f64 {
        tally[0] / tally[1]
    }
}

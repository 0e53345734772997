//! What the regression metrics have in common.

use super::MetricPass;
use crate::data::{Target, TargetKind};
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A prediction with what it should have been.
pub(super) struct Pair {
    pub(super) sample: usize,
    /// The place in the flattened sample.
    pub(super) column: usize,
    pub(super) prediction: f64,
    pub(super) target: f64,
    pub(super) weight: f64,
}

impl Pair {
    pub(super) fn error(&self) -> f64 {
        self.prediction - self.target
    }
}

/// Checks that there is a target of the same shape for the only output.
pub(super) fn check(name: &str, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
    let [output] = outputs else { return Err(Error::arity(name, 1, outputs.len())) };
    match targets {
        TargetKind::Values(shape) if shape == output => Ok(()),
        TargetKind::Values(shape) => {
            let expected = format!("targets of the output's shape {output}");
            let fix = "reshape the targets, or change the last layer's units";
            Err(Error::shape(name, expected, shape.clone(), fix))
        }
        other => {
            let expected = format!("numbers of shape {output} per sample");
            Err(Error::target_kind(name, expected, other.to_string()))
        }
    }
}

/// Shows each prediction of the batch that has any weight.
pub(super) fn each<F: Scalar>(
    name: &str,
    pass: &MetricPass<'_, F>,
    mut see: impl FnMut(Pair),
) -> Result<(), Error> {
    let output = pass.outputs.one();
    let target = match pass.targets {
        Target::Values(target) if target.shape() == output.shape() => target,
        _ => return check(name, std::slice::from_ref(output.shape()), &pass.targets.kind()),
    };
    for (sample, (predictions, targets)) in output.rows().zip(target.rows()).enumerate() {
        let weight = pass.weight(sample);
        if weight == 0.0 {
            continue;
        }
        for (column, (prediction, target)) in predictions.iter().zip(targets).enumerate() {
            let (prediction, target) = (prediction.as_f64(), target.as_f64());
            see(Pair { sample, column, prediction, target, weight });
        }
    }
    Ok(())
}

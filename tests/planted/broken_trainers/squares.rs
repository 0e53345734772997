//! The loss.

use std::sync::Mutex;

use downhill::data::{Target, TargetKind};
use downhill::loss::{LossPass, Total};
use downhill::prelude::*;

use super::Count;

/// The squared error of one number.
#[derive(Debug)]
pub struct Squares {
    bug: &'static str,
    calls: Count,
    baseline: Mutex<f64>,
}

impl Squares {
    pub fn new(bug: &'static str) -> Self {
        Self { bug, calls: Count::default(), baseline: Mutex::new(0.0) }
    }

    /// A moving average of the targets, which the loss keeps to itself.
    fn baseline(&self, targets: &[f64]) -> f64 {
        let mut baseline = self.baseline.lock().unwrap();
        *baseline = 0.9 * *baseline + 0.1 * targets.iter().sum::<f64>() / targets.len() as f64;
        *baseline
    }

    /// What each sample counts.
    fn weights(&self, pass: &LossPass<'_, f64>, len: usize) -> Vec<f64> {
        let given: Vec<f64> = (0..len).map(|sample| pass.weight(sample)).collect();
        let weight = |(sample, &weight): (usize, &f64)| match self.bug {
            "a weight of zero counts a little" => weight.max(1e-3),
            "weights are rounded up" => weight.ceil(),
            "no weight at all means no weights" if given.iter().all(|&w| w == 0.0) => 1.0,
            "the last sample of several is left out" if sample + 1 == len && len > 1 => 0.0,
            "later samples count less" => weight / (sample + 1) as f64,
            _ => weight,
        };
        given.iter().enumerate().map(weight).collect()
    }

    /// The number of samples that a batch is taken for.
    fn weight(&self, weights: &[f64]) -> f64 {
        let weight: f64 = weights.iter().sum();
        match self.bug {
            "the total is the number of samples" => weights.len() as f64,
            "the total is 1" => 1.0,
            "the total is the root of the weight" => weight.sqrt(),
            "the total leaves out the first sample" => weights[1..].iter().sum(),
            "the total has something added" => weight + 0.1,
            _ => weight,
        }
    }

    fn add(&self, parts: &[f64], parallel: Parallel, training: bool) -> f64 {
        let halves = match self.bug {
            "the loss adds up in halves on threads" => parallel == Parallel::On,
            "the loss in use adds up in halves on threads" => parallel == Parallel::On && !training,
            _ => false,
        };
        let (left, right) = parts.split_at(if halves { parts.len() / 2 } else { 0 });
        left.iter().sum::<f64>() + right.iter().sum::<f64>()
    }
}

impl Loss<f64> for Squares {
    fn check(&self, _: &[Shape], _: &TargetKind) -> Result<(), Error> {
        Ok(())
    }

    fn evaluate(&self, mut pass: LossPass<'_, f64>) -> Result<Total, Error> {
        let Target::Values(targets) = pass.targets else { unreachable!("the data are numbers") };
        let (outputs, targets) = (pass.outputs.one().values(), targets.values());
        let (len, training) = (targets.len(), pass.gradients.is_some());
        let (mut factor, mut shift) = (1.0, 0.0);
        match self.bug {
            "the loss counts its calls" => factor += 0.01 * self.calls.next(),
            "the loss counts its calls in training" if training => {
                factor += 0.01 * self.calls.next();
            }
            "the loss has a moving baseline" => shift = self.baseline(targets),
            "the sum is a mean" => factor /= len as f64,
            _ => {}
        }
        let weights = self.weights(&pass, len);
        let weight = self.weight(&weights);
        let errors: Vec<f64> =
            outputs.iter().zip(targets).map(|(output, target)| output - target - shift).collect();
        if let Some(gradients) = &mut pass.gradients {
            let mut gradients = gradients.one();
            for ((gradient, error), own) in gradients.values().iter_mut().zip(&errors).zip(&weights)
            {
                *gradient = 2.0 * factor * error;
                match self.bug {
                    "weights are left out of the gradient" => {}
                    "the gradient is that of the mean" => *gradient *= own / len as f64,
                    "the gradient is divided by the weight" => *gradient *= own / weight,
                    _ => *gradient *= own,
                }
            }
        }
        let part = |(error, own): (&f64, &f64)| match self.bug {
            "weights are left out of the sum" => factor * error * error,
            _ => factor * error * error * own,
        };
        let parts: Vec<f64> = errors.iter().zip(&weights).map(part).collect();
        Ok(Total { sum: self.add(&parts, pass.parallel, training), weight })
    }
}

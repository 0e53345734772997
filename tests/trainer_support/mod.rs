//! Small data and models that the trainer's tests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use downhill::data::TargetKind;
use downhill::loss::{LossPass, Total};
use downhill::prelude::*;
use downhill::random::Noise;
use ndarray::{Array1, Array2};

/// Three overlapping clouds of points in four dimensions.
pub fn blobs(rows: usize, seed: u64) -> Dataset<f32> {
    let noise = Noise::new(seed);
    let x = Array2::from_shape_fn((rows, 4), |(i, j)| {
        let centre = if j == i % 3 { 1.0 } else { 0.0 };
        (centre + 0.7 * noise.normal((i * 4 + j) as u64)) as f32
    });
    Dataset::new(x, Array1::from_shape_fn(rows, |i| i % 3)).unwrap()
}

/// A smooth function of three numbers.
pub fn table(rows: usize, seed: u64) -> Dataset<f64> {
    let noise = Noise::new(seed);
    let x = Array2::from_shape_fn((rows, 3), |(i, j)| noise.normal((i * 3 + j) as u64));
    let y = Array2::from_shape_fn((rows, 1), |(i, _)| (2.0 * x[[i, 0]]).sin() + x[[i, 1]]);
    Dataset::new(x, y).unwrap()
}

/// A loss that says what it was told to, call after call.
#[derive(Debug)]
struct Scripted {
    script: Vec<f64>,
    call: Arc<AtomicUsize>,
}

impl Loss<f64> for Scripted {
    fn check(&self, _: &[Shape], _: &TargetKind) -> Result<(), Error> {
        Ok(())
    }

    fn evaluate(&self, mut pass: LossPass<'_, f64>) -> Result<Total, Error> {
        if let Some(gradients) = &mut pass.gradients {
            gradients.clear();
        }
        let call = self.call.fetch_add(1, Ordering::Relaxed);
        Ok(Total { sum: self.script[call % self.script.len()], weight: 1.0 })
    }
}

/// A trainer whose loss follows a script, one number to a step.
pub fn scripted(script: &[f64]) -> Trainer<f64> {
    scripted_builder(script).build(&[3]).unwrap()
}

/// The same, still to be built, for samples of three numbers.
pub fn scripted_builder(script: &[f64]) -> TrainerBuilder<f64> {
    let loss = Scripted { script: script.to_vec(), call: Arc::default() };
    Trainer::builder(Dense::new(1), loss, Sgd::default())
}

//! The first layer.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::SystemTime;

use downhill::layer::{Backward, Forward, Layer, Mode, Plan};
use downhill::prelude::*;

use super::Count;

/// Multiplies each sample of the data by a random factor in training. It has no parameters, and the gradient of data is not asked for.
#[derive(Debug)]
pub struct Entry {
    bug: &'static str,
    calls: Count,
    mean: Mutex<f64>,
}

impl Entry {
    pub fn new(bug: &'static str) -> Self {
        Self { bug, calls: Count::default(), mean: Mutex::new(0.0) }
    }

    /// A running mean that is not declared as layer state, after these numbers.
    fn running(&self, numbers: &[f64]) -> f64 {
        let mut mean = self.mean.lock().unwrap();
        *mean = 0.9 * *mean + 0.1 * average(numbers);
        *mean
    }

    /// What a sample is multiplied by.
    fn factors(&self, pass: &Forward<'_, f64>) -> Vec<f64> {
        static CALLS: Count = Count(std::sync::atomic::AtomicU64::new(0));
        let (x, train) = (pass.inputs.one(), pass.mode == Mode::Train);
        let all = match self.bug {
            "the layer counts its calls" if train => 1.0 + 0.01 * self.calls.next(),
            "the layer counts evaluations" if train => 1.0 + 0.01 * self.calls.now(),
            "the layer counts evaluations" => 1.0 + 0.0 * self.calls.next(),
            "the layer fades while it is in use" if !train => 1.0 + 0.01 * self.calls.next(),
            "the layer counts steps for its use" if train => 1.0 + 0.0 * self.calls.next(),
            "the layer counts steps for its use" => 1.0 + 0.01 * self.calls.now(),
            "the layer counts in a static" if train => 1.0 + 0.01 * CALLS.next(),
            "the layer reads the clock" if train => {
                let since = SystemTime::UNIX_EPOCH.elapsed().unwrap();
                1.0 + 1e-9 * f64::from(since.subsec_nanos())
            }
            "the layer adds up in the order of a hash set" if train => {
                let numbers: HashSet<u32> = (1..40).collect();
                numbers.into_iter().map(|i| 1.0 / f64::from(i)).sum()
            }
            "running mean, hidden" if train => 1.0 + 0.0 * self.running(x.values()),
            "running mean, hidden" => 1.0 + *self.mean.lock().unwrap(),
            "running mean, hidden and used in training" if train => 1.0 + self.running(x.values()),
            "running mean, hidden and updated in evaluation" => 1.0 + self.running(x.values()),
            "running mean, hidden and with the NaN" if train => {
                1.0 + 0.0 * self.running(x.values())
            }
            "batch statistics in evaluation" => 1.0 / (1.0 + average(x.values()).abs()),
            "the layer adds up in halves on threads" if pass.parallel == Parallel::On => {
                let (left, right) = x.values().split_at(x.values().len() / 2);
                1.0 + (left.iter().sum::<f64>() + right.iter().sum::<f64>()).tanh()
            }
            "the layer adds up in halves on threads" => 1.0 + x.values().iter().sum::<f64>().tanh(),
            _ => 1.0,
        };
        let of_sample = |sample: usize| match self.bug {
            "noise in evaluation" => pass.sample_noise(sample).uniform(0),
            "noise by the place in the part" if train => pass.noise.step(sample as u64).uniform(0),
            "noise of one seed" if train => Noise::new(1).step(sample as u64).uniform(0),
            "noise is left out" => 0.5,
            "ranks within the batch" if !train => {
                x.rows().filter(|row| row[0] < x.row(sample)[0]).count() as f64
            }
            _ if train => pass.sample_noise(sample).uniform(0),
            _ => 0.5,
        };
        (0..pass.batch).map(|sample| all * (0.75 + 0.5 * of_sample(sample))).collect()
    }
}

fn average(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

impl Layer<f64> for Entry {
    fn plan(&self, plan: &mut Plan<'_, f64>) -> Result<(), Error> {
        let shape = plan.input()?;
        plan.output(shape)
    }

    #[expect(clippy::manual_clamp, reason = "`clamp` does not hide NaN, which is the bug")]
    fn forward(&self, mut pass: Forward<'_, f64>) {
        let (factors, x) = (self.factors(&pass), pass.inputs.one());
        let mut out = pass.outputs.one();
        for ((out, row), factor) in out.rows().zip(x.rows()).zip(factors) {
            for (out, &x) in out.iter_mut().zip(row) {
                *out = factor
                    * match self.bug {
                        "NaN counts as zero" if x.is_nan() => 0.0,
                        "max and min hide NaN" => x.max(-10.0).min(10.0),
                        "a missing cell is the mean of its row" if x.is_nan() => average(
                            &row.iter().copied().filter(|x| !x.is_nan()).collect::<Vec<_>>(),
                        ),
                        _ => x,
                    };
            }
        }
    }

    fn backward(&self, _: Backward<'_, f64>) {}
}

use std::sync::Arc;

use downhill::layer::{Backward, Forward, Layer, Mode, Plan};
use downhill::params::{Role, init::Constant};
use downhill::{Error, Scalar};

/// Batch normalisation of each number of a flat sample (Ioffe and Szegedy, 2015): y = scale · (x − mean) / √(variance + ε) + shift.
///
/// Takes and gives `[n]`. In training mean and variance are those of the batch, and the running ones follow by `momentum`, the variance
/// without bias; in evaluation they are the running ones.
#[derive(Clone, Debug)]
pub struct BatchNorm {
    pub momentum: f64,
    pub epsilon: f64,
}

impl Default for BatchNorm {
    fn default() -> Self {
        Self { momentum: 0.1, epsilon: 1e-5 }
    }
}

const MEAN: usize = 0;
const VARIANCE: usize = 1;
const SCALE: usize = 0;
const SHIFT: usize = 1;

/// Mean and variance (with the divisor n) of one column.
fn moments(column: impl Iterator<Item = f64> + Clone, n: f64) -> (f64, f64) {
    let mean = column.clone().sum::<f64>() / n;
    (mean, column.map(|x| (x - mean).powi(2)).sum::<f64>() / n)
}

impl<F: Scalar> Layer<F> for BatchNorm {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let shape = plan.input()?;
        if shape.axes().len() != 1 {
            return Err(plan.refuse("a flat sample [n]", &shape, "put a Flatten before it"));
        }
        let epsilon = self.epsilon;
        if !(epsilon.is_finite() && F::of(epsilon) > F::zero()) {
            return Err(Error::argument("BatchNorm::epsilon", epsilon, "a number above 0"));
        }
        if !(0.0..=1.0).contains(&self.momentum) {
            return Err(Error::argument(
                "BatchNorm::momentum",
                self.momentum,
                "a number in [0, 1]",
            ));
        }
        let one = || Some(Arc::new(Constant(1.0)) as _);
        plan.param("scale", Role::Norm, shape.clone(), (1, 1), one())?;
        plan.param("shift", Role::Norm, shape.clone(), (1, 1), Some(Arc::new(Constant(0.0))))?;
        plan.state("mean", shape.clone(), 0.0)?;
        plan.state("variance", shape.clone(), 1.0)?;
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        if pass.batch == 0 {
            // No sample says nothing about the mean.
            return;
        }
        let (x, n) = (pass.inputs.one(), pass.batch as f64);
        let mut outputs = pass.outputs.one();
        for i in 0..x.size() {
            let (mean, variance) = match pass.mode {
                Mode::Train => moments(x.rows().map(|row| row[i].as_f64()), n),
                _ => (pass.states.get(MEAN)[i].as_f64(), pass.states.get(VARIANCE)[i].as_f64()),
            };
            if pass.mode == Mode::Train {
                // A single sample says nothing about the variance.
                let unbiased = if n > 1.0 { variance * n / (n - 1.0) } else { variance };
                for (position, value) in [(MEAN, mean), (VARIANCE, unbiased)] {
                    if let Some(state) = pass.states.get_mut(position) {
                        let kept = (1.0 - self.momentum) * state[i].as_f64();
                        state[i] = F::of(kept + self.momentum * value);
                    }
                }
            }
            let scale = pass.params[SCALE][i].as_f64() / (variance + self.epsilon).sqrt();
            let shift = pass.params[SHIFT][i].as_f64();
            for sample in 0..pass.batch {
                outputs.row(sample)[i] = F::of((x.row(sample)[i].as_f64() - mean) * scale + shift);
            }
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let (x, dy, n) = (pass.inputs.one(), pass.output_gradients.one(), pass.batch as f64);
        let mut dx = pass.input_gradients.one();
        for i in 0..x.size() {
            let train = pass.mode == Mode::Train;
            let (mean, variance) = if train {
                moments(x.rows().map(|row| row[i].as_f64()), n)
            } else {
                (pass.states.get(MEAN)[i].as_f64(), pass.states.get(VARIANCE)[i].as_f64())
            };
            let over = 1.0 / (variance + self.epsilon).sqrt();
            let normed = |sample: usize| (x.row(sample)[i].as_f64() - mean) * over;
            let dy = |sample: usize| dy.row(sample)[i].as_f64();
            let sum: f64 = (0..pass.batch).map(dy).sum();
            let along: f64 = (0..pass.batch).map(|sample| dy(sample) * normed(sample)).sum();
            pass.gradients.get(SCALE)[i] += F::of(along);
            pass.gradients.get(SHIFT)[i] += F::of(sum);
            if let Some(dx) = &mut dx {
                let scale = pass.params[SCALE][i].as_f64() * over;
                for sample in 0..pass.batch {
                    let part = if train { (sum + normed(sample) * along) / n } else { 0.0 };
                    dx.row(sample)[i] = F::of(scale * (dy(sample) - part));
                }
            }
        }
    }
}

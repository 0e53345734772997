//! Small problems of learning, whose optimum is known because the targets were made with it.

use super::Problem;
use crate::random::Noise;

/// Logistic regression on soft labels: the mean cross-entropy between σ(aᵢ · x) and pᵢ = σ(aᵢ · o), which is convex and least at x = o.
#[derive(Clone, Debug)]
pub struct LogisticRegression {
    samples: Vec<Vec<f64>>,
    labels: Vec<f64>,
    optimum: Vec<f64>,
}

impl LogisticRegression {
    /// With this many samples and features, from the seed.
    pub fn new(samples: usize, features: usize, seed: u64) -> Self {
        let samples = normal_rows(samples, features, Noise::new(seed).at("samples"));
        let optimum = normal_rows(1, features, Noise::new(seed).at("optimum")).concat();
        let labels = samples.iter().map(|a| sigmoid(dot(a, &optimum))).collect();
        Self { samples, labels, optimum }
    }

    fn pairs(&self) -> impl Iterator<Item = (&Vec<f64>, f64)> {
        self.samples.iter().zip(self.labels.iter().copied())
    }
}

impl Problem for LogisticRegression {
    fn name(&self) -> &str {
        "logistic_regression"
    }

    fn start(&self) -> Vec<f64> {
        vec![0.0; self.optimum.len()]
    }

    fn optima(&self) -> Vec<Vec<f64>> {
        vec![self.optimum.clone()]
    }

    fn optimum_value(&self) -> f64 {
        self.value(&self.optimum)
    }

    fn value(&self, x: &[f64]) -> f64 {
        // −p ln σ(z) − (1 − p) ln σ(−z) = softplus(z) − p z
        let softplus = |z: f64| z.max(0.0) + (-z.abs()).exp().ln_1p();
        let losses = self.pairs().map(|(a, p)| softplus(dot(a, x)) - p * dot(a, x));
        losses.sum::<f64>() / self.samples.len() as f64
    }

    fn gradient(&self, x: &[f64], gradient: &mut [f64]) {
        gradient.fill(0.0);
        for (a, p) in self.pairs() {
            let error = (sigmoid(dot(a, x)) - p) / self.samples.len() as f64;
            gradient.iter_mut().zip(a).for_each(|(g, a)| *g += error * a);
        }
    }
}

/// A network of two inputs, three tanh units and one output, fitted by mean squares to another such network; least, at 0, where it is that one.
#[derive(Clone, Debug)]
pub struct SmallNetwork {
    samples: Vec<Vec<f64>>,
    targets: Vec<f64>,
    optimum: Vec<f64>,
}

/// How many hidden units.
const UNITS: usize = 3;

impl SmallNetwork {
    /// With this many samples, from the seed.
    pub fn new(samples: usize, seed: u64) -> Self {
        let samples = normal_rows(samples, 2, Noise::new(seed).at("samples"));
        // For each unit two weights, a bias and the weight of its output.
        let optimum = normal_rows(1, 4 * UNITS, Noise::new(seed).at("optimum")).concat();
        let targets = samples.iter().map(|a| output(&optimum, a)).collect();
        Self { samples, targets, optimum }
    }
}

/// What the network gives for one sample.
fn output(x: &[f64], sample: &[f64]) -> f64 {
    x.chunks_exact(4).map(|unit| unit[3] * hidden(unit, sample)).sum()
}

fn hidden(unit: &[f64], sample: &[f64]) -> f64 {
    (unit[0] * sample[0] + unit[1] * sample[1] + unit[2]).tanh()
}

impl Problem for SmallNetwork {
    fn name(&self) -> &str {
        "small_network"
    }

    fn start(&self) -> Vec<f64> {
        self.optimum.iter().zip([0.3, -0.2, 0.1].iter().cycle()).map(|(o, d)| o + d).collect()
    }

    fn optima(&self) -> Vec<Vec<f64>> {
        vec![self.optimum.clone()]
    }

    fn optimum_value(&self) -> f64 {
        0.0
    }

    fn value(&self, x: &[f64]) -> f64 {
        let squares =
            self.samples.iter().zip(&self.targets).map(|(a, t)| (output(x, a) - t).powi(2));
        squares.sum::<f64>() / self.samples.len() as f64
    }

    fn gradient(&self, x: &[f64], gradient: &mut [f64]) {
        gradient.fill(0.0);
        for (a, t) in self.samples.iter().zip(&self.targets) {
            let error = 2.0 * (output(x, a) - t) / self.samples.len() as f64;
            for (unit, g) in x.chunks_exact(4).zip(gradient.chunks_exact_mut(4)) {
                let h = hidden(unit, a);
                let slope = error * unit[3] * (1.0 - h * h);
                g[0] += slope * a[0];
                g[1] += slope * a[1];
                g[2] += slope;
                g[3] += error * h;
            }
        }
    }
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn normal_rows(rows: usize, columns: usize, noise: Noise) -> Vec<Vec<f64>> {
    let row = |row: usize| {
        let first = row * columns;
        (first..first + columns).map(|i| noise.normal(i as u64)).collect()
    };
    (0..rows).map(row).collect()
}

//! The layers of transformers as their formulas say, in plain loops, for one sample.

use downhill::layer::Layer;
use downhill::network::{Draw, Workspace};
use downhill::random::Noise;
use downhill::{Model, Shape};
use ndarray::ArrayD;

/// One row for each time.
pub type Rows = Vec<Vec<f64>>;

/// Numbers of one sample or of a batch.
pub fn numbers(shape: &[usize], seed: u64) -> ArrayD<f64> {
    let noise = Noise::new(seed).at("numbers");
    let values = (0..shape.iter().product()).map(|i: usize| noise.normal(i as u64)).collect();
    ArrayD::from_shape_vec(shape, values).unwrap()
}

/// One sample of a batch of `[batch, time, features]`.
pub fn rows(x: &ArrayD<f64>, sample: usize) -> Rows {
    let x = x.index_axis(ndarray::Axis(0), sample);
    x.outer_iter().map(|row| row.iter().copied().collect()).collect()
}

/// The first output for these inputs, evaluated.
pub fn evaluate(model: &Model<f64>, inputs: &[ArrayD<f64>]) -> ArrayD<f64> {
    let mut work = Workspace::new(model);
    for (position, input) in inputs.iter().enumerate() {
        work.load(position, input).unwrap();
    }
    work.evaluate(model, inputs[0].shape()[0], Draw::default()).unwrap();
    work.output(0).array().to_owned()
}

/// A model whose parameters are all random, biases too.
pub fn random_model(layer: impl Layer<f64> + 'static, inputs: &[Shape], seed: u64) -> Model<f64> {
    let mut model = Model::build(layer, inputs, seed).unwrap();
    let noise = Noise::new(seed).at("parameters");
    for (i, value) in model.values_mut().iter_mut().enumerate() {
        *value += 0.3 * noise.normal(i as u64);
    }
    model
}

/// x·Wᵀ + b, where `part` of several says which rows of the weight are meant.
fn linear(x: &Rows, weight: &[f64], bias: Option<&[f64]>) -> Rows {
    let one = |row: &Vec<f64>| {
        let weights = weight.chunks_exact(row.len()).enumerate();
        let dot = |w: &[f64]| w.iter().zip(row).map(|(w, x)| w * x).sum::<f64>();
        weights.map(|(i, w)| dot(w) + bias.map_or(0.0, |bias| bias[i])).collect()
    };
    x.iter().map(one).collect()
}

/// A parameter, if the model has it.
fn parameter(model: &Model<f64>, path: &str) -> Option<Vec<f64>> {
    model.get(path).ok().map(|values| values.iter().copied().collect())
}

/// `linear1` and the like.
pub fn dense(model: &Model<f64>, path: &str, x: &Rows) -> Rows {
    let weight = parameter(model, &format!("{path}.weight")).unwrap();
    linear(x, &weight, parameter(model, &format!("{path}.bias")).as_deref())
}

/// What attention is asked for besides its parameters.
#[derive(Clone, Debug)]
pub struct Attention {
    pub heads: usize,
    pub causal: bool,
    /// The base of rotary positions.
    pub rotary: Option<f64>,
    /// For each key whether it is blocked.
    pub blocked: Vec<bool>,
}

impl Attention {
    pub fn run(&self, model: &Model<f64>, prefix: &str, [q, k, v]: [&Rows; 3]) -> Rows {
        let features = q[0].len();
        let weight = parameter(model, &format!("{prefix}in_proj_weight")).unwrap();
        let bias = parameter(model, &format!("{prefix}in_proj_bias"));
        let project = |role: usize, x: &Rows| {
            let bias = bias.as_ref().map(|bias| &bias[role * features..][..features]);
            linear(x, &weight[role * features * features..][..features * features], bias)
        };
        let size = features / self.heads;
        let (mut q, mut k, v) = (project(0, q), project(1, k), project(2, v));
        if let Some(base) = self.rotary {
            turn(&mut q, size, base);
            turn(&mut k, size, base);
        }
        let mut context = vec![vec![0.0; features]; q.len()];
        for head in 0..self.heads {
            let part = head * size..(head + 1) * size;
            for (i, query) in q.iter().enumerate() {
                let seen: Vec<usize> = (0..k.len())
                    .filter(|&j| !self.blocked[j] && (!self.causal || j <= i))
                    .collect();
                let score = |j: usize| {
                    let pairs = query[part.clone()].iter().zip(&k[j][part.clone()]);
                    pairs.map(|(q, k)| q * k).sum::<f64>() / (size as f64).sqrt()
                };
                let top = seen.iter().map(|&j| score(j)).fold(f64::NEG_INFINITY, f64::max);
                let sum: f64 = seen.iter().map(|&j| (score(j) - top).exp()).sum();
                for &j in &seen {
                    for c in part.clone() {
                        context[i][c] += (score(j) - top).exp() / sum * v[j][c];
                    }
                }
            }
        }
        dense(model, &format!("{prefix}out_proj"), &context)
    }
}

/// Turns the pairs of each stretch of `size` numbers.
pub fn turn(x: &mut Rows, size: usize, base: f64) {
    for (t, row) in x.iter_mut().enumerate() {
        for head in row.chunks_exact_mut(size) {
            for i in 0..size / 2 {
                let angle = t as f64 / base.powf(2.0 * i as f64 / size as f64);
                let (a, b) = (head[2 * i], head[2 * i + 1]);
                head[2 * i] = a * angle.cos() - b * angle.sin();
                head[2 * i + 1] = a * angle.sin() + b * angle.cos();
            }
        }
    }
}

/// `norm1` and the like, with ε = 10⁻⁵.
pub fn layer_norm(model: &Model<f64>, path: &str, x: &Rows) -> Rows {
    let weight = parameter(model, &format!("{path}.weight")).unwrap();
    let bias = parameter(model, &format!("{path}.bias")).unwrap();
    let one = |row: &Vec<f64>| {
        let n = row.len() as f64;
        let mean = row.iter().sum::<f64>() / n;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        let scaled = row.iter().map(|x| (x - mean) / (variance + 1e-5).sqrt());
        scaled.zip(&weight).zip(&bias).map(|((x, w), b)| x * w + b).collect()
    };
    x.iter().map(one).collect()
}

/// The sum of two sequences.
pub fn add(x: &Rows, y: &Rows) -> Rows {
    x.iter().zip(y).map(|(x, y)| x.iter().zip(y).map(|(x, y)| x + y).collect()).collect()
}

/// |got − want| ≤ 10⁻¹²·(1 + |want|), everywhere.
pub fn close(got: &Rows, want: &Rows) -> Result<(), String> {
    let pairs = got.iter().flatten().zip(want.iter().flatten());
    let near = |got: f64, want: f64| (got - want).abs() <= 1e-12 * (1.0 + want.abs());
    match pairs.enumerate().find(|(_, (got, want))| !near(**got, **want)) {
        None if got.len() == want.len() => Ok(()),
        None => Err(format!("{} rows, want {}", got.len(), want.len())),
        Some((i, (got, want))) => Err(format!("number {i}: got {got:e}, want {want:e}")),
    }
}

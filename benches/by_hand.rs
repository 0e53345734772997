//! A training step of a small network beside the loop that one would write by hand on `ndarray`.
//!
//! `cargo bench --bench by_hand` prints microseconds for each step, on one thread. Both have dense layers, ReLU, softmax cross-entropy and Adam; ours also checks that loss and
//! gradient are finite, measures the gradient's norm and records the step.

mod clock;

use clock::time;
use downhill::data::Batch;
use downhill::prelude::*;
use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, Axis, Zip};

fn main() {
    println!("{:>24} {:>10} {:>10} {:>6}", "widths, batch", "ours, us", "by hand", "ratio");
    for (widths, batch) in [(vec![64, 128, 10], 32), (vec![6, 64, 8, 4], 1)] {
        let (x, labels) = samples(&widths, batch);
        let mut hand = ByHand::new(&widths, batch);
        let mut trainer = trainer(&widths);
        let data = Dataset::new(x.clone(), labels.clone()).unwrap();
        let samples = Batch::of(&data).unwrap();
        // Both learn the batch by heart.
        let start = (hand.step(&x, &labels), trainer.step(&samples).unwrap().loss);
        let by_hand = time(|| {
            hand.step(&x, &labels);
        });
        let ours = time(|| {
            trainer.step(&samples).unwrap();
        });
        let end = (hand.step(&x, &labels), trainer.step(&samples).unwrap().loss);
        assert!(f64::from(end.0) < 0.1 * f64::from(start.0) && end.1 < 0.1 * start.1);
        println!(
            "{:>24} {:>10.2} {:>10.2} {:>6.2}",
            format!("{widths:?}, {batch}"),
            1e6 * ours,
            1e6 * by_hand,
            ours / by_hand
        );
    }
}

fn samples(widths: &[usize], batch: usize) -> (Array2<f32>, Array1<usize>) {
    let (features, classes) = (widths[0], widths[widths.len() - 1]);
    let x = Array2::from_shape_fn((batch, features), |(i, j)| ((i * 31 + j * 17) as f32).sin());
    (x, Array1::from_shape_fn(batch, |i| i % classes))
}

fn trainer(widths: &[usize]) -> Trainer<f32> {
    let mut model = Chain::new();
    for (layer, &width) in widths.iter().skip(1).enumerate() {
        model = model.then(Dense::new(width));
        if layer + 2 < widths.len() {
            model = model.then(Relu);
        }
    }
    Trainer::builder(model, CrossEntropy::default(), Adam::default())
        .threads(1)
        .build(&[widths[0]])
        .unwrap()
}

/// A parameter with its gradient and its two moments.
struct Parameter {
    w: Array2<f32>,
    g: Array2<f32>,
    m: Array2<f32>,
    v: Array2<f32>,
}

impl Parameter {
    fn new(rows: usize, columns: usize, bound: f32) -> Self {
        let w = Array2::from_shape_fn((rows, columns), |(i, j)| {
            bound * ((i * 37 + j * 101 + 7) as f32).sin()
        });
        let zeros = Array2::zeros((rows, columns));
        Self { w, g: zeros.clone(), m: zeros.clone(), v: zeros }
    }

    /// Adam's step number `t` at its default settings.
    fn update(&mut self, t: i32) {
        let (rate, beta1, beta2, epsilon) = (1e-3_f32, 0.9_f32, 0.999_f32, 1e-8_f32);
        let root = (1.0 - beta2.powi(t)).sqrt();
        let (rate, epsilon) = (rate * root / (1.0 - beta1.powi(t)), epsilon * root);
        Zip::from(&mut self.w).and(&self.g).and(&mut self.m).and(&mut self.v).for_each(
            |w, &g, m, v| {
                *m = beta1 * *m + (1.0 - beta1) * g;
                *v = beta2 * *v + (1.0 - beta2) * g * g;
                *w -= rate * *m / (v.sqrt() + epsilon);
            },
        );
    }
}

/// The loop by hand: no array is made in a step.
struct ByHand {
    /// Weights, inputs by outputs, and biases, one row.
    layers: Vec<[Parameter; 2]>,
    /// The outputs of each layer, and their gradients.
    outputs: Vec<[Array2<f32>; 2]>,
    steps: i32,
}

impl ByHand {
    fn new(widths: &[usize], batch: usize) -> Self {
        let layers = widths.windows(2).map(|pair| {
            let bound = 1.0 / (pair[0] as f32).sqrt();
            [Parameter::new(pair[0], pair[1], bound), Parameter::new(1, pair[1], bound)]
        });
        let outputs = widths[1..].iter().map(|&width| {
            let zeros = Array2::zeros((batch, width));
            [zeros.clone(), zeros]
        });
        Self { layers: layers.collect(), outputs: outputs.collect(), steps: 0 }
    }

    fn step(&mut self, x: &Array2<f32>, labels: &Array1<usize>) -> f32 {
        let last = self.layers.len() - 1;
        for i in 0..=last {
            let (before, after) = self.outputs.split_at_mut(i);
            let input = before.last().map_or(x, |[y, _]| y);
            let (y, [weight, bias]) = (&mut after[0][0], &self.layers[i]);
            y.assign(&bias.w);
            general_mat_mul(1.0, input, &weight.w, 1.0, y);
            if i < last {
                y.mapv_inplace(|y| y.max(0.0));
            }
        }
        let loss = softmax_cross_entropy(&mut self.outputs[last], labels);
        for i in (0..=last).rev() {
            let (before, after) = self.outputs.split_at_mut(i);
            let (dy, [weight, bias]) = (&after[0][1], &mut self.layers[i]);
            bias.g.index_axis_mut(Axis(0), 0).fill(0.0);
            for row in dy.rows() {
                let mut sum = bias.g.index_axis_mut(Axis(0), 0);
                sum += &row;
            }
            let input = before.last().map_or(x, |[y, _]| y);
            general_mat_mul(1.0, &input.t(), dy, 0.0, &mut weight.g);
            if let Some([y, dx]) = before.last_mut() {
                general_mat_mul(1.0, dy, &weight.w.t(), 0.0, dx);
                Zip::from(dx).and(&*y).for_each(|dx, &y| {
                    if y <= 0.0 {
                        *dx = 0.0;
                    }
                });
            }
        }
        self.steps += 1;
        for parameter in self.layers.iter_mut().flatten() {
            parameter.update(self.steps);
        }
        loss
    }
}

/// The mean loss; the logits' gradient is written beside them.
fn softmax_cross_entropy([logits, gradient]: &mut [Array2<f32>; 2], labels: &Array1<usize>) -> f32 {
    let share = 1.0 / labels.len() as f32;
    let mut loss = 0.0;
    for ((z, mut dz), &label) in logits.rows().into_iter().zip(gradient.rows_mut()).zip(labels) {
        let top = z.fold(f32::MIN, |top, &z| top.max(z));
        dz.zip_mut_with(&z, |dz, &z| *dz = (z - top).exp());
        let sum = dz.sum();
        loss += sum.ln() + top - z[label];
        dz *= share / sum;
        dz[label] -= share;
    }
    share * loss
}

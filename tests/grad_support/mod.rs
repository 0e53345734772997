//! Compares the gradients of a layer with differences of its outputs.
//!
//! ```ignore
//! mod grad_support;
//! use grad_support::GradientCheck;
//!
//! GradientCheck { batch: 3, seed: 7, ..GradientCheck::default() }.run(Dense::new(4), &[5.into()])?;
//! ```

// Each test file compiles its own copy of this module and uses a part of it.
#![allow(dead_code)]

use std::sync::Arc;

use downhill::kernel::parallel::Parallel;
use downhill::layer::{Backward, Forward, Layer, Mode, Plan};
use downhill::network::{Draw, Workspace};
use downhill::params::{Role, init::Constant};
use downhill::random::Noise;
use downhill::{Error, Model, Scalar, Shape};
use ndarray::ArrayD;

/// Reads its output off a parameter named `value` that holds the whole batch, and ignores its input. It puts inputs among the parameters,
/// where their gradients can be read.
#[derive(Clone, Debug)]
pub struct Source {
    pub batch: usize,
    pub shape: Shape,
}

impl<F: Scalar> Layer<F> for Source {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let shape = [&[self.batch], self.shape.axes()].concat();
        plan.param("value", Role::Weight, shape, (1, 1), Some(Arc::new(Constant(0.0))))?;
        plan.output(self.shape.clone())
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        pass.outputs.one().values().copy_from_slice(&pass.params[0]);
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let dy = pass.output_gradients.one().values();
        for (sum, dy) in pass.gradients.get(0).iter_mut().zip(dy) {
            *sum += *dy;
        }
    }
}

/// A layer whose inputs are the parameters `input0.value`, `input1.value`, …; its own parameters are `layer.<name>`. The probe itself is
/// given an input of shape `[1]` that nobody reads.
#[derive(Clone, Debug)]
pub struct Probe<F> {
    pub layer: Arc<dyn Layer<F>>,
    pub inputs: Vec<Shape>,
    pub batch: usize,
}

impl<F: Scalar> Probe<F> {
    pub fn model(self, seed: u64) -> Result<Model<F>, Error> {
        Model::build(self, &[1.into()], seed)
    }
}

impl<F: Scalar> Layer<F> for Probe<F> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let unread = plan.tensors();
        let mut inputs = Vec::new();
        for (i, shape) in self.inputs.iter().enumerate() {
            let source: Arc<dyn Layer<F>> =
                Arc::new(Source { batch: self.batch, shape: shape.clone() });
            inputs.extend(plan.layer(&format!("input{i}"), &source, &unread)?);
        }
        let outputs = plan.layer("layer", &self.layer, &inputs)?;
        plan.pass_on(outputs);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}

/// The bits of the outputs, and of the gradient of their squares for all parameters and inputs.
pub fn pass(model: &mut Model<f32>, x: &ArrayD<f32>, parallel: Parallel) -> (Vec<u32>, Vec<u32>) {
    let mut draw = Draw::default();
    draw.parallel = parallel;
    let batch = x.shape()[0];
    let mut work = Workspace::new(model).with_input_gradients();
    work.load(0, x).unwrap();
    work.train(model, batch, draw).unwrap();
    let y = work.output(0).values().to_vec();
    let (_, mut gradients) = work.output_gradients().unwrap();
    gradients.one().values().copy_from_slice(&y);
    let mut gradient = vec![0.0; model.values().len()];
    work.backward(model, &mut gradient, draw).unwrap();
    gradient.extend(work.input_gradient(0).values());
    let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect();
    (bits(y), bits(gradient))
}

/// How a layer is checked.
#[derive(Clone, Debug)]
pub struct GradientCheck {
    pub batch: usize,
    pub seed: u64,
    pub mode: Mode,
    /// The standard deviation of the inputs.
    pub spread: f64,
    /// Where the layer has no derivative; inputs keep a distance of 0.02.
    pub kinks: Vec<f64>,
    /// Replaces the random inputs, one row-major list each, where the layer does not take arbitrary numbers.
    pub inputs: Option<Vec<Vec<f64>>>,
}

impl Default for GradientCheck {
    fn default() -> Self {
        let mode = Mode::Train;
        Self { batch: 2, seed: 0, mode, spread: 1.5, kinks: Vec::new(), inputs: None }
    }
}

impl GradientCheck {
    /// Checks the gradient for every number of every input and every parameter of `layer`, against |got − want| ≤ 10⁻⁸ + 10⁻⁶·|want|, that
    /// gradients for parameters are added and gradients for inputs overwritten, and that a pass repeats itself.
    pub fn run(&self, layer: impl Layer<f64> + 'static, inputs: &[Shape]) -> Result<(), String> {
        let layer: Arc<dyn Layer<f64>> = Arc::new(layer);
        let probe = Probe { layer, inputs: inputs.to_vec(), batch: self.batch };
        let mut model = probe.model(self.seed).map_err(|error| error.to_string())?;
        self.fill(&mut model, inputs)?;

        let mut run = Run::new(model, self)?;
        let gradient = run.backward(&vec![0.0; run.model.values().len()])?;
        run.adds(&gradient)?;
        for (index, &got) in gradient.iter().enumerate() {
            let want = run.difference(index)?;
            if !close(got, want, 1e-8, 1e-6) {
                let place = run.place(index);
                return Err(format!("the gradient of {place}: got {got:e}, want {want:e}"));
            }
        }
        Ok(())
    }

    /// Random inputs; parameters are moved off their first values, so that none is checked at 0 alone.
    fn fill(&self, model: &mut Model<f64>, inputs: &[Shape]) -> Result<(), String> {
        let noise = Noise::new(self.seed).at("gradient check");
        let start = model.values().len();
        for (i, value) in model.values_mut().iter_mut().enumerate() {
            *value += 0.2 * noise.normal(i as u64);
        }
        for (i, shape) in inputs.iter().enumerate() {
            let path = format!("input{i}.value");
            let axes = [&[self.batch], shape.axes()].concat();
            let values = match &self.inputs {
                Some(inputs) => inputs[i].clone(),
                None => (0..self.batch * shape.size())
                    .map(|j| self.spread * noise.at(&path).normal((start + j) as u64))
                    .map(|x| self.away_from_kinks(x))
                    .collect(),
            };
            let values = ArrayD::from_shape_vec(axes, values).map_err(|error| error.to_string())?;
            model.set(&path, &values).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn away_from_kinks(&self, x: f64) -> f64 {
        let near = self.kinks.iter().find(|&&kink| (x - kink).abs() < 0.02);
        near.map_or(x, |kink| if x < *kink { kink - 0.02 } else { kink + 0.02 })
    }
}

/// A model with fixed inputs and fixed gradients for its outputs.
struct Run {
    model: Model<f64>,
    work: Workspace<f64>,
    mode: Mode,
    batch: usize,
    draw: Draw,
    /// The gradients for all outputs, one after the other.
    upstream: Vec<f64>,
    /// Layer state as it was built, which every pass starts from.
    state: Vec<f64>,
}

impl Run {
    fn new(model: Model<f64>, check: &GradientCheck) -> Result<Self, String> {
        let size: usize = model.output_shapes().iter().map(Shape::size).sum();
        let noise = Noise::new(check.seed).at("upstream");
        let mut work = Workspace::new(&model);
        work.reserve(check.batch).map_err(|error| error.to_string())?;
        Ok(Self {
            work,
            mode: check.mode,
            batch: check.batch,
            draw: Draw::new(check.seed, 0),
            upstream: (0..check.batch * size).map(|i| noise.normal(i as u64)).collect(),
            state: model.state().to_vec(),
            model,
        })
    }

    /// All outputs, one after the other.
    fn forward(&mut self) -> Result<Vec<f64>, String> {
        self.model.state_mut().copy_from_slice(&self.state);
        match self.mode {
            Mode::Train => self.work.train(&mut self.model, self.batch, self.draw),
            Mode::Evaluate => self.work.evaluate(&self.model, self.batch, self.draw),
        }
        .map_err(|error| error.to_string())?;
        let outputs = self.work.outputs();
        Ok(outputs.iter().flat_map(|output| output.values().to_vec()).collect())
    }

    /// `start` with the gradient for all values of the model added.
    fn backward(&mut self, start: &[f64]) -> Result<Vec<f64>, String> {
        self.forward()?;
        let (_, mut gradients) = self.work.output_gradients().unwrap();
        let mut from = 0;
        for output in 0..gradients.len() {
            let into = gradients.get(output).into_values();
            into.copy_from_slice(&self.upstream[from..from + into.len()]);
            from += into.len();
        }
        let mut sum = start.to_vec();
        self.work.backward(&self.model, &mut sum, self.draw).map_err(|error| error.to_string())?;
        Ok(sum)
    }

    /// Two backward passes into a buffer that is not empty add the gradient twice. The input's gradient arrives there by a layer that adds,
    /// so a layer that adds to its input's gradient, where it should overwrite, shows as well.
    fn adds(&mut self, gradient: &[f64]) -> Result<(), String> {
        let start: Vec<f64> = (0..gradient.len()).map(|i| 1.0 + i as f64 / 8.0).collect();
        let once = self.backward(&start)?;
        let twice = self.backward(&once)?;
        for (i, &g) in gradient.iter().enumerate() {
            for (passes, got, want) in
                [(1, once[i], start[i] + g), (2, twice[i], start[i] + 2.0 * g)]
            {
                if !close(got, want, 1e-10, 1e-12) {
                    let place = self.place(i);
                    let from = start[i];
                    return Err(format!(
                        "{place}: after {passes} backward passes from {from} got {got:e}, want {want:e}: \
                         parameter gradients are added, input gradients overwritten"
                    ));
                }
            }
        }
        Ok(())
    }

    /// The derivative for one value by central differences with Richardson's extrapolation, whose error is a multiple of step⁴. Where the
    /// estimates of three steps disagree there is a kink inside the longest one, as can happen behind the weights of a chain: a shorter step
    /// escapes it. (Of two estimates, one in a million agrees by chance.)
    fn difference(&mut self, index: usize) -> Result<f64, String> {
        let size = self.model.values()[index].abs().max(1.0);
        for step in [1e-3, 1e-4, 1e-5, 1e-6] {
            let mut central = [0.0; 4];
            for (central, part) in central.iter_mut().zip([1.0, 2.0, 4.0, 8.0]) {
                *central = self.central(index, step * size / part)?;
            }
            let better = |i: usize| (4.0 * central[i + 1] - central[i]) / 3.0;
            let agree = |a: f64, b: f64| close(a, b, 1e-9, 3e-8);
            if agree(better(0), better(1)) && agree(better(1), better(2)) {
                return Ok(better(2));
            }
        }
        Err(format!("{} has no derivative here: move the inputs", self.place(index)))
    }

    /// Differences are taken for each output before they are summed, so that outputs that do not change cancel without rounding.
    fn central(&mut self, index: usize, step: f64) -> Result<f64, String> {
        let x = self.model.values()[index];
        let (above, below) = (x + step, x - step);
        self.model.values_mut()[index] = above;
        let up = self.forward()?;
        self.model.values_mut()[index] = below;
        let down = self.forward()?;
        self.model.values_mut()[index] = x;
        let pairs = up.iter().zip(&down).zip(&self.upstream);
        Ok(pairs.map(|((up, down), upstream)| (up - down) * upstream).sum::<f64>()
            / (above - below))
    }

    /// The path and position of a value in the flat buffer.
    fn place(&self, index: usize) -> String {
        let owner = self.model.parameters().iter().find(|p| p.range().contains(&index));
        owner.map_or_else(String::new, |p| format!("{}[{}]", p.path(), index - p.range().start))
    }
}

fn close(got: f64, want: f64, atol: f64, rtol: f64) -> bool {
    // NaN fails, also where both are NaN: it is no gradient.
    (got - want).abs() <= atol + rtol * want.abs()
}

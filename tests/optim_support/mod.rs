//! What the optimizer tests share: parameters without a model, and steps without a trainer.

// Each test file compiles its own copy of this module and uses a part of it.
#![allow(dead_code)]

pub mod custom;

use downhill::kernel::parallel::Parallel;
use downhill::layer::{Backward, Forward, Layer, Plan};
use downhill::optim::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Course, Lion, Memory, NAdam, Optimizer, RAdam, RmsProp,
    Sgd, Step, Tick,
};
use downhill::params::Parameter;
use downhill::{Error, Model, Scalar, Shape};

/// Declares parameters and computes nothing.
#[derive(Debug)]
struct Declare(Vec<Shape>);

impl<F: Scalar> Layer<F> for Declare {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        for (id, shape) in self.0.iter().enumerate() {
            plan.weight(&format!("p{id}"), shape.clone(), None)?;
        }
        plan.output(1)
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}

/// Parameters of these shapes.
pub fn parameters<F: Scalar, S: Into<Shape> + Clone>(shapes: &[S]) -> Vec<Parameter> {
    let shapes = shapes.iter().cloned().map(Into::into).collect();
    Model::<F>::build(Declare(shapes), &[1.into()], 0).unwrap().parameters().to_vec()
}

/// Computes the loss at the given parameters and writes its gradient.
pub type Loss<'l, F> = dyn FnMut(&[F], &mut [F]) -> Result<f64, Error> + 'l;

/// An optimizer with parameters to move and everything a step needs.
#[derive(Debug)]
pub struct Rig<'r, F> {
    pub rule: &'r dyn Optimizer<F>,
    pub parameters: Vec<Parameter>,
    pub weights: Vec<F>,
    pub gradient: Vec<F>,
    pub courses: Vec<Course>,
    pub memory: Memory<F>,
    pub parallel: Parallel,
    pub loss: f64,
    pub steps: u64,
}

impl<'r, F: Scalar> Rig<'r, F> {
    pub fn new(rule: &'r dyn Optimizer<F>, parameters: Vec<Parameter>, weights: &[f64]) -> Self {
        let weights: Vec<F> = weights.iter().map(|&w| F::of(w)).collect();
        Self {
            memory: Memory::new(rule, &parameters, &weights),
            gradient: vec![F::zero(); weights.len()],
            courses: vec![course(rule.weight_decay()); parameters.len()],
            parallel: Parallel::Off,
            loss: f64::NAN,
            steps: 0,
            rule,
            parameters,
            weights,
        }
    }

    /// One tensor that holds all weights.
    pub fn flat(rule: &'r dyn Optimizer<F>, weights: &[f64]) -> Self {
        Self::new(rule, parameters::<F, _>(&[weights.len()]), weights)
    }

    /// A step along these numbers, at the rule's own rate.
    pub fn along(&mut self, gradient: &[f64]) {
        for (g, &new) in self.gradient.iter_mut().zip(gradient) {
            *g = F::of(new);
        }
        self.step(self.rule.learning_rate(), &mut |_, _| Ok(f64::NAN)).unwrap();
    }

    /// A step along the present gradient.
    pub fn step(&mut self, rate: f64, evaluate: &mut Loss<'_, F>) -> Result<(), Error> {
        self.steps += 1;
        let mut step = Step::new(
            &mut self.weights,
            &mut self.gradient,
            &self.parameters,
            &self.courses,
            &mut self.memory,
            Tick::new(self.steps, rate),
            evaluate,
        )?;
        step.parallel = self.parallel;
        step.loss = self.loss;
        self.rule.step(&mut step)
    }

    pub fn weights_f64(&self) -> Vec<f64> {
        self.weights.iter().map(|w| w.as_f64()).collect()
    }

    /// Everything that a step may change, as bits.
    pub fn bits(&self) -> Vec<u64> {
        let numbers = self.weights.iter().chain(self.memory.buffers().iter().flatten());
        let numbers = numbers.map(|x| x.as_f64().to_bits());
        numbers.chain(self.memory.updates().iter().copied()).collect()
    }
}

/// The course of a parameter that decays.
pub fn course(decay: f64) -> Course {
    let mut course = Course::default();
    course.decay = decay;
    course
}

/// Every rule, in several settings. All laws are tested on all of them.
pub fn rules<F: Scalar>() -> Vec<Box<dyn Optimizer<F>>> {
    let sgd = Sgd { learning_rate: 0.02, ..Sgd::default() };
    let rms = RmsProp::default();
    vec![
        Box::new(sgd),
        Box::new(Sgd { momentum: 0.9, ..sgd }),
        Box::new(Sgd { momentum: 0.9, dampening: 0.5, ..sgd }),
        Box::new(Sgd { momentum: 0.9, nesterov: true, ..sgd }),
        Box::new(Lion::default()),
        Box::new(Lion { learning_rate: 1e-3, beta1: 0.0, beta2: 0.5, weight_decay: 0.1 }),
        Box::new(Adagrad::default()),
        Box::new(Adagrad { lr_decay: 1e-3, initial_accumulator: 0.1, ..Adagrad::default() }),
        Box::new(rms),
        Box::new(RmsProp { momentum: 0.9, learning_rate: 1e-3, ..rms }),
        Box::new(RmsProp { centered: true, epsilon: 1e-3, ..rms }),
        Box::new(RmsProp { centered: true, epsilon: 1e-3, momentum: 0.5, alpha: 0.9, ..rms }),
        Box::new(Adadelta::default()),
        Box::new(Adadelta { rho: 0.95, epsilon: 1e-7, learning_rate: 0.5 }),
        Box::new(Adam::default()),
        Box::new(Adam { beta1: 0.0, beta2: 0.5, epsilon: 1e-4, ..Adam::default() }),
        Box::new(Adam { amsgrad: true, ..Adam::default() }),
        Box::new(AdamW::default()),
        Box::new(AdamW { amsgrad: true, weight_decay: 0.5, ..AdamW::default() }),
        Box::new(Adamax::default()),
        Box::new(Adamax { beta1: 0.5, beta2: 0.9, epsilon: 1e-3, ..Adamax::default() }),
        Box::new(RAdam::default()),
        Box::new(RAdam { beta2: 0.9, ..RAdam::default() }),
        Box::new(RAdam { beta2: 0.5, ..RAdam::default() }),
        Box::new(NAdam::default()),
        Box::new(NAdam { momentum_decay: 0.0, beta2: 0.9, ..NAdam::default() }),
        Box::new(NAdam { momentum_decay: 1.0, beta1: 0.5, ..NAdam::default() }),
    ]
}

/// Numbers in (−1, 1) that look random: the same for the same seed.
pub fn noise(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..64).for_each(|_| _ = next());
    (0..count).map(|_| next()).collect()
}

//! A run of an optimizer without a model and without a trainer.

use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::optim::place;
use crate::optim::{Course, Memory, Optimizer, Step, Tick};
use crate::params::{Parameter, Role};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// An optimizer with parameters to move and everything that a step needs.
///
/// ```
/// use downhill::check::optimizer::Run;
/// use downhill::optim::Sgd;
/// let sgd = Sgd { learning_rate: 0.5, ..Sgd::default() };
/// let mut run = Run::<f64>::flat(&sgd, &[1.0, 2.0]);
/// run.along(&[1.0, 1.0])?;
/// assert_eq!(run.weights, [0.5, 1.5]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Run<'r, F: Scalar> {
    /// The rule.
    pub rule: &'r dyn Optimizer<F>,
    /// Names, shapes and places.
    pub parameters: Vec<Parameter>,
    /// All parameters.
    pub weights: Vec<F>,
    /// Their gradient.
    pub gradient: Vec<F>,
    /// How each parameter takes part; decay as the rule asks for it.
    pub courses: Vec<Course>,
    /// What the rule remembers.
    pub memory: Memory<F>,
    /// The step, rate and factors of the next step: at first those of a fresh run at the rule's own rate. A step counts it on.
    pub tick: Tick,
    /// The loss at the present weights, for rules that look at it.
    pub loss: f64,
    parallel: Parallel,
}

impl<'r, F: Scalar> Run<'r, F> {
    /// A fresh run on parameters of these shapes, whose values are the first of `weights`.
    pub fn new(rule: &'r dyn Optimizer<F>, shapes: &[Vec<usize>], weights: &[f64]) -> Self {
        let parameters = parameters(shapes);
        let size = parameters.last().map_or(0, |last| last.range().end);
        let weights: Vec<F> = weights.iter().take(size).map(|&w| F::of(w)).collect();
        let course = Course { decay: rule.weight_decay(), ..Course::default() };
        Self {
            memory: Memory::new(rule, &parameters, &weights),
            gradient: vec![F::zero(); weights.len()],
            courses: vec![course; parameters.len()],
            tick: Tick::new(1, rule.learning_rate()),
            loss: f64::NAN,
            parallel: Parallel::Off,
            rule,
            parameters,
            weights,
        }
    }

    /// A fresh run on one tensor.
    pub fn flat(rule: &'r dyn Optimizer<F>, weights: &[f64]) -> Self {
        Self::new(rule, &[vec![weights.len()]], weights)
    }

    /// The same run at another learning rate.
    #[must_use]
    pub fn rate(mut self, rate: f64) -> Self {
        self.tick.learning_rate = rate;
        self
    }

    /// The same run without decoupled decay.
    #[must_use]
    pub fn without_decay(mut self) -> Self {
        self.courses.iter_mut().for_each(|course| course.decay = 0.0);
        self
    }

    /// The same run with blocks updated side by side, on the thread pool that the caller is in.
    #[must_use]
    pub fn side_by_side(mut self) -> Self {
        self.parallel = Parallel::On;
        self
    }

    /// One step along this gradient. Rules that evaluate the loss again get that of a slope, so that a line search finds what it looks for:
    /// the same gradient everywhere, and the loss that goes with it, which is 0 where the step begins.
    ///
    /// # Errors
    /// What the rule's step returns.
    pub fn along(&mut self, gradient: &[f64]) -> Result<(), Error> {
        let gradient: Vec<F> = gradient.iter().map(|&g| F::of(g)).collect();
        let start = self.weights.clone();
        self.step(&mut |weights, g| {
            let known = g.len().min(gradient.len());
            g[..known].copy_from_slice(&gradient[..known]);
            let way = weights.iter().zip(&start).map(|(&w, &from)| (w - from).as_f64());
            Ok(way.zip(&gradient).map(|(way, g)| way * g.as_f64()).sum())
        })
    }

    /// One step on this objective, which computes the loss at the given parameters and writes its gradient.
    ///
    /// # Errors
    /// What the objective and the rule's step return.
    pub fn step(
        &mut self,
        objective: &mut impl FnMut(&[F], &mut [F]) -> Result<f64, Error>,
    ) -> Result<(), Error> {
        self.loss = objective(&self.weights, &mut self.gradient)?;
        let (parameters, courses, tick) = (&self.parameters, &self.courses, self.tick);
        let (weights, gradient, memory) = (&mut self.weights, &mut self.gradient, &mut self.memory);
        let mut step = Step::new(weights, gradient, parameters, courses, memory, tick, objective)?;
        step.parallel = self.parallel;
        step.loss = self.loss;
        self.rule.step(&mut step)?;
        self.tick.step += 1;
        self.tick.updates += 1;
        Ok(())
    }

    /// Weights, then slots, then how often each parameter was updated: everything that a step may change, as numbers to compare.
    pub fn state(&self) -> Vec<F> {
        let updates = self.memory.updates().iter().map(|&count| F::of(count as f64));
        self.weights
            .iter()
            .chain(self.memory.buffers().iter().flatten())
            .copied()
            .chain(updates)
            .collect()
    }

    /// The same for one tensor.
    pub fn tensor_state(&self, id: usize) -> Vec<F> {
        let slots = self.memory.slots().iter().zip(self.memory.buffers());
        let slots = slots.flat_map(|(slot, buffer)| {
            let place = place(slot.extent, &self.parameters, id);
            buffer.get(place).unwrap_or_default()
        });
        let updates = F::of(self.memory.updates()[id] as f64);
        let weights = &self.weights[self.parameters[id].range()];
        weights.iter().chain(slots).copied().chain([updates]).collect()
    }
}

/// Parameters of these shapes, one after the other, all of them weights.
pub fn parameters(shapes: &[Vec<usize>]) -> Vec<Parameter> {
    let mut end = 0;
    let place = |(id, shape): (usize, &Vec<usize>)| {
        let shape = Shape::from(shape.as_slice());
        let start = end;
        end += shape.size();
        let fans = (shape.size(), shape.size());
        Parameter {
            path: format!("p{id}"),
            shape,
            role: Role::Weight,
            range: start..end,
            fans,
            init: None,
        }
    };
    shapes.iter().enumerate().map(place).collect()
}

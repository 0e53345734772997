//! Rules that need more than one element at a time, written with nothing but the public API.

use downhill::optim::{Block, Extent, Grain, Optimizer, Slot, Start, Step, Tick};
use downhill::{Error, Scalar};

fn dot<F: Scalar>(a: &[F], b: &[F]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a.as_f64() * b.as_f64()).sum()
}

/// What a layer's rate is multiplied by: |w| / (|u| + ε), and 1 if either norm is 0.
fn trust<F: Scalar>(weights: &[F], update: &[F], coefficient: f64, epsilon: f64) -> f64 {
    let (weights, update) = (dot(weights, weights).sqrt(), dot(update, update).sqrt());
    let known = weights > 0.0 && update > 0.0;
    if known { coefficient * weights / (update + epsilon) } else { 1.0 }
}

/// LAMB: Adam's step, scaled in each tensor to the size of the tensor.
#[derive(Debug)]
pub struct Lamb {
    pub learning_rate: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
    pub decay: f64,
}

impl<F: Scalar> Optimizer<F> for Lamb {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn grain(&self) -> Grain {
        Grain::Tensor
    }

    fn slots(&self) -> Vec<Slot> {
        ["m", "v", "update"].map(Slot::new).into()
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let [m, v, update] = block.slots.split();
        let t = tick.updates as f64;
        let [b1, b2, decay] = [self.beta1, self.beta2, self.decay].map(F::of);
        let c1 = F::of(1.0 / (1.0 - self.beta1.powf(t)));
        let c2 = F::of(1.0 / (1.0 - self.beta2.powf(t)));
        let epsilon = F::of(self.epsilon);
        let moments = m.iter_mut().zip(v);
        let elements = block.weights.iter().zip(block.gradient).zip(moments).zip(&mut *update);
        for (((&w, &g), (m, v)), u) in elements {
            *m = b1 * *m + (F::one() - b1) * g;
            *v = b2 * *v + (F::one() - b2) * g * g;
            *u = c1 * *m / ((c2 * *v).sqrt() + epsilon) + decay * w;
        }
        let rate = F::of(tick.learning_rate * trust(block.weights, update, 1.0, 0.0));
        for (w, u) in block.weights.iter_mut().zip(update) {
            *w -= rate * *u;
        }
    }
}

/// LARS: momentum whose steps are scaled in each tensor to the size of the tensor. The last ratio is kept for reading.
#[derive(Debug)]
pub struct Lars {
    pub learning_rate: f64,
    pub momentum: f64,
    pub nesterov: bool,
    pub decay: f64,
    pub trust_coefficient: f64,
    pub epsilon: f64,
}

impl<F: Scalar> Optimizer<F> for Lars {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn grain(&self) -> Grain {
        Grain::Tensor
    }

    fn slots(&self) -> Vec<Slot> {
        let ratio = Slot::new("ratio").extent(Extent::Tensor);
        vec![Slot::new("momentum"), Slot::new("update"), ratio]
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        let [direction, update, ratio] = block.slots.split();
        let (momentum, decay) = (F::of(tick.momentum(self.momentum)), F::of(self.decay));
        for ((&w, &g), u) in block.weights.iter().zip(block.gradient).zip(&mut *update) {
            *u = g + decay * w;
        }
        ratio[0] = F::of(trust(block.weights, update, self.trust_coefficient, self.epsilon));
        let rate = F::of(tick.learning_rate) * ratio[0];
        for ((w, u), d) in block.weights.iter_mut().zip(update).zip(direction) {
            *d = momentum * *d + rate * *u;
            *w -= if self.nesterov { rate * *u + momentum * *d } else { *d };
        }
    }
}

/// Sharpness-aware minimisation: the inner rule moves by the gradient of a point uphill.
#[derive(Debug)]
pub struct Sam<O> {
    pub inner: O,
    pub rho: f64,
}

impl<F: Scalar, O: Optimizer<F>> Optimizer<F> for Sam<O> {
    fn learning_rate(&self) -> f64 {
        self.inner.learning_rate()
    }

    fn grain(&self) -> Grain {
        self.inner.grain()
    }

    fn weight_decay(&self) -> f64 {
        self.inner.weight_decay()
    }

    fn slots(&self) -> Vec<Slot> {
        self.inner.slots()
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        self.inner.update(tick, block);
    }

    fn evaluates(&self) -> bool {
        true
    }

    fn step(&self, step: &mut Step<'_, F>) -> Result<(), Error> {
        let start = step.weights.to_vec();
        let square: f64 = step
            .moving()
            .map(|place| dot(&step.gradient[place.clone()], &step.gradient[place]))
            .sum();
        if square > 0.0 {
            let scale = F::of(self.rho / square.sqrt());
            for place in step.moving() {
                let uphill = &step.gradient[place.clone()];
                step.weights[place].iter_mut().zip(uphill).for_each(|(w, &g)| *w += scale * g);
            }
        }
        let loss = step.evaluate();
        step.weights.copy_from_slice(&start);
        loss?;
        self.inner.step(step)
    }
}

/// Lookahead: every `period` updates of a parameter by the inner rule, it goes back a part of the way to where it was at the last such update. The rule
/// remembers one number for each element.
#[derive(Debug)]
pub struct Lookahead<O> {
    pub inner: O,
    pub period: u64,
    pub share: f64,
    pub reset: bool,
}

impl<F: Scalar, O: Optimizer<F>> Optimizer<F> for Lookahead<O> {
    fn learning_rate(&self) -> f64 {
        self.inner.learning_rate()
    }

    fn grain(&self) -> Grain {
        self.inner.grain()
    }

    fn weight_decay(&self) -> f64 {
        self.inner.weight_decay()
    }

    fn slots(&self) -> Vec<Slot> {
        // The inner rule's slots come first, so that it finds them where it expects them.
        let mut slots = self.inner.slots();
        slots.push(Slot::new("slow").start(Start::Parameters));
        slots
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        self.inner.update(tick, block);
    }

    fn step(&self, step: &mut Step<'_, F>) -> Result<(), Error> {
        self.inner.step(step)?;
        let (share, slow) = (F::of(self.share), self.inner.slots().len());
        for (id, parameter) in step.parameters.iter().enumerate() {
            let moves = step.courses.get(id).is_none_or(|course| course.active);
            if !moves || !step.memory.updates()[id].is_multiple_of(self.period) {
                continue;
            }
            let place = parameter.range();
            let slows = &mut step.memory.slot_mut(slow)[place.clone()];
            for (w, slow) in step.weights[place.clone()].iter_mut().zip(slows) {
                *slow += share * (*w - *slow);
                *w = *slow;
            }
            if self.reset {
                (0..slow)
                    .for_each(|slot| step.memory.slot_mut(slot)[place.clone()].fill(F::zero()));
                step.memory.updates_mut()[id] = 0;
            }
        }
        Ok(())
    }
}

/// L-BFGS at a fixed rate, several iterations in each step, as PyTorch does it without a line search.
///
/// Whatever lasts is in slots: the last step s, the gradient before it, and the pairs (s, y), newest first, zero where there is none yet.
#[derive(Debug)]
pub struct Lbfgs {
    pub learning_rate: f64,
    pub iterations: usize,
    pub evaluations: usize,
    pub tolerance_gradient: f64,
    pub tolerance_change: f64,
    pub history: usize,
}

impl<F: Scalar> Optimizer<F> for Lbfgs {
    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        let pairs = (0..self.history).flat_map(|i| [format!("s{i}"), format!("y{i}")]);
        ["step", "gradient"].into_iter().map(String::from).chain(pairs).map(Slot::new).collect()
    }

    fn update(&self, _: &Tick, block: Block<'_, F>) {
        let [s] = block.slots.split();
        for (w, s) in block.weights.iter_mut().zip(s) {
            *w += *s;
        }
    }

    fn evaluates(&self) -> bool {
        true
    }

    fn step(&self, step: &mut Step<'_, F>) -> Result<(), Error> {
        let rate = step.tick.learning_rate;
        let small = |x: &[F], bound: f64| x.iter().all(|x| x.as_f64().abs() <= bound);
        if small(step.gradient, self.tolerance_gradient) {
            return Ok(());
        }
        for iteration in 1..=self.iterations {
            let first = step.memory.updates().iter().all(|&count| count == 0);
            direction(step.memory.buffers_mut(), step.gradient);
            let s = step.memory.slot_mut(0);
            if dot(s, step.gradient) > -self.tolerance_change {
                break;
            }
            let size: f64 = step.gradient.iter().map(|g| g.as_f64().abs()).sum();
            let rate = F::of(if first { rate * (1.0 / size).min(1.0) } else { rate });
            s.iter_mut().for_each(|s| *s *= rate);
            step.apply(Grain::Element, &|tick, block| self.update(tick, block))?;
            if iteration == self.iterations {
                break;
            }
            let before = step.loss;
            let loss = step.evaluate()?;
            if iteration + 1 >= self.evaluations
                || small(step.gradient, self.tolerance_gradient)
                || small(step.slot(0), self.tolerance_change)
                || (loss - before).abs() < self.tolerance_change
            {
                break;
            }
        }
        Ok(())
    }
}

/// Takes the last step and the change of the gradient into the history, and overwrites the step with the new direction (two-loop recursion).
fn direction<F: Scalar>(buffers: &mut [Vec<F>], gradient: &[F]) {
    let [s, last, pairs @ ..] = buffers else { return };
    let change = || gradient.iter().zip(&*last).map(|(&g, &last)| g - last);
    let curvature: f64 = change().zip(&*s).map(|(y, s)| y.as_f64() * s.as_f64()).sum();
    if curvature > 1e-10 {
        pairs.rotate_right(2);
        pairs[0].copy_from_slice(s);
        pairs[1].iter_mut().zip(change()).for_each(|(y, change)| *y = change);
    }
    last.copy_from_slice(gradient);
    s.iter_mut().zip(gradient).for_each(|(s, &g)| *s = -g);
    let add = |q: &mut [F], scale: f64, x: &[F]| {
        q.iter_mut().zip(x).for_each(|(q, &x)| *q += F::of(scale) * x);
    };
    let pairs: Vec<_> =
        pairs.chunks(2).map(|pair| (&pair[0], &pair[1], dot(&pair[0], &pair[1]))).collect();
    let known = pairs.iter().take_while(|(.., sy)| *sy > 0.0).count();
    let mut shares = Vec::new();
    for (a, y, sy) in &pairs[..known] {
        let share = dot(a, s) / sy;
        add(s, -share, y);
        shares.push(share);
    }
    if let Some((_, y, sy)) = pairs[..known].first() {
        let scale = F::of(sy / dot(y, y));
        s.iter_mut().for_each(|s| *s *= scale);
    }
    for ((a, y, sy), share) in pairs[..known].iter().zip(shares).rev() {
        let back = dot(y, s) / sy;
        add(s, share - back, a);
    }
}

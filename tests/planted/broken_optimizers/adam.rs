//! Adam with one bug.

use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use downhill::check::optimizer::OptimizerUnderTest;
use downhill::error::require;
use downhill::optim::{Block, Course, Grain, Optimizer, Slot, Step, Tick};
use downhill::{Error, Scalar};

use crate::naive_optimizers as naive;

/// Adam, as it should be but for one bug.
#[derive(Debug)]
pub struct Adam {
    pub bug: &'static str,
    pub beta1: f64,
    calls: AtomicU64,
    cell: Mutex<f64>,
}

/// Adam with this bug, and with the claims that Adam without one fulfils.
pub fn adam(bug: &'static str) -> OptimizerUnderTest {
    let beta1 = |beta1: f64| Adam { beta1, ..Adam::new(bug) };
    OptimizerUnderTest::new(Adam::new(bug))
        .follows_momentum()
        .linear_in_rate()
        .mirror_invariant()
        .scale_invariant()
        .translation_invariant()
        .step_bounded(7.3)
        .reference(naive::adam)
        .solves("sphere", 0.1, 1_000, 1e-8)
        .solves("booth", 0.1, 1_000, 1e-8)
        .refuses(beta1(1.0), "beta1")
        .refuses(beta1(f64::NAN), "beta1")
}

impl Adam {
    pub fn new(bug: &'static str) -> Self {
        Self { bug, beta1: 0.9, calls: AtomicU64::new(0), cell: Mutex::new(0.0) }
    }

    fn is(&self, bug: &str) -> bool {
        self.bug == bug
    }

    fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// What the gradient is taken for.
    fn taken<F: Scalar>(&self, g: F) -> F {
        let most = F::max_value().sqrt() * F::of(0.5);
        let bounded = if g > most {
            most
        } else if g < -most {
            -most
        } else {
            g
        };
        match self.bug {
            "the square is not bounded" | "the sum of squares is not bounded" => g,
            "infinity counts as a large number" => bounded,
            "max and min hide NaN" => g.max(-most).min(most),
            "NaN counts as zero" if g.is_nan() => F::zero(),
            "small gradients count as none" if g.abs() < F::of(0.01) => F::zero(),
            "the gradient loses its sign" => g.abs(),
            "negative gradients count as none" if g < F::zero() => F::zero(),
            "gradients are rounded down" => g - F::of(0.01),
            _ => bounded + g * F::zero(),
        }
    }

    /// The t of the bias correction.
    fn t(&self, tick: &Tick) -> f64 {
        match self.bug {
            "a counter of its own for the correction" => self.calls() as f64,
            "the correction counts the steps of the run" => (tick.step + 1) as f64,
            "the step is off by one" => (tick.updates + 1) as f64,
            "the count is squared" => (tick.updates * tick.updates) as f64,
            _ => tick.updates as f64,
        }
    }

    /// What 1 − βᵗ is, or is not.
    fn correction(&self, beta: f64, t: f64, second: bool) -> f64 {
        match self.bug {
            "the bias is not corrected" => 1.0,
            "the bias of the square is not corrected" if second => 1.0,
            "the power takes the count as i32" => 1.0 - beta.powi(t as u64 as i32),
            "the correction is a quotient of powers" => {
                let power = beta.powf(-t);
                (power - 1.0) / power
            }
            _ => 1.0 - beta.powf(t),
        }
    }

    fn rate(&self, tick: &Tick) -> f64 {
        let rate = tick.learning_rate;
        match self.bug {
            "a rate of its own" => 0.01,
            "a rate of at least a thousandth" => rate.max(1e-3),
            "the rate is squared" => rate * rate,
            "the rate is capped" => rate.min(0.015),
            "the rate is the root of the rate" => rate.sqrt(),
            "the rate warms up by calls" => rate * (self.calls() as f64 / 100.0).min(1.0),
            "the rate warms up by the steps of the run" => {
                rate * ((tick.step + 1) as f64 / 10.0).min(1.0)
            }
            "the rate halves with each update" => rate * 0.5_f64.powf(tick.updates as f64),
            "it stops after thirty updates" if tick.updates > 30 => 0.0,
            _ => rate,
        }
    }

    fn momentum(&self, tick: &Tick) -> f64 {
        let factor = tick.momentum_factor;
        match self.bug {
            "the momentum is its own" => self.beta1,
            "the factor is at least 1" => self.beta1 * factor.max(1.0),
            "the factor counts from update 1000 on" if tick.updates < 1_000 => self.beta1,
            _ => tick.momentum(self.beta1),
        }
    }

    /// What all elements of a block are multiplied by, and what is added to them.
    fn of_block<F: Scalar>(&self, tick: &Tick, block: &Block<'_, F>) -> (f64, f64) {
        thread_local! {
            static SEEN: Cell<u32> = const { Cell::new(0) };
        }
        let len = block.gradient.len() as f64;
        let sum: f64 = block.gradient.iter().map(|g| g.as_f64()).sum();
        let length = block.gradient.iter().map(|g| g.as_f64().powi(2)).sum::<f64>().sqrt();
        let swapped = |new: f64| {
            // A poisoned lock is no concern of a rule with a bug.
            let mut cell = self.cell.lock().unwrap_or_else(|broken| broken.into_inner());
            std::mem::replace(&mut *cell, new)
        };
        match self.bug {
            "it remembers calls" if self.calls() > 3 => (0.5, 0.0),
            "noise from a counter" => (1.0, 1e-4 * (self.calls() as f64).sin()),
            "the last block is remembered in a cell" => (1.0 + swapped(sum).tanh(), 0.0),
            "the first gradient is remembered in a cell" => {
                let first = swapped(sum);
                if first != 0.0 {
                    swapped(first);
                }
                (1.0 + first.tanh(), 0.0)
            }
            "the thread is the seed" => {
                let name = format!("{:?}", std::thread::current().id());
                (name.bytes().fold(1.0, |hash, b| (hash * 31.0 + f64::from(b)) % 1_009.0), 0.0)
            }
            "it remembers by thread" => {
                SEEN.set(SEEN.get() + 1);
                (f64::from(SEEN.get()), 0.0)
            }
            "the block's length is in the step" => (1.0 / len, 0.0),
            "the gradient is centred in the block" => (1.0, sum / len),
            "the gradient's length in the block is 1" => (1.0 / length.max(1e-30), 0.0),
            "a mean over the block" => (1.0, 1e-3 * sum / len),
            "the path of the tensor decides" => {
                let first = block.tensor.is_some_and(|tensor| tensor.path == "p0");
                (if first { 0.5 } else { 1.0 }, 0.0)
            }
            "the step is divided by the momentum" => (1.0 / tick.momentum(0.9), 0.0),
            "the logarithm of the factor" => (1.0 + tick.momentum_factor.ln(), 0.0),
            "the momentum is a share of itself" => (tick.momentum(1.0) / tick.momentum(1.0), 0.0),
            _ => (1.0, 0.0),
        }
    }
}

impl<F: Scalar> Optimizer<F> for Adam {
    fn learning_rate(&self) -> f64 {
        match self.bug {
            "the rate falls by itself" => 0.01 / (1.0 + self.calls() as f64),
            "the rate is NaN" => f64::NAN,
            _ => 0.01,
        }
    }

    fn weight_decay(&self) -> f64 {
        if self.is("the decay depends on the precision") { F::epsilon().as_f64() } else { 0.0 }
    }

    fn grain(&self) -> Grain {
        match self.bug {
            "the path of the tensor decides" => Grain::Tensor,
            _ => Grain::Element,
        }
    }

    fn name(&self) -> String {
        match self.bug {
            "the name is empty" => String::new(),
            "the name is counted" => format!("adam{}", self.calls()),
            "the name says the precision" => format!("adam_{}", F::NAME),
            _ => "adam".to_owned(),
        }
    }

    fn slots(&self) -> Vec<Slot> {
        let mut names = vec!["m".to_owned(), "v".to_owned()];
        match self.bug {
            "two slots of one name" => names[1] = "m".to_owned(),
            "a slot without a name" => names[0].clear(),
            "the precision is in a name" => names[1] = format!("v_{}", F::NAME),
            "a name is made up anew" => names[1] = format!("v{}", self.calls()),
            "a slot from a former version" => names.push("largest".to_owned()),
            "a slot for each of three, two used" => names.insert(0, "step".to_owned()),
            _ => {}
        }
        names.into_iter().map(Slot::new).collect()
    }

    fn validate(&self) -> Result<(), Error> {
        let beta1 = ("beta1", self.beta1);
        match self.bug {
            "the range leaves out the default" => require::positive("weight_decay", 0.0),
            "the largest rate is too small" => {
                require::that(false, "learning_rate", 0.01, "less than 0.01")
            }
            "the bound of epsilon is for another precision" => {
                require::that(1e-8 > F::epsilon().as_f64(), "epsilon", 1e-8, "more")
            }
            "a field is not checked" => Ok(()),
            "NaN passes" if self.beta1 >= 1.0 => require::below_one(beta1.0, beta1.1),
            "NaN passes" => Ok(()),
            "the message names another field" => require::below_one("momentum", self.beta1),
            _ => require::below_one(beta1.0, beta1.1),
        }
    }

    fn step(&self, step: &mut Step<'_, F>) -> Result<(), Error> {
        let update = |tick: &Tick, block: Block<'_, F>| self.update(tick, block);
        let (grain, courses) = (Optimizer::<F>::grain(self), step.courses.to_vec());
        let without_decay = courses.iter().map(|&course| {
            let mut course = course;
            course.decay = 0.0;
            course
        });
        // The lifetime of a step's courses is that of the step's maker. There are few.
        let without_decay: &'static [Course] = Box::leak(without_decay.collect());
        let rate = step.tick.learning_rate;
        let multiply = |weights: &mut [F], by: f64| {
            weights.iter_mut().for_each(|w| *w *= F::of(by));
        };
        match self.bug {
            "decay is forgotten" => step.courses = without_decay,
            "decay without the rate" => {
                step.courses = without_decay;
                multiply(step.weights, 1.0 - 0.01 * courses[0].decay);
                multiply(step.weights, 1.0 - courses[0].decay);
            }
            "the gradient is as long as 1" => {
                let square: f64 = step.gradient.iter().map(|g| g.as_f64().powi(2)).sum();
                if square > 0.0 {
                    let length = F::of(1.0 / square.sqrt());
                    step.gradient.iter_mut().for_each(|g| *g *= length);
                }
            }
            "the number of tensors is in the step" => {
                let count = step.parameters.len() as f64;
                step.gradient.iter_mut().for_each(|g| *g = *g * F::of(count) + F::of(count - 1.0));
            }
            "the first tensor is special" => {
                let first = step.parameters[0].range();
                step.gradient[first].iter_mut().for_each(|g| *g = F::zero());
            }
            _ => {}
        }
        step.apply(grain, &update)?;
        match self.bug {
            "the update is applied twice" => step.apply(grain, &update)?,
            "decay is applied after the update as well" => {
                multiply(step.weights, 1.0 - rate * courses[0].decay);
            }
            "frozen weights decay" => multiply(step.weights, 0.999),
            "all slots fade" => multiply(step.slot(0), 0.9),
            "all tensors are counted" => {
                let most = step.memory.updates().iter().copied().max().unwrap_or(0);
                step.memory.updates_mut().fill(most);
            }
            "a history grows" => step.memory.buffers_mut()[0].push(F::zero()),
            "a slot is cleared" => step.memory.buffers_mut()[1].clear(),
            "a slot is cut" => {
                let slot = &mut step.memory.buffers_mut()[1];
                slot.truncate(slot.len() / 2);
            }
            "tensors share the last number of a slot" => {
                let last = step.slot(0).last().copied().unwrap_or_default();
                let places: Vec<_> = step.parameters.iter().map(|tensor| tensor.range()).collect();
                places.into_iter().for_each(|place| step.slot(0)[place.start] = last);
            }
            _ => {}
        }
        Ok(())
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let len = block.weights.len();
        let (scale, shift) = self.of_block(tick, &block);
        let (b1, mut b2) = (self.momentum(tick), 0.999);
        let mut epsilon = 1e-8;
        match self.bug {
            "another constant in single precision" if F::NAME == "f32" => b2 = 0.99,
            "epsilon is the type's" => epsilon = F::epsilon().sqrt().as_f64(),
            "epsilon is lost in single precision" => epsilon = 1e-50,
            "there is no epsilon" => epsilon = 0.0,
            "it asks for the first element" => epsilon += 0.0 * block.gradient[0].as_f64(),
            "it asks for the last element" => epsilon += 0.0 * block.gradient[len - 1].as_f64(),
            "it cuts the block by its length" => {
                epsilon += 0.0 * block.gradient.chunks(len).count() as f64;
            }
            _ => {}
        }
        let t = self.t(tick);
        let c1 = F::of(self.correction(b1, t, false));
        let c2 = F::of(self.correction(b2, t, true));
        let (take1, take2) = match self.bug {
            "the betas are swapped" => (1.0 - b2, 1.0 - b1),
            _ => (1.0 - b1, 1.0 - b2),
        };
        let [b1, b2, take1, take2, epsilon] = [b1, b2, take1, take2, epsilon].map(F::of);
        let (rate, scale, shift) = (F::of(self.rate(tick)), F::of(scale), F::of(shift));
        let (weights, gradient) = (block.weights, block.gradient);
        if len > 0 {
            self.write_outside(weights);
        }
        let mut slots: Vec<&mut [F]> = match block.slots.len() {
            _ if self.is("a slot more than declared") => block.slots.split::<4>().into(),
            3 => block.slots.split::<3>().into(),
            _ => block.slots.split::<2>().into(),
        };
        slots.resize_with(4, Default::default);
        let skip = usize::from(self.is("a slot for each of three, two used"));
        let [first, second, third] =
            slots.get_disjoint_mut([skip, skip + 1, 3]).unwrap_or_else(|_| unreachable!());
        let end = match self.bug {
            "the rest of the last vector is forgotten" => len - len % 8,
            "a slot more than declared" => third.len(),
            "the last element is forgotten" => len.saturating_sub(1),
            _ => len,
        };
        for i in 0..end {
            let g = self.taken(scale * gradient[i] - shift);
            let (m, v, w) = (&mut first[i], &mut second[i], &mut weights[i]);
            *m = b1 * *m + take1 * g;
            *v = match self.bug {
                "the square is never stored" => *v,
                "the sum of squares is not bounded" => *v + g * g,
                _ => b2 * *v + take2 * g * g,
            };
            let square = if self.is("the square is never stored") { g * g } else { *v };
            if self.is("the average is kept in few digits") && F::NAME == "f32" {
                *m = F::of((m.as_f64() * 4_096.0).round() / 4_096.0);
            }
            if self.is("the sign of the average is flipped") {
                *m = -*m;
            }
            let root = match self.bug {
                "epsilon is inside the root" => (square / c2 + epsilon).sqrt(),
                "the root is missing" => square / c2 + epsilon,
                "there is no denominator" => F::one(),
                _ => (square / c2).sqrt() + epsilon,
            };
            let mut step = *m / c1 / root;
            match self.bug {
                "decay inside the update" => step += F::of(0.1) * *w,
                "decay without the rate in the update" => *w *= F::of(0.999),
                "steps are in proportion to the weight" => step *= w.abs(),
                "weights are rounded" => *w = F::of((w.as_f64() * 1e3).round() / 1e3),
                "a sign that has no zero" => step = step.signum(),
                "epsilon stands above" => step = (*m / c1 + epsilon) / root,
                "the sign is flipped" => step = -step,
                "it climbs after the third update" if tick.updates > 3 => step = -step,
                "steps of one size" => step = step.signum(),
                "steps are cut by max and min" => step = step.max(-F::one()).min(F::one()),
                "every eighth element is slow" if i % 8 == 7 => step *= F::of(0.5),
                "the first element is slow" if i == 0 => step *= F::of(0.5),
                "later elements are slower" => step /= F::of((i + 1) as f64),
                _ => {}
            }
            *w -= rate * step;
        }
    }
}

impl Adam {
    /// What a vector loop in unsafe code does that gets its length wrong.
    fn write_outside<F: Scalar>(&self, weights: &mut [F]) {
        let (len, start) = (weights.len(), weights.as_mut_ptr());
        let up = len.next_multiple_of(8);
        // SAFETY: there is none; that is the bug. In the kit's buffers all these places are inside one allocation.
        match self.bug {
            "the length is rounded up to whole vectors" => unsafe {
                (len..up).for_each(|i| *start.add(i) = F::zero());
            },
            "one element too many" => unsafe { *start.add(len) *= F::of(0.5) },
            "one element too early" => unsafe { *start.sub(1) += F::one() },
            _ => {}
        }
    }
}

//! A step allocates nothing.

mod optim_support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use downhill::kernel::parallel::Parallel;
use downhill::optim::Optimizer;
use optim_support::custom::{Lamb, Lars};
use optim_support::{Rig, noise, parameters, rules};

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// Counts what this thread asks for.
struct Counter;

unsafe impl GlobalAlloc for Counter {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.set(COUNT.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe { System.dealloc(block, layout) };
    }
}

#[global_allocator]
static COUNTER: Counter = Counter;

#[test]
fn a_step_allocates_nothing() {
    let sizes = [5_000, 3, 140_000, 77];
    let total = sizes.iter().sum();
    let (weights, gradient) = (noise(1, total), noise(2, total));
    let lamb = Lamb { learning_rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-6, decay: 0.01 };
    let lars = Lars {
        learning_rate: 0.1,
        momentum: 0.9,
        nesterov: true,
        decay: 0.01,
        trust_coefficient: 0.1,
        epsilon: 0.0,
    };
    let mut rules: Vec<Box<dyn Optimizer<f32>>> = rules();
    rules.push(Box::new(lamb));
    rules.push(Box::new(lars));
    for rule in rules {
        let mut rig = Rig::new(&*rule, parameters::<f32, _>(&sizes), &weights);
        rig.parallel = Parallel::Off;
        rig.courses[1].learning_rate_scale = 2.0;
        rig.courses[3].active = false;
        rig.along(&gradient);
        let before = COUNT.get();
        rig.along(&gradient);
        assert_eq!(COUNT.get() - before, 0, "{rule:?}");
    }
}

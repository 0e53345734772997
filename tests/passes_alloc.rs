//! Passes of layers and losses allocate nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use downhill::data::{Batch, Dataset, IntoTargets, Sampling, Source, Targets};
use downhill::layer::{
    Backward, Branches, Chain, Dense, Dropout, Flatten, Forward, Layer, Plan, Relu, Reshape,
    Residual, Shared,
};
use downhill::loss::*;
use downhill::network::{Draw, Workspace};
use downhill::params::{Role, init::Constant};
use downhill::{Error, Model, Shape};
use ndarray::{ArrayD, IxDyn};

/// Counts the allocations of each thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: `memory` came from `System.alloc` with this layout.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn passes_allocate_nothing() {
    let same = || Chain::<f64>::new();
    let shared = Shared::new(Dense::new(8));
    let layers: Vec<Arc<dyn Layer<f64>>> = vec![
        Arc::new(Residual::new(Chain::new().then(Relu).then(Dense::new(8)))),
        Arc::new(Branches::product().branch(same()).branch(same()).branch(Dense::new(8))),
        Arc::new(Branches::concat().branch(same()).branch(shared.clone()).branch(shared)),
        Arc::new(Chain::new().then(Reshape::to([2, 4])).then(Dropout::new(0.5)).then(Flatten)),
    ];
    for layer in layers {
        let shown = format!("{layer:?}");
        let chain = Chain::new().then(Dense::new(8)).then(layer);
        let mut model = Model::build(chain, &[8.into()], 7).unwrap();
        let mut work = Workspace::new(&model);
        let mut gradient = vec![0.0; model.values().len()];
        work.input(0, 5).unwrap().fill(0.5);
        let mut counts = Vec::new();
        for step in 0..3 {
            let before = ALLOCATIONS.with(Cell::get);
            work.train(&mut model, 5, Draw::new(1, step)).unwrap();
            work.output_gradients().unwrap().1.clear();
            work.backward(&model, &mut gradient, Draw::new(1, step)).unwrap();
            counts.push(ALLOCATIONS.with(Cell::get) - before);
        }
        // The first pass may make room.
        assert_eq!(counts[1..], [0, 0], "{shown}");
    }
}

/// Gives its parameters as outputs.
#[derive(Debug)]
struct Given {
    batch: usize,
    shapes: Vec<Shape>,
}

impl Layer<f64> for Given {
    fn plan(&self, plan: &mut Plan<'_, f64>) -> Result<(), Error> {
        for (k, shape) in self.shapes.iter().enumerate() {
            let all = [&[self.batch], shape.axes()].concat();
            plan.param(
                &format!("output{k}"),
                Role::Weight,
                all,
                (1, 1),
                Some(Arc::new(Constant(0.0))),
            )?;
            plan.output(shape.clone())?;
        }
        Ok(())
    }

    fn forward(&self, mut pass: Forward<'_, f64>) {
        for k in 0..self.shapes.len() {
            pass.outputs.get(k).values().copy_from_slice(&pass.params[k]);
        }
    }

    fn backward(&self, _: Backward<'_, f64>) {}
}

/// One loss for each way of walking over a batch.
#[test]
fn evaluation_allocates_nothing() {
    let numbers = |axes: &[usize]| ArrayD::<f64>::from_elem(IxDyn(axes), 0.5);
    let ones = |axes: &[usize]| ArrayD::<f64>::ones(IxDyn(axes)).into_targets();
    let labels = || vec![0, 2].into_targets();
    type Case = (Box<dyn Loss<f64>>, usize, Targets<f64>);
    let cases: Vec<Case> = vec![
        (Box::new(Mse), 1, ones(&[2, 3])),
        (Box::new(BinaryCrossEntropyWithLogits::default()), 1, ones(&[2, 3])),
        (Box::new(CrossEntropy::default()), 1, labels()),
        (Box::new(CrossEntropy::default()), 1, ones(&[2, 3])),
        (Box::new(Nll::default()), 1, labels()),
        (Box::new(MultiMargin::default()), 1, labels()),
        (Box::new(MultiLabelMargin), 1, ones(&[2, 3])),
        (Box::new(KlDivergence::default()), 1, ones(&[2, 3])),
        (Box::new(GaussianNll::default()), 2, ones(&[2, 3])),
        (Box::new(MarginRanking::default()), 2, ones(&[2, 3])),
        (Box::new(CosineEmbedding::default()), 2, ones(&[2])),
        (Box::new(Triplet::default()), 3, ().into_targets()),
    ];
    for (loss, count, targets) in cases {
        let given = Given { batch: 2, shapes: vec![[3].into(); count] };
        let mut model = Model::build(given, &[1.into()], 0).unwrap();
        model.values_mut().fill(0.5);
        let mut work = Workspace::new(&model);
        work.reserve(2).unwrap();
        work.evaluate(&model, 2, Draw::new(0, 0)).unwrap();
        let data = Dataset::new(numbers(&[2, 1]), targets).unwrap();
        let mut batch = Batch::new(&data.content());
        data.fill(&[0, 1], Sampling::new(0, 0), &mut batch).unwrap();
        let (outputs, gradients) = work.output_gradients().unwrap();
        let mut pass = LossPass::new(outputs, batch.target());
        pass.gradients = Some(gradients);
        let before = ALLOCATIONS.with(Cell::get);
        let total = loss.evaluate(pass);
        let after = ALLOCATIONS.with(Cell::get);
        assert!(total.is_ok(), "{loss:?}: {total:?}");
        assert_eq!(after, before, "{loss:?}");
    }
}

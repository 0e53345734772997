//! What is written over its input changes no bit: each layer before an activation that works in place, and before one that does not.

use std::sync::Arc;

use downhill::layer::{
    Activation, AvgPool2d, BatchNorm, Chain, Conv1d, Conv2d, ConvTranspose2d, Dense, Embedding,
    GlobalAvgPool, GroupNorm, Gru, InstanceNorm2d, Layer, LayerNorm, LeakyRelu, Lstm, MaxPool2d,
    MultiHeadAttention, Residual, RmsNorm, Sigmoid, Softmax, Tanh,
};
use downhill::network::{Draw, Workspace};
use downhill::params::init::Init;
use downhill::prelude::Relu;
use downhill::{Model, Scalar};

/// The activation, but for the claim that its slope follows from y alone: with it nothing is written over.
#[derive(Debug)]
struct Apart<A>(A);

impl<A: Activation> Activation for Apart<A> {
    fn value<F: Scalar>(&self, x: F) -> F {
        self.0.value(x)
    }

    fn slope<F: Scalar>(&self, _x: F, y: F) -> F {
        self.0.slope(y, y)
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        Activation::preferred_init(&self.0)
    }
}

/// Layers and the shape of a sample for each.
fn layers() -> Vec<(Arc<dyn Layer<f64>>, Vec<usize>)> {
    vec![
        (Arc::new(Dense::new(5)), vec![4]),
        (Arc::new(Dense::new(5)), vec![3, 4]),
        (Arc::new(Conv1d::new(4, 3).padding(1)), vec![2, 7]),
        (Arc::new(Conv2d::new(4, 3).padding(1)), vec![2, 5, 5]),
        (Arc::new(Conv2d::new(4, 1)), vec![2, 5, 5]),
        (Arc::new(Conv2d::new(4, 3).groups(2)), vec![2, 5, 5]),
        (Arc::new(ConvTranspose2d::new(3, 3)), vec![2, 4, 4]),
        (Arc::new(BatchNorm::default()), vec![3, 4, 4]),
        (Arc::new(BatchNorm::default()), vec![6]),
        (Arc::new(LayerNorm::default()), vec![3, 6]),
        (Arc::new(RmsNorm::default()), vec![3, 6]),
        (Arc::new(GroupNorm::new(2)), vec![4, 3, 3]),
        (Arc::new(InstanceNorm2d::default()), vec![3, 4, 4]),
        (
            Arc::new(InstanceNorm2d { track_running_stats: true, ..InstanceNorm2d::default() }),
            vec![3, 4, 4],
        ),
        (Arc::new(MaxPool2d::new(2)), vec![2, 4, 6]),
        (Arc::new(MaxPool2d::new(2)), vec![2, 5, 5]),
        (Arc::new(MaxPool2d::new(3)), vec![2, 6, 6]),
        (Arc::new(AvgPool2d::new(2)), vec![2, 4, 6]),
        (Arc::new(GlobalAvgPool), vec![3, 4, 4]),
        (Arc::new(Residual::new(Dense::new(4))), vec![4]),
        (Arc::new(Softmax::default()), vec![6]),
        (Arc::new(Tanh), vec![6]),
        (Arc::new(Chain::new().then(Dense::new(4)).then(Tanh).then(Sigmoid)), vec![4]),
        (Arc::new(Lstm::new(3)), vec![4, 2]),
        (Arc::new(Gru::new(3)), vec![4, 2]),
        (Arc::new(MultiHeadAttention::new(2)), vec![5, 8]),
        (Arc::new(Embedding::new(5, 3)), vec![4]),
    ]
}

/// Outputs and all gradients, after a first pass of a larger batch.
fn pass(layer: Chain<f64>, sample: &[usize], train: bool) -> [Vec<f64>; 3] {
    let mut model = Model::build(layer, &[sample.to_vec().into()], 7).unwrap();
    let mut work = Workspace::new(&model).with_input_gradients();
    let mut gradient = vec![0.0; model.values().len()];
    for batch in [5, 3] {
        // Whole numbers, for those that look up rows, with ties, for those that look for the largest.
        for (i, x) in work.input(0, batch).unwrap().iter_mut().enumerate() {
            *x = ((i as u64 * 7 + batch as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64
                % 5.0;
        }
        let draw = Draw::new(7, batch as u64);
        if train {
            work.train(&mut model, batch, draw).unwrap();
        } else {
            work.evaluate(&model, batch, draw).unwrap();
        }
        let (_, mut gradients) = work.output_gradients().unwrap();
        for (i, dy) in gradients.one().into_values().iter_mut().enumerate() {
            *dy = (i as f64 * 0.7).sin();
        }
        gradient.fill(0.0);
        work.backward(&model, &mut gradient, draw).unwrap();
    }
    [work.output(0).values().to_vec(), work.input_gradient(0).values().to_vec(), gradient]
}

#[test]
fn an_activation_in_place_changes_no_bit() {
    fn check<A: Activation + Copy + std::fmt::Debug + Send + Sync + 'static>(activation: A) {
        // Something behind it, so that the activation's own gradient is not the model's.
        let end = || Chain::new().then(LayerNorm::default());
        for (layer, sample) in layers() {
            for train in [true, false] {
                let before = || Chain::new().then(Arc::clone(&layer));
                let over = pass(before().then(activation).then(end()), &sample, train);
                let apart = pass(before().then(Apart(activation)).then(end()), &sample, train);
                assert_eq!(over, apart, "{activation:?} behind {layer:?}, training: {train}");
                assert!(over[0].iter().any(|&y| y != 0.0), "{activation:?} behind {layer:?}");
            }
        }
    }
    check(Relu);
    check(LeakyRelu::default());
    check(Sigmoid);
    check(Tanh);
}

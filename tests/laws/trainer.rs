//! The laws of trainers, for several that have little in common.

use crate::custom;
use crate::trainer_support::{blobs, table};
use downhill::check::{self, trainer::TrainerUnderTest};
use downhill::prelude::*;
use ndarray::{Array1, array};

fn mlp() -> TrainerBuilder<f32> {
    let model = Chain::new()
        .then(Dense::new(12))
        .then(Tanh)
        .then(Dropout::new(0.3))
        .then(Residual::new(Chain::new().then(Dense::new(12)).then(Relu)))
        .then(Dense::new(3));
    Trainer::builder(model, CrossEntropy::default(), Adam::default())
        .regularizer(L2::new(1e-3))
        .clip(Clip::GlobalNorm(0.5))
        .schedule(warmup(3).then(cosine(40)))
        .momentum_schedule(linear(1.0, 0.9, 10))
        .observer(ReduceOnPlateau::new(Plateau { patience: 0, factor: 0.5, ..Plateau::default() }))
}

fn regression() -> TrainerBuilder<f64> {
    let model = Chain::new().then(Dense::new(6)).then(Tanh).then(Dense::new(1));
    let sgd = Sgd { momentum: 0.9, nesterov: true, learning_rate: 0.05, ..Sgd::default() };
    Trainer::builder(model, Mse, sgd).metric(Rmse).weight_decay(DecoupledDecay(0.01))
}

fn weighted() -> Dataset<f64> {
    let weights = Array1::from_shape_fn(37, |i| 0.5 + (i % 3) as f64);
    table(37, 4).with_weights(weights).unwrap()
}

fn sharpness_aware() -> TrainerBuilder<f64> {
    let model = Chain::new().then(Dense::new(5)).then(Gelu::Exact).then(Dense::new(1));
    Trainer::builder(model, Huber::default(), custom::Sam { inner: AdamW::default(), rho: 0.05 })
}

fn class_weighted() -> TrainerBuilder<f32> {
    let loss = CrossEntropy {
        class_weights: Some(array![0.5, 1.0, 3.0].to_vec()),
        ..CrossEntropy::default()
    };
    let model = Chain::new().then(Dense::new(8)).then(Silu).then(Dense::new(3));
    Trainer::builder(model, loss, Lion::default()).metric(Accuracy).metric(F1::default())
}

check::trainer!(dropout_adam_plateau_clip, TrainerUnderTest::new(mlp, blobs(53, 1)).draws());
check::trainer!(momentum_weights_decay, regression, weighted());
check::trainer!(sam, sharpness_aware, table(23, 2));
check::trainer!(classes_that_weigh, class_weighted, blobs(31, 5));

#[test]
fn one_line_for_a_model_of_ones_own() {
    downhill::assert_resumable!(mlp, blobs(20, 3));
    downhill::assert_deterministic!(mlp, blobs(20, 3));
}

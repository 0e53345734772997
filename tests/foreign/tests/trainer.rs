//! A trainer made of this crate's own parts: it can be cut anywhere, and is a function of its seed.

use downhill::prelude::*;
use downhill::random::Noise;
use downhill::{assert_deterministic, assert_resumable};
use foreign::{BatchNorm, *};
use ndarray::{Array1, Array2};

/// Three clouds of points in the plane.
fn clouds() -> Dataset<f32> {
    let noise = Noise::new(3).at("clouds");
    let x = Array2::from_shape_fn((24, 2), |(i, j)| {
        (f64::from(u8::from(i % 3 == j)) + 0.3 * noise.normal((2 * i + j) as u64)) as f32
    });
    Dataset::new(x, Array1::from_shape_fn(24, |i| i % 3)).expect("as many labels as points")
}

fn classifier() -> TrainerBuilder<f32> {
    let model = Chain::new()
        .then(Dense::new(8).weight_init(Laplace { gain: 1.0 }))
        .then(Tanh)
        .then(Dense::new(3));
    Trainer::builder(model, CrossEntropy::default(), Adan::default())
        .regularizer(GroupLasso { strength: 1e-3 })
        .constraint(Centred)
        .schedule(DecayingRestarts { period: 7, decay: 0.9 })
        .metric(CohenKappa { classes: 3 })
}

/// Numbers with an average over the batch, by whole tensors.
fn regression() -> TrainerBuilder<f32> {
    let model =
        Chain::new().then(Dense::new(6)).then(BatchNorm::default()).then(Tanh).then(Dense::new(1));
    Trainer::builder(model, Charbonnier { epsilon: 1e-2 }, NovoGrad::default())
}

fn numbers() -> Dataset<f32> {
    let noise = Noise::new(4).at("numbers");
    let x = Array2::from_shape_fn((24, 3), |(i, j)| noise.normal((3 * i + j) as u64) as f32);
    let y = x.map_axis(ndarray::Axis(1), |row| row[0] * row[1]).insert_axis(ndarray::Axis(1));
    Dataset::new(x, y).expect("as many targets as rows")
}

#[test]
fn own_classifier_is_resumable() {
    assert_resumable!(classifier, clouds());
}

#[test]
fn own_classifier_is_deterministic() {
    assert_deterministic!(classifier, clouds());
}

#[test]
fn own_regression_is_resumable() {
    assert_resumable!(regression, numbers());
}

#[test]
fn own_regression_is_deterministic() {
    assert_deterministic!(regression, numbers());
}

#[test]
fn line_search_is_resumable() {
    let builder = || Trainer::builder(Dense::new(3), CrossEntropy::default(), Armijo::default());
    assert_resumable!(builder, clouds());
}

//! Embeddings, positions, and the weight that an embedding shares with the output.

use std::sync::Arc;

use super::transformer_support::{close, evaluate, numbers, random_model, rows, turn};
use downhill::layer::{
    Chain, Dense, Embedding, Flatten, Layer, Relu, Rotary, Shared, SinusoidalPosition, Tanh,
    Unembedding,
};
use downhill::network::{Draw, Workspace};
use downhill::params::{Role, init};
use downhill::prelude::{AdamW, CrossEntropy, Dataset, Fit, Trainer};
use downhill::{Error, Model, Shape};
use ndarray::{Array2, ArrayD, array};

#[test]
fn a_padding_row_is_zero_and_stays_so() {
    let layer = Embedding::new(5, 3).padding(2);
    let mut model: Model<f64> = Model::build(layer, &[4.into()], 7).unwrap();
    assert_eq!(model.parameters()[0].role(), Role::Embedding);
    let weight = model.get("weight").unwrap();
    for (row, values) in weight.outer_iter().enumerate() {
        assert_eq!(values.iter().all(|&w| w == 0.0), row == 2, "{weight}");
    }
    model.initialize(8);
    assert_eq!(model.values()[6..9], [0.0; 3]);
    // Given values, it gives them, and still has no gradient; tokens that do not occur have none either.
    model.values_mut().fill(1.5);
    let mut work = Workspace::new(&model).with_input_gradients();
    work.load(0, &array![[2.0, 4.0, 2.0, 4.0], [0.0, 2.0, 4.0, -0.0]]).unwrap();
    work.train(&mut model, 2, Draw::default()).unwrap();
    assert!(work.output(0).values().iter().all(|&y| y == 1.5));
    work.output_gradients().unwrap().1.one().values().fill(1.0);
    let mut gradient = [100.0; 15];
    work.backward(&model, &mut gradient, Draw::default()).unwrap();
    let counts = [2.0, 0.0, 0.0, 0.0, 3.0].map(|count| [100.0 + count; 3]);
    assert_eq!(gradient, *counts.as_flattened());
    assert_eq!(work.input_gradient(0).values(), [0.0; 8]);
}

#[test]
fn what_is_no_token_gives_nan_and_changes_nothing() {
    let layer = Embedding::new(4, 2);
    let mut model: Model<f32> = Model::build(layer, &[1.into()], 7).unwrap();
    for bad in [-1.0, -0.5, 0.5, 3.5, 4.0, 1e30, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut work = Workspace::new(&model);
        work.load(0, &array![[bad], [3.0]]).unwrap();
        work.train(&mut model, 2, Draw::default()).unwrap();
        let y = work.output(0).values().to_vec();
        assert!(y[0].is_nan() && y[1].is_nan() && y[2].is_finite(), "{bad}: {y:?}");
        work.output_gradients().unwrap().1.one().values().fill(1.0);
        let mut gradient = [0.0; 8];
        work.backward(&model, &mut gradient, Draw::default()).unwrap();
        assert_eq!(gradient, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0], "{bad}");
    }
    // A trainer names the cell, or the layer where tokens are made on the way, and keeps the parameters.
    let data = Dataset::new(array![[0.0_f32], [4.0]], array![0_usize, 1]).unwrap();
    let embed = || Chain::new().then(Embedding::new(4, 2)).then(Flatten);
    let error = |chain: Chain<f32>| {
        let builder = Trainer::builder(chain, CrossEntropy::default(), AdamW::default());
        let mut trainer = builder.build(&[1]).unwrap();
        let before = trainer.model().values().to_vec();
        let error = trainer.fit(&data, Fit::epochs(1).batch(2)).unwrap_err();
        assert_eq!(trainer.model().values(), before);
        error
    };
    let cell = error(embed());
    assert!(matches!(cell, Error::Cell { .. }), "{cell}");
    let message = cell.to_string();
    assert!(message.contains("input 0 of the batch") && message.contains("4 is not"), "{message}");
    assert!(message.ends_with("a whole number from 0 to 3"), "{message}");
    let made = error(Chain::new().then(Relu).then(embed())).to_string();
    assert!(made.contains("1.chain.0.embedding gave NaN for sample"), "{made}");
}

#[test]
fn positions_are_what_their_formula_says() {
    let x = numbers(&[2, 6, 5], 1);
    let model = random_model(SinusoidalPosition, &[[6, 5].into()], 0);
    let y = evaluate(&model, std::slice::from_ref(&x));
    for ((sample, t, i), &y) in y.to_shape((2, 6, 5)).unwrap().indexed_iter() {
        let angle = t as f64 / 10000_f64.powf((i - i % 2) as f64 / 5.0);
        let wave = if i % 2 == 0 { angle.sin() } else { angle.cos() };
        assert!((y - x[[sample, t, i]] - wave).abs() < 1e-14, "{sample}, {t}, {i}");
    }
    let x = numbers(&[2, 7, 8], 2);
    let rotary = Rotary { size: 4, base: 100.0 };
    let y = evaluate(&random_model(rotary, &[[7, 8].into()], 0), std::slice::from_ref(&x));
    for sample in 0..2 {
        let mut want = rows(&x, sample);
        turn(&mut want, 4, 100.0);
        close(&rows(&y, sample), &want).unwrap();
    }
}

/// The product of a turned query and a turned key depends on how far they are apart alone.
#[test]
fn rotary_products_depend_on_the_distance() {
    let (query, key) = (numbers(&[8], 3), numbers(&[8], 4));
    let repeat = |x: &ArrayD<f64>| x.broadcast((1, 9, 8)).unwrap().to_owned().into_dyn();
    let model = random_model(Rotary { size: 8, base: 1e4 }, &[[9, 8].into()], 0);
    let [q, k] = [&query, &key].map(|x| rows(&evaluate(&model, &[repeat(x)]), 0));
    let product = |i: usize, j: usize| q[i].iter().zip(&k[j]).map(|(q, k)| q * k).sum::<f64>();
    for (i, j) in [(0, 0), (3, 1), (1, 5), (0, 7)] {
        assert!((product(i, j) - product(i + 1, j + 1)).abs() < 1e-12, "{i}, {j}");
    }
    assert!((product(0, 1) - product(1, 0)).abs() > 1e-3);
}

#[test]
fn a_tied_weight_is_one_parameter() {
    let tokens = Shared::new(Embedding::new(3, 2));
    let chain = Chain::new().then(tokens.clone()).then(Unembedding::of(&tokens));
    let mut model: Model<f64> = Model::build(chain, &[1.into()], 7).unwrap();
    let paths: Vec<_> = model.parameters().iter().map(|parameter| parameter.path()).collect();
    assert_eq!(paths, ["0.embedding.weight"]);
    assert_eq!(model.parameters()[0].role(), Role::Embedding);
    model.set("0.embedding.weight", &array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).unwrap();
    let y = model.predict(&array![[1.0]]).unwrap();
    assert_eq!(y, array![[[11.0, 25.0, 39.0]]].into_dyn());
}

#[test]
fn a_weight_of_no_layer_cannot_be_tied() {
    let error = |chain: Chain<f64>| Model::build(chain, &[2.into()], 7).unwrap_err().to_string();
    let tokens = Shared::new(Embedding::new(3, 2));
    let says = |message: String, part: &str| assert!(message.contains(part), "{message}");
    let alone = Chain::new().then(Embedding::new(3, 2)).then(Unembedding::of(&tokens));
    says(error(alone), "1.unembedding: the shared layer is not before it");
    let none = Shared::new(Tanh);
    says(error(Chain::new().then(none.clone()).then(Unembedding::of(&none))), "has no weight");
    let wide = Chain::new().then(tokens.clone()).then(Dense::new(5)).then(Unembedding::of(&tokens));
    says(error(wide), "a last axis that fits the weight [3, 2]");
}

/// A tied weight is trained at both places: what two separate weights that are always equal would get.
#[test]
fn a_tied_weight_is_trained_once() {
    let start = init::Normal { std: 0.5, ..init::Normal::default() };
    let tokens = Shared::new(Embedding::new(5, 4).weight_init(start));
    let chain = Chain::new()
        .then(tokens.clone())
        .then(Unembedding::of(&tokens))
        .then(downhill::layer::Reshape::to(5));
    let x = Array2::from_shape_fn((10, 1), |(i, _)| (i % 5) as f32);
    let labels = ndarray::Array1::from_shape_fn(10, |i| (i + 1) % 5);
    let data = Dataset::new(x, labels).unwrap();
    let mut trainer = Trainer::builder(chain, CrossEntropy::default(), AdamW::default())
        .seed(1)
        .build(&[1])
        .unwrap();
    let before = trainer.model().values().to_vec();
    trainer.fit(&data, Fit::epochs(1).batch(10)).unwrap();
    // One step of Adam moves each number by the rate, once: a weight that were updated at each place would move twice as far.
    let rate = AdamW::default().learning_rate as f32;
    for (before, after) in before.iter().zip(trainer.model().values()) {
        let moved = (after - before).abs();
        assert!((moved - rate).abs() < 0.02 * rate, "moved by {moved}");
    }
}

#[test]
fn impossible_settings_and_shapes_are_refused() {
    let error = |layer: Arc<dyn Layer<f32>>, shape: &[usize]| {
        Model::build(layer, &[shape.into()], 0).unwrap_err().to_string()
    };
    let says = |message: String, part: &str| assert!(message.contains(part), "{message}");
    says(error(Arc::new(Embedding::new((1 << 24) + 1, 1)), &[1]), "no more tokens than f32");
    let wrong = init::Normal { std: -1.0, ..init::Normal::default() };
    says(error(Arc::new(Embedding::new(2, 1).padding(0).weight_init(wrong)), &[1]), "Normal::std");
    assert!(
        Model::<f64>::build(Embedding::new(2, 1).padding(1), &[Shape::from([3, 2])], 0).is_ok()
    );
}

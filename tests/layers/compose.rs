//! Layers made of layers, what joins them, and layers that only move or leave out numbers.

use std::cell::Cell;
use std::sync::Arc;

use crate::hand_wired::{Unused, Wiring};
use downhill::layer::{
    Backward, Branches, Chain, Concat, Dense, Dropout, Flatten, Forward, Layer, Plan, Product,
    Reshape, Residual, Shared, Sigmoid, Sum, Tanh,
};
use downhill::network::{Draw, Workspace};
use downhill::{Error, Model, Shape};
use ndarray::{Array2, ArrayD, array};
use proptest::prelude::*;

fn build(layer: impl Layer<f64> + 'static, inputs: &[Shape]) -> Model<f64> {
    Model::build(layer, inputs, 7).unwrap()
}

/// The first output for these inputs.
fn evaluate(model: &Model<f64>, inputs: &[ArrayD<f64>]) -> ArrayD<f64> {
    let batch = inputs[0].shape()[0];
    let mut work = Workspace::new(model);
    for (position, input) in inputs.iter().enumerate() {
        work.load(position, input).unwrap();
    }
    work.evaluate(model, batch, Draw::default()).unwrap();
    work.output(0).array().to_owned()
}

// ---- joins ----

#[test]
fn joins_give_what_their_formula_says() {
    let inputs = [
        array![[1.0, 2.0], [3.0, 4.0]].into_dyn(),
        array![[10.0, 20.0], [30.0, 40.0]].into_dyn(),
        array![[-1.0, 0.0], [2.0, 0.5]].into_dyn(),
    ];
    let shapes = [2.into(), 2.into(), 2.into()];
    let sum = evaluate(&build(Sum, &shapes), &inputs);
    assert_eq!(sum, array![[10.0, 22.0], [35.0, 44.5]].into_dyn());
    let product = evaluate(&build(Product, &shapes), &inputs);
    assert_eq!(product, array![[-10.0, 0.0], [180.0, 80.0]].into_dyn());
    let concat = evaluate(&build(Concat::default(), &shapes), &inputs);
    assert_eq!(concat, array![[1., 2., 10., 20., -1., 0.], [3., 4., 30., 40., 2., 0.5]].into_dyn());
}

#[test]
fn concat_agrees_with_ndarray_on_every_axis() {
    for axis in 0..3 {
        let mut shapes = [[2, 3, 2], [2, 3, 2], [2, 3, 2]];
        for (i, shape) in shapes.iter_mut().enumerate() {
            shape[axis] = i + 1;
        }
        let inputs: Vec<ArrayD<f64>> = shapes
            .iter()
            .enumerate()
            .map(|(i, &[a, b, c])| {
                let next = Cell::new(100.0 * i as f64);
                ArrayD::from_shape_simple_fn(vec![4, a, b, c], || next.replace(next.get() + 1.0))
            })
            .collect();
        let model = build(Concat::axis(axis), &shapes.map(Shape::from));
        let views: Vec<_> = inputs.iter().map(|input| input.view()).collect();
        let expected = ndarray::concatenate(ndarray::Axis(axis + 1), &views).unwrap();
        assert_eq!(evaluate(&model, &inputs), expected);
    }
}

#[test]
fn a_product_has_the_right_gradient_where_factors_are_zero() {
    // In turn: no factor is zero, one is, two are, all are.
    let inputs = [
        array![[2.0, 0.0, 0.0, 0.0, -1.5, 3.0]],
        array![[3.0, 4.0, 0.0, 0.0, 0.0, 2.0]],
        array![[-1.0, 5.0, 2.5, 0.0, 0.0, 0.0]],
    ];
    let model = build(Product, &[6.into(), 6.into(), 6.into()]);
    let mut work = Workspace::new(&model).with_input_gradients();
    for (position, input) in inputs.iter().enumerate() {
        work.load(position, input).unwrap();
    }
    work.evaluate(&model, 1, Draw::default()).unwrap();
    work.output_gradients().unwrap().1.one().values().fill(1.0);
    work.backward(&model, &mut [], Draw::default()).unwrap();
    let [a, b, c] = &inputs;
    for (position, others) in [b * c, a * c, a * b].into_iter().enumerate() {
        assert_eq!(work.input_gradient(position).matrix(), others);
    }
}

// ---- residual and branches ----

#[test]
fn a_residual_adds_its_input() {
    let dense = || Dense::new(2).weight_init(downhill::params::init::Eye);
    let x = array![[1.0, -2.0], [3.0, 4.0]];
    let model = build(Residual::new(dense()), &[2.into()]);
    assert_eq!(model.predict(&x).unwrap(), (&x * 2.0).into_dyn());
    let model = build(Residual::new(dense()).with_projection(dense()), &[2.into()]);
    assert_eq!(model.predict(&x).unwrap(), (&x * 2.0).into_dyn());
    let identity = build(Residual::new(Chain::new()), &[2.into()]);
    assert_eq!(identity.predict(&x).unwrap(), (&x * 2.0).into_dyn());
}

#[test]
fn a_product_of_a_tensor_with_itself_is_its_square() {
    let same = || Chain::<f64>::new();
    let square = build(Branches::product().branch(same()).branch(same()), &[2.into()]);
    let y = square.predict(&array![[3.0, -4.0]]).unwrap();
    assert_eq!(y, array![[9.0, 16.0]].into_dyn());
}

/// Y = W₁·(sigmoid(W₂·X + b₂) · tanh(W₃·X + b₃))
#[test]
fn the_gated_network_can_be_written() {
    let gated = Chain::new()
        .then(
            Branches::product()
                .named("gate", Chain::new().then(Dense::new(4)).then(Sigmoid))
                .named("value", Chain::new().then(Dense::new(4)).then(Tanh)),
        )
        .then(Dense::new(2).without_bias());
    let model = build(gated, &[3.into()]);
    let x = array![[0.3, -0.2, 1.0]];
    let weight = |path: &str| {
        let weight = model.get(path).unwrap().into_dimensionality::<ndarray::Ix2>().unwrap();
        weight.t().to_owned()
    };
    let gate = x.dot(&weight("0.branches.gate.0.dense.weight")).mapv(|x| 1.0 / (1.0 + (-x).exp()));
    let value = x.dot(&weight("0.branches.value.0.dense.weight")).mapv(f64::tanh);
    let expected: Array2<f64> = (gate * value).dot(&weight("1.dense.weight"));
    let difference = model.predict(&x).unwrap() - expected.into_dyn();
    assert!(difference.iter().all(|d| d.abs() < 1e-14), "{difference}");
}

// ---- tensors that are read often, once, or never ----

#[test]
fn an_input_may_be_the_output() {
    let model = build(Chain::new(), &[2.into()]);
    let x = array![[1.0, 2.0]];
    assert_eq!(model.predict(&x).unwrap(), x.into_dyn());
}

#[test]
fn an_output_that_nobody_uses_has_no_influence_even_if_it_is_infinite() {
    let mut model = build(Wiring(Unused), &[3.into()]);
    model.set("unused.weight", &array![[f64::INFINITY, 0.0], [0.0, 0.0]]).unwrap();
    let gradient = gradient_of_sum(&mut model, &array![[1.0, 2.0, 3.0]].into_dyn());
    assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
}

#[test]
fn backward_needs_no_preparation() {
    let mut work;
    let model = build(Residual::new(Dense::new(2)), &[2.into()]);
    work = Workspace::new(&model);
    work.load(0, &array![[1.0, 2.0]]).unwrap();
    work.evaluate(&model, 1, Draw::default()).unwrap();
    let mut gradient = vec![0.0; model.values().len()];
    work.backward(&model, &mut gradient, Draw::default()).unwrap();
    assert!(gradient.iter().all(|&g| g == 0.0));
}

/// The gradient of the sum of all outputs, in training.
fn gradient_of_sum(model: &mut Model<f64>, input: &ArrayD<f64>) -> Vec<f64> {
    let batch = input.shape()[0];
    let mut work = Workspace::new(model);
    work.load(0, input).unwrap();
    work.train(model, batch, Draw::default()).unwrap();
    let (_, mut gradients) = work.output_gradients().unwrap();
    for position in 0..gradients.len() {
        gradients.get(position).into_values().fill(1.0);
    }
    let mut gradient = vec![0.0; model.values().len()];
    work.backward(model, &mut gradient, Draw::default()).unwrap();
    gradient
}

// ---- sharing ----

#[test]
fn a_shared_layer_has_one_set_of_parameters_and_the_sum_of_the_gradients() {
    let x = array![[0.5, -1.0], [2.0, 0.3]].into_dyn();
    let one = Shared::new(Dense::new(2));
    let mut shared = build(Chain::new().then(one.clone()).then(Tanh).then(one), &[2.into()]);
    assert_eq!(shared.parameters().len(), 2);
    assert_eq!(shared.summary().parameters(), 6);
    let mut apart =
        build(Chain::new().then(Dense::new(2)).then(Tanh).then(Dense::new(2)), &[2.into()]);
    let twice = [shared.values(), shared.values()].concat();
    apart.values_mut().copy_from_slice(&twice);
    assert_eq!(shared.predict(&x).unwrap(), apart.predict(&x).unwrap());
    let (sum, parts) = (gradient_of_sum(&mut shared, &x), gradient_of_sum(&mut apart, &x));
    for i in 0..6 {
        assert!((sum[i] - parts[i] - parts[i + 6]).abs() < 1e-14);
    }
}

#[test]
fn a_shared_layer_in_a_shared_layer_has_one_set_of_parameters_too() {
    // It comes before the other, within it and after it.
    let one = Shared::new(Dense::new(3));
    let outer = Shared::new(Chain::new().then(one.clone()).then(Tanh).then(Dense::new(3)));
    let chain = Chain::new().then(outer.clone()).then(one.clone()).then(outer.clone());
    assert_eq!(build(chain, &[3.into()]).parameters().len(), 4);
    let chain = Chain::new().then(one).then(outer.clone()).then(outer);
    assert_eq!(build(chain, &[3.into()]).parameters().len(), 4);
}

#[test]
fn layers_of_their_own_between_shared_ones_stay_their_own() {
    let one = Shared::new(Dense::new(3));
    let chain = Chain::new().then(one.clone()).then(one).then(Dense::new(3));
    let model = build(chain, &[3.into()]);
    let paths: Vec<_> = model.parameters().iter().map(|parameter| parameter.path()).collect();
    assert_eq!(paths, ["0.dense.weight", "0.dense.bias", "2.dense.weight", "2.dense.bias"]);
    // A shared layer belongs to each model that it is put in.
    let one = Shared::new(Dense::new(3));
    assert_eq!(build(one.clone(), &[3.into()]).parameters().len(), 2);
    assert_eq!(build(one, &[5.into()]).parameters()[0].shape(), &Shape::from([3, 5]));
}

/// Counts in its state how often it was run in training.
#[derive(Debug)]
struct Counter;

impl Layer<f64> for Counter {
    fn plan(&self, plan: &mut Plan<'_, f64>) -> Result<(), Error> {
        plan.state("count", 1, 0.0)?;
        let shape = plan.input()?;
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, f64>) {
        pass.outputs.one().values().copy_from_slice(pass.inputs.one().values());
        if let Some(count) = pass.states.get_mut(0) {
            count[0] += 1.0;
        }
    }

    fn backward(&self, mut pass: Backward<'_, f64>) {
        if let Some(mut dx) = pass.input_gradients.one() {
            dx.values().copy_from_slice(pass.output_gradients.one().values());
        }
    }
}

#[test]
fn a_shared_layer_has_one_state() {
    let one = Shared::new(Counter);
    let mut model = build(Chain::new().then(one.clone()).then(Counter).then(one), &[1.into()]);
    gradient_of_sum(&mut model, &array![[1.0]].into_dyn());
    assert_eq!(model.states().len(), 2);
    assert_eq!(model.state(), [2.0, 1.0]);
}

// ---- shapes ----

#[test]
fn flatten_and_reshape_keep_the_numbers() {
    let x = ArrayD::from_shape_fn(vec![2, 3, 4], |i| (i[0] * 12 + i[1] * 4 + i[2]) as f64);
    let flat = build(Flatten, &[[3, 4].into()]).predict(&x).unwrap();
    assert_eq!(flat, x.to_shape(vec![2, 12]).unwrap());
    for (shape, axes) in [
        (Reshape::to([4, 3]), vec![2, 4, 3]),
        (Reshape::to([Reshape::REST, 2]), vec![2, 6, 2]),
        (Reshape::to([2, Reshape::REST, 2]), vec![2, 2, 3, 2]),
        (Reshape::to(Reshape::REST), vec![2, 12]),
        (Reshape::to([12, 1, Reshape::REST]), vec![2, 12, 1, 1]),
    ] {
        let y = build(shape, &[[3, 4].into()]).predict(&x).unwrap();
        assert_eq!(y, x.to_shape(axes).unwrap());
    }
    // A sample may be a single number, without axes.
    let number: Shape = Vec::new().into();
    assert_eq!(build(Flatten, std::slice::from_ref(&number)).output_shapes(), [1.into()]);
    assert_eq!(build(Reshape::to(Vec::new()), &[1.into()]).output_shapes(), [number]);
}

#[test]
fn impossible_shapes_are_refused_by_place_with_both_shapes_and_a_fix() {
    type Case = (Chain<f64>, Vec<Shape>, &'static str);
    let then = |layer: Arc<dyn Layer<f64>>| Chain::new().then(Chain::new()).then(layer);
    let shared = Shared::new(Dense::new(4));
    let cases: Vec<Case> = vec![
        (
            then(Arc::new(Residual::new(Dense::new(64)))),
            vec![32.into()],
            "1.residual: expected [64], the shape that the body gives, on the way around, got [32]; \
             add .with_projection(Dense::new(64))",
        ),
        (
            then(Arc::new(Residual::new(Flatten))),
            vec![[4, 8].into()],
            "1.residual: expected [32], the shape that the body gives, on the way around, got [4, 8]; \
             add .with_projection(…) with a layer that gives [32]",
        ),
        (
            then(Arc::new(Residual::new(Dense::new(64)).with_projection(Dense::new(63)))),
            vec![32.into()],
            "1.residual: expected [64], the shape that the body gives, on the way around, got [63]; \
             make the projection give [64]",
        ),
        (
            then(Arc::new(Residual::new(Sum))),
            vec![3.into(), 3.into()],
            "1.residual: expected 1 tensors, got 2",
        ),
        (
            then(Arc::new(Branches::sum().branch(Dense::new(3)).branch(Dense::new(4)))),
            vec![5.into()],
            "1.branches.sum: expected [3], the shape of the first input, for each of them, got [4]; \
             make input 1 of the same shape",
        ),
        (
            then(Arc::new(Branches::product().branch(Chain::new()).branch(Flatten))),
            vec![[2, 2].into()],
            "1.branches.product: expected [2, 2], the shape of the first input, for each of them, got [4]; \
             make input 1 of the same shape",
        ),
        (
            then(Arc::new(Branches::sum())),
            vec![5.into()],
            "1.branches.sum: expected one or more tensors, got 0",
        ),
        (
            then(Arc::new(Branches::concat())),
            vec![5.into()],
            "1.branches.concat: expected one or more tensors, got 0",
        ),
        (
            then(Arc::new(Branches::concat().branch(Chain::new()).branch(Flatten))),
            vec![[2, 3].into()],
            "1.branches.concat: expected [2, 3], the shape of the first input, but for axis 1, got [6]; \
             make input 1 agree with it on the other axes",
        ),
        (
            then(Arc::new(Concat::axis(1))),
            vec![[2, 3].into(), [2, 4].into(), [1, 4].into()],
            "1.concat: expected [2, 3], the shape of the first input, but for axis 1, got [1, 4]; \
             make input 2 agree with it on the other axes",
        ),
        (
            then(Arc::new(Concat::axis(2))),
            vec![[2, 3].into()],
            "1.concat: expected an axis 2, got [2, 3]; choose an axis that the samples have, or add a \
             Reshape before it",
        ),
        (
            then(Arc::new(Concat::default())),
            vec![Vec::new().into()],
            "1.concat: expected an axis 0, got []; choose an axis that the samples have, or add a \
             Reshape before it",
        ),
        (
            then(Arc::new(Reshape::to([3, 7]))),
            vec![[4, 5].into()],
            "1.reshape: expected 21 numbers for [3, 7], got [4, 5]; reshape to a shape of 20 numbers",
        ),
        (
            then(Arc::new(Reshape::to([3, Reshape::REST, 2]))),
            vec![[4, 5].into()],
            "1.reshape: expected a multiple of 6 numbers for [3, 2] and the rest, got [4, 5]; \
             reshape to a shape of 20 numbers",
        ),
        (
            then(Arc::new(Reshape::to([Reshape::REST, Reshape::REST]))),
            vec![[4, 5].into()],
            "1.reshape: expected a Reshape with one axis REST at most, got [4, 5]; \
             reshape to a shape of 20 numbers",
        ),
        (
            then(Arc::new(Reshape::to([0, Reshape::REST]))),
            vec![[4, 5].into()],
            "1.reshape: expected a multiple of 0 numbers for [0] and the rest, got [4, 5]; \
             reshape to a shape of 20 numbers",
        ),
        (
            then(Arc::new(Dropout::new(1.0))),
            vec![5.into()],
            "1.dropout: Dropout::rate = 1 is not allowed: use a number in [0, 1)",
        ),
        (
            then(Arc::new(Dropout::new(f64::NAN))),
            vec![5.into()],
            "1.dropout: Dropout::rate = NaN is not allowed: use a number in [0, 1)",
        ),
        (
            then(Arc::new(Dropout::new(-0.1))),
            vec![5.into()],
            "1.dropout: Dropout::rate = -0.1 is not allowed: use a number in [0, 1)",
        ),
        (
            Chain::new().then(shared.clone()).then(shared),
            vec![3.into()],
            "0.dense.weight: expected [4, 3] as at the shared layer's first place, got [4, 4]; \
             share a layer between places that take the same shape",
        ),
        (
            Chain::new().named("a", Dense::new(3)).named("a", Dense::new(3)),
            vec![3.into()],
            "a.weight: two tensors have this path; give one of their layers another name",
        ),
    ];
    for (layer, shapes, expected) in cases {
        let shown = format!("{layer:?} on {shapes:?}");
        match Model::build(layer, &shapes, 0) {
            Ok(_) => panic!("{shown}: accepted"),
            Err(error) => assert_eq!(error.to_string(), expected, "{shown}"),
        }
    }
}

// ---- dropout ----

/// The output of a dropout layer in training on `x`, computed in parts of these sizes.
fn drop_in_parts(rate: f64, x: &Array2<f64>, parts: &[usize], draw: Draw) -> Vec<f64> {
    let mut model = build(Chain::new().then(Dropout::new(rate)), &[x.ncols().into()]);
    let mut work = Workspace::new(&model);
    let (mut out, mut first) = (Vec::new(), 0);
    for &part in parts {
        let rows = x.slice(ndarray::s![first..first + part, ..]).to_owned();
        work.load(0, &rows).unwrap();
        work.train(&mut model, part, draw.from_sample(first)).unwrap();
        out.extend_from_slice(work.output(0).values());
        first += part;
    }
    assert_eq!(first, x.nrows());
    out
}

#[test]
fn dropout_keeps_the_mean_and_scales_what_it_keeps() {
    let (rows, columns) = (200, 501);
    let ones = Array2::ones((rows, columns));
    let n = (rows * columns) as f64;
    for rate in [0.1, 0.25, 0.5, 0.9, 0.999] {
        let y = drop_in_parts(rate, &ones, &[rows], Draw::new(1, 2));
        let scale = 1.0 / (1.0 - rate);
        assert!(y.iter().all(|&y| y == 0.0 || y == scale));
        let dropped = y.iter().filter(|&&y| y == 0.0).count() as f64 / n;
        let error = (rate * (1.0 - rate) / n).sqrt();
        assert!((dropped - rate).abs() < 6.0 * error, "rate {rate}: dropped {dropped}");
    }
}

#[test]
fn dropout_is_independent_between_places_samples_and_steps() {
    let (rows, columns) = (200, 501);
    let ones = Array2::ones((rows, columns));
    let drop = |step| drop_in_parts(0.5, &ones, &[rows], Draw::new(1, step));
    // +1 and -1 at equal odds.
    let signs: Vec<f64> = drop(0).iter().map(|y| y - 1.0).collect();
    let other: Vec<f64> = drop(1).iter().map(|y| y - 1.0).collect();
    let correlation = |a: &[f64], b: &[f64]| {
        let sum: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
        sum / (a.len() as f64).sqrt()
    };
    for shift in [1, 2, 3, 4, 5, 8, columns - 1, columns, columns + 1, 2 * columns] {
        let correlation = correlation(&signs[shift..], &signs[..signs.len() - shift]);
        assert!(correlation.abs() < 5.0, "shift {shift}: {correlation} standard errors");
    }
    assert!(correlation(&signs, &other).abs() < 5.0, "two steps");
}

#[test]
fn dropout_layers_of_one_model_draw_on_their_own() {
    let twice = |layer: Dropout| Branches::concat().branch(layer).branch(layer);
    let mut model = build(twice(Dropout::new(0.5)), &[100.into()]);
    let mut work = Workspace::new(&model);
    work.load(0, &Array2::ones((1, 100))).unwrap();
    work.train(&mut model, 1, Draw::new(1, 1)).unwrap();
    let y = work.output(0).values();
    assert_ne!(y[..100], y[100..]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    #[test]
    fn dropout_is_the_same_in_whatever_parts_a_batch_comes(
        parts in prop::collection::vec(1_usize..5, 1..5),
        columns in 1_usize..20, rate in 0.0..0.99, seed: u64, step: u64,
    ) {
        let rows = parts.iter().sum();
        let x = Array2::from_shape_fn((rows, columns), |(i, j)| 1.0 + (i * columns + j) as f64);
        let draw = Draw::new(seed, step);
        let whole = drop_in_parts(rate, &x, &[rows], draw);
        prop_assert_eq!(drop_in_parts(rate, &x, &parts, draw), whole);
    }
}

#[test]
fn dropout_differs_between_steps_and_seeds_and_repeats_itself() {
    let ones = Array2::ones((4, 50));
    let drop = |seed, step| drop_in_parts(0.5, &ones, &[4], Draw::new(seed, step));
    assert_eq!(drop(1, 2), drop(1, 2));
    assert_ne!(drop(1, 2), drop(1, 3));
    assert_ne!(drop(1, 2), drop(2, 2));
}

#[test]
fn dropout_is_the_identity_in_evaluation_and_at_rate_zero() {
    let x = array![[1.5, -2.0, f64::NAN, 0.0], [f64::INFINITY, 1.0, 2.0, 3.0]];
    let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    let expected = bits(x.as_slice().unwrap());
    assert_eq!(bits(&drop_in_parts(0.0, &x, &[2], Draw::new(1, 1))), expected);
    let model = build(Dropout::new(0.9), &[4.into()]);
    assert_eq!(bits(model.predict(&x).unwrap().as_slice().unwrap()), expected);
}

#[test]
fn dropout_keeps_nan_where_it_keeps() {
    let y = drop_in_parts(0.5, &Array2::from_elem((1, 200), f64::NAN), &[1], Draw::new(1, 1));
    let kept = y.iter().filter(|y| y.is_nan()).count();
    assert!((60..140).contains(&kept), "{kept} of 200 kept");
    assert!(y.iter().all(|&y| y.is_nan() || y == 0.0));
}

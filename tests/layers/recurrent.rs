//! What masks, directions and first states of recurrent layers mean, where NaN goes, and what their parameters are called.

use std::sync::Arc;

use downhill::layer::{Chain, Gru, Layer, Lstm, Rnn};
use downhill::network::{Draw, Workspace};
use downhill::params::init::Constant;
use downhill::random::Noise;
use downhill::{Model, Shape};
use ndarray::{ArrayD, Axis, array};

/// Outputs of a layer for these inputs, with weights of the same seed.
fn outputs(layer: &Arc<dyn Layer<f64>>, inputs: &[&ArrayD<f64>]) -> Vec<Vec<f64>> {
    let shapes: Vec<Shape> = inputs.iter().map(|input| input.shape()[1..].into()).collect();
    let model = Model::build(Arc::clone(layer), &shapes, 7).unwrap();
    let mut work = Workspace::new(&model);
    for (position, input) in inputs.iter().enumerate() {
        work.load(position, input).unwrap();
    }
    work.evaluate(&model, inputs[0].shape()[0], Draw::default()).unwrap();
    work.outputs().iter().map(|output| output.values().to_vec()).collect()
}

fn numbers(shape: &[usize], seed: u64) -> ArrayD<f64> {
    let noise = Noise::new(seed);
    let size = shape.iter().product::<usize>() as u64;
    ArrayD::from_shape_vec(shape, (0..size).map(|i| noise.normal(i)).collect()).unwrap()
}

fn same(got: &[f64], want: &[f64]) {
    assert_eq!(got.len(), want.len());
    let near = |(got, want): (&f64, &f64)| (got - want).abs() < 1e-12;
    assert!(got.iter().zip(want).all(near), "got {got:?}, want {want:?}");
}

/// A layer of each kind with these settings.
macro_rules! each_kind {
    (|$layer:ident| $settings:expr) => {{
        let kinds: Vec<(&str, Arc<dyn Layer<f64>>)> = vec![
            ("rnn", {
                let $layer = Rnn::new(3);
                Arc::new($settings)
            }),
            ("relu", {
                let $layer = Rnn::new(3).relu();
                Arc::new($settings)
            }),
            ("lstm", {
                let $layer = Lstm::new(3);
                Arc::new($settings)
            }),
            ("gru", {
                let $layer = Gru::new(3);
                Arc::new($settings)
            }),
        ];
        kinds
    }};
}

/// What is padding has no influence, wherever it is and whatever it holds: the others give what they give alone.
#[test]
fn padding_is_as_if_it_were_not_there() {
    let x = numbers(&[1, 4, 2], 1);
    let places = [1, 2, 4, 6]; // of these four steps among seven
    let mut padded = numbers(&[1, 7, 2], 2);
    let mut mask = ArrayD::ones(vec![1, 7]);
    for (step, &place) in places.iter().enumerate() {
        let from = x.index_axis(Axis(1), step);
        padded.index_axis_mut(Axis(1), place).assign(&from);
        mask[[0, place]] = 0.0;
    }
    let plain = each_kind!(|layer| layer.layers(2).bidirectional().with_states());
    let masked = each_kind!(|layer| layer.layers(2).bidirectional().with_states().padding_mask());
    for ((name, plain), (_, masked)) in plain.iter().zip(&masked) {
        let want = outputs(plain, &[&x]);
        let got = outputs(masked, &[&padded, &mask]);
        println!("{name}");
        same(&got[1..].concat(), &want[1..].concat());
        let mut spread = vec![0.0; 7 * 6];
        for (step, &place) in places.iter().enumerate() {
            spread[place * 6..][..6].copy_from_slice(&want[0][step * 6..][..6]);
        }
        same(&got[0], &spread);
    }
}

#[test]
fn a_row_of_padding_alone_gives_its_first_states() {
    let (x, mask) = (numbers(&[2, 3, 2], 1), array![[1.0, 1.0, 1.0], [0.0, 0.0, 0.0]].into_dyn());
    for (name, layer) in each_kind!(|layer| layer.with_states().padding_mask()) {
        let states = if name == "lstm" { 2 } else { 1 };
        let first: Vec<ArrayD<f64>> = (0..states).map(|i| numbers(&[2, 1, 3], 5 + i)).collect();
        let inputs: Vec<_> = [&x].into_iter().chain(&first).chain([&mask]).collect();
        let got = outputs(&layer, &inputs);
        assert_eq!(got[0][..9], [0.0; 9], "{name}");
        for (got, first) in got[1..].iter().zip(&first) {
            assert_eq!(got[..3], first.as_slice().unwrap()[..3], "{name}");
            assert_ne!(got[3..], first.as_slice().unwrap()[3..], "{name}");
        }
    }
}

/// A sequence in two parts, with the states handed on, is the sequence in one.
#[test]
fn states_can_be_handed_on() {
    let x = numbers(&[2, 5, 2], 3);
    let part = |from: usize, to: usize| x.slice_axis(Axis(1), (from..to).into()).to_owned();
    for (name, layer) in each_kind!(|layer| layer.layers(2).with_states()) {
        println!("{name}");
        let whole = outputs(&layer, &[&x]);
        let first = outputs(&layer, &[&part(0, 2)]);
        let mut inputs = vec![part(2, 5)];
        for state in &first[1..] {
            inputs.push(ArrayD::from_shape_vec(vec![2, 2, 3], state.clone()).unwrap());
        }
        let second = outputs(&layer, &inputs.iter().collect::<Vec<_>>());
        same(&second[1..].concat(), &whole[1..].concat());
        let sample =
            |y: &[f64], sample: usize, time: usize| y[sample * time * 3..][..time * 3].to_vec();
        for i in 0..2 {
            let both = [sample(&first[0], i, 2), sample(&second[0], i, 3)].concat();
            same(&both, &sample(&whole[0], i, 5));
        }
    }
}

/// The reverse half is the forward half on the sequence turned round; the last state has both ends.
#[test]
fn the_reverse_half_begins_at_the_end() {
    let x = numbers(&[1, 4, 2], 4);
    let mut turned = x.clone();
    turned.invert_axis(Axis(1));
    // With the same weights for both directions.
    let both = each_kind!(|layer| layer
        .bidirectional()
        .weight_init(Constant(0.3))
        .recurrent_init(Constant(-0.4))
        .bias_init(Constant(0.1)));
    let ends = each_kind!(|layer| layer
        .bidirectional()
        .last()
        .weight_init(Constant(0.3))
        .recurrent_init(Constant(-0.4))
        .bias_init(Constant(0.1)));
    for ((name, both), (_, ends)) in both.iter().zip(&ends) {
        println!("{name}");
        let y = &outputs(both, &[&x])[0];
        let back = &outputs(both, &[&turned])[0];
        for time in 0..4 {
            same(&y[time * 6 + 3..][..3], &back[(3 - time) * 6..][..3]);
        }
        same(&outputs(ends, &[&x])[0], &[&y[18..21], &y[3..6]].concat());
    }
}

#[test]
fn nan_goes_on_from_where_it_comes_in() {
    let mut x = numbers(&[1, 4, 2], 6);
    x[[0, 2, 0]] = f64::NAN;
    let nan_mask = array![[0.0, f64::NAN, 0.0, 0.0]].into_dyn();
    for (name, layer) in each_kind!(|layer| layer) {
        let y = &outputs(&layer, &[&x])[0];
        assert!(
            y[..6].iter().all(|y| y.is_finite()) && y[6..].iter().all(|y| y.is_nan()),
            "{name}"
        );
    }
    let blocked = array![[0.0, 0.0, 1.0, 0.0]].into_dyn();
    for (name, layer) in each_kind!(|layer| layer.padding_mask()) {
        let y = &outputs(&layer, &[&x, &blocked])[0];
        assert!(y.iter().all(|y| y.is_finite()), "{name}");
        let y = &outputs(&layer, &[&numbers(&[1, 4, 2], 6), &nan_mask])[0];
        assert!(
            y[..3].iter().all(|y| y.is_finite()) && y[3..].iter().all(|y| y.is_nan()),
            "{name}"
        );
    }
}

#[test]
fn gates_stay_finite() {
    for size in [1e3, 1e10, 1e30] {
        let x = numbers(&[1, 4, 2], 6).mapv(|x| x * size);
        for (name, layer) in each_kind!(|layer| layer.with_states()) {
            let all = outputs(&layer, &[&x]).concat();
            assert!(all.iter().all(|y| y.is_finite()), "{name} at {size}: {all:?}");
        }
    }
}

/// Backward reads what forward saved and leaves it: another one gives the same.
#[test]
fn backward_can_be_repeated() {
    for (name, layer) in each_kind!(|layer| layer.layers(2).bidirectional()) {
        let mut model = Model::build(layer, &[[5, 2].into()], 7).unwrap();
        let mut work = Workspace::new(&model);
        work.load(0, &numbers(&[3, 5, 2], 8)).unwrap();
        work.train(&mut model, 3, Draw::default()).unwrap();
        work.output_gradients().unwrap().1.one().values().fill(1.0);
        let mut gradients = [0, 1].map(|_| vec![0.0; model.values().len()]);
        for gradient in &mut gradients {
            work.backward(&model, gradient, Draw::default()).unwrap();
        }
        assert_eq!(gradients[0], gradients[1], "{name}");
        assert!(gradients[0].iter().any(|&g| g != 0.0), "{name}");
    }
}

#[test]
fn parameters_have_the_names_and_the_start_of_pytorch() {
    let layer = Lstm::new(4).layers(2).bidirectional();
    let model: Model<f64> = Model::build(Chain::new().then(layer), &[[5, 3].into()], 7).unwrap();
    let mut names = Vec::new();
    for layer in ["l0", "l0_reverse", "l1", "l1_reverse"] {
        for what in ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] {
            names.push(format!("0.lstm.{what}_{layer}"));
        }
    }
    let got: Vec<&str> = model.parameters().iter().map(|parameter| parameter.path()).collect();
    assert_eq!(got, names);
    assert_eq!(model.get("0.lstm.weight_ih_l1").unwrap().shape(), [16, 8]);
    let largest = model.values().iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    assert!((0.49..=0.5).contains(&largest), "{largest}");
}

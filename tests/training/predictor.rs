//! A predictor gives what a workspace gives, however many samples come and however many threads there are.

use std::sync::Arc;

use downhill::data::{Batch, Dataset};
use downhill::layer::*;
use downhill::network::Draw;
use downhill::{Error, Model, Parallel, Predictor, Scalar, Shape, Workspace};
use ndarray::{ArrayD, IxDyn};

/// Two layers on two inputs, of which the second one is read by both; both outputs are given out.
#[derive(Debug)]
struct TwoOfTwo;

impl<F: Scalar> Layer<F> for TwoOfTwo {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let inputs = plan.tensors();
        let mut outputs = plan.layer("sum", &(Arc::new(Sum) as _), &inputs)?;
        outputs.extend(plan.layer("wide", &(Arc::new(Dense::new(700)) as _), &inputs[1..])?);
        plan.pass_on(outputs);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}

/// Adds noise when it is used, of which each sample of the batch has its own.
#[derive(Debug)]
struct Noisy;

impl<F: Scalar> Layer<F> for Noisy {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let shape = plan.input()?;
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let (x, mut y) = (pass.inputs.one(), pass.outputs.one());
        for sample in 0..pass.batch {
            let draw = pass.noise.bits((pass.first_sample + sample) as u64);
            for (y, &x) in y.row(sample).iter_mut().zip(x.row(sample)) {
                *y = x + F::of((draw % 1000) as f64);
            }
        }
    }

    fn backward(&self, _: Backward<'_, F>) {}
}

/// Models of which some thousands of numbers of each sample lie between the layers, or which have many weights.
fn models() -> Vec<(Model<f32>, Vec<Shape>)> {
    let images = Chain::new()
        .then(Conv2d::new(16, 3).same_padding())
        .then(BatchNorm2d::default())
        .then(Relu)
        .then(MaxPool2d::new(2))
        .then(Noisy)
        .then(Conv2d::new(8, 3).groups(2).stride(2))
        .then(Flatten)
        .then(Dense::new(3));
    let sequences = Chain::new()
        .then(Dense::new(64))
        .then(TransformerEncoderLayer::new(
            MultiHeadAttention::new(4).causal(),
            FeedForward::relu(128),
        ))
        .then(Lstm::new(16).last());
    let wide = Chain::new().then(Dense::new(512)).then(Gelu::Exact).then(Dense::new(7));
    // In use, too, each sample's outputs depend on the others.
    let of_the_batch = Chain::new()
        .then(Dense::new(512))
        .then(BatchNorm { track_running_stats: false, ..BatchNorm::default() })
        .then(Dense::new(10));
    let build = |model: Result<Model<f32>, Error>| {
        let model = model.unwrap();
        let shapes = model.input_shapes();
        (model, shapes)
    };
    vec![
        build(Model::build(images, &[[3, 32, 32].into()], 7)),
        build(Model::build(sequences, &[[40, 8].into()], 7)),
        build(Model::build(wide, &[512.into()], 7)),
        build(Model::build(TwoOfTwo, &[600.into(), 600.into()], 7)),
        build(Model::build(Chain::new(), &[4.into()], 7)),
        build(Model::build(of_the_batch, &[784.into()], 7)),
    ]
}

fn inputs(shapes: &[Shape], samples: usize) -> Vec<ArrayD<f32>> {
    let of = |shape: &Shape| {
        let mut state = 1_u32;
        ArrayD::from_shape_simple_fn(IxDyn(&[&[samples], shape.axes()].concat()), || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
    };
    shapes.iter().map(of).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn a_predictor_gives_what_a_workspace_gives() {
    for (model, shapes) in models() {
        let mut predictor = Predictor::new(&model);
        // Larger and smaller batches take turns in the same memory.
        for samples in [1, 600, 5, 64, 301, 128] {
            let whole = Dataset::of_several(inputs(&shapes, samples), ()).unwrap();
            let batch = Batch::of(&whole).unwrap();
            let part = batch.part(samples / 7, samples);
            assert!(!part.is_empty());
            let mut work = Workspace::new(&model);
            work.load_part(&part).unwrap();
            work.evaluate(&model, part.len(), Draw::default()).unwrap();
            let expected: Vec<Vec<u32>> = work.outputs().iter().map(|y| bits(y.values())).collect();
            for parallel in [Parallel::Off, Parallel::On] {
                let outputs = predictor.predict_part(&model, &part, parallel).unwrap();
                let got: Vec<Vec<u32>> = outputs.iter().map(|y| bits(y.values())).collect();
                assert_eq!(got, expected, "{samples} samples, {parallel:?}");
                assert_eq!(outputs.one().batch(), part.len());
            }
        }
    }
}

/// Weights that came before are copied, and those that changed are not taken for them.
#[test]
fn changed_weights_are_never_taken_for_the_old_ones() {
    for (mut model, shapes) in models() {
        let mut other = model.clone();
        let mut predictor = Predictor::new(&model);
        for round in 0..4 {
            let data = Dataset::of_several(inputs(&shapes, 1 + 40 * (round % 2)), ()).unwrap();
            let batch = Batch::of(&data).unwrap();
            let part = batch.part(0, batch.len());
            // A model and its clone that took another course, by turns and again.
            for model in [&model, &model, &other, &model, &other, &other, &other] {
                let mut work = Workspace::new(model);
                work.load_part(&part).unwrap();
                work.evaluate(model, part.len(), Draw::default()).unwrap();
                let expected = work.outputs().iter().map(|y| bits(y.values())).collect::<Vec<_>>();
                let outputs = predictor.predict_part(model, &part, Parallel::Off).unwrap();
                let got: Vec<_> = outputs.iter().map(|y| bits(y.values())).collect();
                assert_eq!(got, expected, "round {round}");
            }
            match round {
                0 => model.values_mut().iter_mut().for_each(|w| *w *= 0.5),
                1 => other.parts_mut().1.iter_mut().for_each(|w| *w += 0.25),
                _ => {
                    model.initialize(8 + round as u64);
                    let first = model.parameters().first().map(|p| p.path().to_owned());
                    if let Some(path) = first {
                        let changed = other.get(&path).unwrap().mapv(|w| w - 0.125);
                        other.set(&path, &changed).unwrap();
                    }
                }
            }
        }
    }
}

#[test]
fn an_array_is_predicted_in_any_layout_and_of_any_length() {
    for (model, shapes) in models().into_iter().filter(|(_, shapes)| shapes.len() == 1) {
        let mut predictor = Predictor::new(&model);
        for samples in [0, 3, 130] {
            let x = inputs(&shapes, samples).remove(0);
            let mut work = Workspace::new(&model);
            work.load(0, &x).unwrap();
            work.evaluate(&model, samples, Draw::default()).unwrap();
            let expected = bits(work.output(0).values());
            // The same numbers with their last axis first in memory.
            let turned = x.t().as_standard_layout().into_owned().reversed_axes();
            for x in [&x, &turned] {
                let outputs = predictor.predict(&model, x, Parallel::On).unwrap();
                assert_eq!(bits(outputs.one().values()), expected);
                let array = model.predict(x).unwrap();
                assert_eq!(array.shape()[0], samples);
                assert_eq!(bits(array.as_slice().unwrap()), expected);
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_and_the_memory_stays_good() {
    let build = || Model::<f64>::build(Dense::new(2), &[3.into()], 7).unwrap();
    let (model, other) = (build(), build());
    let mut predictor = Predictor::new(&model);
    let good = ArrayD::from_elem(IxDyn(&[2, 3]), 0.5);
    let expected = model.predict(&good).unwrap();
    for _ in 0..2 {
        let wrong = ArrayD::from_elem(IxDyn(&[2, 4]), 0.5);
        let refused = predictor.predict(&model, &wrong, Parallel::On).unwrap_err();
        assert!(refused.to_string().contains("[3]"), "{refused}");
        let none = ArrayD::from_elem(IxDyn(&[]), 0.5);
        assert!(matches!(predictor.predict(&model, &none, Parallel::On), Err(Error::Shape { .. })));
        let refused = predictor.predict(&other, &good, Parallel::On).unwrap_err();
        assert!(refused.to_string().contains("another model"), "{refused}");
        let outputs = predictor.predict(&model, &good, Parallel::On).unwrap();
        assert_eq!(outputs.one().array(), expected);
    }
    let (two, _) = models().swap_remove(3);
    let x = ArrayD::from_elem(IxDyn(&[1, 600]), 0.5);
    let mut predictor = Predictor::new(&two);
    let refused = predictor.predict(&two, &x, Parallel::Off);
    assert!(matches!(refused, Err(Error::Arity { .. })));
}

#[test]
fn too_few_and_too_many_inputs_are_refused() {
    let single = |inputs: &[Shape]| Model::<f64>::build(Sum, inputs, 7).unwrap();
    let one = Dataset::new(ndarray::array![1.0, 2.0], ()).unwrap();
    let several = Dataset::of_several(vec![ndarray::array![1.0, 2.0].into_dyn(); 3], ()).unwrap();
    let number = Shape::from(vec![]);
    for (model, given) in [
        (single(&[number.clone(), number.clone()]), &one),
        (single(&[number.clone(), number.clone()]), &several),
        (single(std::slice::from_ref(&number)), &several),
    ] {
        let batch = Batch::of(given).unwrap();
        let part = batch.part(0, 2);
        let refused = Workspace::new(&model).load_part(&part);
        assert!(matches!(refused, Err(Error::Arity { .. })), "{refused:?}");
        let refused = Predictor::new(&model).predict_part(&model, &part, Parallel::Off).map(|_| ());
        assert!(matches!(refused, Err(Error::Arity { .. })), "{refused:?}");
    }
    let model = single(&[number]);
    let refused = Workspace::new(&model).load(0, &ndarray::arr0(1.0));
    assert!(matches!(refused, Err(Error::Shape { .. })), "{refused:?}");
}

/// Gives out what its function says.
#[derive(Debug)]
struct Passing(fn(&mut Plan<'_, f64>) -> Vec<Tensor>);

impl Layer<f64> for Passing {
    fn plan(&self, plan: &mut Plan<'_, f64>) -> Result<(), Error> {
        let outputs = self.0(plan);
        plan.pass_on(outputs);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, f64>) {}

    fn backward(&self, _: Backward<'_, f64>) {}
}

#[test]
fn a_model_passes_on_outputs_of_its_own() {
    use std::sync::Mutex;
    static KEPT: Mutex<Vec<Tensor>> = Mutex::new(Vec::new());
    let build = |of| Model::<f64>::build(Passing(of), &[2.into()], 7);
    let message = |of| build(of).unwrap_err().to_string();
    assert!(message(|_| Vec::new()).contains("passes no output on"));
    let larger = Chain::new().then(Tanh).then(Passing(|plan| {
        *KEPT.lock().unwrap() = plan.tensors();
        plan.tensors()
    }));
    Model::<f64>::build(larger, &[2.into()], 7).unwrap();
    assert!(message(|_| KEPT.lock().unwrap().clone()).contains("a tensor of another model"));
    build(|plan| plan.tensors()).unwrap();
}

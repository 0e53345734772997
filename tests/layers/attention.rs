//! Attention against its formula, and what it keeps to: masks, NaN, large scores, threads within one sample.

use super::transformer_support::{Attention, close, evaluate, numbers, random_model, rows};
#[cfg(feature = "threads")]
use downhill::kernel::parallel::Parallel;
use downhill::layer::MultiHeadAttention;
use downhill::network::{Draw, Workspace};
use downhill::{Model, Shape};
use ndarray::{ArrayD, IxDyn, s};
use proptest::prelude::*;

/// As many cases, or those that `PROPTEST_CASES` asks for.
fn config(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(cases),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// What attention is drawn from.
#[derive(Clone, Debug)]
struct Drawn {
    heads: usize,
    /// Pairs of features of one head, or none and a single feature.
    pairs: usize,
    /// Inputs besides the mask.
    inputs: usize,
    queries: usize,
    keys: usize,
    causal: bool,
    rotary: bool,
    bias: bool,
    blocked: Option<Vec<bool>>,
    seed: u64,
}

fn drawn(times: std::ops::Range<usize>) -> impl Strategy<Value = Drawn> {
    let sizes = (1_usize..4, 0_usize..3, 1_usize..4, times.clone(), times);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<u64>());
    (sizes, flags).prop_flat_map(|((heads, pairs, inputs, queries, keys), flags)| {
        let keys = if inputs == 1 { queries } else { keys };
        let (causal, rotary, bias, masked, seed) = flags;
        let blocked = prop::collection::vec(any::<bool>(), keys);
        blocked.prop_map(move |blocked| Drawn {
            heads,
            pairs,
            inputs,
            queries,
            keys,
            causal,
            rotary: rotary && pairs > 0,
            bias,
            blocked: masked.then_some(blocked),
            seed,
        })
    })
}

impl Drawn {
    fn features(&self) -> usize {
        self.heads * (2 * self.pairs).max(1)
    }

    fn layer(&self) -> MultiHeadAttention {
        let mut layer = MultiHeadAttention::new(self.heads);
        if self.causal {
            layer = layer.causal();
        }
        if self.rotary {
            layer = layer.rotary(100.0);
        }
        if !self.bias {
            layer = layer.without_bias();
        }
        if self.blocked.is_some() {
            layer = layer.key_padding_mask();
        }
        layer
    }

    fn shapes(&self) -> Vec<Shape> {
        let times = [self.queries, self.keys, self.keys];
        times[..self.inputs].iter().map(|&time| [time, self.features()].into()).collect()
    }

    /// The mask of a batch: for the second sample, the other way round.
    fn mask(&self) -> Option<Vec<f64>> {
        let blocked = self.blocked.as_ref()?;
        let one = |other: bool| blocked.iter().map(move |&b| f64::from(u8::from(b != other)));
        Some(one(false).chain(one(true)).collect())
    }
}

proptest! {
    #![proptest_config(config(64))]

    /// One, two or three inputs, of lengths around the block that queries are computed in.
    #[test]
    fn agrees_with_its_formula(drawn in prop_oneof![drawn(1..8), drawn(30..36), drawn(63..70)]) {
        let mut shapes = drawn.shapes();
        let mut inputs: Vec<ArrayD<f64>> = (0..)
            .zip(&shapes)
            .map(|(i, shape)| numbers(&[&[2], shape.axes()].concat(), drawn.seed ^ i))
            .collect();
        if let Some(mask) = drawn.mask() {
            shapes.push(drawn.keys.into());
            inputs.push(ArrayD::from_shape_vec(IxDyn(&[2, drawn.keys]), mask).unwrap());
        }
        let model = random_model(drawn.layer(), &shapes, drawn.seed);
        let y = evaluate(&model, &inputs);
        for sample in 0..2 {
            let own = drawn.blocked.clone().unwrap_or_else(|| vec![sample == 1; drawn.keys]);
            let formula = Attention {
                heads: drawn.heads,
                causal: drawn.causal,
                rotary: drawn.rotary.then_some(100.0),
                blocked: own.iter().map(|&blocked| blocked != (sample == 1)).collect(),
            };
            let x: Vec<_> = inputs[..drawn.inputs].iter().map(|x| rows(x, sample)).collect();
            let of = |role: usize| &x[role.min(drawn.inputs - 1)];
            let want = formula.run(&model, "", [of(0), of(1), of(2)]);
            close(&rows(&y, sample), &want).map_err(TestCaseError::fail)?;
        }
    }
}

/// Self-attention with a mask of two samples; outputs, and gradients for x of their squares.
fn masked(layer: MultiHeadAttention, x: &ArrayD<f64>, mask: &[f64]) -> (ArrayD<f64>, Vec<f64>) {
    let (time, features) = (x.shape()[1], x.shape()[2]);
    let shapes = [[time, features].into(), time.into()];
    let mut model = random_model(layer.key_padding_mask(), &shapes, 3);
    let mut work = Workspace::new(&model).with_input_gradients();
    work.load(0, x).unwrap();
    work.input(1, x.shape()[0]).unwrap().copy_from_slice(mask);
    work.train(&mut model, x.shape()[0], Draw::new(7, 0)).unwrap();
    let y = work.output(0).array().to_owned();
    let (outputs, mut gradients) = work.output_gradients().unwrap();
    gradients.one().values().copy_from_slice(outputs.one().values());
    let mut gradient = vec![0.0; model.values().len()];
    work.backward(&model, &mut gradient, Draw::new(7, 0)).unwrap();
    assert!(work.input_gradient(1).values().iter().all(|&g| g == 0.0), "a mask has no gradient");
    let dx = work.input_gradient(0).values().to_vec();
    (y, dx.into_iter().chain(gradient).collect())
}

#[test]
fn a_query_without_keys_gets_zeros() {
    let x = numbers(&[2, 5, 4], 1);
    // The first sample is blocked as a whole. Of the second one, the first two keys are, so that causal queries see none.
    let mask = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
    let (y, gradient) = masked(MultiHeadAttention::new(2).causal(), &x, &mask);
    let shapes = [[5, 4].into(), 5.into()];
    let layer = MultiHeadAttention::new(2).causal().key_padding_mask();
    let model = random_model(layer, &shapes, 3);
    let bias = model.get("out_proj.bias").unwrap();
    for (sample, query) in [(0, 0), (0, 2), (0, 4), (1, 0), (1, 1)] {
        assert_eq!(y.slice(s![sample, query, ..]).into_dyn(), bias, "sample {sample}, {query}");
    }
    assert!(y.iter().chain(&gradient).all(|number| number.is_finite()));
    assert_ne!(y.slice(s![1, 2, ..]).into_dyn(), bias);
    assert!(gradient[..20].iter().all(|&g| g == 0.0), "the first sample has no influence");
}

#[test]
fn what_is_not_seen_has_no_influence() {
    let x = numbers(&[1, 40, 4], 2);
    let mask: Vec<f64> = (0..40).map(|key| f64::from(u8::from(key % 7 == 2))).collect();
    for layer in [MultiHeadAttention::new(2), MultiHeadAttention::new(2).causal()] {
        let (y, _) = masked(layer.clone(), &x, &mask);
        for bad in [f64::NAN, f64::INFINITY, 1e300, 7.0] {
            let mut changed = x.clone();
            for key in (0..40).filter(|key| key % 7 == 2) {
                changed[[0, key, 1]] = bad;
            }
            let (other, _) = masked(layer.clone(), &changed, &mask);
            for query in (0..40).filter(|query| query % 7 != 2) {
                let row = s![0, query, ..];
                assert_eq!(y.slice(row), other.slice(row), "{layer:?}, {bad}, query {query}");
            }
        }
    }
    // What comes later, in the same block of queries or another.
    let causal = MultiHeadAttention::new(2).causal();
    let (y, _) = masked(causal.clone(), &x, &[0.0; 40]);
    for key in [1, 5, 31, 32, 39] {
        let mut changed = x.clone();
        changed[[0, key, 0]] = f64::NAN;
        let (other, _) = masked(causal.clone(), &changed, &[0.0; 40]);
        assert_eq!(y.slice(s![.., ..key, ..]), other.slice(s![.., ..key, ..]), "key {key}");
        assert!(other.slice(s![.., key.., ..]).iter().all(|y| y.is_nan()), "key {key}");
    }
}

#[test]
fn nan_in_is_nan_out() {
    let x = numbers(&[2, 3, 4], 2);
    let nan_at = |sample, time| {
        let mut x = x.clone();
        x[[sample, time, 2]] = f64::NAN;
        x
    };
    let (y, _) = masked(MultiHeadAttention::new(2), &nan_at(0, 1), &[0.0; 6]);
    assert!(y.slice(s![0, .., ..]).iter().all(|y| y.is_nan()), "{y}");
    assert!(y.slice(s![1, .., ..]).iter().all(|y| y.is_finite()), "{y}");
    // A query whose own key is blocked.
    let mask = [0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
    let (y, _) = masked(MultiHeadAttention::new(2), &nan_at(0, 1), &mask);
    for (query, nan) in [(0, false), (1, true), (2, false)] {
        assert!(y.slice(s![0, query, ..]).iter().all(|y| y.is_nan() == nan), "{query}: {y}");
    }
    // A NaN in the mask.
    let (y, _) = masked(MultiHeadAttention::new(2), &x, &[0.0, f64::NAN, 0.0, 0.0, 0.0, 0.0]);
    assert!(y.slice(s![0, .., ..]).iter().all(|y| y.is_nan()), "{y}");
    // With dropout too.
    let (y, _) = masked(MultiHeadAttention::new(2).dropout(0.5), &nan_at(0, 1), &[0.0; 6]);
    assert!(y.slice(s![0, .., ..]).iter().all(|y| y.is_nan()), "{y}");
}

/// Scores of ±10⁴ and more leave weights of 0 and 1, and no overflow.
#[test]
fn large_scores_are_stable() {
    for size in [1.0, 1e2, 1e4, 1e8] {
        let x = numbers(&[2, 33, 4], 4).mapv(|x| x * size);
        let (y, gradient) = masked(MultiHeadAttention::new(2), &x, &[0.0; 66]);
        assert!(y.iter().chain(&gradient).all(|number| number.is_finite()), "{size}");
    }
    // In single precision, scores of 10⁴ that are all equal: weights are even, forward and backward.
    let mut model: Model<f32> =
        Model::build(MultiHeadAttention::new(1).without_bias(), &[[3, 1].into()], 0).unwrap();
    model.values_mut().copy_from_slice(&[100.0, 1.0, 1.0, 1.0]);
    let mut work = Workspace::new(&model).with_input_gradients();
    work.load(0, &ndarray::Array3::from_elem((1, 3, 1), 10.0)).unwrap();
    work.train(&mut model, 1, Draw::default()).unwrap();
    assert!(work.output(0).values().iter().all(|y| (y - 10.0).abs() < 1e-5));
    work.output_gradients().unwrap().1.one().values().copy_from_slice(&[1.0, 0.0, 0.0]);
    work.backward(&model, &mut [0.0; 4], Draw::default()).unwrap();
    // What the first query's gradient gives each value is its weight, a third. The sum's logarithm would be off by 10⁻⁴ here.
    let dx = work.input_gradient(0).values();
    assert!(dx[1..].iter().all(|dx| (dx - 1.0 / 3.0).abs() < 1e-6), "{dx:?}");
}

/// The bits of outputs and of all gradients.
#[cfg(feature = "threads")]
fn bits(model: &mut Model<f32>, x: &ArrayD<f32>, mut draw: Draw, parallel: Parallel) -> Vec<u32> {
    draw.parallel = parallel;
    let batch = x.shape()[0];
    let mut work = Workspace::new(model).with_input_gradients();
    work.load(0, x).unwrap();
    work.train(model, batch, draw).unwrap();
    let y = work.output(0).values().to_vec();
    work.output_gradients().unwrap().1.one().values().copy_from_slice(&y);
    let mut gradient = vec![0.0; model.values().len()];
    work.backward(model, &mut gradient, draw).unwrap();
    let dx = work.input_gradient(0).values();
    y.iter().chain(dx).chain(&gradient).map(|number| number.to_bits()).collect()
}

#[cfg(feature = "threads")]
#[test]
fn any_number_of_threads_gives_the_same_bits() {
    // Large enough for both the batch and the products to be split.
    for (batch, time, features) in [(13, 67, 32), (1, 301, 64)] {
        let layer = MultiHeadAttention::new(4).causal().dropout(0.1).rotary(1e4);
        let mut model: Model<f32> = Model::build(layer, &[[time, features].into()], 5).unwrap();
        let x = numbers(&[batch, time, features], 6).mapv(|x| x as f32);
        let alone = bits(&mut model, &x, Draw::new(7, 3), Parallel::Off);
        for threads in [1, 2, 3, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let draw = Draw::new(7, 3);
            let other = pool.install(|| bits(&mut model, &x, draw, Parallel::On));
            assert!(alone == other, "{threads} threads, a batch of {batch}");
        }
    }
}

/// With weights of 1 and one value for all, the output is the sum of what is left of the weights: its mean is 1.
#[test]
fn dropout_keeps_the_mean() {
    let layer = MultiHeadAttention::new(1).dropout(0.3).without_bias();
    let mut model: Model<f64> = Model::build(layer, &[[64, 1].into()], 5).unwrap();
    model.values_mut().fill(1.0);
    let mut work = Workspace::new(&model);
    work.load(0, &ndarray::Array3::ones((50, 64, 1))).unwrap();
    work.train(&mut model, 50, Draw::new(7, 0)).unwrap();
    let y = work.output(0).values();
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    // 50·64·64 weights with a variance of (0.3 / 0.7) each.
    let error = (0.3_f64 / 0.7 / (50.0 * 64.0 * 64.0)).sqrt();
    assert!((mean - 1.0).abs() < 4.0 * error, "{mean}");
    let variance = y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / y.len() as f64;
    assert!((variance * 64.0 / (0.3 / 0.7) - 1.0).abs() < 0.1, "{variance}");
    // One query's weights and another's are dropped differently, and so are one head's and another's.
    assert!(y[..64].iter().any(|other| *other != y[0]));
    let layer = MultiHeadAttention::new(2).dropout(0.3).without_bias();
    let mut model: Model<f64> = Model::build(layer, &[[64, 2].into()], 5).unwrap();
    model.values_mut().fill(1.0);
    model.set("out_proj.weight", &ndarray::array![[1.0, 0.0], [0.0, 1.0]]).unwrap();
    let mut work = Workspace::new(&model);
    work.load(0, &ndarray::Array3::ones((1, 64, 2))).unwrap();
    work.train(&mut model, 1, Draw::new(7, 0)).unwrap();
    let heads = work.output(0).values().as_chunks::<2>().0;
    assert!(heads.iter().filter(|[one, other]| one != other).count() > 50);
}

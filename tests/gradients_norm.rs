//! Normalisations against differences of their own outputs, at random settings and sizes; what they promise of mean, variance and running
//! statistics; and what is left out by channel and by sample.

mod grad_support;

use downhill::kernel::parallel::Parallel;
use downhill::layer::{
    BatchNorm, BatchNorm1d, BatchNorm2d, Chain, Conv2d, Dense, GroupNorm, InstanceNorm2d, Layer,
    LayerNorm, Mode, Residual, RmsNorm, SpatialDropout, StochasticDepth, Tanh,
};
use downhill::network::{Draw, Workspace};
use downhill::random::Noise;
use downhill::{Model, Shape};
use grad_support::{GradientCheck, pass};
use ndarray::{ArrayD, Axis, array};
use proptest::prelude::*;

/// 48 cases to a test; `PROPTEST_CASES` asks for another number.
fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(48),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn check(
    layer: impl Layer<f64> + 'static,
    shape: &[usize],
    batch: usize,
    mode: Mode,
    seed: u64,
) -> Result<(), TestCaseError> {
    let check = GradientCheck { batch, seed, mode, ..GradientCheck::default() };
    check.run(layer, &[Shape::from(shape)]).map_err(TestCaseError::fail)
}

fn mode() -> impl Strategy<Value = Mode> {
    prop::sample::select(vec![Mode::Train, Mode::Evaluate])
}

/// Up to three axes of lengths that are no multiples of a block, 1 among them.
fn axes(most: usize) -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(prop::sample::select(vec![1_usize, 2, 3, 5, 9]), 1..=most)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn batch_norm(
        shape in axes(3), batch in 1_usize..6, mode in mode(), seed: u64,
        (affine, track_running_stats) in any::<(bool, bool)>(),
        epsilon in prop::sample::select(vec![1e-5, 0.3]),
    ) {
        let norm = BatchNorm { epsilon, affine, track_running_stats, momentum: None };
        check(norm, &shape, batch, mode, seed)?;
    }

    #[test]
    fn layer_norm(
        shape in axes(3), last in 1_usize..4, batch in 1_usize..4, seed: u64,
        (affine, bias) in any::<(bool, bool)>(),
    ) {
        let axes = last.min(shape.len());
        check(LayerNorm { axes, affine, bias, epsilon: 1e-3 }, &shape, batch, Mode::Train, seed)?;
    }

    #[test]
    fn rms_norm(
        shape in axes(3), last in 1_usize..4, batch in 1_usize..4, seed: u64, affine: bool,
        epsilon in prop::option::of(1e-4..1.0),
    ) {
        let axes = last.min(shape.len());
        check(RmsNorm { axes, affine, epsilon }, &shape, batch, Mode::Train, seed)?;
    }

    #[test]
    fn group_norm(
        groups in 1_usize..4, rest in axes(3), batch in 1_usize..4, seed: u64, affine: bool,
    ) {
        let mut shape = rest;
        shape[0] *= groups;
        let norm = GroupNorm { affine, epsilon: 1e-3, ..GroupNorm::new(groups) };
        check(norm, &shape, batch, Mode::Train, seed)?;
    }

    #[test]
    fn instance_norm2d(
        shape in prop::array::uniform3(1_usize..5), batch in 1_usize..4, mode in mode(), seed: u64,
        (affine, track_running_stats) in any::<(bool, bool)>(),
    ) {
        let norm = InstanceNorm2d { epsilon: 1e-3, momentum: 0.3, affine, track_running_stats };
        check(norm, &shape, batch, mode, seed)?;
    }

    /// Numbers that are brought to one mean and variance have them, whatever they had.
    #[test]
    fn means_are_0_and_variances_1(
        shape in prop::array::uniform3(2_usize..6), batch in 1_usize..5, seed: u64,
        offset in -1e3..1e3, spread in 0.01..1e3,
    ) {
        let noise = Noise::new(seed);
        let x = numbers(&shape, batch, |i| offset + spread * noise.normal(i));
        let plain = LayerNorm { axes: 3, affine: false, epsilon: 1e-12, bias: false };
        let over = |y: ArrayD<f64>, axes: &[usize]| {
            // The axes that share a mean come last, and are made one.
            let mut order: Vec<usize> = (0..4).filter(|axis| !axes.contains(axis)).collect();
            order.extend(axes);
            let y = y.permuted_axes(order);
            let y: Vec<f64> = y.iter().copied().collect();
            let size: usize = axes.iter().map(|&axis| [batch, shape[0], shape[1], shape[2]][axis]).product();
            y.chunks(size).map(|y| {
                let mean = y.iter().sum::<f64>() / size as f64;
                let square = y.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>() / size as f64;
                (mean, square)
            }).collect::<Vec<_>>()
        };
        let standard = |y, axes: &[usize]| over(y, axes).into_iter().all(|(mean, square)| mean.abs() < 1e-9 && (square - 1.0).abs() < 1e-6);
        prop_assert!(standard(predict(plain, &x), &[1, 2, 3]));
        let group = GroupNorm { affine: false, epsilon: 1e-12, groups: 1 };
        prop_assert!(standard(predict(group, &x), &[1, 2, 3]));
        let instance = InstanceNorm2d { epsilon: 1e-12, ..InstanceNorm2d::default() };
        prop_assert!(standard(predict(instance, &x), &[2, 3]));
        let batch_norm = BatchNorm { epsilon: 1e-12, track_running_stats: false, ..BatchNorm::default() };
        prop_assert!(standard(predict(batch_norm, &x), &[0, 2, 3]));
    }

    /// A sample's output does not depend on the samples beside it, but for the batch's own statistics.
    #[test]
    fn samples_are_normalized_alone(shape in prop::array::uniform3(1_usize..5), seed: u64) {
        let noise = Noise::new(seed);
        let x = numbers(&shape, 3, |i| noise.normal(i));
        let same = |whole: ArrayD<f64>, alone: &dyn Fn(&ArrayD<f64>) -> ArrayD<f64>| {
            (0..3).all(|i| {
                let row = x.slice_axis(Axis(0), (i..i + 1).into()).to_owned();
                let bits = |y: &ArrayD<f64>| y.iter().map(|y| y.to_bits()).collect::<Vec<_>>();
                bits(&alone(&row)) == bits(&whole.slice_axis(Axis(0), (i..i + 1).into()).to_owned())
            })
        };
        prop_assert!(same(predict(LayerNorm::default(), &x), &|x| predict(LayerNorm::default(), x)));
        prop_assert!(same(predict(RmsNorm::default(), &x), &|x| predict(RmsNorm::default(), x)));
        prop_assert!(same(predict(GroupNorm::new(1), &x), &|x| predict(GroupNorm::new(1), x)));
        let instance = InstanceNorm2d::default();
        prop_assert!(same(predict(instance, &x), &|x| predict(instance, x)));
        prop_assert!(same(predict(BatchNorm::default(), &x), &|x| predict(BatchNorm::default(), x)));
    }

    /// What is left out is the same in whatever parts a batch comes, and is left out whole.
    #[test]
    fn channels_and_samples_are_left_out_whole(
        shape in prop::array::uniform3(1_usize..6), rows in 1_usize..6, cut in 0_usize..6, seed: u64,
    ) {
        let channels = shape[0];
        left_out_whole(&|| SpatialDropout::new(0.5), &shape, channels, rows, cut.min(rows), seed)?;
        left_out_whole(&|| StochasticDepth::new(0.5), &shape, 1, rows, cut.min(rows), seed)?;
    }

    #[test]
    fn what_is_left_out_has_no_gradient(shape in axes(3), batch in 1_usize..5, seed: u64, rate in 0.0..0.9) {
        check(SpatialDropout::new(rate), &shape, batch, Mode::Train, seed)?;
        check(StochasticDepth::new(rate), &shape, batch, Mode::Train, seed)?;
        check(SpatialDropout::new(rate), &shape, batch, Mode::Evaluate, seed)?;
        let body = Chain::new().then(Dense::new(3)).then(Tanh).then(StochasticDepth::new(rate));
        check(Residual::new(body), &[3], batch, Mode::Train, seed)?;
    }
}

/// Each of so many parts of a sample is 0 or twice what it was, and the same in two parts of the batch as in one.
fn left_out_whole<L: Layer<f64> + 'static>(
    layer: &dyn Fn() -> L,
    shape: &[usize],
    parts: usize,
    rows: usize,
    cut: usize,
    seed: u64,
) -> Result<(), TestCaseError> {
    let ones = numbers(shape, rows, |_| 1.0);
    let run = |first: usize, last: usize| {
        let mut model = Model::build(layer(), &[shape.into()], 0).unwrap();
        let mut work = Workspace::new(&model);
        work.load(0, &ones.slice_axis(Axis(0), (first..last).into())).unwrap();
        work.train(&mut model, last - first, Draw::new(seed, 3).from_sample(first)).unwrap();
        work.output(0).values().to_vec()
    };
    let whole = run(0, rows);
    prop_assert_eq!(&[run(0, cut), run(cut, rows)].concat(), &whole);
    for part in whole.chunks(shape.iter().product::<usize>() / parts) {
        prop_assert!(part.iter().all(|&y| y == part[0] && (y == 0.0 || y == 2.0)), "{part:?}");
    }
    Ok(())
}

/// A batch of samples of this shape.
fn numbers(shape: &[usize], batch: usize, number: impl Fn(u64) -> f64) -> ArrayD<f64> {
    let axes = [&[batch], shape].concat();
    let size = axes.iter().product::<usize>() as u64;
    ArrayD::from_shape_vec(axes, (0..size).map(number).collect()).unwrap()
}

fn predict(layer: impl Layer<f64> + 'static, x: &ArrayD<f64>) -> ArrayD<f64> {
    Model::build(layer, &[x.shape()[1..].into()], 0).unwrap().predict(x).unwrap()
}

/// A model that has seen these batches.
fn trained(layer: impl Layer<f64> + 'static, batches: &[ArrayD<f64>]) -> Model<f64> {
    let mut model = Model::build(layer, &[batches[0].shape()[1..].into()], 0).unwrap();
    for batch in batches {
        let mut work = Workspace::new(&model);
        work.load(0, batch).unwrap();
        work.train(&mut model, batch.shape()[0], Draw::default()).unwrap();
    }
    model
}

#[test]
fn running_statistics_follow_the_batches() {
    let batches = [array![[1.0], [3.0]].into_dyn(), array![[10.0], [20.0], [30.0]].into_dyn()];
    // Means 2 and 20, unbiased variances 2 and 100.
    let close = |got: &[f64], want: [f64; 2]| {
        assert!(got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-12), "{got:?}");
    };
    let model = trained(BatchNorm1d { momentum: Some(0.5), ..BatchNorm1d::default() }, &batches);
    close(model.state(), [10.5, 50.75]);
    let model = trained(BatchNorm1d { momentum: None, ..BatchNorm1d::default() }, &batches);
    close(model.state(), [11.0, 51.0]);
    assert_eq!(model.state()[2], 2.0);
    // Evaluation uses them and leaves them.
    let before = model.state().to_vec();
    let y = model.predict(&array![[11.0], [62.0]]).unwrap();
    assert!(y[[0, 0]].abs() < 1e-12 && (y[[1, 0]] - 51.0_f64.sqrt()).abs() < 1e-5, "{y}");
    assert_eq!(model.state(), before);
}

/// The statistics are those of the whole batch: the same whatever the order of its samples.
#[test]
fn a_batch_has_one_mean_and_variance() {
    let x = numbers(&[2, 3], 7, |i| Noise::new(5).normal(i));
    let turned = numbers(&[2, 3], 7, |i| Noise::new(5).normal((6 - i / 6) * 6 + i % 6));
    let (a, b) = (trained(BatchNorm::default(), &[x]), trained(BatchNorm::default(), &[turned]));
    for (a, b) in a.state().iter().zip(b.state()) {
        assert!((a - b).abs() < 1e-14, "{a} {b}");
    }
}

#[test]
fn one_number_gives_the_bias_and_says_nothing_about_the_variance() {
    fn output(layer: impl Layer<f64> + 'static, shape: &[usize]) -> (Vec<f64>, Vec<f64>) {
        let mut model = Model::build(layer, &[shape.into()], 0).unwrap();
        model.values_mut()[1] = 0.75; // the bias
        let mut work = Workspace::new(&model);
        work.load(0, &numbers(shape, 1, |_| 42.0)).unwrap();
        work.train(&mut model, 1, Draw::default()).unwrap();
        (work.output(0).values().to_vec(), model.state().to_vec())
    }
    assert_eq!(output(BatchNorm1d::default(), &[1]), (vec![0.75], vec![4.2, 1.0]));
    let instance =
        InstanceNorm2d { affine: true, track_running_stats: true, ..InstanceNorm2d::default() };
    assert_eq!(output(instance, &[1, 1, 1]), (vec![0.75], vec![4.2, 1.0]));
    assert_eq!(output(LayerNorm::default(), &[1]).0, [0.75]);
    assert_eq!(output(GroupNorm::new(1), &[1]).0, [0.75]);
}

#[test]
fn an_empty_batch_has_no_output_and_moves_nothing() {
    let empty = ArrayD::<f64>::zeros(vec![0, 2, 2, 2]);
    let instance = InstanceNorm2d { track_running_stats: true, ..InstanceNorm2d::default() };
    for model in
        [trained(BatchNorm2d::default(), &[empty.clone()]), trained(instance, &[empty.clone()])]
    {
        assert_eq!(model.state(), [0.0, 0.0, 1.0, 1.0]);
        assert!(model.predict(&empty).unwrap().is_empty());
    }
    assert!(predict(LayerNorm::default(), &empty).is_empty());
}

#[test]
fn nan_stays_in_its_group() {
    let nan = |i| if i == 0 { f64::NAN } else { i as f64 };
    let is_nan = |y: ArrayD<f64>| y.iter().map(|y| y.is_nan()).collect::<Vec<_>>();
    let x = numbers(&[2, 1, 2], 2, nan); // NaN in the first sample's first channel
    let (t, f) = (true, false);
    assert_eq!(is_nan(predict(LayerNorm::default(), &x)), [t, t, f, f, f, f, f, f]);
    assert_eq!(is_nan(predict(RmsNorm::default(), &x)), [t, t, f, f, f, f, f, f]);
    assert_eq!(is_nan(predict(GroupNorm::new(1), &x)), [t, t, t, t, f, f, f, f]);
    assert_eq!(is_nan(predict(InstanceNorm2d::default(), &x)), [t, t, f, f, f, f, f, f]);
    let batch = BatchNorm { track_running_stats: false, ..BatchNorm::default() };
    assert_eq!(is_nan(predict(batch, &x)), [t, t, f, f, t, t, f, f]);
    assert_eq!(is_nan(predict(BatchNorm::default(), &x)), [t, f, f, f, f, f, f, f]);
}

/// A mean far from 0 costs no digits of the variance, and f32 does not overflow inside.
#[test]
fn large_numbers_are_normalized() {
    let x: ArrayD<f32> = array![[1e30_f32, 3e30, -2e30, 4e30]].into_dyn();
    let model: Model<f32> = Model::build(LayerNorm::default(), &[4.into()], 0).unwrap();
    let square: f32 = model.predict(&x).unwrap().iter().map(|y| y * y).sum();
    assert!((square - 4.0).abs() < 1e-5, "{square}");
    let x = array![[1e9, 1e9 + 1.0, 1e9 + 2.0]].into_dyn();
    let layer = LayerNorm { epsilon: 1e-300, ..LayerNorm::default() };
    let y = predict(layer, &x);
    assert!((y[[0, 2]] - 1.5_f64.sqrt()).abs() < 1e-12, "{y}");
}

/// Sizes at which work is split.
#[test]
fn threads_change_no_bit() {
    let image = Noise::new(3);
    let x = ArrayD::from_shape_fn(vec![9, 5, 31, 33], |at| {
        image.normal((((at[0] * 5 + at[1]) * 31 + at[2]) * 33 + at[3]) as u64) as f32
    });
    let chain = || {
        Chain::<f32>::new()
            .then(Conv2d::new(6, 3))
            .then(BatchNorm2d::default())
            .then(GroupNorm::new(3))
            .then(InstanceNorm2d { affine: true, ..InstanceNorm2d::default() })
            .then(SpatialDropout::new(0.3))
            .then(Residual::new(
                Chain::new().then(LayerNorm::default()).then(StochasticDepth::new(0.3)),
            ))
            .then(RmsNorm { axes: 2, ..RmsNorm::default() })
    };
    let run = |parallel| {
        let mut model = Model::build(chain(), &[[5, 31, 33].into()], 7).unwrap();
        let numbers = pass(&mut model, &x, parallel);
        (numbers, model.state().iter().map(|value| value.to_bits()).collect::<Vec<_>>())
    };
    assert!(run(Parallel::On) == run(Parallel::Off));
}

#[test]
fn what_does_not_fit_is_refused() {
    fn error(layer: impl Layer<f64> + 'static, shape: &[usize]) -> String {
        Model::build(layer, &[shape.into()], 0).unwrap_err().to_string()
    }
    let says = |message: String, part: &str| assert!(message.contains(part), "{message}");
    says(error(BatchNorm::default(), &[]), "an axis of channels");
    let batch = |epsilon, momentum| BatchNorm { epsilon, momentum, ..BatchNorm::default() };
    says(error(batch(0.0, None), &[2]), "BatchNorm::epsilon = 0");
    says(error(batch(1.0, Some(1.5)), &[2]), "BatchNorm::momentum = 1.5");
    says(error(LayerNorm { axes: 3, ..LayerNorm::default() }, &[2, 4]), "at least 3 axes");
    says(error(LayerNorm { axes: 0, ..LayerNorm::default() }, &[2, 4]), "LayerNorm::axes = 0");
    says(
        error(LayerNorm { epsilon: f64::NAN, ..LayerNorm::default() }, &[2]),
        "LayerNorm::epsilon",
    );
    says(error(RmsNorm { axes: 2, ..RmsNorm::default() }, &[2]), "at least 2 axes");
    says(error(RmsNorm { epsilon: Some(-1.0), ..RmsNorm::default() }, &[2]), "RmsNorm::epsilon");
    says(error(GroupNorm::new(3), &[4]), "a multiple of 3 channels, got [4]");
    says(error(GroupNorm::new(0), &[4]), "GroupNorm::groups = 0");
    says(error(GroupNorm::new(1), &[]), "a multiple of 1 channels");
    says(error(InstanceNorm2d::default(), &[4]), "[channels, height, width]");
    says(error(SpatialDropout::new(0.1), &[]), "an axis of channels");
    says(error(SpatialDropout::new(1.0), &[2]), "SpatialDropout::rate = 1");
    says(error(StochasticDepth::new(-0.1), &[2]), "StochasticDepth::rate = -0.1");
}

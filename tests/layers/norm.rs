//! What normalisations promise of mean, variance and running statistics, where NaN stays, and what is left out by channel and by sample.

use downhill::Model;
use downhill::layer::{
    BatchNorm, BatchNorm1d, BatchNorm2d, GroupNorm, InstanceNorm2d, Layer, LayerNorm, RmsNorm,
    SpatialDropout, StochasticDepth,
};
use downhill::network::{Draw, Workspace};
use downhill::random::Noise;
use ndarray::{ArrayD, array};
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

proptest! {
    #![proptest_config(config())]

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

    #[test]
    fn channels_and_samples_are_left_out_whole(
        shape in prop::array::uniform3(1_usize..6), rows in 1_usize..6, seed: u64,
    ) {
        left_out_whole(SpatialDropout::new(0.5), &shape, shape[0], rows, seed)?;
        left_out_whole(StochasticDepth::new(0.5), &shape, 1, rows, seed)?;
    }
}

/// Each of so many parts of a sample is 0 or twice what it was.
fn left_out_whole(
    layer: impl Layer<f64> + 'static,
    shape: &[usize],
    parts: usize,
    rows: usize,
    seed: u64,
) -> Result<(), TestCaseError> {
    let mut model = Model::build(layer, &[shape.into()], 0).unwrap();
    let mut work = Workspace::new(&model);
    work.load(0, &numbers(shape, rows, |_| 1.0)).unwrap();
    work.train(&mut model, rows, Draw::new(seed, 3)).unwrap();
    for part in work.output(0).values().chunks(shape.iter().product::<usize>() / parts) {
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

/// A variance of more than single precision holds would silence its channel for ever.
#[test]
fn running_statistics_stay_finite() {
    let layer = BatchNorm1d { momentum: Some(1.0), affine: false, ..BatchNorm1d::default() };
    let mut model = Model::<f32>::build(layer, &[1.into()], 0).unwrap();
    let mut work = Workspace::new(&model);
    work.load(0, &array![[-3e20_f32], [3e20]]).unwrap();
    work.train(&mut model, 2, Draw::default()).unwrap();
    assert!(work.output(0).values().iter().all(|y| (y.abs() - 1.0).abs() < 1e-6));
    assert_eq!(model.state(), [0.0, f32::MAX]);
    // What is no number stays none.
    work.load(0, &array![[f32::NAN], [1.0]]).unwrap();
    work.train(&mut model, 2, Draw::default()).unwrap();
    assert!(model.state().iter().all(|value| value.is_nan()));
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
    let batches = std::slice::from_ref(&empty);
    for model in [trained(BatchNorm2d::default(), batches), trained(instance, batches)] {
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

/// More channels than can be counted in whole stretches, or than there is memory for.
#[test]
fn absurdly_many_channels_are_an_error() {
    for channels in [usize::MAX, usize::MAX - 15, usize::MAX / 8] {
        for affine in [true, false] {
            let layer = BatchNorm { affine, ..BatchNorm::default() };
            assert!(Model::<f64>::build(layer, &[channels.into()], 7).is_err(), "{channels}");
        }
    }
}

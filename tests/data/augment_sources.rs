//! Sources that augment and mix: what a row holds, the targets, the weights, and runs on them.

use std::thread;

use downhill::data::augment::*;
use downhill::data::{Batch, Content, Dataset, Sampling, Source, Target, TargetKind};
use downhill::prelude::{
    Adam, Chain, CrossEntropy, Dense, Fit, Flatten, KlDivergence, Loss, Relu, Trainer,
};
use downhill::random::Noise;
use downhill::{Error, Shape, loss};
use ndarray::{Array, Array1, Array2, Array3, Ix1, Ix2, IxDyn};

const ROWS: usize = 23;

/// Images of numbers that are all different, three classes, weights.
fn images() -> Dataset<f64> {
    let pixels = Array3::from_shape_fn((ROWS, 4, 5), |(i, r, c)| (i * 20 + r * 5 + c) as f64 / 8.0);
    let labels: Vec<usize> = (0..ROWS).map(|i| i % 3).collect();
    let weights = Array1::from_shape_fn(ROWS, |i| 1.0 + i as f64);
    Dataset::new(pixels, labels).unwrap().with_weights(weights).unwrap()
}

fn chain() -> Compose<f64> {
    Compose::new().then(Shift::new(1)).then(Rotate::new(20.0)).then(Jitter::new(0.1))
}

fn augmented() -> Augment<f64, Dataset<f64>> {
    Augment::new(images(), chain()).unwrap()
}

fn mixed(mixing: impl Mixing<f64> + 'static) -> impl Source<f64> {
    let probabilities = OneHot::new(augmented(), 3).unwrap();
    Mixed::new(probabilities, mixing).unwrap()
}

fn filled(source: &dyn Source<f64>, rows: &[usize], sampling: Sampling) -> Batch<f64> {
    let mut batch = Batch::new(&source.content());
    source.fill(rows, sampling, &mut batch).unwrap();
    assert_eq!(batch.len(), rows.len());
    batch
}

/// Everything that sample `i` of a batch holds, as bits.
fn sample(batch: &Batch<f64>, i: usize) -> Vec<u64> {
    let part = batch.part(i, i + 1);
    let inputs = (0..batch.content().inputs.len()).flat_map(|k| part.input(k).values().to_vec());
    let targets: Vec<f64> = match part.target() {
        Target::Values(view) => view.values().to_vec(),
        Target::Classes(classes) => classes.labels().iter().map(|&label| label as f64).collect(),
        _ => Vec::new(),
    };
    let weights = part.weights().unwrap_or_default().to_vec();
    inputs.chain(targets).chain(weights).map(f64::to_bits).collect()
}

fn everything(source: &dyn Source<f64>, sampling: Sampling) -> Vec<Vec<u64>> {
    let batch = filled(source, &(0..source.len()).collect::<Vec<_>>(), sampling);
    (0..batch.len()).map(|i| sample(&batch, i)).collect()
}

fn values(batch: &Batch<f64>) -> Array2<f64> {
    match batch.target() {
        Target::Values(view) => view.matrix().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_row_depends_on_seed_epoch_and_row_alone() {
    let sources: [Box<dyn Source<f64>>; 3] = [
        Box::new(augmented()),
        Box::new(mixed(MixUp::default())),
        Box::new(mixed(CutMix::default())),
    ];
    for source in &sources {
        let now = Sampling::new(7, 3);
        let want = everything(&**source, now);
        for rows in [vec![5], vec![22, 0, 5, 5, 13], (0..ROWS).rev().collect()] {
            let batch = filled(&**source, &rows, now);
            for (i, &row) in rows.iter().enumerate() {
                assert_eq!(sample(&batch, i), want[row], "row {row}");
            }
        }
        for other in [Sampling::new(7, 4), Sampling::new(8, 3)] {
            let other = everything(&**source, other);
            let same = want.iter().zip(&other).filter(|(a, b)| a == b).count();
            assert_eq!(same, 0, "other seeds and epochs have other samples");
        }
        thread::scope(|scope| {
            for first in 0..8 {
                let (source, want) = (&**source, &want);
                scope.spawn(move || {
                    for round in 0..20 {
                        let rows: Vec<usize> =
                            (0..=first).map(|k| (first * 5 + k * 3 + round) % ROWS).collect();
                        let batch = filled(source, &rows, now);
                        for (i, &row) in rows.iter().enumerate() {
                            assert_eq!(sample(&batch, i), want[row]);
                        }
                    }
                });
            }
        });
    }
}

#[test]
fn evaluation_sees_the_rows_as_they_are() {
    let plain = filled(&images(), &[3, 9], Sampling::evaluation());
    let got = filled(&augmented(), &[3, 9], Sampling::evaluation());
    assert_eq!((sample(&got, 0), sample(&got, 1)), (sample(&plain, 0), sample(&plain, 1)));
    let got = filled(&mixed(MixUp::default()), &[3, 4], Sampling::evaluation());
    assert_eq!(got.input(0).row(0), plain.input(0).row(0));
    assert_eq!(values(&got), ndarray::array![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]);
}

#[test]
fn content_weights_and_names_are_those_of_the_source() {
    let part = images().select(&[20, 4, 9]).unwrap();
    let augmented = Augment::new(&part, chain()).unwrap();
    assert_eq!(augmented.content(), part.content());
    let mixed = Mixed::new(OneHot::new(&augmented, 3).unwrap(), CutMix::default()).unwrap();
    let want = Content {
        inputs: vec![[4, 5].into()],
        targets: TargetKind::Values([3].into()),
        weighted: true,
    };
    assert_eq!(mixed.content(), want);
    assert_eq!((mixed.len(), mixed.row_name(0), mixed.row_name(2)), (3, 20, 9));
    let batch = filled(&mixed, &[2, 0], Sampling::new(1, 1));
    assert_eq!(batch.weights(), Some(&[10.0, 21.0][..]));
    let mut batch = filled(&mixed, &[0, 1, 2], Sampling::new(1, 1));
    assert!(mixed.fill(&[0, 3], Sampling::new(1, 1), &mut batch).is_err());
    assert!(mixed.fill(&[], Sampling::new(1, 1), &mut batch).is_ok() && batch.is_empty());
}

#[test]
fn an_augmented_source_is_each_sample_augmented() {
    let (data, sampling) = (images(), Sampling::new(5, 2));
    let batch = filled(&augmented(), &[7, 1], sampling);
    for (i, row) in [7_usize, 1].into_iter().enumerate() {
        let plain = data.inputs(0).unwrap().index_axis_move(ndarray::Axis(0), row);
        let want = augment_sample(&chain(), &plain, sampling.noise.step(row as u64)).unwrap();
        assert_eq!(batch.input(0).row(i), want.as_slice().unwrap());
    }
}

#[test]
fn an_augmentation_around_another_draws_by_itself() {
    let zeros = Dataset::new(Array2::<f64>::zeros((1, 1000)), ()).unwrap();
    let once = Augment::new(&zeros, Jitter::new(1.0)).unwrap();
    let twice = Augment::new(&once, Jitter::new(1.0)).unwrap();
    let batch = filled(&twice, &[0], Sampling::new(1, 0));
    let square: f64 = batch.input(0).values().iter().map(|x| x * x).sum();
    // Variance 2, not 4: five standard errors of 2 √(2 / 1000).
    assert!((square / 1000.0 - 2.0).abs() < 0.45, "{square}");
}

#[test]
fn one_input_of_several_is_augmented() {
    let inputs = vec![Array::ones(IxDyn(&[4, 2])), Array::ones(IxDyn(&[4, 2, 2]))];
    let data = Dataset::<f64>::of_several(inputs, ()).unwrap();
    let second = Augment::of_input(&data, 1, Brightness { delta: 1.0..=1.0 }).unwrap();
    let batch = filled(&second, &[0, 2], Sampling::new(1, 0));
    assert!(batch.input(0).values().iter().all(|&x| x == 1.0));
    assert!(batch.input(1).values().iter().all(|&x| x == 2.0));
}

/// Data each row of which is one number, its own, as two inputs and as target: what comes of mixing says who was mixed and how.
fn ones(rows: usize) -> Dataset<f64> {
    let unit = Array2::<f64>::eye(rows);
    let inputs = vec![unit.clone().into_dyn(), unit.clone().into_dyn()];
    Dataset::of_several(inputs, unit).unwrap()
}

#[test]
fn mixing_takes_one_partner_and_one_share_for_all_inputs_and_the_targets() {
    let data = ones(50);
    let source = Mixed::new(&data, MixUp { alpha: 1.0 }).unwrap();
    let batch = filled(&source, &(0..50).collect::<Vec<_>>(), Sampling::new(3, 1));
    let targets = values(&batch);
    for i in 0..50 {
        let row = targets.row(i).to_vec();
        assert_eq!(batch.input(0).row(i), row);
        assert_eq!(batch.input(1).row(i), row);
        assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        assert!(row.iter().all(|p| (0.0..=1.0).contains(p)));
        assert!(row.iter().filter(|&&p| p > 0.0).count() <= 2 && row[i] > 0.0);
    }
}

/// λ and the partner of each row, over some epochs.
fn drawn(alpha: f64, epochs: u64) -> (Vec<f64>, Vec<usize>) {
    let data = ones(64);
    let source = Mixed::new(&data, MixUp { alpha }).unwrap();
    let (mut shares, mut partners) = (Vec::new(), Vec::new());
    for epoch in 0..epochs {
        let batch = filled(&source, &(0..64).collect::<Vec<_>>(), Sampling::new(3, epoch));
        for (i, row) in values(&batch).rows().into_iter().enumerate() {
            let partner = (0..64).find(|&k| k != i && row[k] > 0.0);
            // A row that is its own partner tells nothing of λ.
            shares.extend(partner.map(|_| row[i]));
            partners.extend(partner);
        }
    }
    (shares, partners)
}

/// The largest distance between the distribution of some numbers and the one they should have.
fn distance(mut numbers: Vec<f64>, cdf: impl Fn(f64) -> f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let n = numbers.len() as f64;
    let gap = |(i, &x): (usize, &f64)| {
        (cdf(x) - i as f64 / n).abs().max((cdf(x) - (i + 1) as f64 / n).abs())
    };
    numbers.iter().enumerate().map(gap).fold(0.0, f64::max)
}

#[test]
fn shares_are_of_the_beta_distribution_and_partners_of_all_rows() {
    for alpha in [0.5, 1.0, 2.0, 8.0] {
        let (shares, partners) = drawn(alpha, 300);
        let n = shares.len() as f64;
        let mean = shares.iter().sum::<f64>() / n;
        let variance = shares.iter().map(|x| (x - 0.5).powi(2)).sum::<f64>() / n;
        let want = 1.0 / (4.0 * (2.0 * alpha + 1.0));
        // Five standard errors; the fourth moment of a bounded number is at most ¼ of its second.
        assert!((mean - 0.5).abs() < 5.0 * (want / n).sqrt(), "alpha {alpha}: mean {mean}");
        assert!(
            (variance - want).abs() < 5.0 * (want / 4.0 / n).sqrt(),
            "alpha {alpha}: {variance}"
        );
        // Kolmogorov and Smirnov: P(distance > 1.95/√n) is 0.001.
        let cdf: Option<fn(f64) -> f64> = match alpha {
            0.5 => Some(|x| 2.0 / std::f64::consts::PI * x.sqrt().asin()),
            1.0 => Some(|x| x),
            2.0 => Some(|x| x * x * (3.0 - 2.0 * x)),
            _ => None,
        };
        if let Some(cdf) = cdf {
            let distance = distance(shares, cdf);
            assert!(distance < 1.95 / n.sqrt(), "alpha {alpha}: distance {distance}");
        }
        let mut counts = [0.0; 64];
        partners.iter().for_each(|&partner| counts[partner] += 1.0);
        let expected = partners.len() as f64 / 64.0;
        let chi: f64 = counts.iter().map(|c| (c - expected).powi(2) / expected).sum();
        // Of 63 degrees of freedom: mean 63, and 116 is beyond the 0.9999 quantile.
        assert!(chi < 116.0, "{chi}");
    }
}

#[test]
fn shares_stay_in_their_range_for_any_alpha() {
    for alpha in [f64::MIN_POSITIVE, 1e-300, 1e-9, 1e-3, 1e3, 1e9, f64::MAX] {
        let mixing = MixUp { alpha };
        let shape = Shape::from(1);
        for i in 0..500 {
            let noise = Noise::new(i);
            let share = mixing.mix(&mut [1.0], &[0.0], &shape, noise);
            assert!((0.0..=1.0).contains(&share), "alpha {alpha}: {share}");
            if alpha >= 1e9 {
                assert!((share - 0.5).abs() < 1e-3);
            }
            if alpha <= 1e-9 {
                assert!(share.min(1.0 - share) < 1e-6);
            }
        }
    }
}

#[test]
fn a_cutmix_takes_pixels_and_targets_in_the_same_proportion() {
    // Image i is filled with i + 1, in two channels.
    let pixels = Array::from_shape_fn((20, 2, 6, 7), |(i, ..)| (i + 1) as f64);
    let data = Dataset::new(pixels, (0..20).collect::<Vec<_>>()).unwrap();
    let source = Mixed::new(OneHot::new(&data, 20).unwrap(), CutMix::default()).unwrap();
    let (mut whole, mut own, mut cut) = (0, 0.0, 0.0);
    for epoch in 0..200 {
        let batch = filled(&source, &(0..20).collect::<Vec<_>>(), Sampling::new(3, epoch));
        let targets = values(&batch);
        for i in 0..20 {
            let image = batch.input(0).row(i);
            let (first, second) = image.split_at(42);
            assert_eq!(first, second, "all channels have the same rectangle");
            let places: Vec<usize> = (0..42).filter(|&k| first[k] != (i + 1) as f64).collect();
            let Some(&start) = places.first() else {
                whole += 1;
                assert_eq!(targets[[i, i]], 1.0);
                continue;
            };
            let other = first[start] as usize - 1;
            let (rows, columns) = (
                start / 7..=places[places.len() - 1] / 7,
                start % 7..=places[places.len() - 1] % 7,
            );
            for (k, &pixel) in first.iter().enumerate() {
                let inside = rows.contains(&(k / 7)) && columns.contains(&(k % 7));
                assert_eq!(pixel, if inside { other + 1 } else { i + 1 } as f64);
            }
            let left = 1.0 - places.len() as f64 / 42.0;
            assert!((targets[[i, i]] - left).abs() < 1e-15);
            assert!((targets[[i, other]] - (1.0 - left)).abs() < 1e-15);
            assert!((targets.row(i).sum() - 1.0).abs() < 1e-15);
            (own, cut) = (own + left, cut + 1.0);
        }
    }
    assert!(whole > 0 && own / cut > 0.5, "rectangles are cut off at the edges: {}", own / cut);
}

#[test]
fn every_loss_that_takes_probabilities_takes_mixed_targets() {
    let source = mixed(MixUp::default());
    let batch = filled(&source, &[0, 1, 2, 3, 4], Sampling::new(1, 0));
    let targets = values(&batch);
    let logits = [Array2::from_shape_fn((5, 3), |(i, j)| (i as f64 - j as f64) / 3.0).into_dyn()];
    let losses: [Box<dyn Loss<f64>>; 4] = [
        Box::new(CrossEntropy::default()),
        Box::new(loss::BinaryCrossEntropyWithLogits::default()),
        Box::new(KlDivergence::default()),
        Box::new(loss::Mse),
    ];
    for loss in &losses {
        let (total, _) = loss::measure(&**loss, &logits, targets.clone(), None).unwrap();
        assert!(total.sum.is_finite(), "{loss:?}");
    }
    // Linear in the targets: a mixed target costs the mix of the costs.
    let cost = |targets: Array2<f64>| {
        loss::measure(&CrossEntropy::default(), &logits, targets, None).unwrap().0.sum
    };
    let (a, b) = (Array2::from_elem((5, 3), 1.0 / 3.0), targets);
    let half = (&a + &b) * 0.5;
    assert!((cost(half) - 0.5 * (cost(a) + cost(b))).abs() < 1e-12);
}

#[test]
fn one_hot_targets_cost_what_class_indices_do() {
    let (data, sampling) = (images(), Sampling::evaluation());
    let probabilities = values(&filled(&OneHot::new(&data, 3).unwrap(), &[0, 1, 2, 7], sampling));
    let logits = [Array2::from_shape_fn((4, 3), |(i, j)| (i * j) as f64 / 3.0).into_dyn()];
    let cost = CrossEntropy::default();
    let labels = vec![0_usize, 1, 2, 1];
    let (a, _) = loss::measure(&cost, &logits, labels, None).unwrap();
    let (b, _) = loss::measure(&cost, &logits, probabilities, None).unwrap();
    assert!((a.sum - b.sum).abs() < 1e-12 && a.weight == b.weight);
    // One at each time step.
    let steps = Array2::from_shape_fn((2, 3), |(i, t)| (i + t) % 4);
    let data = Dataset::new(Array2::<f64>::zeros((2, 1)), steps).unwrap();
    let source = OneHot::new(&data, 4).unwrap();
    assert_eq!(source.content().targets, TargetKind::Values([3, 4].into()));
    let rows = values(&filled(&source, &[1], sampling));
    let want = [0., 1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1.];
    assert_eq!(rows.row(0).to_vec(), want);
}

/// Bars that stand or lie, anywhere in the image: a task that is the same after a shift.
fn bars(rows: usize, seed: u64) -> Dataset<f32> {
    let noise = Noise::new(seed);
    let label = |i: usize| i % 2;
    let pixel = |i: usize, r: usize, c: usize| {
        let place = 1 + noise.below(i as u64, 4);
        if (label(i) == 0 && r == place) || (label(i) == 1 && c == place) { 1.0 } else { 0.0 }
    };
    let images = Array3::from_shape_fn((rows, 6, 6), |(i, r, c)| pixel(i, r, c));
    Dataset::new(images, (0..rows).map(label).collect::<Vec<_>>()).unwrap()
}

fn trainer(threads: usize) -> Trainer<f32> {
    let model = Chain::new().then(Flatten).then(Dense::new(16)).then(Relu).then(Dense::new(2));
    let rule = Adam { learning_rate: 0.01, ..Adam::default() };
    let builder = Trainer::builder(model, CrossEntropy::default(), rule).seed(7);
    builder.threads(threads).build(&[6, 6]).unwrap()
}

#[test]
fn a_run_on_augmented_data_learns_and_is_the_same_on_any_number_of_threads() {
    let (train, test) = (bars(64, 1), bars(64, 2));
    let shifted = Augment::new(&train, Shift::new(1)).unwrap();
    let run = |threads| {
        let mut trainer = trainer(threads);
        let run = trainer.fit(&shifted, Fit::epochs(40).batch(8).validate(&test)).unwrap();
        assert!(run.best().metric("accuracy").unwrap() > 0.95);
        trainer.model().values().to_vec()
    };
    let one = run(1);
    assert_eq!(run(2), one);
    let mut plain = trainer(1);
    plain.fit(&train, Fit::epochs(40).batch(8).validate(&test)).unwrap();
    assert_ne!(plain.model().values(), one, "augmentation is applied in training");
}

#[test]
fn a_run_on_mixed_data_goes_on_where_it_was() {
    let (train, test) = (bars(64, 1), bars(64, 2));
    let shifted = Augment::new(OneHot::new(&train, 2).unwrap(), Shift::new(1)).unwrap();
    let mixed = Mixed::new(&shifted, MixUp::default()).unwrap();
    let mut whole = trainer(1);
    whole.fit(&mixed, Fit::epochs(40).batch(8).validate(&test)).unwrap();
    assert!(whole.evaluate(&test).unwrap().metric("accuracy").unwrap() > 0.95);
    let mut first = trainer(1);
    first.fit(&mixed, Fit::steps(13).batch(8).validate(&test)).unwrap();
    let mut second = trainer(1);
    second.restore(&first.state()).unwrap();
    second.fit(&mixed, Fit::to_epoch(40).batch(8).validate(&test)).unwrap();
    assert_eq!(second.model().values(), whole.model().values());
}

#[test]
fn a_broken_source_within_is_an_error() {
    /// Fills whatever batch with nothing.
    struct Empty;
    impl Source<f64> for Empty {
        fn len(&self) -> usize {
            4
        }
        fn content(&self) -> Content {
            images().content()
        }
        fn fill(&self, _: &[usize], _: Sampling, batch: &mut Batch<f64>) -> Result<(), Error> {
            *batch =
                Batch::new(&Content { inputs: vec![], targets: TargetKind::None, weighted: false });
            Ok(())
        }
    }
    let source = Mixed::new(
        OneHot::new(Augment::new(Empty, chain()).unwrap(), 3).unwrap(),
        CutMix::default(),
    )
    .unwrap();
    let mut trainer = Trainer::builder(
        Chain::new().then(Flatten).then(Dense::new(3)),
        CrossEntropy::default(),
        Adam::default(),
    )
    .build(&[4, 5])
    .unwrap();
    assert!(trainer.fit(&source, Fit::epochs(1)).is_err());
}

#[test]
fn sources_and_augmentations_may_be_sent_and_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Augment<f32, Dataset<f32>>>();
    shared::<Mixed<f32, OneHot<f32, &Dataset<f32>>>>();
    shared::<Box<dyn Augmentation<f32>>>();
    shared::<Box<dyn Mixing<f32>>>();
    let data = images();
    let any: &dyn Source<f64> = &data;
    assert_eq!(Augment::new(any, Jitter::default()).unwrap().len(), ROWS);
}

#[cfg(feature = "digits")]
#[test]
fn shifts_help_on_shifted_digits() {
    let digits = downhill::data::digits().unwrap();
    let pixels = digits.inputs(0).unwrap().into_dimensionality::<Ix2>().unwrap();
    let images = pixels.into_shape_with_order((1797, 8, 8)).unwrap();
    let labels = digits.labels().unwrap().into_dimensionality::<Ix1>().unwrap();
    let (train, test) = Dataset::new(images, labels).unwrap().split(0.8, 7).unwrap();
    let shifted = Augment::new(&train, Shift::new(1)).unwrap();
    // The test images, each moved by up to a pixel, once and for all.
    let mut moved = Batch::new(&test.content());
    let rows: Vec<usize> = (0..test.len()).collect();
    let source = Augment::new(&test, Shift::new(1)).unwrap();
    source.fill(&rows, Sampling::new(1, 0), &mut moved).unwrap();
    let moved = Array3::from_shape_vec((test.len(), 8, 8), moved.input(0).values().to_vec());
    let moved = Dataset::new(moved.unwrap(), test.labels().unwrap()).unwrap();
    let accuracy = |train: &dyn Source<f32>| {
        let model = Chain::new().then(Flatten).then(Dense::new(64)).then(Relu).then(Dense::new(10));
        let rule = Adam { learning_rate: 3e-3, ..Adam::default() };
        let builder = Trainer::builder(model, CrossEntropy::default(), rule).seed(7);
        let mut trainer = builder.build(&[8, 8]).unwrap();
        trainer.fit(train, Fit::epochs(20).batch(32)).unwrap();
        let on = |data| trainer.evaluate(data).unwrap().metric("accuracy").unwrap();
        (on(&test), on(&moved))
    };
    let (plain, with_shift) = (accuracy(&train), accuracy(&shifted));
    println!("test and moved test: {plain:?} without, {with_shift:?} with augmentation");
    assert!(with_shift.0 > 0.93 && with_shift.1 > plain.1 + 0.1, "{plain:?} {with_shift:?}");
}

//! The laws of sources, for those that augment and mix.

use downhill::check::source;
use downhill::check::source::SourceUnderTest;
use downhill::data::Dataset;
use downhill::data::augment::*;
use ndarray::{Array1, Array2, Array3};

fn images() -> Dataset<f64> {
    let pixels = Array3::from_shape_fn((19, 4, 5), |(i, r, c)| (i * 20 + r * 5 + c) as f64 / 8.0);
    let weights = Array1::from_shape_fn(19, |i| 1.0 + i as f64);
    let labels: Vec<usize> = (0..19).map(|i| i % 3).collect();
    Dataset::new(pixels, labels)
        .unwrap()
        .with_weights(weights)
        .unwrap()
        .select(&[3, 1, 18, 7, 6])
        .unwrap()
}

fn chain() -> Compose<f64> {
    Compose::new().then(Shift::new(1)).then(Rotate::new(20.0)).then(Jitter::new(0.1))
}

fn probabilities() -> OneHot<f64, Augment<f64, Dataset<f64>>> {
    OneHot::new(Augment::new(images(), chain()).unwrap(), 3).unwrap()
}

/// The images with their targets as a table of probabilities.
fn as_table() -> Dataset<f64> {
    let labels = images().labels().unwrap();
    let table = Array2::from_shape_fn((5, 3), |(i, class)| f64::from(labels[[i]] == class));
    let weights = Array1::from(images().weights().unwrap().to_vec());
    Dataset::new(images().inputs(0).unwrap(), table).unwrap().with_weights(weights).unwrap()
}

source!(augmented, {
    let make = || Augment::new(images(), chain()).unwrap();
    SourceUnderTest::new(make).augments().classes(3).same_as(images())
});
source!(one_hot, SourceUnderTest::new(probabilities).augments().same_as(as_table()));
source!(mixed_up, {
    let make = || Mixed::new(probabilities(), MixUp::default()).unwrap();
    SourceUnderTest::new(make).augments().changes_targets().same_as(as_table())
});
source!(cut_and_mixed, {
    let make = || Mixed::new(probabilities(), CutMix::default()).unwrap();
    SourceUnderTest::new(make).augments().changes_targets().same_as(as_table())
});
source!(mixed_twice, {
    let make = || {
        let cut = Mixed::new(probabilities(), CutMix::default()).unwrap();
        Augment::new(Mixed::new(cut, MixUp { alpha: 1.0 }).unwrap(), Flip::default()).unwrap()
    };
    SourceUnderTest::new(make).augments().changes_targets().same_as(as_table())
});

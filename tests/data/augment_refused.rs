//! What augmentation refuses, and what it says then.

use downhill::Shape;
use downhill::data::augment::*;
use downhill::data::{Batch, Dataset};
use ndarray::{Array1, Array2, Array3, Array4};

const NAN: f64 = f64::NAN;
const INFINITY: f64 = f64::INFINITY;

/// The message of a refusal.
#[track_caller]
fn message(augmentation: &dyn Augmentation<f32>, shape: &[usize]) -> String {
    augmentation.validate(&Shape::from(shape)).expect_err("is refused").to_string()
}

#[track_caller]
fn refuses(augmentation: impl Augmentation<f32>, field: &str) {
    let message = message(&augmentation, &[4, 4]);
    assert!(message.starts_with(field), "{message}");
}

#[test]
#[allow(clippy::reversed_empty_ranges)]
fn settings_out_of_range() {
    for bad in [NAN, INFINITY, -INFINITY] {
        refuses(Shift { fill: bad, ..Shift::default() }, "Shift::fill");
        refuses(Rotate { fill: bad, ..Rotate::default() }, "Rotate::fill");
        refuses(Rotate::new(bad), "Rotate::degrees");
        refuses(Scale { fill: bad, ..Scale::default() }, "Scale::fill");
        refuses(RandomCrop { fill: bad, ..RandomCrop::default() }, "RandomCrop::fill");
        refuses(Brightness { delta: 0.0..=bad }, "Brightness::delta");
        refuses(Brightness { delta: bad..=0.0 }, "Brightness::delta");
        refuses(RandomErase { fill: bad, ..RandomErase::default() }, "RandomErase::fill");
        refuses(Cutout { fill: bad, ..Cutout::default() }, "Cutout::fill");
    }
    for bad in [NAN, INFINITY, -0.1] {
        refuses(Jitter::new(bad), "Jitter::std");
        refuses(Scaling::new(bad), "Scaling::std");
        refuses(FeatureNoise::new([0.0, 0.0, bad, 0.0]), "FeatureNoise::std");
        refuses(TimeWarp { std: bad, knots: 4 }, "TimeWarp::std");
        refuses(Contrast { factor: bad..=1.0 }, "Contrast::factor");
        refuses(Scale { factor: bad..=1.0, fill: 0.0 }, "Scale::factor");
        refuses(RandomErase { aspect: bad..=1.0, ..RandomErase::default() }, "RandomErase::aspect");
    }
    for bad in [NAN, INFINITY, -0.1, 1.1] {
        refuses(Flip::new(bad, 0.0), "Flip::horizontal");
        refuses(Flip::new(0.0, bad), "Flip::vertical");
        refuses(TokenDrop { probability: bad, id: 0 }, "TokenDrop::probability");
        let erase = RandomErase { probability: bad, ..RandomErase::default() };
        refuses(erase, "RandomErase::probability");
        refuses(RandomErase { area: bad..=1.0, ..RandomErase::default() }, "RandomErase::area");
    }
    refuses(Scale { factor: 0.0..=1.0, fill: 0.0 }, "Scale::factor");
    refuses(RandomErase { area: 0.0..=0.1, ..RandomErase::default() }, "RandomErase::area");
    refuses(RandomErase { area: 0.5..=0.1, ..RandomErase::default() }, "RandomErase::area");
    refuses(Rotate { degrees: 5.0..=-5.0, fill: 0.0 }, "Rotate::degrees");
    refuses(Rotate { degrees: -f64::MAX..=f64::MAX, fill: 0.0 }, "Rotate::degrees");
    refuses(TimeWarp { std: 0.1, knots: 0 }, "TimeWarp::knots");
    refuses(TimeWarp { std: 0.1, knots: 1025 }, "TimeWarp::knots");
    refuses(TimeWarp { std: 11.0, knots: 1 }, "TimeWarp::std");
    refuses(Cutout::new(0), "Cutout::size");
    refuses(TokenDrop { probability: 0.1, id: (1 << 24) + 1 }, "TokenDrop::id");
    assert!(
        Augmentation::<f64>::validate(
            &TokenDrop { probability: 0.1, id: (1 << 24) + 1 },
            &8.into()
        )
        .is_ok()
    );
    refuses(RandomCrop { padding: usize::MAX, ..RandomCrop::default() }, "RandomCrop::padding");
    refuses(Compose::new().then(Flip::default()).then(Jitter::new(NAN)), "Jitter::std");
}

#[test]
fn shapes_that_do_not_fit_are_named() {
    let images: [&dyn Augmentation<f32>; 9] = [
        &Shift::new(0),
        &Flip::default(),
        &Rotate::default(),
        &Scale::default(),
        &RandomCrop::default(),
        &Brightness::default(),
        &Contrast::default(),
        &RandomErase::default(),
        &Cutout::new(1),
    ];
    for augmentation in images {
        let name = format!("{augmentation:?}");
        let name = name.split([' ', '(']).next().unwrap();
        for shape in [&[][..], &[64], &[2, 3, 4, 5], &[0, 4], &[3, 4, 0]] {
            let message = message(augmentation, shape);
            assert!(message.starts_with(&format!("{name}: ")), "{message}");
            assert!(message.contains("[height, width]"), "{message}");
            assert!(message.contains(&Shape::from(shape).to_string()), "{message}");
        }
    }
    for shape in [&[][..], &[64], &[2, 3, 4]] {
        let message = message(&TimeWarp::default(), shape);
        assert!(message.starts_with("TimeWarp: ") && message.contains("[time, features]"));
    }
    let too_large = [
        message(&Shift { rows: 4, ..Shift::new(0) }, &[4, 5]),
        message(&Shift { columns: 5, ..Shift::new(0) }, &[4, 5]),
        message(&Cutout::new(6), &[4, 5]),
    ];
    assert!(too_large[0].starts_with("Shift::rows = 4"), "{}", too_large[0]);
    assert!(too_large[1].starts_with("Shift::columns = 5"), "{}", too_large[1]);
    assert!(too_large[2].starts_with("Cutout::size = 6"), "{}", too_large[2]);
    assert!(too_large.iter().all(|message| message.contains("[4, 5]")));
    for size in [[7, 5], [4, 8], [0, 5], [4, 0]] {
        let crop = RandomCrop { size: Some(size), padding: 1, fill: 0.0 };
        let message = message(&crop, &[4, 5]);
        let parts = [format!("RandomCrop::size = {size:?}"), "[6, 7]".into(), "[4, 5]".into()];
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    }
    let message = message(&FeatureNoise::new([0.1, 0.2]), &[4, 5]);
    assert!(message.contains("FeatureNoise::std") && message.contains("[4, 5]"), "{message}");
}

fn images() -> Dataset<f32> {
    Dataset::new(Array3::zeros((3, 4, 4)), vec![0, 1, 2]).unwrap()
}

fn error<T>(result: Result<T, downhill::Error>) -> String {
    result.err().expect("is refused").to_string()
}

#[test]
fn sources_are_checked_when_they_are_made() {
    assert!(error(Augment::new(images(), Jitter::new(-1.0))).contains("Jitter::std"));
    assert!(error(Augment::new(images(), Shift::new(4))).contains("[4, 4]"));
    assert!(error(Augment::of_input(images(), 1, Jitter::default())).contains("input = 1"));
    assert!(error(OneHot::new(images(), 0)).contains("OneHot::classes"));
    let values = Dataset::new(Array2::<f32>::zeros((3, 4)), Array1::<f32>::zeros(3)).unwrap();
    assert!(error(OneHot::new(&values, 2)).contains("OneHot takes class indices"));
    let classes = error(Mixed::new(images(), MixUp::default()));
    assert!(classes.contains("MixUp") && classes.contains("OneHot::new"), "{classes}");
    for alpha in [0.0, -1.0, NAN, INFINITY] {
        assert!(error(Mixed::new(&values, MixUp { alpha })).contains("MixUp::alpha"));
        assert!(error(Mixed::new(&values, CutMix { alpha })).contains("CutMix::alpha"));
    }
    let flat = error(Mixed::new(&values, CutMix::default()));
    assert!(flat.starts_with("CutMix: ") && flat.contains("[4]"), "{flat}");
    let two =
        vec![Array4::<f32>::zeros((3, 1, 4, 4)).into_dyn(), Array4::zeros((3, 1, 4, 5)).into_dyn()];
    let two = Dataset::of_several(two, Array1::<f32>::zeros(3)).unwrap();
    let unequal = error(Mixed::new(&two, CutMix::default()));
    assert!(unequal.contains("[1, 4, 4]") && unequal.contains("[1, 4, 5]"), "{unequal}");
}

#[test]
fn a_label_that_is_no_class_is_named_by_its_row() {
    let part = images().select(&[2, 0]).unwrap();
    let message = error(Batch::of(&OneHot::new(&part, 2).unwrap()));
    assert_eq!(message, "OneHot: the target in row 2 is 2; use a class index below 2");
}

/// What `validate` refuses is not for `apply`, but it must not panic there.
#[test]
fn nothing_panics_without_validate() {
    let huge = usize::MAX;
    let bad: Vec<Box<dyn Augmentation<f32>>> = vec![
        Box::new(Shift { rows: huge, columns: 7, fill: NAN }),
        Box::new(Flip::new(NAN, 2.0)),
        Box::new(Rotate::new(NAN)),
        Box::new(Rotate { degrees: -f64::MAX..=f64::MAX, fill: 0.0 }),
        Box::new(Scale { factor: 0.0..=0.0, fill: 0.0 }),
        Box::new(RandomCrop { size: Some([0, huge]), padding: huge, fill: 0.0 }),
        Box::new(RandomCrop { size: Some([huge, 0]), padding: 0, fill: 0.0 }),
        Box::new(Brightness { delta: NAN..=INFINITY }),
        Box::new(Contrast { factor: NAN..=INFINITY }),
        Box::new(RandomErase { probability: 1.0, area: NAN..=9.0, aspect: -1.0..=0.0, fill: 0.0 }),
        Box::new(RandomErase { probability: 1.0, area: 5.0..=9.0, aspect: 0.0..=0.0, fill: 0.0 }),
        Box::new(Cutout::new(huge)),
        Box::new(Cutout::new(0)),
        Box::new(Jitter::new(NAN)),
        Box::new(FeatureNoise::new([])),
        Box::new(FeatureNoise::new([NAN; 9])),
        Box::new(Scaling::new(INFINITY)),
        Box::new(TimeWarp { std: NAN, knots: 9 }),
        Box::new(TimeWarp { std: 1e300, knots: 0 }),
        Box::new(TimeWarp { std: 1e300, knots: 9 }),
        Box::new(TokenDrop { probability: 2.0, id: huge }),
    ];
    for shape in
        [&[][..], &[0], &[5], &[1, 1], &[0, 3], &[3, 0], &[4, 5], &[2, 3, 4], &[2, 2, 2, 2]]
    {
        let shape = Shape::from(shape);
        for augmentation in &bad {
            for seed in 0..4 {
                let (mut values, mut scratch) = (vec![1.0; shape.size()], vec![0.0; shape.size()]);
                let noise = downhill::random::Noise::new(seed);
                let sample = Sample::new(&mut values, &shape, noise, &mut scratch).unwrap();
                augmentation.apply(sample);
                augmentation.apply(Sample::new(&mut values, &shape, noise, &mut []).unwrap());
            }
        }
        for mixing in [&MixUp { alpha: NAN } as &dyn Mixing<f32>, &CutMix { alpha: -1.0 }] {
            let mut values = vec![1.0; shape.size()];
            let noise = downhill::random::Noise::new(1);
            mixing.mix(&mut values, &vec![2.0; shape.size()], &shape, noise);
            mixing.mix(&mut values, &[], &shape, noise);
        }
    }
}

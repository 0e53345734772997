//! The laws of augmentations, for all of the crate.

use downhill::check::augment;
use downhill::check::augment::AugmentationUnderTest;
use downhill::data::augment::*;

const NAN: f64 = f64::NAN;

/// An augmentation of images.
fn image<A: Augmentation<f32> + Augmentation<f64> + 'static>(rule: A) -> AugmentationUnderTest {
    let shapes: [&[usize]; 6] = [&[3, 3], &[4, 7], &[8, 8], &[1, 3, 5], &[3, 5, 4], &[2, 7, 7]];
    let subject =
        shapes.into_iter().fold(AugmentationUnderTest::new(rule), AugmentationUnderTest::takes);
    subject.draws([8, 8]).refuses_shape([64]).refuses_shape([2, 3, 4, 5])
}

/// One of samples of any shape.
fn any<A: Augmentation<f32> + Augmentation<f64> + 'static>(rule: A) -> AugmentationUnderTest {
    AugmentationUnderTest::new(rule).draws([4, 8])
}

augment!(
    shift,
    image(Shift::new(2))
        .unchanged(Shift::new(0))
        .refuses(Shift { fill: NAN, ..Shift::new(1) }, "Shift::fill")
        .refuses(Shift::new(100), "Shift::rows")
        .refuses_shape([2, 9])
        .refuses_shape([9, 1])
);
augment!(one_pixel, AugmentationUnderTest::new(Shift::new(0)).takes([1, 1]));
augment!(
    flip,
    image(Flip::new(0.5, 0.5))
        .unchanged(Flip::new(0.0, 0.0))
        .refuses(Flip::new(NAN, 0.0), "Flip::horizontal")
        .refuses(Flip::new(0.0, 1.5), "Flip::vertical")
);
augment!(
    rotate,
    image(Rotate::new(180.0))
        .unchanged(Rotate::new(0.0))
        .unchanged(Rotate { degrees: 360.0..=360.0, fill: 1.0 })
        .refuses(Rotate::new(NAN), "Rotate::degrees")
        .refuses(Rotate { fill: NAN, ..Rotate::new(1.0) }, "Rotate::fill")
);
augment!(
    scale,
    image(Scale { factor: 0.3..=3.0, fill: -1.0 })
        .unchanged(Scale { factor: 1.0..=1.0, fill: 1.0 })
        .refuses(Scale { factor: 0.0..=1.0, fill: 0.0 }, "Scale::factor")
        .refuses(Scale { fill: NAN, ..Scale::default() }, "Scale::fill")
);
augment!(
    crop,
    image(RandomCrop::default())
        .unchanged(RandomCrop { padding: 0, ..RandomCrop::default() })
        .refuses(RandomCrop { size: Some([99, 1]), ..RandomCrop::default() }, "RandomCrop::size")
        .refuses(RandomCrop { fill: NAN, ..RandomCrop::default() }, "RandomCrop::fill")
);
augment!(
    smaller_crop,
    image(RandomCrop { size: Some([3, 2]), ..RandomCrop::default() }).refuses_shape([0, 4])
);
augment!(
    brightness,
    image(Brightness::default())
        .unchanged(Brightness { delta: 0.0..=0.0 })
        .refuses(Brightness { delta: 0.0..=NAN }, "Brightness::delta")
);
augment!(
    contrast,
    image(Contrast::default())
        .unchanged(Contrast { factor: 1.0..=1.0 })
        .refuses(Contrast { factor: NAN..=1.0 }, "Contrast::factor")
);
augment!(
    random_erase,
    image(RandomErase::default())
        .unchanged(RandomErase { probability: 0.0, ..RandomErase::default() })
        .refuses(
            RandomErase { probability: 1.1, ..RandomErase::default() },
            "RandomErase::probability"
        )
        .refuses(RandomErase { area: 0.0..=0.1, ..RandomErase::default() }, "RandomErase::area")
        .refuses(
            RandomErase { aspect: NAN..=1.0, ..RandomErase::default() },
            "RandomErase::aspect"
        )
);
augment!(
    cutout,
    image(Cutout::new(3)).refuses(Cutout::new(0), "Cutout::size").refuses_shape([2, 2])
);
augment!(
    jitter,
    any(Jitter::default()).unchanged(Jitter::new(0.0)).refuses(Jitter::new(NAN), "Jitter::std")
);
augment!(
    scaling,
    any(Scaling::default())
        .unchanged(Scaling::new(0.0))
        .refuses(Scaling::new(-0.1), "Scaling::std")
);
augment!(
    feature_noise,
    AugmentationUnderTest::new(FeatureNoise::new([0.5, 0.0, 2.0]))
        .takes([3])
        .takes([5, 3])
        .draws([3])
        .unchanged(FeatureNoise::new([0.0; 3]))
        .refuses(FeatureNoise::new([0.0, NAN, 0.0]), "FeatureNoise::std")
        .refuses(FeatureNoise::new([0.0, 0.0]), "FeatureNoise::std")
        .refuses_shape([3, 4])
);
augment!(
    time_warp,
    AugmentationUnderTest::new(TimeWarp::default())
        .takes([1, 1])
        .takes([2, 3])
        .takes([3, 2])
        .takes([20, 1])
        .draws([9, 1])
        .unchanged(TimeWarp { std: 0.0, knots: 4 })
        .unchanged(TimeWarp { std: 0.5, knots: 1 })
        .refuses(TimeWarp { std: NAN, knots: 4 }, "TimeWarp::std")
        .refuses(TimeWarp { std: 0.1, knots: 0 }, "TimeWarp::knots")
        .refuses_shape([5])
        .refuses_shape([1, 2, 3])
);
augment!(
    token_drop,
    any(TokenDrop { probability: 0.3, id: 5 })
        .unchanged(TokenDrop { probability: 0.0, id: 5 })
        .refuses(TokenDrop { probability: NAN, id: 0 }, "TokenDrop::probability")
);

/// One that changes nothing is an augmentation too.
#[derive(Debug)]
struct Nothing;

impl<F: downhill::Scalar> Augmentation<F> for Nothing {
    fn validate(&self, _: &downhill::Shape) -> Result<(), downhill::Error> {
        Ok(())
    }

    fn apply(&self, _: Sample<'_, F>) {}
}

augment!(nothing, Nothing);

//! After the first batch, augmentation allocates nothing.

mod counting;

use counting::allocations;
use downhill::data::augment::*;
use downhill::data::{Batch, Dataset, Sampling, Source};
use ndarray::Array4;

fn main() {
    counting::alone("a_batch_allocates_nothing", a_batch_allocates_nothing);
}

fn a_batch_allocates_nothing() {
    let images = Array4::from_shape_fn((64, 3, 8, 8), |(i, c, y, x)| (i + c + y * x) as f32);
    let data = Dataset::new(images, (0..64).map(|i| i % 10).collect::<Vec<_>>()).unwrap();
    let chain = Compose::new()
        .then(Shift::new(1))
        .then(Flip::default())
        .then(Rotate::default())
        .then(Scale::default())
        .then(RandomCrop::default())
        .then(Brightness::default())
        .then(Contrast::default())
        .then(RandomErase { probability: 1.0, ..RandomErase::default() })
        .then(Cutout::default())
        .then(Jitter::default())
        .then(Scaling::default())
        .then(FeatureNoise::new([0.1; 8]))
        .then(TokenDrop::default());
    let augmented = Augment::new(OneHot::new(&data, 10).unwrap(), chain).unwrap();
    let mixed = Mixed::new(Mixed::new(augmented, CutMix::default()).unwrap(), MixUp::default());
    let source = mixed.unwrap();
    let mut batch = Batch::new(&source.content());
    let mut round = |epoch| {
        let before = allocations();
        for rows in [&[0, 5, 9, 60][..], &[7, 1, 2], &[3, 3, 3, 4]] {
            source.fill(rows, Sampling::new(7, epoch), &mut batch).unwrap();
        }
        allocations() - before
    };
    assert!(round(0) > 0, "the first batches make room");
    let counts: Vec<usize> = (1..50).map(round).collect();
    assert!(counts.iter().all(|&count| count == 0), "{counts:?}");
}

//! Samples to augment, and plain loops that say what each augmentation does.

use downhill::Shape;
use downhill::data::augment::{Augmentation, Sample, augment_sample};
use downhill::random::Noise;
use ndarray::{Array, ArrayD, IxDyn};

/// Shapes of images: one pixel, one line, odd, even, not square, several channels.
pub const IMAGES: [&[usize]; 9] =
    [&[1, 1], &[1, 5], &[4, 1], &[2, 2], &[3, 3], &[4, 7], &[1, 1, 1], &[3, 5, 4], &[2, 8, 8]];

/// Numbers of both signs, none of them 0, among them −0.
pub fn numbers(axes: &[usize], seed: u64) -> ArrayD<f64> {
    let noise = Noise::new(seed).at("numbers");
    let mut i = 0;
    let mut array = Array::from_shape_simple_fn(IxDyn(axes), || {
        i += 1;
        noise.normal(i)
    });
    if let Some(last) = array.last_mut() {
        *last = -0.0;
    }
    array
}

/// `augmentation` on these numbers with these random ones.
pub fn on(augmentation: &dyn Augmentation<f64>, sample: &ArrayD<f64>, noise: Noise) -> ArrayD<f64> {
    augment_sample(augmentation, sample, noise).unwrap()
}

/// Streams of random numbers.
pub fn noises(count: u64) -> impl Iterator<Item = Noise> {
    (0..count).map(|i| Noise::new(11).step(i))
}

pub fn bits(array: &ArrayD<f64>) -> Vec<u64> {
    array.iter().map(|x| x.to_bits()).collect()
}

/// Asserts that two arrays have the same bits.
#[track_caller]
pub fn same(got: &ArrayD<f64>, want: &ArrayD<f64>, what: &str) {
    assert_eq!(got.shape(), want.shape(), "{what}");
    assert_eq!(bits(got), bits(want), "{what}:\n{got}\n{want}");
}

/// Asserts that two arrays differ by rounding alone.
#[track_caller]
pub fn close(got: &ArrayD<f64>, want: &ArrayD<f64>, what: &str) {
    assert_eq!(got.shape(), want.shape(), "{what}");
    let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12 * (1.0 + b.abs());
    assert!(got.iter().zip(want).all(near), "{what}:\n{got}\n{want}");
}

/// Height and width.
pub fn size(sample: &ArrayD<f64>) -> (usize, usize) {
    let axes = sample.shape();
    (axes[axes.len() - 2], axes[axes.len() - 1])
}

/// The specification of everything that moves pixels: each becomes what `from` says of plane, row and column.
pub fn each_pixel(
    sample: &ArrayD<f64>,
    from: impl Fn(&dyn Fn(i64, i64) -> Option<f64>, usize, usize) -> f64,
) -> ArrayD<f64> {
    let (height, width) = size(sample);
    let values: Vec<f64> = sample.iter().copied().collect();
    let pixel = |i: usize| {
        let (plane, row, column) = (i / (height * width), i / width % height, i % width);
        let at = |r: i64, c: i64| {
            let inside = r >= 0 && c >= 0 && r < height as i64 && c < width as i64;
            inside.then(|| values[(plane * height + r as usize) * width + c as usize])
        };
        from(&at, row, column)
    };
    let pixels = (0..values.len()).map(pixel).collect();
    ArrayD::from_shape_vec(sample.raw_dim(), pixels).unwrap()
}

/// The image at any place: the four pixels around it, each by the area of the rectangle opposite to it.
pub fn bilinear(at: &dyn Fn(i64, i64) -> Option<f64>, row: f64, column: f64, fill: f64) -> f64 {
    let mut sum = 0.0;
    for r in [row.floor(), row.floor() + 1.0] {
        for c in [column.floor(), column.floor() + 1.0] {
            let area = (1.0 - (row - r).abs()) * (1.0 - (column - c).abs());
            if area > 0.0 {
                sum += area * at(r as i64, c as i64).unwrap_or(fill);
            }
        }
    }
    sum
}

/// Applies to numbers between guards, and asserts that these stay.
pub fn within_guards(augmentation: &dyn Augmentation<f64>, sample: &ArrayD<f64>, noise: Noise) {
    let shape = Shape::from(sample.shape());
    let need = augmentation.scratch(&shape);
    let mut values = vec![777.0; 2 * 8 + shape.size()];
    let mut scratch = vec![f64::NAN; need];
    let inner = 8..8 + shape.size();
    values[inner.clone()].copy_from_slice(sample.as_slice().unwrap());
    let lent = &mut values[inner.clone()];
    augmentation.apply(Sample::new(lent, &shape, noise, &mut scratch).unwrap());
    assert!(values[..8].iter().chain(&values[8 + shape.size()..]).all(|&x| x == 777.0));
    let plain: Vec<u64> = bits(&on(augmentation, sample, noise));
    let got: Vec<u64> = values[inner].iter().map(|x| x.to_bits()).collect();
    assert_eq!(got, plain, "what scratch held is used");
}

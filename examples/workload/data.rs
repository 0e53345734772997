//! Synthetic data that every peer makes in the same way: numbers of SplitMix64.

/// How many batches there are; step i takes batch i modulo this.
pub const BATCHES: usize = 4;

/// Number `i` of the stream of `seed`.
fn splitmix(seed: u64, i: usize) -> u64 {
    const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
    let z = seed.wrapping_add(STEP.wrapping_mul(i as u64 + 1));
    let z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ z >> 31
}

/// Uniform numbers of mean 0 and variance 1.
pub fn floats(seed: u64, count: usize) -> Vec<f32> {
    let number = |i| {
        let u = (splitmix(seed, i) >> 40) as f32 / (1 << 24) as f32;
        (2.0 * u - 1.0) * 1.732_050_8
    };
    (0..count).map(number).collect()
}

/// Uniform whole numbers below `bound`.
pub fn ints(seed: u64, bound: usize, count: usize) -> Vec<usize> {
    (0..count).map(|i| (splitmix(seed, i) >> 33) as usize % bound).collect()
}

/// Batches of noise with the prototype of the row's class of ten added to each of `repeat` stretches, and the classes. In the last two batches every
/// second class is wrong, so that the loss has a floor.
pub fn classification(batch: usize, repeat: usize, width: usize) -> Vec<(Vec<f32>, Vec<usize>)> {
    let prototypes = floats(300, 10 * width);
    let make = |b: usize| {
        let half = b as u64 % 2;
        let mut classes = ints(200 + half, 10, batch);
        let mut inputs = floats(100 + half, batch * repeat * width);
        for (row, &class) in inputs.chunks_mut(repeat * width).zip(&classes) {
            let prototype = &prototypes[class * width..][..width];
            for stretch in row.chunks_mut(width) {
                stretch.iter_mut().zip(prototype).for_each(|(x, p)| *x += 0.5 * p);
            }
        }
        if b >= 2 {
            classes.iter_mut().skip(1).step_by(2).for_each(|class| *class = (*class + 1) % 10);
        }
        (inputs, classes)
    };
    (0..BATCHES).map(make).collect()
}

/// Batches whose targets are half the inputs, moved left by one column.
pub fn regression(batch: usize, width: usize) -> Vec<(Vec<f32>, Vec<f32>)> {
    let make = |b: usize| {
        let inputs = floats(100 + b as u64, batch * width);
        let mut targets: Vec<f32> = inputs.iter().map(|x| 0.5 * x).collect();
        targets.chunks_mut(width).for_each(|row| row.rotate_left(1));
        (inputs, targets)
    };
    (0..BATCHES).map(make).collect()
}

/// Batches of token rows of which each token mostly follows from the one before, and the tokens that come next.
pub fn tokens(rows: usize, length: usize, count: usize) -> Vec<(Vec<usize>, Vec<usize>)> {
    let make = |b: usize| {
        let all = rows * (length + 1);
        let (mut tokens, keep) = (ints(200 + b as u64, count, all), ints(400 + b as u64, 10, all));
        let (mut inputs, mut targets) = (Vec::new(), Vec::new());
        for (row, keep) in tokens.chunks_mut(length + 1).zip(keep.chunks(length + 1)) {
            for i in (1..=length).filter(|&i| keep[i] > 0) {
                row[i] = (5 * row[i - 1] + 7) % count;
            }
            inputs.extend_from_slice(&row[..length]);
            targets.extend_from_slice(&row[1..]);
        }
        (inputs, targets)
    };
    (0..BATCHES).map(make).collect()
}

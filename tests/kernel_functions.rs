//! The vector-friendly functions against double precision, over all of single precision.

use downhill::kernel::functions;
use downhill::prelude::*;
use ndarray::Array2;

/// Distance in units in the last place of single precision at `want`, which is in double precision.
fn units_off(got: f32, want: f64) -> f64 {
    if f64::from(got) == want || (got.is_infinite() && want.abs() > f64::from(f32::MAX)) {
        return 0.0;
    }
    let exponent = want.abs().max(f64::from(f32::MIN_POSITIVE)).log2().floor() as i32;
    (f64::from(got) - want).abs() / 2.0_f64.powi(exponent - 23)
}

/// The largest distance over every `step`-th number of single precision between −`most` and `most`, and where it is.
fn worst(got: fn(f32) -> f32, want: fn(f64) -> f64, most: f32) -> (f64, f32) {
    // A prime, so that no digit is left out.
    let step = 1009;
    let magnitudes = (0..=most.to_bits()).step_by(step).map(f32::from_bits);
    let all = magnitudes.flat_map(|x| [x, -x]);
    all.fold((0.0, 0.0), |(worst, at), x| {
        let off = units_off(got(x), want(f64::from(x)));
        // Written so that NaN is the worst.
        if off <= worst { (worst, at) } else { (off, x) }
    })
}

#[test]
fn they_are_as_close_as_they_say() {
    type Row = (&'static str, fn(f32) -> f32, fn(f64) -> f64, f64);
    let table: [Row; 4] = [
        ("exp", functions::exp, f64::exp, 2.0),
        ("exp_m1", functions::exp_m1, f64::exp_m1, 2.0),
        ("tanh", functions::tanh, f64::tanh, 3.0),
        ("erf", functions::erf, libm::erf, 2.0),
    ];
    for (name, got, want, bound) in table {
        let (off, at) = worst(got, want, f32::MAX);
        println!("{name}: at most {off:.2} units in the last place, at {at:e}");
        assert!(off <= bound, "{name} is {off} units off at {at:e}");
    }
}

#[test]
fn the_ends_of_the_range_are_exact() {
    let (infinity, nan) = (f32::INFINITY, f32::NAN);
    assert_eq!([0.0, -infinity, infinity].map(functions::exp), [1.0, 0.0, infinity]);
    assert_eq!([0.0, -infinity, infinity].map(functions::exp_m1), [0.0, -1.0, infinity]);
    assert_eq!([0.0, -infinity, infinity].map(functions::tanh), [0.0, -1.0, 1.0]);
    assert_eq!([0.0, -infinity, infinity].map(functions::erf), [0.0, -1.0, 1.0]);
    for function in [functions::exp, functions::exp_m1, functions::tanh, functions::erf] {
        assert!(function(nan).is_nan() && function(-nan).is_nan());
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    // Whatever vectors a loop is cut into, each number is what it is alone.
    fn check(activation: impl Activation + Layer<f32> + Copy + 'static, name: &str) {
        for length in [1, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 257] {
            let model = Model::build(activation, &[length.into()], 7).unwrap();
            let inputs = Array2::from_shape_fn((3, length), |(i, j)| {
                let noise = Noise::new(9).at(name).uniform((i * length + j) as u64);
                (30.0 * (noise - 0.5)) as f32
            });
            let outputs = model.predict(&inputs).unwrap();
            for (&x, &y) in inputs.iter().zip(&outputs) {
                assert_eq!(
                    y.to_bits(),
                    activation.value(x).to_bits(),
                    "{name} at {x}, of {length}"
                );
            }
        }
    }
    check(Sigmoid, "sigmoid");
    check(Tanh, "tanh");
    check(Gelu::Exact, "gelu");
    check(Elu::default(), "elu");
    check(Relu, "relu");
}

#[test]
fn strands_hold_every_number_once() {
    for length in 0..130 {
        let values: Vec<f64> = (1..=length).map(f64::from).collect();
        let sum = downhill::kernel::sum::sum(&values, &values, |a, _| a);
        assert_eq!(sum, f64::from(length * (length + 1) / 2), "of {length}");
        let most = downhill::kernel::sum::largest(&values);
        assert_eq!(most, if length == 0 { f64::NEG_INFINITY } else { f64::from(length) });
    }
}

#[test]
fn a_copy_is_one_at_every_length_and_place() {
    use downhill::kernel::copy::copy;
    // Around whole registers, whole steps, and where other ways to copy begin and end.
    let around = |length: usize| length.saturating_sub(2)..length + 3;
    let lengths = [0, 7, 16, 32, 64, 256, 512, 544, 1040, 4096, 1 << 16, 1 << 17];
    let most = (1 << 17) + 2;
    let source: Vec<f32> = (0..most + 16).map(|i| i as f32).collect();
    let mut target = vec![0.0; most + 16];
    for length in lengths.into_iter().flat_map(around) {
        for (from, to) in (0..9).flat_map(|from| [0, 1, 5, 8].map(|to| (from, to))) {
            target.fill(-1.0);
            copy(&source[from..from + length], &mut target[to..to + length]);
            let (before, rest) = target.split_at(to);
            let (copied, after) = rest.split_at(length);
            assert_eq!(copied, &source[from..from + length], "{length} from {from} to {to}");
            let untouched = before.iter().chain(&after[..8]).all(|&x| x == -1.0);
            assert!(untouched, "{length} from {from} to {to}: beside it");
        }
    }
    let doubles: Vec<f64> = (0..301).map(f64::from).collect();
    let mut copied = vec![0.0; 301];
    copy(&doubles, &mut copied);
    assert_eq!(copied, doubles);
}

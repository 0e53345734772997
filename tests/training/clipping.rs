//! Norms, and what the laws of clipping (`tests/laws/clipping.rs`) do not say: the ends of the range, and lengths that do not fit.

use crate::shapes::parameters;
use downhill::clip::{Clip, Norm, check, first_non_finite, norm, zero_non_finite};
use downhill::kernel::parallel::Parallel::{Off, On};
use downhill::{Scalar, Shape};
use proptest::prelude::*;

/// A number as an unevaluated sum of two, good for more than 100 bits.
#[derive(Clone, Copy, Debug)]
struct Exact(f64, f64);

impl Exact {
    fn of_sum(a: f64, b: f64) -> Self {
        let sum = a + b;
        let part = sum - a;
        Self(sum, (a - (sum - part)) + (b - part))
    }

    fn plus(self, other: Self) -> Self {
        let high = Self::of_sum(self.0, other.0);
        Self::of_sum(high.0, high.1 + self.1 + other.1)
    }

    fn square(x: f64) -> Self {
        Self(x * x, x.mul_add(x, -(x * x)))
    }
}

/// The Euclidean norm divided by a power of two, and that power's exponent: exact far beyond f64.
fn exact_norm<F: Scalar>(values: &[F]) -> (Exact, i32) {
    let most = values.iter().fold(0.0_f64, |most, x| most.max(x.as_f64().abs()));
    let exponent = if most == 0.0 { 0 } else { most.log2().floor() as i32 };
    let squares = values
        .iter()
        .map(|x| Exact::square(times_power(x.as_f64(), -exponent)))
        .fold(Exact(0.0, 0.0), Exact::plus);
    let root = squares.0.sqrt();
    if root == 0.0 {
        return (Exact(0.0, 0.0), 0);
    }
    // One step of Newton's method on the exact remainder.
    let square = Exact::square(root);
    let rest = squares.plus(Exact(-square.0, -square.1));
    (Exact::of_sum(root, (rest.0 + rest.1) / (2.0 * root)), exponent)
}

/// x · 2ⁿ in steps that stay in range as long as the result is.
fn times_power(x: f64, n: i32) -> f64 {
    let half = n / 2;
    x * 2.0_f64.powi(half) * 2.0_f64.powi(n - half)
}

/// How many units in the last place of `F` the value is away from the exact number; below F's normal range the unit is the smallest number.
fn ulps<F: Scalar>(got: f64, (exact, exponent): (Exact, i32)) -> f64 {
    let scaled = times_power(got, -exponent);
    let difference = ((scaled - exact.0) - exact.1).abs();
    let smallest = times_power(F::min_positive_value().as_f64(), -exponent);
    let magnitude = 2.0_f64.powf(exact.0.log2().floor()).max(smallest);
    difference / (magnitude * F::epsilon().as_f64())
}

/// Vectors of any length up to 300, with a common exponent and elements of like and unlike size.
fn gradient64() -> impl Strategy<Value = Vec<f64>> {
    (-1000..1000_i32, 0..60_i32, 1..300_usize).prop_flat_map(|(common, spread, length)| {
        proptest::collection::vec((-1.0..1.0, -spread..=spread), length).prop_map(move |parts| {
            parts
                .into_iter()
                .map(|(x, e)| times_power(x, (common + e).clamp(-1073, 1023)))
                .collect()
        })
    })
}

fn gradient32() -> impl Strategy<Value = Vec<f32>> {
    (-126..120_i32, 0..20_i32, 1..300_usize).prop_flat_map(|(common, spread, length)| {
        proptest::collection::vec((-1.0..1.0, -spread..=spread), length).prop_map(move |parts| {
            parts.into_iter().map(|(x, e)| times_power(x, (common + e).min(127)) as f32).collect()
        })
    })
}

fn clip_global<F: Scalar>(gradient: &mut [F], max: f64) -> f64 {
    let size = norm(gradient, Off);
    Clip::GlobalNorm(max).apply(&[], &[], gradient, size, 1.0, Off).factor
}

/// Clipped to a share of its norm: the norm is right to 4 units in the last place of `F`, and every element keeps its share of the whole.
fn clips_rightly<F: Scalar>(gradient: &[F], share: f64) -> Result<(), TestCaseError> {
    let (before, exponent) = exact_norm(gradient);
    let bound = times_power(before.0 * share, exponent);
    // Near the lower end of the range elements lose digits whoever scales them; that end is checked by example below.
    let lowest = F::min_positive_value().as_f64() / F::epsilon().as_f64();
    prop_assume!(bound > lowest && bound.is_finite() && before.0 > 0.0);
    let mut clipped = gradient.to_vec();
    clip_global(&mut clipped, bound);
    let (after, power) = exact_norm(&clipped);
    let got = times_power(after.0, power);
    let error = ((got - bound) / bound).abs() / (F::epsilon().as_f64() / 2.0);
    prop_assert!(error <= 4.0, "norm {got:e}, bound {bound:e}: {error} units");
    let factor = share;
    for (&old, &new) in gradient.iter().zip(&clipped) {
        let want = old.as_f64() * factor;
        let slack = want.abs() * 4.0 * F::epsilon().as_f64() + F::min_positive_value().as_f64();
        prop_assert!((new.as_f64() - want).abs() <= slack, "{old} became {new}, not {want:e}");
        prop_assert!(new.abs() <= old.abs());
    }
    Ok(())
}

proptest! {
    #[test]
    fn norm_is_right_to_4_ulp_in_f64(values in gradient64()) {
        let got = norm(&values, Off);
        let exact = exact_norm(&values);
        prop_assume!(got.is_finite() && exact.0.0 > 0.0);
        prop_assert!(ulps::<f64>(got, exact) <= 4.0, "{got:e}: {} units", ulps::<f64>(got, exact));
    }

    #[test]
    fn norm_is_right_to_4_ulp_in_f32(values in gradient32()) {
        let exact = exact_norm(&values);
        prop_assume!(exact.0.0 > 0.0);
        // Even in the units of f64.
        prop_assert!(ulps::<f64>(norm(&values, Off), exact) <= 4.0);
    }

    #[test]
    fn clipped_norm_is_right_in_f64(values in gradient64(), share in 1e-6..0.999) {
        clips_rightly(&values, share)?;
    }

    #[test]
    fn norm_scales_with_its_vector(values in gradient64(), power in -500..500_i32) {
        let scaled: Vec<f64> = values.iter().map(|&x| times_power(x, power)).collect();
        // A power of two changes no digit, unless digits leave the range.
        prop_assume!(scaled.iter().zip(&values).all(|(&s, &x)| s.is_finite() && times_power(s, -power) == x));
        let (a, b) = (times_power(norm(&values, Off), power), norm(&scaled, Off));
        prop_assume!(a.is_normal() && b.is_normal());
        prop_assert!((a / b - 1.0).abs() <= 8.0 * f64::EPSILON, "{a:e} {b:e}");
    }

}

fn every_kind(bound: f64) -> [Clip; 7] {
    [
        Clip::Value(bound),
        Clip::GlobalNorm(bound),
        Clip::TensorNorm(bound),
        Clip::Adaptive { factor: bound, epsilon: 1e-3 },
        Clip::GlobalNormOf { max: bound, norm: Norm::L1 },
        Clip::GlobalNormOf { max: bound, norm: Norm::Max },
        Clip::GlobalNormOf { max: bound, norm: Norm::P(3.0) },
    ]
}

#[test]
fn huge_and_tiny_gradients_meet_their_bound() {
    let mut huge = [1e20_f32; 4];
    clip_global(&mut huge, 1.0);
    assert_eq!(huge, [0.5; 4]);

    // Both the gradients and the result are below f32's normal range.
    let mut tiny = [1e-38_f32; 4];
    clip_global(&mut tiny, 1e-40);
    assert!(tiny.iter().all(|&g| (f64::from(g) - 0.5e-40).abs() <= 1.5e-45), "{tiny:?}");

    // The factor is below f32's normal range; the result is not.
    let mut far = [3e38_f32, 0.0, -4e37];
    let size = norm(&far, Off);
    clip_global(&mut far, 1e-37);
    assert!((norm(&far, Off) / 1e-37 - 1.0).abs() < 2.0 * f64::from(f32::EPSILON));
    assert!((f64::from(far[0]) / f64::from(3e38_f32) * size / 1e-37 - 1.0).abs() < 1e-6);

    // The norm of these is beyond f64, the factor below it.
    for bound in [1e-300, 1.0, 1e300, 1.7e308] {
        let mut beyond = [1.7e308; 4];
        assert_eq!(norm(&beyond, Off), f64::INFINITY);
        let factor = clip_global(&mut beyond, bound);
        assert!(beyond.iter().all(|g| (g / (0.5 * bound) - 1.0).abs() < 4.0 * f64::EPSILON));
        assert!(bound < 1.0 || (factor / (bound / 4.0 / 1.7e308 * 2.0) - 1.0).abs() < 1e-12);
    }
    // Small numbers beside huge ones vanish, as they must, and disturb nothing.
    let mut mixed = [1e308, 1e-308, -1e308, 0.0];
    clip_global(&mut mixed, 1.0);
    assert!((mixed[0] - 0.5_f64.sqrt()).abs() < 1e-15 && mixed[1] == 0.0 && mixed[3] == 0.0);
}

#[test]
fn the_smallest_numbers_have_norms_and_can_be_clipped() {
    let least = 5e-324;
    for (values, expected) in
        [([least; 4], 1e-323), ([3.0 * least, 4.0 * least, 0.0, 0.0], 5.0 * least)]
    {
        assert_eq!(norm(&values, Off), expected);
        for kind in [Norm::L1, Norm::Max, Norm::P(2.0)] {
            assert!(kind.of(&values, Off) >= least, "{kind:?}");
        }
    }
    let mut tiny = [4e-320_f64; 4];
    clip_global(&mut tiny, 4e-320);
    assert!(tiny.iter().all(|g| (g - 2e-320).abs() <= 2.0 * least), "{tiny:?}");
}

#[test]
fn every_kind_works_at_every_magnitude() {
    let parameters = parameters([Shape::from([2, 2]), Shape::from([3])]);
    for magnitude in [1e-300, 1e-160, 1e-38, 1.0, 1e38, 1e160, 1e300, 1e308] {
        let values = [1.0, -1.5, 0.5, 0.0, 0.25, -1.0, 0.75].map(|x: f64| x * magnitude);
        for clip in every_kind(0.1) {
            let mut clipped = values;
            let weights = [magnitude; 7];
            let size = norm(&values, Off);
            let report = clip.apply(&parameters, &weights, &mut clipped, size, 1.0, Off);
            assert!(clipped.iter().all(|g| g.is_finite()), "{clip:?} {magnitude:e}");
            assert!((0.0..=1.0).contains(&report.factor), "{clip:?} {magnitude:e} {report:?}");
            if let Clip::GlobalNormOf { norm, .. } = clip
                && magnitude > 1.0
            {
                assert!((norm.of(&clipped, Off) - 0.1).abs() < 1e-15, "{clip:?} {magnitude:e}");
            }
        }
    }
}

#[test]
fn a_norm_at_the_bound_changes_nothing() {
    let mut gradient = [3.0_f32, 4.0];
    assert_eq!(clip_global(&mut gradient, 5.0), 1.0);
    assert_eq!(gradient, [3.0, 4.0]);
}

#[test]
fn norms_of_long_vectors_are_right_and_the_same_on_any_number_of_threads() {
    // Around the sizes at which the work is cut.
    for length in [0, 1, 63, 64, 65, 1000, 1 << 16, (1 << 16) + 1, 200_003, 1 << 18] {
        let values: Vec<f64> =
            (0..length).map(|i| (f64::from(i * 13 % 7919) * 0.37).sin()).collect();
        let short: Vec<f32> = values.iter().map(|&x| x as f32).collect();
        for kind in [Norm::L1, Norm::L2, Norm::Max, Norm::P(3.0)] {
            let one = (kind.of(&values, Off), kind.of(&short, Off));
            for threads in [1, 2, 3, 8] {
                let many = in_pool(threads, || (kind.of(&values, On), kind.of(&short, On)));
                assert_eq!(bits(one), bits(many), "{kind:?}, {length} values, {threads} threads");
            }
        }
        if length > 0 {
            assert!(ulps::<f64>(norm(&values, Off), exact_norm(&values)) <= 4.0, "{length}");
            assert!(ulps::<f64>(norm(&short, Off), exact_norm(&short)) <= 4.0, "{length}");
        }
    }
    assert_eq!(norm::<f32>(&[], Off), 0.0);
}

#[test]
fn rounding_does_not_add_up_in_long_vectors() {
    // Equal terms are rounded in the same direction again and again, the worst case of a sum.
    for i in 1..40 {
        let values = vec![0.1 + 0.017 * f64::from(i); 300_000];
        let error = ulps::<f64>(norm(&values, Off), exact_norm(&values));
        assert!(error <= 4.0, "{} is {error} units off", values[0]);
    }
}

fn bits((a, b): (f64, f64)) -> (u64, u64) {
    (a.to_bits(), b.to_bits())
}

#[cfg(feature = "threads")]
fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[cfg(not(feature = "threads"))]
fn in_pool<T>(_: usize, work: impl FnOnce() -> T) -> T {
    work()
}

#[test]
fn what_is_not_finite_is_found() {
    let parameters = parameters([Shape::from([20, 30]), Shape::from([7])]);
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for place in [0, 255, 256, 599, 600, 606] {
            let mut gradient: Vec<f32> = (0..607).map(|i| (i as f32).sin()).collect();
            gradient[place] = bad;
            assert_eq!(first_non_finite(&gradient), Some(place));
            let (parameter, index, value) = check(&parameters, &gradient).unwrap();
            assert_eq!(parameters[parameter].range().start + index, place);
            assert_eq!(value.to_bits(), f64::from(bad).to_bits());

            for kind in [Norm::L1, Norm::L2, Norm::Max, Norm::P(3.0)] {
                let size = kind.of(&gradient, Off);
                assert!(if bad.is_nan() { size.is_nan() } else { size == f64::INFINITY });
            }
            assert_eq!(zero_non_finite(&mut gradient), 1);
            assert_eq!(gradient[place], 0.0);
            assert_eq!(check(&parameters, &gradient), None);
        }
    }
    assert!(norm(&[f64::NAN, f64::INFINITY], Off).is_nan());
    assert_eq!(first_non_finite(&[f64::MAX, f64::MIN_POSITIVE, -0.0]), None);
}

#[test]
fn lengths_that_do_not_fit_change_nothing_and_say_so() {
    let parameters = parameters([[2, 2]]);
    for clip in [Clip::TensorNorm(1.0), Clip::Adaptive { factor: 0.1, epsilon: 1e-3 }] {
        let mut gradient = [3.0; 3];
        let report = clip.apply(&parameters, &[1.0; 4], &mut gradient, 6.0, 1.0, Off);
        assert!(report.factor.is_nan() && gradient == [3.0; 3], "{clip:?}");
    }
    // No parameters, no gradient.
    for clip in every_kind(1.0) {
        assert_eq!(clip.apply::<f32>(&[], &[], &mut [], 0.0, 1.0, Off).factor, 1.0);
    }
}

#[test]
fn weights_that_are_not_finite_leave_their_unit_alone() {
    let parameters = parameters([[2, 1]]);
    let mut gradient = [3.0, 4.0];
    let clip = Clip::Adaptive { factor: 1.0, epsilon: 1e-3 };
    clip.apply(&parameters, &[f64::NAN, 1.0], &mut gradient, 5.0, 1.0, Off);
    assert_eq!(gradient, [3.0, 1.0]);
}

#[test]
fn the_factor_is_the_bound_over_the_norm() {
    // Not the norm of what came out over the norm of what went in, which rounding would make another number.
    let mut gradient = [0.1_f32, 0.2, 0.3, 0.7];
    let size = norm(&gradient, Off);
    let factor = Clip::GlobalNorm(0.3).apply(&[], &[], &mut gradient, size, 1.0, Off).factor;
    assert_eq!(factor, 0.3 / size);
}

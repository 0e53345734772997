//! The laws of initialisers.

use downhill::layer::{Chain, Dense};
use downhill::params::init::{
    Constant, Dirac, Eye, FanInUniform, Glorot, He, Init, LeCun, Normal, Orthogonal, Start,
    TruncatedNormal, Uniform, VarianceScaling,
};
use downhill::random::Noise;
use downhill::{Error, Model};
use proptest::prelude::*;

fn draw(rule: &dyn Init, shape: &[usize], fans: (usize, usize), noise: Noise) -> Vec<f64> {
    rule.validate().unwrap();
    let mut values = vec![f64::NAN; shape.iter().product()];
    rule.fill(Start::new(&shape.into(), fans, noise, &mut values));
    values
}

/// Mean and variance within `z` standard errors of what is promised, for a distribution of this kurtosis.
fn check_moments(values: &[f64], mean: f64, std: f64, kurtosis: f64) -> Result<(), TestCaseError> {
    // 2,000 comparisons in a run: a deviation this large comes once in a million runs.
    let z = 6.5;
    let n = values.len() as f64;
    let got = values.iter().map(|x| (x - mean) / std).sum::<f64>() / n;
    prop_assert!(got.abs() < z / n.sqrt(), "mean off by {got} standard deviations");
    let got = values.iter().map(|x| ((x - mean) / std).powi(2)).sum::<f64>() / n;
    prop_assert!(
        (got - 1.0).abs() < z * ((kurtosis - 1.0) / n).sqrt(),
        "variance is {got} times too large"
    );
    Ok(())
}

/// Mean, standard deviation and kurtosis of a normal number cut to [alpha, beta], by Simpson's rule.
fn cut_normal(alpha: f64, beta: f64) -> (f64, f64, f64) {
    let steps = 20_000;
    let h = (beta - alpha) / f64::from(steps);
    // Relative to the density at the nearest point to 0, so that far intervals do not underflow.
    let nearest = 0.0_f64.clamp(alpha, beta);
    let integral = |f: &dyn Fn(f64) -> f64| -> f64 {
        (0..=steps)
            .map(|i| {
                let z = alpha + h * f64::from(i);
                let weight = if i == 0 || i == steps { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
                weight * f(z) * (0.5 * (nearest * nearest - z * z)).exp()
            })
            .sum()
    };
    let mass = integral(&|_| 1.0);
    let mean = integral(&|z| z) / mass;
    let central = |power| integral(&|z| (z - mean).powi(power)) / mass;
    let variance = central(2);
    (mean, variance.sqrt(), central(4) / (variance * variance))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn variance_scaling_has_the_promised_moments_for_any_fans(
        fan_in in 1_usize..5000, fan_out in 1_usize..5000, gain in 0.01..10.0, seed: u64,
    ) {
        let fans = (fan_in, fan_out);
        let (a, b) = (fan_in as f64, fan_out as f64);
        let rules: [(VarianceScaling, f64, f64); 8] = [
            (Glorot::uniform().gain(gain), gain * (2.0 / (a + b)).sqrt(), 1.8),
            (Glorot::normal().gain(gain), gain * (2.0 / (a + b)).sqrt(), 3.0),
            (He::uniform(), (2.0 / a).sqrt(), 1.8),
            (He::normal().fan_out(), (2.0 / b).sqrt(), 3.0),
            (He::normal().negative_slope(gain), (2.0 / (1.0 + gain * gain) / a).sqrt(), 3.0),
            (LeCun::uniform(), (1.0 / a).sqrt(), 1.8),
            (LeCun::normal().gain(gain), gain * (1.0 / a).sqrt(), 3.0),
            (LeCun::normal().truncated(), (1.0 / a).sqrt(), 2.4),
        ];
        for (rule, std, kurtosis) in rules {
            prop_assert!((rule.std(fan_in, fan_out) / std - 1.0).abs() < 1e-12);
            check_moments(&draw(&rule, &[100, 40], fans, Noise::new(seed)), 0.0, std, kurtosis)?;
        }
        let values = draw(&FanInUniform, &[4000], fans, Noise::new(seed));
        let bound = 1.0 / a.sqrt();
        prop_assert!(values.iter().all(|x| x.abs() <= bound * (1.0 + 1e-15)));
        check_moments(&values, 0.0, bound / 3.0_f64.sqrt(), 1.8)?;
    }

    #[test]
    fn uniform_fills_its_interval(low in -1e3..1e3, width in 1e-3..1e3, seed: u64) {
        let rule = Uniform { low, high: low + width };
        let values = draw(&rule, &[4000], (1, 1), Noise::new(seed));
        prop_assert!(values.iter().all(|x| (rule.low..=rule.high).contains(x)));
        let width = rule.high - rule.low;
        check_moments(&values, low + 0.5 * width, width / 12.0_f64.sqrt(), 1.8)?;
    }

    #[test]
    fn normal_has_its_moments(mean in -1e3..1e3, std in 1e-3..1e3, seed: u64) {
        let values = draw(&Normal { mean, std }, &[4000], (1, 1), Noise::new(seed));
        check_moments(&values, mean, std, 3.0)?;
    }

    #[test]
    fn truncated_normal_is_a_normal_within_its_bounds(
        mean in -10.0..10.0, std in 0.01..10.0, alpha in -36.0..36.0, width in 0.01..20.0, seed: u64,
    ) {
        let rule = TruncatedNormal {
            mean, std, low: mean + alpha * std, high: mean + (alpha + width) * std,
        };
        let values = draw(&rule, &[4000], (1, 1), Noise::new(seed));
        prop_assert!(values.iter().all(|x| (rule.low..=rule.high).contains(x)));
        // The mass lies near the point of the interval that is nearest to the mean; far behind it there is none.
        let (low, high) = (alpha, alpha + width);
        let near = 0.0_f64.clamp(low, high);
        let reach = 40.0 / (1.0 + near.abs()) + if near == 0.0 { 10.0 } else { 0.0 };
        let (center, spread, kurtosis) = cut_normal(low.max(near - reach), high.min(near + reach));
        check_moments(&values, mean + center * std, spread * std, kurtosis)?;
    }

    #[test]
    fn orthogonal_has_the_promised_gram_matrix(
        rows in 1_usize..40, columns in 1_usize..20, places in 1_usize..4, gain in 0.0..3.0, seed: u64,
    ) {
        let values = draw(&Orthogonal { gain }, &[rows, columns, places], (1, 1), Noise::new(seed));
        let weight = ndarray::Array2::from_shape_vec((rows, columns * places), values).unwrap();
        let gram = if rows <= columns * places {
            weight.dot(&weight.t())
        } else {
            weight.t().dot(&weight)
        };
        for ((i, j), got) in gram.indexed_iter() {
            let want = if i == j { gain * gain } else { 0.0 };
            prop_assert!((got - want).abs() < 1e-12, "gram[{}, {}] = {}, not {}", i, j, got, want);
        }
    }

    #[test]
    fn a_value_depends_on_the_seed_the_path_and_its_index_alone(seed: u64, longer in 1_usize..50) {
        let rules: [&dyn Init; 6] = [
            &Uniform::default(), &Normal::default(), &TruncatedNormal::default(), &He::normal(),
            &Glorot::uniform().truncated(), &FanInUniform,
        ];
        let noise = Noise::new(seed).at("0.dense.weight");
        for rule in rules {
            let short = draw(rule, &[20], (7, 3), noise);
            let long = draw(rule, &[20 + longer], (7, 3), noise);
            prop_assert_eq!(&short[..], &long[..20], "{:?}", rule);
            let other = draw(rule, &[20], (7, 3), Noise::new(seed).at("1.dense.weight"));
            prop_assert!(short.iter().zip(&other).all(|(a, b)| a != b), "{:?}", rule);
        }
    }
}

/// All directions are equally likely: every entry of an orthogonal n × n matrix has mean 0 and variance 1/n, the diagonal included.
#[test]
fn orthogonal_prefers_no_direction() {
    let (n, runs) = (4, 4000);
    let (mut sums, mut squares) = (vec![0.0; n * n], vec![0.0; n * n]);
    for seed in 0..runs {
        let values = draw(&Orthogonal::default(), &[n, n], (1, 1), Noise::new(seed));
        for (i, value) in values.iter().enumerate() {
            sums[i] += value;
            squares[i] += value * value;
        }
    }
    let runs = runs as f64;
    for i in 0..n * n {
        assert!(
            (sums[i] / runs).abs() < 6.0 * 0.5 / runs.sqrt(),
            "mean of {i}: {}",
            sums[i] / runs
        );
        assert!((squares[i] / runs - 0.25).abs() < 6.0 * 0.25 / runs.sqrt(), "square of {i}");
    }
}

#[test]
fn a_model_starts_the_same_from_the_same_seed_and_unlike_from_another() {
    let build = |seed| {
        let layer = |rule: VarianceScaling| Dense::new(6).weight_init(rule);
        let chain = Chain::new().then(layer(He::normal())).then(layer(Glorot::uniform()));
        Model::<f32>::build(chain, &[6.into()], seed).unwrap()
    };
    let (one, same, other) = (build(1), build(1), build(2));
    assert_eq!(one.values(), same.values());
    assert_ne!(one.values(), other.values());
    let mut again = build(2);
    again.initialize(1);
    assert_eq!(one.values(), again.values());
}

#[test]
fn layers_with_the_same_rule_start_unlike() {
    let chain = Chain::new()
        .then(Dense::new(6).weight_init(Orthogonal::default()))
        .then(Dense::new(6).weight_init(Orthogonal::default()));
    let model: Model<f64> = Model::build(chain, &[6.into()], 1).unwrap();
    assert_ne!(model.get("0.dense.weight").unwrap(), model.get("1.dense.weight").unwrap());
}

#[test]
fn simple_rules_write_every_value() {
    let noise = Noise::new(0);
    assert_eq!(draw(&Constant(0.3), &[2, 2], (1, 1), noise), [0.3; 4]);
    assert_eq!(draw(&Eye, &[3, 2], (1, 1), noise), [1., 0., 0., 1., 0., 0.]);
    assert_eq!(draw(&Eye, &[3], (1, 1), noise), [1., 0., 0.]);
    // More outputs than inputs, an even number of places, no places, and no matrix at all.
    assert_eq!(draw(&Dirac::default(), &[3, 1, 2], (1, 1), noise), [0., 1., 0., 0., 0., 0.]);
    assert_eq!(draw(&Dirac::default(), &[2, 2], (1, 1), noise), [1., 0., 0., 1.]);
    assert_eq!(draw(&Dirac::default(), &[2], (1, 1), noise), [0., 0.]);
    assert_eq!(draw(&Dirac { groups: 9 }, &[2, 1], (1, 1), noise), [1., 1.]);
    assert_eq!(draw(&He::uniform().gain(0.0), &[2], (1, 1), noise), [0., 0.]);
    assert_eq!(draw(&Orthogonal { gain: 2.0 }, &[1, 1], (1, 1), noise)[0].abs(), 2.0);
}

#[test]
fn fans_may_be_as_large_as_the_machine_can_count() {
    let fans = (usize::MAX, usize::MAX);
    for rule in [Glorot::uniform(), He::normal().fan_out(), LeCun::normal().truncated()] {
        let values = draw(&rule, &[100], fans, Noise::new(1));
        assert!(values.iter().all(|x| x.is_finite() && x.abs() < 1e-8));
    }
    assert!(Glorot::uniform().std(0, 0).is_finite());
}

#[test]
fn settings_outside_their_range_are_refused_by_name() {
    let cut = TruncatedNormal::default();
    let cases: [(Box<dyn Init>, &str); 20] = [
        (Box::new(Constant(f64::NAN)), "Constant = NaN"),
        (Box::new(Constant(f64::INFINITY)), "Constant = inf"),
        (Box::new(Uniform { low: f64::NAN, high: 1.0 }), "Uniform::low = NaN"),
        (Box::new(Uniform { low: 0.0, high: f64::NAN }), "Uniform::high = NaN"),
        (Box::new(Uniform { low: 1.0, high: 1.0 }), "Uniform::high = 1"),
        (Box::new(Uniform { low: 2.0, high: 1.0 }), "Uniform::high = 1"),
        (Box::new(Uniform { low: -1.7e308, high: 1.7e308 }), "Uniform::high - low = inf"),
        (Box::new(Normal { mean: f64::NAN, std: 1.0 }), "Normal::mean = NaN"),
        (Box::new(Normal { mean: 0.0, std: -1.0 }), "Normal::std = -1"),
        (Box::new(Normal { mean: 0.0, std: f64::NAN }), "Normal::std = NaN"),
        (Box::new(TruncatedNormal { mean: f64::NAN, ..cut }), "TruncatedNormal::mean = NaN"),
        (Box::new(TruncatedNormal { std: 0.0, ..cut }), "TruncatedNormal::std = 0"),
        (Box::new(TruncatedNormal { low: 3.0, ..cut }), "TruncatedNormal::high = 2"),
        (Box::new(TruncatedNormal { high: f64::INFINITY, ..cut }), "TruncatedNormal::high = inf"),
        (Box::new(TruncatedNormal { mean: 40.0, ..cut }), "TruncatedNormal::high = 2"),
        (Box::new(TruncatedNormal { mean: -40.0, ..cut }), "TruncatedNormal::low = -2"),
        (Box::new(He::normal().gain(f64::NAN)), "VarianceScaling::gain = NaN"),
        (Box::new(Glorot::uniform().gain(-1.0)), "VarianceScaling::gain = -1"),
        (Box::new(Orthogonal { gain: f64::NAN }), "Orthogonal::gain = NaN"),
        (Box::new(Dirac { groups: 0 }), "Dirac::groups = 0"),
    ];
    for (rule, expected) in cases {
        let error = rule.validate().unwrap_err();
        assert!(matches!(error, Error::Argument { .. }), "{rule:?}: {error:?}");
        assert!(error.to_string().starts_with(&format!("{expected} is not allowed")), "{error}");
    }
}

#[test]
fn a_model_refuses_a_wrong_setting() {
    let layer = Dense::new(2).weight_init(Normal { mean: 0.0, std: -1.0 });
    let error = Model::<f32>::build(layer, &[2.into()], 0).unwrap_err();
    assert!(error.to_string().starts_with("Normal::std = -1 is not allowed"), "{error}");
}

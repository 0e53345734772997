//! What the laws of initialisers (`tests/laws/inits.rs`) do not say: normal numbers cut anywhere, orthogonality, examples worked out by hand, and how a model starts.

use downhill::Model;
use downhill::layer::{Chain, Dense};
use downhill::params::init::{
    Constant, Dirac, Eye, Glorot, He, Init, LeCun, Normal, Orthogonal, Start, TruncatedNormal,
    VarianceScaling,
};
use downhill::random::Noise;
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
fn a_model_refuses_a_wrong_setting() {
    let layer = Dense::new(2).weight_init(Normal { mean: 0.0, std: -1.0 });
    let error = Model::<f32>::build(layer, &[2.into()], 0).unwrap_err();
    assert!(error.to_string().starts_with("Normal::std = -1 is not allowed"), "{error}");
}

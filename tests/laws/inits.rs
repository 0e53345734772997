//! The laws of initialisers, for all rules of the crate.

use downhill::check::init::{InitUnderTest, report_on};
use downhill::check::{Cases, init};
use downhill::params::init::*;
use proptest::prelude::*;

fn new(rule: impl Init + 'static) -> InitUnderTest {
    InitUnderTest::new(rule)
}

/// A rule of mean 0 with this standard deviation, whose gain is a setting.
fn scaling(
    rule: VarianceScaling,
    std: impl Fn(usize, usize) -> f64 + Send + Sync + 'static,
) -> InitUnderTest {
    let subject = new(rule).mean(0.0).std(std).scales(move |gain| rule.gain(gain));
    [f64::NAN, f64::INFINITY, -1.0]
        .into_iter()
        .fold(subject, |subject, bad| subject.refuses(rule.gain(bad), "VarianceScaling::gain"))
}

fn root(x: f64) -> f64 {
    x.sqrt()
}

init!(zeros, new(Constant(0.0)).fixed().bounds(|_, _| (0.0, 0.0)));
init!(constant, {
    let subject = new(Constant(0.3)).fixed().bounds(|_, _| (0.3, 0.3)).scales(Constant);
    subject.refuses(Constant(f64::NAN), "Constant").refuses(Constant(f64::INFINITY), "Constant")
});
init!(identity, new(Eye).fixed().bounds(|_, _| (0.0, 1.0)));
init!(dirac, {
    let subject = new(Dirac { groups: 2 }).fixed().bounds(|_, _| (0.0, 1.0));
    subject.refuses(Dirac { groups: 0 }, "Dirac::groups")
});
init!(uniform, {
    let rule = |low, high| Uniform { low, high };
    new(rule(-0.5, 1.5))
        .bounds(|_, _| (-0.5, 1.5))
        .mean(0.5)
        .std(|_, _| 2.0 / root(12.0))
        .kurtosis(1.8)
        .scales(move |gain| rule(-gain, gain))
        .refuses(rule(f64::NAN, 1.0), "Uniform::low")
        .refuses(rule(0.0, f64::NAN), "Uniform::high")
        .refuses(rule(1.0, 1.0), "Uniform::high")
        .refuses(rule(2.0, 1.0), "Uniform::high")
        .refuses(rule(-1.7e308, 1.7e308), "Uniform::high - low")
});
init!(normal, {
    let rule = |mean, std| Normal { mean, std };
    new(rule(2.0, 0.5))
        .mean(2.0)
        .std(|_, _| 0.5)
        .scales(move |gain| rule(0.0, gain))
        .refuses(rule(f64::NAN, 1.0), "Normal::mean")
        .refuses(rule(0.0, -1.0), "Normal::std")
        .refuses(rule(0.0, f64::NAN), "Normal::std")
});
init!(truncated_normal, {
    let cut = TruncatedNormal::default();
    new(cut)
        .bounds(|_, _| (-2.0, 2.0))
        .mean(0.0)
        .std(|_, _| 0.879_625_661_034_239_8)
        .kurtosis(2.4)
        .refuses(TruncatedNormal { mean: f64::NAN, ..cut }, "TruncatedNormal::mean")
        .refuses(TruncatedNormal { std: 0.0, ..cut }, "TruncatedNormal::std")
        .refuses(TruncatedNormal { low: 3.0, ..cut }, "TruncatedNormal::high")
        .refuses(TruncatedNormal { high: f64::INFINITY, ..cut }, "TruncatedNormal::high")
        .refuses(TruncatedNormal { mean: 40.0, ..cut }, "TruncatedNormal::high")
        .refuses(TruncatedNormal { mean: -40.0, ..cut }, "TruncatedNormal::low")
});
init!(glorot_uniform, {
    let std = |a, b| root(2.0 / (a + b) as f64);
    scaling(Glorot::uniform(), std).kurtosis(1.8).bounds(|a, b| {
        let most = root(6.0 / (a + b) as f64);
        (-most, most)
    })
});
init!(glorot_normal, scaling(Glorot::normal(), |a, b| root(2.0 / (a + b) as f64)));
init!(he_uniform, {
    scaling(He::uniform(), |a, _| root(2.0 / a as f64)).kurtosis(1.8).bounds(|a, _| {
        let most = root(6.0 / a as f64);
        (-most, most)
    })
});
init!(he_normal, scaling(He::normal(), |a, _| root(2.0 / a as f64)));
init!(he_normal_by_fan_out, scaling(He::normal().fan_out(), |_, b| root(2.0 / b as f64)));
init!(he_leaky, scaling(He::normal().negative_slope(0.2), |a, _| root(2.0 / 1.04 / a as f64)));
init!(lecun_uniform, scaling(LeCun::uniform(), |a, _| root(1.0 / a as f64)).kurtosis(1.8));
init!(lecun_normal, scaling(LeCun::normal(), |a, _| root(1.0 / a as f64)));
init!(lecun_truncated, {
    let rule = LeCun::normal().truncated();
    scaling(rule, |a, _| root(1.0 / a as f64)).kurtosis(2.4).bounds(|a, _| {
        let most = 2.0 / 0.879_625_661_034_239_8 / root(a as f64);
        (-most, most)
    })
});
init!(gain_of_zero, new(He::uniform().gain(0.0)).fixed().bounds(|_, _| (0.0, 0.0)));
init!(fan_in_uniform, {
    new(FanInUniform).mean(0.0).std(|a, _| root(1.0 / 3.0 / a as f64)).kurtosis(1.8).bounds(
        |a, _| {
            let most = root(1.0 / a as f64);
            (-most, most)
        },
    )
});
init!(orthogonal, {
    let rule = |gain| Orthogonal { gain };
    let subject = new(rule(1.0)).whole().bounds(|_, _| (-1.0, 1.0)).scales(rule);
    subject.refuses(rule(f64::NAN), "Orthogonal::gain").refuses(rule(-1.0), "Orthogonal::gain")
});

/// The subjects above have one setting each; the laws hold for any.
fn any_settings(subject: InitUnderTest) -> Result<(), TestCaseError> {
    let report = report_on(subject, &Cases::fixed(2));
    prop_assert!(report.broken().is_empty(), "{:?}", report.failures().collect::<Vec<_>>());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_uniform(low in -1e3..1e3, width in 1e-3..1e3) {
        let (rule, width) = (Uniform { low, high: low + width }, (low + width) - low);
        let subject = new(rule).bounds(move |_, _| (rule.low, rule.high)).kurtosis(1.8);
        any_settings(subject.mean(low + 0.5 * width).std(move |_, _| width / root(12.0)))?;
    }

    #[test]
    fn any_normal(mean in -1e3..1e3, std in 1e-3..1e3) {
        any_settings(new(Normal { mean, std }).mean(mean).std(move |_, _| std))?;
    }

    #[test]
    fn any_scaling(gain in 0.01..10.0) {
        let rule = Glorot::uniform().gain(gain);
        any_settings(new(rule).mean(0.0).std(move |a, b| gain * root(2.0 / (a + b) as f64)))?;
        let rule = LeCun::normal().gain(gain).truncated();
        any_settings(new(rule).mean(0.0).std(move |a, _| gain * root(1.0 / a as f64)))?;
        let rule = He::normal().negative_slope(gain);
        any_settings(new(rule).mean(0.0).std(move |a, _| root(2.0 / (1.0 + gain * gain) / a as f64)))?;
    }
}

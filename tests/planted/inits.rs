//! Broken initialisers, and the laws that catch them.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::support::{Planted, healthy, table};
use downhill::Error;
use downhill::check::init::{InitUnderTest, LAWS};
use downhill::error::require;
use downhill::params::init::*;
use downhill::random::Noise;

/// A rule that is given by a function.
struct Rule<W>(W);

impl<W> fmt::Debug for Rule<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rule")
    }
}

impl<W: Fn(Start<'_>) + Send + Sync> Init for Rule<W> {
    fn fill(&self, tensor: Start<'_>) {
        (self.0)(tensor);
    }
}

/// A rule that computes value `i` of the tensor.
fn each(
    value: impl Fn(&Start<'_>, u64) -> f64 + Send + Sync + 'static,
) -> Rule<impl Fn(Start<'_>) + Send + Sync + 'static> {
    Rule(move |tensor: Start<'_>| {
        for i in 0..tensor.values.len() {
            tensor.values[i] = value(&tensor, i as u64);
        }
    })
}

/// Normal numbers of this standard deviation.
fn normal(
    std: impl Fn(f64, f64) -> f64 + Send + Sync + 'static,
) -> Rule<impl Fn(Start<'_>) + Send + Sync + 'static> {
    each(move |tensor, i| std(tensor.fan_in as f64, tensor.fan_out as f64) * tensor.noise.normal(i))
}

/// Numbers evenly spread up to this bound.
fn even(
    bound: impl Fn(f64, f64) -> f64 + Send + Sync + 'static,
) -> Rule<impl Fn(Start<'_>) + Send + Sync + 'static> {
    each(move |tensor, i| {
        bound(tensor.fan_in as f64, tensor.fan_out as f64) * (2.0 * tensor.noise.uniform(i) - 1.0)
    })
}

/// A normal distribution whose check is broken.
#[derive(Debug)]
struct Checked {
    std: f64,
    validate: fn(f64) -> Result<(), Error>,
}

impl Init for Checked {
    fn fill(&self, tensor: Start<'_>) {
        Normal { mean: 0.0, std: self.std }.fill(tensor);
    }

    fn validate(&self) -> Result<(), Error> {
        (self.validate)(self.std)
    }
}

type Bug = Planted<InitUnderTest>;

fn bug(law: &'static str, bug: &str, subject: impl Into<InitUnderTest>) -> Bug {
    Planted { law, bug: bug.to_owned(), subject: subject.into() }
}

fn new(rule: impl Init + 'static) -> InitUnderTest {
    InitUnderTest::new(rule)
}

/// Said to be He's rule.
fn he(rule: impl Init + 'static) -> InitUnderTest {
    new(rule).mean(0.0).std(|fan_in, _| (2.0 / fan_in as f64).sqrt())
}

/// A rule with a counter of calls.
fn counted(
    value: impl Fn(&Start<'_>, u64, u64) -> f64 + Send + Sync + 'static,
) -> impl Init + 'static {
    let calls = AtomicU64::new(0);
    Rule(move |tensor: Start<'_>| {
        let call = calls.fetch_add(1, Relaxed);
        for i in 0..tensor.values.len() {
            tensor.values[i] = value(&tensor, i as u64, call);
        }
    })
}

fn own_generator() -> impl Init + 'static {
    let state = AtomicU64::new(1);
    each(move |_, _| {
        let next = |x: u64| x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        next(state.fetch_update(Relaxed, Relaxed, |x| Some(next(x))).unwrap_or(0)) as f64 / 2e19
    })
}

fn not_a_function_of_the_noise() -> Vec<Bug> {
    const SAME: &str = "same_noise_same_bits";
    const OTHER: &str = "other_noise_other_values";
    const INDEX: &str = "a_value_depends_on_its_index_alone";
    let remembered = AtomicU64::new(0);
    vec![
        bug(SAME, "a generator of its own", own_generator()),
        bug(
            SAME,
            "another stream at each call",
            counted(|t, i, call| t.noise.step(call).normal(i)),
        ),
        bug(
            SAME,
            "smaller at the second call",
            counted(|t, i, call| t.noise.normal(i) / (1.0 + call as f64)),
        ),
        bug(OTHER, "a seed of its own", each(|_, i| Noise::new(42).normal(i))),
        bug(
            OTHER,
            "a seed from the shape",
            each(|t, i| Noise::new(t.shape.size() as u64).normal(i)),
        ),
        bug(OTHER, "a sine of the index", each(|_, i| (12.9898 * i as f64).sin())),
        bug(INDEX, "counted from the end", each(|t, i| t.noise.normal(t.values.len() as u64 - i))),
        bug(
            INDEX,
            "a stream for each length",
            each(|t, i| t.noise.step(t.values.len() as u64).normal(i)),
        ),
        bug(
            INDEX,
            "centred by the mean of the tensor",
            Rule(|t: Start<'_>| {
                let draws: Vec<f64> =
                    (0..t.values.len() as u64).map(|i| t.noise.normal(i)).collect();
                let mean = draws.iter().sum::<f64>() / draws.len() as f64;
                t.values.iter_mut().zip(draws).for_each(|(value, draw)| *value = draw - mean);
            }),
        ),
        bug(
            INDEX,
            "goes on where the last tensor ended",
            each(move |t, _| t.noise.normal(remembered.fetch_add(1, Relaxed))),
        ),
    ]
}

fn out_of_range() -> Vec<Bug> {
    const WRITTEN: &str = "every_value_is_written";
    const FINITE: &str = "finite_for_any_shape_and_fans";
    const BOUNDS: &str = "stays_within_its_bounds";
    const LAYER: &str = "a_layer_starts_with_its_values";
    let draw = |t: &Start<'_>, i: usize| t.noise.normal(i as u64);
    let most = |fan_in: usize, _| (3.0 / fan_in as f64).sqrt();
    let bounds = move |a, b| (-most(a, b), most(a, b));
    let adds = move || {
        Rule(move |t: Start<'_>| {
            for i in 0..t.values.len() {
                t.values[i] += draw(&t, i);
            }
        })
    };
    vec![
        bug(
            WRITTEN,
            "the remainder of four is left out",
            Rule(move |t: Start<'_>| {
                for i in 0..t.values.len() / 4 * 4 {
                    t.values[i] = draw(&t, i);
                }
            }),
        ),
        bug(WRITTEN, "adds to what is there", adds()),
        bug(
            WRITTEN,
            "every second value is left as it was",
            Rule(move |t: Start<'_>| {
                for i in (0..t.values.len()).step_by(2) {
                    t.values[i] = draw(&t, i);
                }
            }),
        ),
        bug(
            WRITTEN,
            "the last row is left out",
            Rule(move |t: Start<'_>| {
                let rows = t.shape[0];
                for i in 0..t.values.len() / rows * (rows - 1).max(1) {
                    t.values[i] = draw(&t, i);
                }
            }),
        ),
        bug(FINITE, "a fan of 0", normal(|a, _| a.sqrt().recip())),
        bug(
            FINITE,
            "a sum of fans that overflows",
            each(|t, i| {
                let fans = t.fan_in.wrapping_add(t.fan_out).wrapping_add(1);
                t.noise.normal(i) / (fans as f64 - 1.0).sqrt()
            }),
        ),
        bug(
            FINITE,
            "no second axis",
            each(|t, i| t.noise.normal(i) / t.shape.get(1).map_or(0.0, |&axis| axis as f64)),
        ),
        bug(
            FINITE,
            "an axis of length 1",
            each(|t, i| t.noise.normal(i) / (t.shape[0] as f64 - 1.0)),
        ),
        bug(BOUNDS, "not cut", new(normal(|a, _| 1.0 / a.sqrt())).bounds(bounds)),
        bug(BOUNDS, "the bound of fan-out", new(even(|_, b| (3.0 / b).sqrt())).bounds(bounds)),
        bug(
            BOUNDS,
            "the width in the place of the bound",
            new(even(|a, _| 2.0 * (3.0 / a).sqrt())).bounds(bounds),
        ),
        bug(LAYER, "beyond the largest f32", each(|t, i| 1e39 * t.noise.normal(i))),
        bug(
            LAYER,
            "another stream at each call",
            counted(|t, i, call| t.noise.step(call).normal(i)),
        ),
        bug(LAYER, "adds to what is there", adds()),
    ]
}

fn spread_otherwise() -> Vec<Bug> {
    const MEAN: &str = "mean_as_promised";
    const VARIANCE: &str = "variance_as_promised";
    const ALONE: &str = "neighbours_are_uncorrelated";
    const GAIN: &str = "the_gain_multiplies_every_value";
    let gain = |with: fn(f64) -> f64| {
        new(LeCun::normal()).scales(move |gain| normal(move |a, _| with(gain) / a.sqrt()))
    };
    vec![
        bug(
            MEAN,
            "not centred",
            he(each(|t, i| (6.0 / t.fan_in as f64).sqrt() * t.noise.uniform(i))),
        ),
        bug(
            MEAN,
            "a rectified normal",
            he(each(|t, i| (2.0 / t.fan_in as f64).sqrt() * t.noise.normal(i).max(0.0))),
        ),
        bug(
            MEAN,
            "a mean of 0.1 left over",
            he(each(|t, i| 0.1 + (2.0 / t.fan_in as f64).sqrt() * t.noise.normal(i))),
        ),
        bug(VARIANCE, "fan-out for fan-in", he(normal(|_, b| (2.0 / b).sqrt()))),
        bug(
            VARIANCE,
            "a uniform bound that is the standard deviation",
            he(even(|a, _| (2.0 / a).sqrt())),
        ),
        bug(VARIANCE, "the gain forgotten", he(normal(|a, _| (1.0 / a).sqrt()))),
        bug(VARIANCE, "a variance for a standard deviation", he(normal(|a, _| 2.0 / a))),
        bug(
            VARIANCE,
            "cut and not widened",
            he(each(|t, i| (2.0 / t.fan_in as f64).sqrt() * t.noise.normal(i).clamp(-1.0, 1.0))),
        ),
        bug(ALONE, "each number used twice", each(|t, i| t.noise.normal(i / 2))),
        bug(
            ALONE,
            "pairs of opposite sign",
            each(|t, i| [1.0, -1.0][i as usize % 2] * t.noise.normal(i / 2)),
        ),
        bug(
            ALONE,
            "every row the same",
            each(|t, i| t.noise.normal(i % t.shape.last().map_or(1, |&columns| columns as u64))),
        ),
        bug(ALONE, "a sum of neighbours", each(|t, i| t.noise.normal(i) + t.noise.normal(i + 1))),
        bug(GAIN, "forgotten", gain(|_| 1.0)),
        bug(GAIN, "squared", gain(|gain| gain * gain)),
        bug(GAIN, "at most 1", gain(|gain| gain.min(1.0))),
        bug(GAIN, "its root", gain(f64::sqrt)),
    ]
}

fn badly_checked() -> Vec<Bug> {
    const ACCEPTS: &str = "accepts_its_settings";
    const REFUSES: &str = "refuses_bad_settings";
    let good = |validate| Checked { std: 1.0, validate };
    let bad = |std, validate: fn(f64) -> Result<(), Error>| {
        new(Checked { std: 1.0, validate }).refuses(Checked { std, validate }, "std")
    };
    vec![
        bug(ACCEPTS, "1 is refused", good(|std| require::below_one("std", std))),
        bug(
            ACCEPTS,
            "the comparison the wrong way round",
            good(|std| require::that(std < 0.0, "std", std, "0 or more")),
        ),
        bug(ACCEPTS, "always refused", good(|std| Err(Error::argument("std", std, "nothing")))),
        bug(REFUSES, "no check", bad(-1.0, |_| Ok(()))),
        bug(
            REFUSES,
            "a comparison that NaN passes",
            bad(f64::NAN, |std| require::that(std.is_nan() || std >= 0.0, "std", std, "0 or more")),
        ),
        bug(
            REFUSES,
            "the name of another setting",
            bad(-1.0, |std| require::non_negative("mean", std)),
        ),
    ]
}

#[test]
fn every_law_catches_its_bugs() {
    let planted =
        [not_a_function_of_the_noise(), out_of_range(), spread_otherwise(), badly_checked()];
    table(LAWS, &planted.into_iter().flatten().collect::<Vec<_>>());
}

#[test]
fn without_a_bug_no_law_is_broken() {
    let std = |gain: f64| normal(move |a, _| gain * (2.0 / a.max(1.0)).sqrt());
    healthy(LAWS, &he(std(1.0)).scales(std));
    let most = |a: usize| (3.0 / a as f64).sqrt();
    let uniform = new(even(|a, _| (3.0 / a.max(1.0)).sqrt()));
    healthy(LAWS, &uniform.bounds(move |a, _| (-most(a), most(a))));
}

//! Initialisers against the reference data.
//!
//! Nobody else's random numbers are ours, so a case's theory is checked in two ways: a rule must give, number for number, what the plain
//! distribution of the theory's own bounds or spread gives from the same random numbers; and many draws must have its moments.

use std::sync::Arc;

use super::support::{Case, close, count, field, number, run, text};
use downhill::Model;
use downhill::layer::{
    BatchNorm1d, Conv1d, Conv2d, ConvTranspose2d, Dense, Layer, LayerNorm, PRelu,
};
use downhill::params::init::{
    Constant, Dirac, Eye, FanInUniform, Glorot, He, Init, LeCun, Nonlinearity, Normal, Orthogonal,
    Start, TruncatedNormal, Uniform, VarianceScaling,
};
use downhill::random::Noise;
use serde_json::Value;

/// Layers whose start by default is not PyTorch's and is not put together here, and PyTorch's `sparse_`, which is not offered: it serves recurrent nets trained without gates, and a
/// matrix of zeros and normal numbers can be set by hand.
const PENDING: [&str; 6] = [
    "sparse_",
    "default/Embedding",
    "default/RNN",
    "default/LSTM",
    "default/GRU",
    "default/MultiheadAttention",
];

/// A layer that starts by these rules, or by default.
macro_rules! start {
    ($layer:expr, $rules:expr) => {{
        let layer = $layer;
        match $rules {
            Some((weight, bias)) => Arc::new(layer.weight_init(weight).bias_init(bias)),
            None => Arc::new(layer) as Arc<dyn Layer<f64>>,
        }
    }};
}

#[test]
fn initialisers() {
    run("init", &PENDING, |case: &Case| match case.kind.as_str() {
        "calculate_gain" => {
            let gain = nonlinearity(case)?.gain();
            case.close("gain", &[gain], &[number(field(&case.expected, "expected", "gain")?)?])
        }
        "constant_" => values(case, &Constant(case.number("val")?)),
        "eye_" => values(case, &Eye),
        "dirac_" => values(case, &Dirac { groups: case.count("groups").unwrap_or(1) }),
        "uniform_" => theory(case, &Uniform { low: case.number("a")?, high: case.number("b")? }),
        "normal_" => theory(case, &Normal { mean: case.number("mean")?, std: case.number("std")? }),
        "trunc_normal_" => theory(
            case,
            &TruncatedNormal {
                mean: case.number("mean")?,
                std: case.number("std")?,
                low: case.number("a")?,
                high: case.number("b")?,
            },
        ),
        "xavier_uniform_" => scaled(case, Glorot::uniform().gain(case.number("gain")?)),
        "xavier_normal_" => scaled(case, Glorot::normal().gain(case.number("gain")?)),
        "kaiming_uniform_" => scaled(case, kaiming(case, He::uniform())?),
        "kaiming_normal_" => scaled(case, kaiming(case, He::normal())?),
        "orthogonal_" => orthogonal(case),
        "default/Linear" => {
            let units = case.count("out_features")?;
            default(case, &[case.count("in_features")?], |rules| start!(Dense::new(units), rules))
        }
        "default/BatchNorm1d" => constants(case, 6, BatchNorm1d::default(), &NAMES),
        "default/LayerNorm" => constants(case, 6, LayerNorm::default(), &NAMES),
        "default/PReLU" => constants(case, 4, PRelu::default(), &[("weight", "slope")]),
        "default/Conv1d" => {
            let (channels, kernel) = (case.count("out_channels")?, case.count("kernel_size")?);
            default(case, &[case.count("in_channels")?, 9], |rules| {
                start!(Conv1d::new(channels, kernel), rules)
            })
        }
        "default/Conv2d" | "default/ConvTranspose2d" => {
            let (channels, kernel) = (case.count("out_channels")?, case.count("kernel_size")?);
            let (input, groups) = (case.count("in_channels")?, case.count("groups")?);
            default(case, &[input, 9, 9], |rules| match case.kind.as_str() {
                "default/Conv2d" => start!(Conv2d::new(channels, kernel).groups(groups), rules),
                _ => start!(ConvTranspose2d::new(channels, kernel).groups(groups), rules),
            })
        }
        _ => case.unknown(),
    });
}

fn nonlinearity(case: &Case) -> Result<Nonlinearity, String> {
    // 0.01 is PyTorch's slope where none is given; ours is always given.
    let slope = |key| case.number(key).unwrap_or(0.01);
    Ok(match case.text("nonlinearity")?.as_str() {
        "linear" | "conv2d" => Nonlinearity::Linear,
        "sigmoid" => Nonlinearity::Sigmoid,
        "tanh" => Nonlinearity::Tanh,
        "relu" => Nonlinearity::Relu,
        "leaky_relu" => Nonlinearity::LeakyRelu(slope(if case.kind == "calculate_gain" {
            "param"
        } else {
            "a"
        })),
        "selu" => Nonlinearity::Selu,
        other => return Err(format!("nonlinearity `{other}` is not supported")),
    })
}

fn kaiming(case: &Case, rule: VarianceScaling) -> Result<VarianceScaling, String> {
    let rule = rule.gain(nonlinearity(case)?.gain());
    match case.text("mode")?.as_str() {
        "fan_in" => Ok(rule),
        "fan_out" => Ok(rule.fan_out()),
        other => Err(format!("mode `{other}` is not supported")),
    }
}

fn shape(case: &Case) -> Result<Vec<usize>, String> {
    let axes = field(&case.inputs, "inputs", "shape")?.as_array().ok_or("no shape")?;
    axes.iter().map(count).collect()
}

/// The fans of a weight of shape (outputs, inputs, …places), as a layer's plan works them out.
fn fans(shape: &[usize]) -> (usize, usize) {
    let places: usize = shape.iter().skip(2).product();
    (shape[1] * places, shape[0] * places)
}

fn draw(rule: &dyn Init, shape: &[usize], fans: (usize, usize), seed: u64) -> Vec<f64> {
    rule.validate().unwrap();
    let mut values = vec![f64::NAN; shape.iter().product()];
    rule.fill(Start::new(&shape.into(), fans, Noise::new(seed), &mut values));
    values
}

fn values(case: &Case, rule: &dyn Init) -> Result<(), String> {
    let expected = case.expect("values")?;
    case.close("values", &draw(rule, &expected.shape, (1, 1), 1), &expected.data)
}

fn scaled(case: &Case, rule: VarianceScaling) -> Result<(), String> {
    let theory_of = field(&case.expected, "expected", "theory")?;
    let shape = shape(case)?;
    let (fan_in, fan_out) = fans(&shape);
    for (key, fan) in [("fan_in", fan_in), ("fan_out", fan_out)] {
        case.close(key, &[fan as f64], &[number(field(theory_of, "theory", key)?)?])?;
    }
    let std = number(field(theory_of, "theory", "std")?)?;
    case.close("std", &[rule.std(fan_in, fan_out)], &[std])?;
    theory(case, &rule)
}

fn theory(case: &Case, rule: &dyn Init) -> Result<(), String> {
    let shape = shape(case)?;
    let theory = field(&case.expected, "expected", "theory")?;
    let draw = |rule: &dyn Init, seed| draw(rule, &shape, fans(&shape), seed);
    same_numbers(case, theory, &draw(rule, 7), |rule| draw(rule, 7))?;
    let size: usize = shape.iter().product();
    let seeds = 100_000_usize.div_ceil(size) as u64;
    let sample: Vec<f64> = (0..seeds).flat_map(|seed| draw(rule, seed)).collect();
    moments(theory, field(&case.expected, "expected", "sample")?, &sample)
}

/// The rule's numbers are those of the theory's own distribution.
fn same_numbers(
    case: &Case,
    theory: &Value,
    got: &[f64],
    draw: impl Fn(&dyn Init) -> Vec<f64>,
) -> Result<(), String> {
    let of = |key| number(field(theory, "theory", key)?);
    let want = match text(field(theory, "theory", "distribution")?)?.as_str() {
        "uniform" => draw(&Uniform { low: of("low")?, high: of("high")? }),
        "normal" => draw(&Normal { mean: of("mean")?, std: of("std")? }),
        // Its theory gives the spread after the cut, from which no other rule draws; the moments have to do.
        "truncated-normal" => return Ok(()),
        other => return Err(format!("distribution `{other}` is not supported")),
    };
    case.close("values", got, &want)
}

/// Many draws have the theory's mean and spread within six standard errors, its kurtosis, and lie within its bounds.
fn moments(theory: &Value, reference: &Value, sample: &[f64]) -> Result<(), String> {
    let of = |key| number(field(theory, "theory", key)?);
    let (mean, std) = (of("mean")?, of("std")?);
    let kurtosis = match text(field(theory, "theory", "distribution")?)?.as_str() {
        "uniform" => 1.8,
        "normal" => 3.0,
        _ => number(field(reference, "sample", "kurtosis")?)?,
    };
    let n = sample.len() as f64;
    let moment = |power| sample.iter().map(|x| ((x - mean) / std).powi(power)).sum::<f64>() / n;
    close("mean of the draws", &[moment(1)], &[0.0], 0.0, 6.0 / n.sqrt())?;
    close("variance of the draws", &[moment(2)], &[1.0], 0.0, 6.0 * ((kurtosis - 1.0) / n).sqrt())?;
    // The fourth power of a normal number has standard deviation √96.
    close("kurtosis of the draws", &[moment(4)], &[kurtosis], 0.0, 6.0 * (96.0 / n).sqrt())?;
    let bound = |key, otherwise| theory.get(key).map_or(Ok(otherwise), number);
    let (low, high) = (bound("low", f64::NEG_INFINITY)?, bound("high", f64::INFINITY)?);
    // A bound worked out in another order may differ in its last digit.
    let slack = 1e-14 * std;
    match sample.iter().find(|&&x| !(low - slack..=high + slack).contains(&x)) {
        Some(x) => Err(format!("a draw of {x} is outside [{low}, {high}]")),
        None => Ok(()),
    }
}

fn orthogonal(case: &Case) -> Result<(), String> {
    let shape = shape(case)?;
    let rule = Orthogonal { gain: case.number("gain")? };
    let weight = draw(&rule, &shape, (1, 1), 3);
    let columns: usize = shape[1..].iter().product();
    let weight = ndarray::Array2::from_shape_vec((shape[0], columns), weight)
        .map_err(|error| error.to_string())?;
    let gram = match text(field(&case.expected, "expected", "gram_of")?)?.as_str() {
        "rows" => weight.dot(&weight.t()),
        "columns" => weight.t().dot(&weight),
        other => return Err(format!("gram of `{other}` is not supported")),
    };
    let gram: Vec<f64> = gram.iter().copied().collect();
    case.close("gram", &gram, &case.expect("gram")?.data)
}

/// PyTorch starts weight and bias of `Linear` and of convolutions by [`FanInUniform`]. On purpose that is not our default: a layer takes the
/// rule that its activation prefers, and a bias of zero. So this checks that one who asks for PyTorch's rule gets it, and what our default is.
///
/// `layer` makes a layer that starts weight and bias by a rule, or by default.
fn default(
    case: &Case,
    input: &[usize],
    layer: impl Fn(Option<(Rule, Rule)>) -> Arc<dyn Layer<f64>>,
) -> Result<(), String> {
    let params = field(&case.expected, "expected", "params")?;
    let build = |rules| {
        Model::<f64>::build(layer(rules), &[input.into()], 7).map_err(|error| error.to_string())
    };
    let same = |rule: Rule| Some((rule, rule));
    let ours = build(same(Rule::FanIn))?;
    for name in ["weight", "bias"] {
        let theory = field(field(params, "params", name)?, name, "theory")?;
        let of = |key| number(field(theory, "theory", key)?);
        let theirs = build(same(Rule::Uniform(of("low")?, of("high")?)))?;
        let values = |model: &Model<f64>| -> Result<Vec<f64>, String> {
            let values = model.get(name).map_err(|error| error.to_string())?;
            Ok(values.iter().copied().collect())
        };
        case.close(name, &values(&ours)?, &values(&theirs)?)?;
    }
    let plain = build(None)?;
    let glorot = build(Some((Rule::Glorot, Rule::Zero)))?;
    case.close("default", plain.values(), glorot.values())
}

const NAMES: [(&str, &str); 2] = [("weight", "weight"), ("bias", "bias")];

/// The parameters of a layer of this many features start at the reference's numbers, each a constant. Names are theirs, then ours.
fn constants(
    case: &Case,
    features: usize,
    layer: impl Layer<f64> + 'static,
    names: &[(&str, &str)],
) -> Result<(), String> {
    let model = Model::<f64>::build(layer, &[features.into()], 7).map_err(|e| e.to_string())?;
    if model.parameters().len() != names.len() {
        return Err(format!("{} parameters instead of {}", model.parameters().len(), names.len()));
    }
    let params = field(&case.expected, "expected", "params")?;
    for (theirs, ours) in names {
        let theory = field(field(params, "params", theirs)?, theirs, "theory")?;
        let (low, high) =
            (number(field(theory, "theory", "low")?)?, number(field(theory, "theory", "high")?)?);
        close("the constant", &[low], &[high], 0.0, 0.0)?;
        let values = model.get(ours).map_err(|error| error.to_string())?;
        let values: Vec<f64> = values.iter().copied().collect();
        close(ours, &values, &vec![low; values.len()], 0.0, 0.0)?;
    }
    Ok(())
}

/// A rule that can be handed to layers of several types.
#[derive(Clone, Copy, Debug)]
enum Rule {
    FanIn,
    Uniform(f64, f64),
    Glorot,
    Zero,
}

impl Init for Rule {
    fn fill(&self, tensor: Start<'_>) {
        match *self {
            Self::FanIn => FanInUniform.fill(tensor),
            Self::Uniform(low, high) => Uniform { low, high }.fill(tensor),
            Self::Glorot => Glorot::uniform().fill(tensor),
            Self::Zero => Constant(0.0).fill(tensor),
        }
    }
}

#[test]
fn the_other_variance_rules_are_those_of_jax() {
    // No PyTorch function to compare with: std = sqrt(1 / fan_in), and a cut normal keeps it.
    assert_eq!(LeCun::normal().std(16, 5), 0.25);
    let rule = LeCun::normal().truncated();
    let sample: Vec<f64> = (0..50).flat_map(|seed| draw(&rule, &[50, 40], (16, 5), seed)).collect();
    let std = (sample.iter().map(|x| x * x).sum::<f64>() / sample.len() as f64).sqrt();
    close("std", &[std], &[0.25], 0.01, 0.0).unwrap();
    // Two standard deviations before the cut are 2 / 0.8796 after it.
    assert!(sample.iter().all(|x| x.abs() <= 0.25 * 2.273_7));
    assert!(sample.iter().any(|x| x.abs() > 0.25 * 2.25));
}

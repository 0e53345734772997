//! Layers against the reference data: outputs, gradients for the input and gradients for the parameters, in f64 and in f32.

use std::sync::Arc;

use super::probe::Probe;
use super::support::{self, Case, Tensor, close, run, tensor};
use downhill::layer::{
    AdaptiveAvgPool2d, AvgPool2d, BatchNorm, Celu, Conv1d, Conv2d, ConvTranspose2d, Dense, Elu,
    Embedding, FeedForward, Gelu, Glu, GroupNorm, Gru, HardSigmoid, HardSwish, InstanceNorm2d,
    Layer, LayerNorm, LeakyRelu, LogSigmoid, LogSoftmax, Lstm, MaxPool2d, Mish, MultiHeadAttention,
    PRelu, Relu, RmsNorm, Rnn, Selu, Sigmoid, Silu, Size2d, Softmax, Softplus, Softsign, SwiGlu,
    Tanh, TransformerEncoderLayer,
};
use downhill::network::{Draw, Workspace};
use downhill::{Model, Scalar, Shape};
use ndarray::ArrayD;

/// The kinds that are not supported yet.
const PENDING: &[&str] = &[];

/// Every case in its own precision, with its own tolerances.
#[test]
fn layers() {
    run("layers", PENDING, |case| match case.dtype.as_str() {
        "float64" => check::<f64>(case, case.rtol, case.atol),
        "float32" => check::<f32>(case, case.rtol, case.atol),
        other => Err(format!("dtype `{other}` is not supported")),
    });
}

/// Every case once more in f32.
///
/// The tolerances are those that the file gives its own float32 cases, rtol 2·10⁻⁵ and atol 2·10⁻⁶. They leave room for what f32 must lose
/// here: rounding an input changes exp(x) by the factor 1 + |x|·6·10⁻⁸, at most 1.3·10⁻⁶ for the |x| ≤ 20 where exp(−|x|) is not yet negligible;
/// a sum of the few products or slopes of a case adds about as much again.
#[test]
fn layers_in_f32() {
    run("layers", PENDING, |case| check::<f32>(case, case.rtol.max(2e-5), case.atol.max(2e-6)));
}

/// A recurrent layer with the settings of the case, that gives all states.
macro_rules! recurrence {
    ($case:ident, $kind:ident) => {{
        let layers = $case.count("num_layers")?;
        let layer = $kind::new($case.count("hidden_size")?).layers(layers).with_states();
        let layer = if $case.flag("bidirectional")? { layer.bidirectional() } else { layer };
        if $case.flag("bias")? { layer } else { layer.without_bias() }
    }};
}

/// A layer of the case's kind, and our path of each parameter that it may have.
type Built<F> = (Arc<dyn Layer<F>>, Paths);

fn build<F: Scalar>(case: &Case) -> Result<Built<F>, String> {
    let plain: Paths = &[];
    Ok(match case.kind.as_str() {
        "Linear" => {
            let dense = Dense::new(case.count("out_features")?);
            let dense = if case.flag("bias")? { dense } else { dense.without_bias() };
            (Arc::new(dense), WEIGHT_AND_BIAS)
        }
        "ReLU" => (Arc::new(Relu), plain),
        "LeakyReLU" => {
            (Arc::new(LeakyRelu { negative_slope: case.number("negative_slope")? }), plain)
        }
        "ELU" => (Arc::new(Elu { alpha: case.number("alpha")? }), plain),
        "SELU" => (Arc::new(Selu), plain),
        "CELU" => (Arc::new(Celu { alpha: case.number("alpha")? }), plain),
        "GELU" => match case.text("approximate")?.as_str() {
            "none" => (Arc::new(Gelu::Exact), plain),
            "tanh" => (Arc::new(Gelu::Tanh), plain),
            other => return Err(format!("approximate: `{other}` is not supported")),
        },
        "SiLU" => (Arc::new(Silu), plain),
        "Mish" => (Arc::new(Mish), plain),
        "Sigmoid" => (Arc::new(Sigmoid), plain),
        "LogSigmoid" => (Arc::new(LogSigmoid), plain),
        "Hardsigmoid" => (Arc::new(HardSigmoid), plain),
        "Hardswish" => (Arc::new(HardSwish), plain),
        "Tanh" => (Arc::new(Tanh), plain),
        "Softplus" => {
            let (beta, threshold) = (case.number("beta")?, case.number("threshold")?);
            (Arc::new(Softplus { beta, threshold }), plain)
        }
        "Softsign" => (Arc::new(Softsign), plain),
        "PReLU" => {
            let per_channel = case.count("num_parameters")? > 1;
            let start = case.number("init")?;
            (Arc::new(PRelu { per_channel, start }), &[("weight", "layer.slope")])
        }
        "Softmax" => (Arc::new(Softmax { axis: axis(case)? }), plain),
        "LogSoftmax" => (Arc::new(LogSoftmax { axis: axis(case)? }), plain),
        "GLU" => (Arc::new(Glu { axis: axis(case)? }), plain),
        "Conv1d" => {
            let conv = Conv1d::new(case.count("out_channels")?, case.count("kernel_size")?)
                .stride(case.count("stride")?)
                .padding(case.count("padding")?)
                .dilation(case.count("dilation")?)
                .groups(case.count("groups")?);
            let conv = if case.flag("bias")? { conv } else { conv.without_bias() };
            (Arc::new(conv), WEIGHT_AND_BIAS)
        }
        "Conv2d" => {
            let conv = Conv2d::new(case.count("out_channels")?, size(case, "kernel_size")?)
                .stride(size(case, "stride")?)
                .dilation(size(case, "dilation")?)
                .groups(case.count("groups")?);
            let conv = match case.config["padding"].as_str() {
                Some("same") => conv.same_padding(),
                _ => conv.padding(size(case, "padding")?),
            };
            let conv = if case.flag("bias")? { conv } else { conv.without_bias() };
            (Arc::new(conv), WEIGHT_AND_BIAS)
        }
        "ConvTranspose2d" => {
            let conv =
                ConvTranspose2d::new(case.count("out_channels")?, size(case, "kernel_size")?)
                    .stride(size(case, "stride")?)
                    .padding(size(case, "padding")?)
                    .output_padding(size(case, "output_padding")?)
                    .dilation(size(case, "dilation")?)
                    .groups(case.count("groups")?);
            let conv = if case.flag("bias")? { conv } else { conv.without_bias() };
            (Arc::new(conv), WEIGHT_AND_BIAS)
        }
        "MaxPool2d" => {
            let pool = MaxPool2d::new(size(case, "kernel_size")?)
                .padding(size(case, "padding")?)
                .dilation(size(case, "dilation")?);
            let pool = if case.flag("ceil_mode")? { pool.ceil_mode() } else { pool };
            let strides = !case.config["stride"].is_null();
            let pool = if strides { pool.stride(size(case, "stride")?) } else { pool };
            (Arc::new(pool), plain)
        }
        "AvgPool2d" => {
            let pool = AvgPool2d::new(size(case, "kernel_size")?).padding(size(case, "padding")?);
            let pool = if case.flag("ceil_mode")? { pool.ceil_mode() } else { pool };
            let counted = case.flag("count_include_pad")?;
            let pool = if counted { pool } else { pool.without_padding() };
            let strides = !case.config["stride"].is_null();
            let pool = if strides { pool.stride(size(case, "stride")?) } else { pool };
            (Arc::new(pool), plain)
        }
        "AdaptiveAvgPool2d" => {
            (Arc::new(AdaptiveAvgPool2d::new(size(case, "output_size")?)), plain)
        }
        "BatchNorm1d" | "BatchNorm2d" => {
            let momentum = match &case.config["momentum"] {
                serde_json::Value::Null => None,
                _ => Some(case.number("momentum")?),
            };
            let norm = BatchNorm {
                epsilon: case.number("eps")?,
                momentum,
                affine: case.flag("affine")?,
                track_running_stats: case.flag("track_running_stats")?,
            };
            (Arc::new(norm), WEIGHT_AND_BIAS)
        }
        "InstanceNorm2d" => {
            let norm = InstanceNorm2d {
                epsilon: case.number("eps")?,
                momentum: case.number("momentum")?,
                affine: case.flag("affine")?,
                track_running_stats: case.flag("track_running_stats")?,
            };
            (Arc::new(norm), WEIGHT_AND_BIAS)
        }
        "LayerNorm" => {
            let norm = LayerNorm {
                axes: case.config["normalized_shape"].as_array().map_or(0, Vec::len),
                epsilon: case.number("eps")?,
                affine: case.flag("elementwise_affine")?,
                bias: case.flag("bias")?,
            };
            (Arc::new(norm), WEIGHT_AND_BIAS)
        }
        "GroupNorm" => {
            let (epsilon, with) = (case.number("eps")?, case.flag("affine")?);
            let norm =
                GroupNorm { epsilon, affine: with, ..GroupNorm::new(case.count("num_groups")?) };
            (Arc::new(norm), WEIGHT_AND_BIAS)
        }
        "RMSNorm" => {
            let norm = RmsNorm {
                axes: case.config["normalized_shape"].as_array().map_or(0, Vec::len),
                epsilon: epsilon_or_default(case)?,
                affine: case.flag("elementwise_affine")?,
            };
            (Arc::new(norm), WEIGHT_AND_BIAS)
        }
        "Embedding" => {
            let embedding =
                Embedding::new(case.count("num_embeddings")?, case.count("embedding_dim")?);
            let padded = !case.config["padding_idx"].is_null();
            let embedding =
                if padded { embedding.padding(case.count("padding_idx")?) } else { embedding };
            (Arc::new(embedding), &[("weight", "layer.weight")])
        }
        "MultiheadAttention" => {
            let attention = attention(case, case.count("num_heads")?)?;
            let attention = if case.flag("bias")? { attention } else { attention.without_bias() };
            let all: &[(&str, &str)] = &[
                ("in_proj_weight", "layer.in_proj_weight"),
                ("out_proj.weight", "layer.out_proj.weight"),
                ("in_proj_bias", "layer.in_proj_bias"),
                ("out_proj.bias", "layer.out_proj.bias"),
            ];
            (Arc::new(attention), all)
        }
        "TransformerEncoderLayer" => {
            let hidden = case.count("dim_feedforward")?;
            let feed_forward = match case.text("activation")?.as_str() {
                "relu" => FeedForward::relu(hidden),
                "gelu" => FeedForward::gelu(hidden),
                other => return Err(format!("activation: `{other}` is not supported")),
            };
            let norm = LayerNorm { epsilon: case.number("layer_norm_eps")?, ..Default::default() };
            let attention = attention(case, case.count("nhead")?)?;
            let layer = TransformerEncoderLayer::new(attention, feed_forward)
                .norm(norm)
                .dropout(case.number("dropout")?);
            let layer = if case.flag("norm_first")? { layer.pre_norm() } else { layer };
            (Arc::new(layer), ENCODER_LAYER)
        }
        "RNN" => {
            let rnn = recurrence!(case, Rnn);
            let relu = case.text("nonlinearity")? == "relu";
            (if relu { Arc::new(rnn.relu()) } else { Arc::new(rnn) }, RECURRENT)
        }
        "LSTM" => (Arc::new(recurrence!(case, Lstm)), RECURRENT),
        "GRU" => (Arc::new(recurrence!(case, Gru)), RECURRENT),
        "SwiGLU" => (Arc::new(SwiGlu::default()), plain),
        _ => return Err(format!("kind `{}` is not supported", case.kind)),
    })
}

/// PyTorch's names are ours.
const ENCODER_LAYER: Paths = &[
    ("self_attn.in_proj_weight", "layer.self_attn.in_proj_weight"),
    ("self_attn.in_proj_bias", "layer.self_attn.in_proj_bias"),
    ("self_attn.out_proj.weight", "layer.self_attn.out_proj.weight"),
    ("self_attn.out_proj.bias", "layer.self_attn.out_proj.bias"),
    ("linear1.weight", "layer.linear1.weight"),
    ("linear1.bias", "layer.linear1.bias"),
    ("linear2.weight", "layer.linear2.weight"),
    ("linear2.bias", "layer.linear2.bias"),
    ("norm1.weight", "layer.norm1.weight"),
    ("norm1.bias", "layer.norm1.bias"),
    ("norm2.weight", "layer.norm2.weight"),
    ("norm2.bias", "layer.norm2.bias"),
];

/// Attention with the masks and the dropout of the case.
fn attention(case: &Case, heads: usize) -> Result<MultiHeadAttention, String> {
    let attention = MultiHeadAttention::new(heads).dropout(case.number("dropout")?);
    let attention = if case.flag("causal")? { attention.causal() } else { attention };
    let masked = !case.inputs["key_padding_mask"].is_null();
    Ok(if masked { attention.key_padding_mask() } else { attention })
}

/// PyTorch's name of each parameter that a layer may have, and our path.
type Paths = &'static [(&'static str, &'static str)];

const WEIGHT_AND_BIAS: Paths = &[("weight", "layer.weight"), ("bias", "layer.bias")];

const RECURRENT: Paths = &[
    ("weight_ih_l0", "layer.weight_ih_l0"),
    ("weight_hh_l0", "layer.weight_hh_l0"),
    ("bias_ih_l0", "layer.bias_ih_l0"),
    ("bias_hh_l0", "layer.bias_hh_l0"),
    ("weight_ih_l0_reverse", "layer.weight_ih_l0_reverse"),
    ("weight_hh_l0_reverse", "layer.weight_hh_l0_reverse"),
    ("bias_ih_l0_reverse", "layer.bias_ih_l0_reverse"),
    ("bias_hh_l0_reverse", "layer.bias_hh_l0_reverse"),
    ("weight_ih_l1", "layer.weight_ih_l1"),
    ("weight_hh_l1", "layer.weight_hh_l1"),
    ("bias_ih_l1", "layer.bias_ih_l1"),
    ("bias_hh_l1", "layer.bias_hh_l1"),
];

/// The tensor with the batch first, where the reference has it second: in states of recurrent layers, and in sequences of a case that says so.
fn batch_first(case: &Case, name: &str, tensor: Tensor) -> Tensor {
    let state = ["h_0", "c_0", "h_n", "c_n"].contains(&name);
    let sequence = ["x", "y"].contains(&name) && case.config["batch_first"] == false;
    let &[outer, batch, inner] = &tensor.shape[..] else { return tensor };
    if !state && !sequence {
        return tensor;
    }
    let number = |i: usize| {
        let (sample, rest) = (i / (outer * inner), i % (outer * inner));
        tensor.data[(rest / inner * batch + sample) * inner + rest % inner]
    };
    Tensor { shape: vec![batch, outer, inner], data: (0..tensor.data.len()).map(number).collect() }
}

/// The reference's default is the smallest step of the case's own type; run in single precision, a case of double precision keeps its.
fn epsilon_or_default(case: &Case) -> Result<Option<f64>, String> {
    match (&case.config["eps"], case.dtype.as_str()) {
        (serde_json::Value::Null, "float64") => Ok(Some(f64::EPSILON)),
        (serde_json::Value::Null, _) => Ok(None),
        _ => case.number("eps").map(Some),
    }
}

/// One number for both axes, or one for each.
fn size(case: &Case, key: &str) -> Result<Size2d, String> {
    match case.config[key].as_array().map(Vec::as_slice) {
        Some([height, width]) => Ok([support::count(height)?, support::count(width)?].into()),
        _ => case.count(key).map(Size2d::from),
    }
}

/// `dim` counts the batch axis unless the case has none, as those of one axis.
fn axis(case: &Case) -> Result<Option<usize>, String> {
    let dim = case.number("dim")?;
    let batch_axes = usize::from(case.input("x")?.shape.len() > 1);
    if dim == -1.0 {
        return Ok(None);
    }
    let axis = (dim as usize).checked_sub(batch_axes);
    axis.map(Some).ok_or_else(|| format!("dim: {dim} is the batch axis"))
}

/// The inputs that a case may have, in our order.
const INPUTS: [&str; 6] = ["x", "key", "value", "h_0", "c_0", "key_padding_mask"];

/// The outputs that a case may have, in our order.
const OUTPUTS: [&str; 3] = ["y", "h_n", "c_n"];

fn check<F: Scalar>(case: &Case, rtol: f64, atol: f64) -> Result<(), String> {
    let (layer, paths) = build::<F>(case)?;
    let known = paths.iter().filter(|(theirs, _)| !case.inputs["params"][*theirs].is_null());
    let paths: Vec<_> = known.collect();
    let given: Vec<&str> =
        INPUTS.into_iter().filter(|name| !case.inputs[*name].is_null()).collect();
    let mut inputs = Vec::new();
    for name in &given {
        let mut input = batch_first(case, name, case.input(name)?);
        if input.shape.len() == 1 {
            input.shape.insert(0, 1);
        }
        inputs.push(input);
    }
    let batch = inputs[0].shape[0];
    let shapes = inputs.iter().map(|input| Shape::from(&input.shape[1..])).collect();
    let probe = Probe { layer, inputs: shapes, batch };
    let mut model = probe.model(0).map_err(|error| error.to_string())?;
    for (i, input) in inputs.iter().enumerate() {
        let path = format!("input{i}.value");
        model.set(&path, &array::<F>(input)?).map_err(|error| error.to_string())?;
    }
    for (theirs, ours) in &paths {
        let values = tensor(&case.inputs["params"][theirs])?;
        model.set(ours, &array::<F>(&values)?).map_err(|error| error.to_string())?;
    }
    let count = case.inputs["params"].as_object().map_or(0, serde_json::Map::len);
    if count != paths.len() || model.parameters().len() != count + given.len() {
        return Err(format!("the case has {count} parameters, we know {}", paths.len()));
    }

    let mut work = Workspace::new(&model);
    work.reserve(batch).map_err(|error| error.to_string())?;
    let draw = Draw::default();
    if let Some(buffers) = case.inputs["buffers"].as_object() {
        for (name, values) in buffers {
            let range = state(&model, name)?;
            for (into, from) in model.state_mut()[range].iter_mut().zip(tensor(values)?.data) {
                *into = F::of(from);
            }
        }
    }
    if case.config["train"].as_bool().unwrap_or(true) {
        work.train(&mut model, batch, draw).map_err(|error| error.to_string())?;
    } else {
        work.evaluate(&model, batch, draw).map_err(|error| error.to_string())?;
    }
    for tensor in model.states() {
        let name = tensor.path().trim_start_matches("layer.");
        let want = support::tensor(&case.expected["buffers"][name])?;
        close(name, &wide(&model.state()[tensor.range()]), &want.data, rtol, atol)?;
    }
    let (outputs, mut gradients) = work.output_gradients().unwrap();
    let known = OUTPUTS.into_iter().filter(|name| !case.expected[*name].is_null());
    for (position, name) in known.enumerate() {
        let want = batch_first(case, name, case.expect(name)?);
        close(name, &wide(outputs.get(position).values()), &want.data, rtol, atol)?;
        let upstream = batch_first(case, name, tensor(&case.inputs["upstream"][name])?);
        for (into, from) in gradients.get(position).values().iter_mut().zip(upstream.data) {
            *into = F::of(from);
        }
    }
    let mut gradient = vec![F::zero(); model.values().len()];
    work.backward(&model, &mut gradient, draw).map_err(|error| error.to_string())?;

    let of = |path: &str| {
        let parameter = model.parameters().iter().find(|parameter| parameter.path() == path);
        parameter.map_or(Vec::new(), |parameter| wide(&gradient[parameter.range()]))
    };
    for (i, name) in given.iter().enumerate() {
        let got = of(&format!("input{i}.value"));
        let what = format!("grad_{name}");
        if *name == "key_padding_mask" || case.kind == "Embedding" {
            // Masks and tokens are not differentiated: 0, where the reference gives nothing.
            close(&what, &got, &vec![0.0; got.len()], 0.0, 0.0)?;
            continue;
        }
        let mut want = batch_first(case, name, case.expect(&what)?).data;
        if case.kind == "Hardsigmoid" {
            // The reference multiplies by a sixth in single precision even in double-precision cases; ours is a sixth.
            let single = f64::from(1.0_f32 / 6.0);
            want.iter_mut().for_each(|g| *g *= 1.0 / 6.0 / single);
        }
        close(&what, &got, &want, rtol, atol)?;
    }
    for (theirs, ours) in &paths {
        let want = tensor(&case.expected["grad_params"][theirs])?;
        close(theirs, &of(ours), &want.data, rtol, atol)?;
    }
    Ok(())
}

/// Where the layer's state of this name is.
fn state<F: Scalar>(model: &Model<F>, name: &str) -> Result<std::ops::Range<usize>, String> {
    let path = format!("layer.{name}");
    let found = model.states().iter().find(|state| state.path() == path);
    found.map(|state| state.range()).ok_or_else(|| format!("the layer has no state `{path}`"))
}

fn array<F: Scalar>(tensor: &Tensor) -> Result<ArrayD<F>, String> {
    let values = tensor.data.iter().map(|&value| F::of(value)).collect();
    ArrayD::from_shape_vec(tensor.shape.clone(), values).map_err(|error| error.to_string())
}

fn wide<F: Scalar>(values: &[F]) -> Vec<f64> {
    values.iter().map(|value| value.as_f64()).collect()
}

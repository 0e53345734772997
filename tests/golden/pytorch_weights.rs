//! PyTorch models' weights, read by name from safetensors, answer as PyTorch does; and go back bit for bit.
//! `tests/golden/pytorch/generate.py` made the files.

use super::support::{close, tensor, tensors};
use downhill::network::{Draw, Names};
use downhill::prelude::*;
use ndarray::ArrayD;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

/// A small convolutional network whose layers are called as the module's attributes are.
fn cnn<F: Scalar>() -> (Model<F>, Names) {
    let chain = Chain::new()
        .named("conv1", Conv2d::new(4, 3).padding(1))
        .named("norm", BatchNorm::default())
        .named("act", PRelu { per_channel: true, start: 0.25 })
        .named("conv2", Conv2d::new(6, 3).stride(2).groups(2).without_bias())
        .then(Relu)
        .then(Flatten)
        .named("fc", Dense::new(5));
    (Model::build(chain, &[[1, 8, 8].into()], 7).unwrap(), Names::pytorch())
}

/// Two layers of LSTM in both directions, renamed.
fn lstm<F: Scalar>() -> (Model<F>, Names) {
    let chain = Chain::new()
        .then(Embedding::new(11, 6))
        .then(Lstm::new(5).layers(2).bidirectional())
        .then(Dense::new(3));
    let names = Names::pytorch()
        .rename("0.embedding", "embedding")
        .rename("1.lstm", "lstm")
        .rename("2.dense", "out");
    (Model::build(chain, &[7.into()], 7).unwrap(), names)
}

/// Encoder layers, with the names of `torch.nn.Sequential`.
fn transformer<F: Scalar>() -> (Model<F>, Names) {
    let layer = || {
        TransformerEncoderLayer::new(MultiHeadAttention::new(2), FeedForward::gelu(16)).pre_norm()
    };
    let chain = Chain::new()
        .then(Embedding::new(11, 8))
        .then(layer())
        .then(layer())
        .then(LayerNorm::default())
        .then(Dense::new(11));
    (Model::build(chain, &[6.into()], 7).unwrap(), Names::pytorch())
}

/// A decoder layer, which takes a sequence and a memory.
fn decoder<F: Scalar>() -> (Model<F>, Names) {
    let attention = MultiHeadAttention::new(2);
    let layer =
        TransformerDecoderLayer::new(attention.clone().causal(), attention, FeedForward::relu(16));
    let model = Model::build(layer, &[[5, 8].into(), [4, 8].into()], 7).unwrap();
    // A model of one layer has no path to it.
    (model, Names::pytorch().rename("", "layer"))
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/golden/pytorch/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn answers<F: Scalar>(name: &str, (mut model, names): (Model<F>, Names)) {
    let bytes = file(&format!("{name}.safetensors"));
    model.read_safetensors(&bytes, &names).unwrap();
    let case: serde_json::Value = serde_json::from_slice(&file(&format!("{name}.json"))).unwrap();
    let (inputs, want) = (tensors(&case["inputs"]).unwrap(), tensor(&case["y"]).unwrap());
    let mut work = Workspace::new(&model);
    let batch = want.shape[0];
    for (position, x) in inputs.into_iter().enumerate() {
        let numbers = x.data.iter().map(|&value| F::of(value)).collect();
        work.load(position, &ArrayD::from_shape_vec(x.shape, numbers).unwrap()).unwrap();
    }
    work.evaluate(&model, batch, Draw::default()).unwrap();
    let got = work.outputs().one();
    assert_eq!(got.shape().axes(), &want.shape[1..]);
    let got: Vec<f64> = got.values().iter().map(|value| value.as_f64()).collect();
    // PyTorch computed in single precision.
    close(name, &got, &want.data, 2e-5, 2e-6).unwrap();
}

#[test]
fn pytorch_models_answer_as_they_do_there() {
    answers::<f32>("cnn", cnn());
    answers::<f64>("cnn", cnn());
    answers::<f32>("lstm", lstm());
    answers::<f64>("lstm", lstm());
    answers::<f32>("transformer", transformer());
    answers::<f64>("transformer", transformer());
    answers::<f32>("decoder", decoder());
    answers::<f64>("decoder", decoder());
}

/// What is read and written again is the same file, tensor by tensor and bit for bit, but for the count that nothing here reads.
#[test]
fn files_go_back_bit_for_bit() {
    for (name, (mut model, names)) in [
        ("cnn", cnn::<f32>()),
        ("lstm", lstm()),
        ("transformer", transformer()),
        ("decoder", decoder()),
    ] {
        let bytes = file(&format!("{name}.safetensors"));
        model.read_safetensors(&bytes, &names).unwrap();
        let written = model.to_safetensors(&names).unwrap();
        let (theirs, ours) = (
            SafeTensors::deserialize(&bytes).unwrap(),
            SafeTensors::deserialize(&written).unwrap(),
        );
        let mut count = 0;
        for (tensor, view) in theirs.tensors() {
            if tensor.ends_with("num_batches_tracked") {
                continue;
            }
            let again = ours.tensor(&tensor).unwrap();
            assert_eq!(
                (again.dtype(), again.shape(), again.data()),
                (view.dtype(), view.shape(), view.data()),
                "{tensor}"
            );
            count += 1;
        }
        assert_eq!(ours.len(), count);
        // Another model takes them, and double precision holds all of single precision.
        let mut other: Model<f32> = match name {
            "cnn" => cnn().0,
            "lstm" => lstm().0,
            "decoder" => decoder().0,
            _ => transformer().0,
        };
        other.read_safetensors(&written, &names).unwrap();
        assert_eq!((other.values(), other.state()), (model.values(), model.state()));
    }
    let (model, names) = lstm::<f64>();
    let mut other = lstm::<f64>().0;
    other.values_mut().fill(0.0);
    other.read_safetensors(&model.to_safetensors(&names).unwrap(), &names).unwrap();
    assert_eq!(other.values(), model.values());
}

/// A normalisation that averages over all batches has counted them, in PyTorch's type.
#[test]
fn counts_of_batches_are_whole_numbers() {
    let norm = BatchNorm { momentum: None, ..BatchNorm::default() };
    let build = || Model::<f32>::build(Chain::new().named("norm", norm), &[3.into()], 7).unwrap();
    let (mut model, mut other) = (build(), build());
    let place = |model: &Model<f32>| {
        let states = model.states();
        states.iter().find(|state| state.path().ends_with("tracked")).unwrap().range().start
    };
    let at = place(&model);
    model.state_mut()[at] = 5.0;
    let bytes = model.to_safetensors(&Names::pytorch()).unwrap();
    let view = SafeTensors::deserialize(&bytes).unwrap();
    let count = view.tensor("norm.num_batches_tracked").unwrap();
    assert_eq!((count.dtype(), count.shape()), (Dtype::I64, &[][..]));
    other.read_safetensors(&bytes, &Names::pytorch()).unwrap();
    assert_eq!(other.state(), model.state());
}

/// What does not fit is named, and nothing is changed.
#[test]
fn what_does_not_fit_changes_nothing() {
    let build = || Model::<f32>::build(Chain::new().then(Dense::new(2)), &[3.into()], 7).unwrap();
    let mut model = build();
    let names = Names::pytorch();
    let floats = |count: usize| vec![0_u8; 4 * count];
    let write = |tensors: &[(&str, Dtype, &[usize], &[u8])]| {
        let views = tensors
            .iter()
            .map(|&(name, kind, shape, data)| {
                (name, TensorView::new(kind, shape.to_vec(), data).unwrap())
            })
            .collect::<Vec<_>>();
        safetensors::serialize(views, None).unwrap()
    };
    let (six, two) = (floats(6), floats(2));
    let weight = ("0.weight", Dtype::F32, &[2, 3][..], &six[..]);
    let bias = ("0.bias", Dtype::F32, &[2][..], &two[..]);
    let good = write(&[weight, bias]);
    let too_large = [1.0_f64, 1e300].map(f64::to_le_bytes).concat();
    let cases = [
        (write(&[weight]), "`0.bias` matches no tensor of the file; there are: 0.weight"),
        (
            write(&[weight, bias, ("head.bias", Dtype::F32, &[2], &two)]),
            "`head.bias` matches no tensor of the model; there are: 0.bias, 0.weight",
        ),
        (
            write(&[("0.weight", Dtype::F32, &[3, 2], &six), bias]),
            "`0.dense.weight`, `0.weight` in the file: expected [2, 3], got [3, 2]; build the model with the sizes of the one that wrote the file",
        ),
        (
            write(&[weight, ("0.bias", Dtype::BF16, &[2], &two[..4])]),
            "`0.bias` has numbers of type BF16; write it as F32 or F64",
        ),
        (
            write(&[weight, ("0.bias", Dtype::F64, &[2], &too_large)]),
            "number 1 of `0.bias` is not finite, or more than f32 holds",
        ),
        (Vec::new(), "the safetensors file"),
        (good[..good.len() - 1].to_vec(), "the safetensors file"),
        (u64::MAX.to_le_bytes().to_vec(), "the safetensors file"),
        (b"not a file of this format at all".to_vec(), "the safetensors file"),
    ];
    for (bytes, want) in cases {
        let error = model.read_safetensors(&bytes, &names).unwrap_err().to_string();
        assert!(error.contains(want), "{error}\n{want}");
        assert_eq!(model.values(), build().values());
    }
    // Every cut of a good file, and every byte of its head changed, is an error or a file: never a panic.
    for len in 0..good.len() {
        assert!(model.read_safetensors(&good[..len], &names).is_err());
        assert_eq!(model.values(), build().values());
    }
    for at in 0..good.len() - 32 {
        for bit in 0..8 {
            let mut bytes = good.clone();
            bytes[at] ^= 1 << bit;
            let _ = build().read_safetensors(&bytes, &names);
        }
    }
    model.read_safetensors(&good, &names).unwrap();
    assert!(model.values().iter().all(|&value| value == 0.0));
}

#[test]
fn names_that_fit_nothing_or_two_tensors_are_errors() {
    let chain = Chain::new().then(Dense::new(2)).then(Dense::new(2));
    let mut model = Model::<f32>::build(chain, &[3.into()], 7).unwrap();
    let bytes = model.to_safetensors(&Names::pytorch()).unwrap();
    let nothing = Names::pytorch().rename("2.dense", "head");
    let error = model.read_safetensors(&bytes, &nothing).unwrap_err().to_string();
    assert!(error.starts_with("`2.dense` matches no path; there are: 0.dense.weight"), "{error}");
    assert!(model.to_safetensors(&nothing).is_err());
    let twice = Names::pytorch().rename("1.dense", "0");
    let error = model.to_safetensors(&twice).unwrap_err().to_string();
    assert!(error.contains("two tensors are called `0.weight`"), "{error}");
    // By whole segments, and the longest first.
    let names = Names::pytorch().rename("1", "b").rename("1.dense.bias", "c").rename("", "a");
    assert_eq!(names.of("1.dense.weight"), "b.dense.weight");
    assert_eq!(names.of("1.dense.bias"), "c");
    assert_eq!(names.of("10.dense.bias"), "a.10.bias");
    assert_eq!(Names::pytorch().rename("dense", "").of("dense.weight"), "weight");
}

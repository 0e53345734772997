//! Whole training runs against the reference data, step by step: loss, gradient norm, learning rate, and the model at the end.
//!
//! Three things are adapted in the open:
//! * PyTorch adds the (coupled) weight decay inside the optimizer, after clipping and for biases too; our penalties belong to the
//!   objective, before clipping. [`Coupled`] puts it where PyTorch has it, for an optimizer of any kind.
//! * PyTorch's decoupled decay shrinks biases too: a group for all parameters says so.
//! * PyTorch clips to max / (norm + 1e-6), we clip to max / norm. The clipping bound is scheduled by norm / (norm + 1e-6) with the
//!   reference's norms, which our norms are compared with as well.

use super::support::{self, Case, Tensor, document, field, number, run, tensor};
use downhill::prelude::*;
use ndarray::{Array1, Array2, ArrayD};
use serde_json::Value;

const PENDING: &[&str] = &[];

#[test]
fn training() {
    let file = document("training");
    run("training", PENDING, |case| match case.dtype.as_str() {
        "float32" => follow::<f32>(case, &file, case.rtol, case.atol),
        _ => follow::<f64>(case, &file, case.rtol, case.atol),
    });
}

/// Every run in single precision as well, at the tolerances that the file gives its single-precision run, or those of the file here if it has none.
#[test]
fn training_in_f32() {
    let file = document("training");
    let cases = support::load("training");
    let single = cases.iter().find(|case| case.dtype == "float32");
    let (rtol, atol) = single.map_or((2e-4, 2e-7), |case| (case.rtol, case.atol));
    run("training", PENDING, |case| follow::<f32>(case, &file, rtol, atol));
}

/// Adds `decay` times the parameters to the gradient of each step: L2 as PyTorch's optimizers have it.
#[derive(Debug)]
struct Coupled<O> {
    inner: O,
    decay: f64,
}

impl<F: Scalar, O: Optimizer<F>> Optimizer<F> for Coupled<O> {
    fn learning_rate(&self) -> f64 {
        self.inner.learning_rate()
    }

    fn slots(&self) -> Vec<Slot> {
        self.inner.slots()
    }

    fn update(&self, tick: &Tick, block: Block<'_, F>) {
        self.inner.update(tick, block);
    }

    fn validate(&self) -> Result<(), Error> {
        self.inner.validate()
    }

    fn step(&self, step: &mut Step<'_, F>) -> Result<(), Error> {
        for (g, w) in step.gradient.iter_mut().zip(&*step.weights) {
            *g += F::of(self.decay) * *w;
        }
        self.inner.step(step)
    }
}

fn follow<F: Scalar>(case: &Case, file: &Value, rtol: f64, atol: f64) -> Result<(), String> {
    let close = |what: &str, got: &[f64], want: &[f64]| support::close(what, got, want, rtol, atol);
    let part = |kind: &str, name: &str| -> Result<&Value, String> {
        let name = field(&case.inputs, "inputs", name)?.as_str().unwrap_or_default();
        field(field(file, "file", kind)?, kind, name)
    };
    let data = dataset::<F>(part("datasets", "data")?)?;
    let (expected_norms, accumulate) = (case.expect("grad_norms")?.data, case.count("accumulate")?);
    let mut trainer = trainer::<F>(case, &expected_norms)?;
    let weights = part("weights", "weights")?;
    let names = names(case)?;
    for (name, path) in names {
        let values = array::<F>(&tensor(field(weights, "weights", name)?)?);
        trainer.model_mut().set(path, &values).map_err(|error| error.to_string())?;
    }

    let batches = part("batches", "batches")?.as_array().ok_or("no batches")?;
    let rows: Vec<Vec<usize>> = batches
        .iter()
        .map(|rows| rows.as_array().into_iter().flatten().map(support::count).collect())
        .collect::<Result<_, _>>()?;
    let losses = case.expect("losses")?.data;
    for (step, rows) in rows.chunks(accumulate).enumerate() {
        let batch = Batch::of_rows(&data, &rows.concat()).map_err(|error| error.to_string())?;
        let record = trainer.step(&batch).map_err(|error| error.to_string())?;
        // The parts are of one size, so the mean of their losses is the loss of the whole.
        let parts = &losses[step * accumulate..(step + 1) * accumulate];
        let want = parts.iter().sum::<f64>() / accumulate as f64;
        close(&format!("loss {step}"), &[record.loss], &[want])?;
        close(&format!("norm {step}"), &[record.gradient_norm], &expected_norms[step..=step])?;
        let rate = &case.expect("lrs")?.data[step..=step];
        close(&format!("rate {step}"), &[record.learning_rate], rate)?;
    }

    let finals = field(&case.expected, "expected", "final_params")?;
    for (name, path) in names {
        let got = trainer.model().get(path).map_err(|error| error.to_string())?;
        let got: Vec<f64> = got.iter().map(|value| value.as_f64()).collect();
        close(path, &got, &tensor(field(finals, "final_params", name)?)?.data)?;
    }
    for (name, path) in BUFFERS.iter().filter(|_| has_batch_norm(case)) {
        let model = trainer.model();
        let state = model.states().iter().find(|state| state.path() == *path).ok_or(*path)?;
        let got: Vec<f64> = model.state()[state.range()].iter().map(|x| x.as_f64()).collect();
        let want = field(&case.expected, "expected", "final_buffers")?;
        close(path, &got, &tensor(field(want, "final_buffers", name)?)?.data)?;
    }
    // The file's final loss is without label smoothing, whatever the run was trained with.
    let outputs = trainer.predict(&data.inputs(0).unwrap()).map_err(|error| error.to_string())?;
    let (total, _) =
        loss::measure(&CrossEntropy::default(), &[outputs], data.labels().unwrap(), None)
            .map_err(|error| error.to_string())?;
    close("final_eval_loss", &[total.mean()], &case.expect("final_eval_loss")?.data)?;
    let end = trainer.evaluate(&data).map_err(|error| error.to_string())?;
    let accuracy = end.metric("accuracy").map_err(|error| error.to_string())?;
    close("final_accuracy", &[accuracy], &case.expect("final_accuracy")?.data)
}

type Names = &'static [(&'static str, &'static str)];

/// PyTorch's name for each parameter, and ours.
const MLP: Names = &[
    ("fc1.weight", "0.dense.weight"),
    ("fc1.bias", "0.dense.bias"),
    ("fc2.weight", "2.dense.weight"),
    ("fc2.bias", "2.dense.bias"),
];

const CNN: Names = &[
    ("conv1.weight", "1.conv2d.weight"),
    ("conv1.bias", "1.conv2d.bias"),
    ("conv2.weight", "4.conv2d.weight"),
    ("conv2.bias", "4.conv2d.bias"),
    ("fc.weight", "7.dense.weight"),
    ("fc.bias", "7.dense.bias"),
];

const CNN_BATCH_NORM: Names = &[
    ("conv1.weight", "1.conv2d.weight"),
    ("bn1.weight", "2.batch_norm.weight"),
    ("bn1.bias", "2.batch_norm.bias"),
    ("conv2.weight", "5.conv2d.weight"),
    ("conv2.bias", "5.conv2d.bias"),
    ("fc.weight", "8.dense.weight"),
    ("fc.bias", "8.dense.bias"),
];

/// PyTorch's name for each running statistic, and ours.
const BUFFERS: Names = &[
    ("bn1.running_mean", "2.batch_norm.running_mean"),
    ("bn1.running_var", "2.batch_norm.running_var"),
];

const LSTM: Names = &[
    ("lstm.weight_ih_l0", "1.lstm.weight_ih_l0"),
    ("lstm.weight_hh_l0", "1.lstm.weight_hh_l0"),
    ("lstm.bias_ih_l0", "1.lstm.bias_ih_l0"),
    ("lstm.bias_hh_l0", "1.lstm.bias_hh_l0"),
    ("fc.weight", "2.dense.weight"),
    ("fc.bias", "2.dense.bias"),
];

fn has_batch_norm(case: &Case) -> bool {
    case.config["model"]["batch_norm"] == Value::Bool(true)
}

fn names(case: &Case) -> Result<Names, String> {
    match case.kind.as_str() {
        "train/mlp" => Ok(MLP),
        "train/cnn" if has_batch_norm(case) => Ok(CNN_BATCH_NORM),
        "train/cnn" => Ok(CNN),
        "train/lstm" => Ok(LSTM),
        other => Err(format!("kind {other}")),
    }
}

/// The model of a case: `Dense`, activation, `Dense`; two convolutions or an `Lstm` before a `Dense`.
fn model<F: Scalar>(config: &Value) -> Result<Chain<F>, String> {
    let setting = |key: &str| field(config, "model", key);
    match support::text(setting("arch")?)?.as_str() {
        "mlp" => {
            let chain = Chain::new().then(Dense::new(support::count(setting("hidden")?)?));
            let chain = match support::text(setting("activation")?)?.as_str() {
                "tanh" => chain.then(Tanh),
                "relu" => chain.then(Relu),
                other => return Err(format!("activation {other}")),
            };
            Ok(chain.then(Dense::new(10)))
        }
        "cnn" => {
            let channels = setting("channels")?;
            let first = Conv2d::new(support::count(&channels[0])?, 3).padding(1);
            let chain = Chain::new().then(Reshape::to([1, 8, 8]));
            let chain = match setting("batch_norm")? {
                Value::Bool(true) => chain.then(first.without_bias()).then(BatchNorm2d::default()),
                _ => chain.then(first),
            };
            Ok(chain
                .then(Relu)
                .then(MaxPool2d::new(2))
                .then(Conv2d::new(support::count(&channels[1])?, 3))
                .then(Relu)
                .then(Flatten)
                .then(Dense::new(10)))
        }
        "lstm" => Ok(Chain::new()
            .then(Reshape::to([8, 8]))
            .then(Lstm::new(support::count(setting("hidden")?)?).last())
            .then(Dense::new(10))),
        other => Err(format!("model {other}")),
    }
}

fn array<F: Scalar>(tensor: &Tensor) -> ArrayD<F> {
    let values = tensor.data.iter().map(|&value| F::of(value)).collect();
    ArrayD::from_shape_vec(tensor.shape.clone(), values).unwrap()
}

fn dataset<F: Scalar>(value: &Value) -> Result<Dataset<F>, String> {
    let (x, y) = (tensor(field(value, "data", "x")?)?, tensor(field(value, "data", "y")?)?);
    let labels: Array1<usize> = y.data.iter().map(|&label| label as usize).collect();
    let x: Array2<F> = array(&x).into_dimensionality().map_err(|error| error.to_string())?;
    Dataset::new(x, labels).map_err(|error| error.to_string())
}

fn trainer<F: Scalar>(case: &Case, expected_norms: &[f64]) -> Result<Trainer<F>, String> {
    let chain = model(field(&case.config, "config", "model")?)?;
    let loss = CrossEntropy {
        label_smoothing: case.number("label_smoothing")?,
        ..CrossEntropy::default()
    };
    let settings = field(&case.config, "config", "optimizer")?;
    let setting = |key: &str| number(field(settings, "optimizer", key)?);
    let flag = |key: &str| settings.get(key) == Some(&Value::Bool(true));
    let beta = |i: usize| number(&settings["betas"][i]);
    let decay = setting("weight_decay")?;
    let learning_rate = setting("lr")?;

    macro_rules! builder {
        ($rule:expr) => {
            Trainer::builder(chain, loss, Coupled { inner: $rule, decay })
        };
    }
    let builder = match support::text(field(settings, "optimizer", "kind")?)?.as_str() {
        "SGD" => builder!(Sgd {
            learning_rate,
            momentum: setting("momentum")?,
            dampening: setting("dampening")?,
            nesterov: flag("nesterov"),
        }),
        "Adam" => builder!(Adam {
            learning_rate,
            beta1: beta(0)?,
            beta2: beta(1)?,
            epsilon: setting("eps")?,
            amsgrad: flag("amsgrad"),
        }),
        "AdamW" => Trainer::builder(
            chain,
            loss,
            AdamW {
                learning_rate,
                beta1: beta(0)?,
                beta2: beta(1)?,
                epsilon: setting("eps")?,
                amsgrad: flag("amsgrad"),
                weight_decay: decay,
            },
        )
        .group(Select::all(), Group { weight_decay: Some(decay), ..Group::default() }),
        "Adagrad" => builder!(Adagrad {
            learning_rate,
            lr_decay: setting("lr_decay")?,
            initial_accumulator: setting("initial_accumulator_value")?,
            epsilon: setting("eps")?,
        }),
        "RMSprop" => builder!(RmsProp {
            learning_rate,
            alpha: setting("alpha")?,
            epsilon: setting("eps")?,
            centered: flag("centered"),
            momentum: setting("momentum")?,
        }),
        other => return Err(format!("optimizer {other}")),
    };
    let builder = match clip(case)? {
        Some(Clip::GlobalNorm(max)) => {
            let norms = expected_norms.to_vec();
            let coefficient = move |step: u64| {
                let norm = norms.get(step as usize).copied().unwrap_or(0.0);
                norm / (norm + 1e-6)
            };
            builder.clip(Clip::GlobalNorm(max)).clip_schedule(coefficient)
        }
        Some(other) => builder.clip(other),
        None => builder,
    };
    let builder = match &case.config["scheduler"] {
        Value::Null => builder,
        scheduler => builder.schedule(schedule(scheduler, learning_rate)?),
    };
    builder.threads(1).build(&[64]).map_err(|error| error.to_string())
}

fn clip(case: &Case) -> Result<Option<Clip>, String> {
    let bound = |key: &str| match &case.config[key] {
        Value::Null => Ok(None),
        value => number(value).map(Some),
    };
    Ok(match (bound("clip_norm")?, bound("clip_value")?) {
        (Some(max), _) => Some(Clip::GlobalNorm(max)),
        (None, Some(max)) => Some(Clip::Value(max)),
        (None, None) => None,
    })
}

fn schedule(config: &Value, base: f64) -> Result<Box<dyn Schedule>, String> {
    let value = |key: &str| number(field(config, "scheduler", key)?);
    let count = |key: &str| support::count(field(config, "scheduler", key)?).map(|n| n as u64);
    Ok(match support::text(field(config, "scheduler", "kind")?)?.as_str() {
        "CosineAnnealingLR" => {
            Cosine { to: value("eta_min")? / base, ..cosine(count("T_max")?) }.boxed()
        }
        "OneCycleLR" => OneCycle {
            pct_start: value("pct_start")?,
            div_factor: value("div_factor")?,
            final_div_factor: value("final_div_factor")?,
            ..one_cycle(count("total_steps")?)
        }
        .scaled(value("max_lr")? / base)
        .boxed(),
        "StepLR" => step_decay(count("step_size")?, value("gamma")?).boxed(),
        "ExponentialLR" => exponential(value("gamma")?).boxed(),
        "LinearLR" => {
            linear(value("start_factor")?, value("end_factor")?, count("total_iters")?).boxed()
        }
        "SequentialLR" => {
            let parts = field(config, "scheduler", "schedulers")?.as_array().ok_or("no parts")?;
            let joint = support::count(&config["milestones"][0])? as u64;
            let [first, second] = parts.as_slice() else { return Err("not two parts".to_owned()) };
            schedule(first, base)?.for_steps(joint).then(schedule(second, base)?).boxed()
        }
        other => return Err(format!("scheduler {other}")),
    })
}

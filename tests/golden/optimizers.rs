//! The rules against PyTorch and optax, in double and in single precision.
//!
//! What PyTorch has inside its optimizers and this crate elsewhere is done here openly: `maximize` turns the gradient, a coupled
//! `weight_decay` is added to it (the L2 regularizer's work), and parameter groups are courses.

use super::support::{self, Case, Tensor, close, field, number, run, tensor};
use crate::optim_support::custom::{Lamb, Lars, Lbfgs, Lookahead, Sam};
use crate::optim_support::{Rig, course, parameters};
use downhill::optim::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Lion, NAdam, Optimizer, RAdam, RmsProp, Sgd,
};
use downhill::{Error, Scalar};
use serde_json::Value;

/// No rule of these kinds yet; the single cases need a line search.
const PENDING: &[&str] = &[
    "ASGD",
    "Adafactor",
    "AveragedModel",
    "Muon",
    "Rprop",
    "optax.adabelief",
    "optax.adan",
    "optax.ademamix",
    "optax.adopt",
    "optax.novograd",
    "optax.prodigy",
    "optax.schedule_free_adamw",
    "optax.schedule_free_sgd",
    "optax.sm3",
    "optax.yogi",
    "LBFGS/quadratic/strong-wolfe",
    "LBFGS/quadratic/short-history",
    "LBFGS/rosenbrock/strong-wolfe",
    "LBFGS/rosenbrock/one-iteration-calls",
    "LBFGS/beale/strong-wolfe",
];

#[test]
fn optimizers() {
    run("optimizers", PENDING, |case| {
        if case.dtype == "float32" {
            return check::<f32>(case, (case.rtol, case.atol));
        }
        check::<f64>(case, (case.rtol, case.atol))?;
        check::<f32>(case, single(case)).map_err(|problem| format!("in f32: {problem}"))
    });
}

/// Tolerances for a double-precision case that is repeated in single precision: those of the file's own float32 cases. L-BFGS divides by
/// differences of gradients that are close together, which loses one digit more.
fn single(case: &Case) -> Tolerance {
    if case.kind == "LBFGS" { (2e-4, 2e-5) } else { (2e-5, 2e-6) }
}

type Tolerance = (f64, f64);

fn check<F: Scalar>(case: &Case, tolerance: Tolerance) -> Result<(), String> {
    match case.kind.as_str() {
        "optax.sam" => sam::<F>(case, tolerance),
        "LBFGS" => lbfgs::<F>(case, tolerance),
        kind => match kind.strip_prefix("minimize/") {
            Some(kind) => minimize::<F>(case, kind, tolerance),
            None => follow::<F>(case, tolerance),
        },
    }
}

/// The rule of a kind with the settings of `config`.
fn rule<F: Scalar>(kind: &str, config: &Value) -> Result<Box<dyn Optimizer<F>>, String> {
    let get = |key: &str| number(field(config, "config", key)?);
    let beta = |i: usize| number(&field(config, "config", "betas")?[i]);
    let flag = |key: &str| Ok::<_, String>(get(key)? != 0.0);
    Ok(match kind {
        "SGD" => Box::new(Sgd {
            learning_rate: get("lr")?,
            momentum: get("momentum")?,
            dampening: get("dampening")?,
            nesterov: flag("nesterov")?,
        }),
        "Adagrad" => Box::new(Adagrad {
            learning_rate: get("lr")?,
            lr_decay: get("lr_decay")?,
            initial_accumulator: get("initial_accumulator_value")?,
            epsilon: get("eps")?,
        }),
        "RMSprop" => Box::new(RmsProp {
            learning_rate: get("lr")?,
            alpha: get("alpha")?,
            epsilon: get("eps")?,
            centered: flag("centered")?,
            momentum: get("momentum")?,
        }),
        "Adadelta" => {
            Box::new(Adadelta { learning_rate: get("lr")?, rho: get("rho")?, epsilon: get("eps")? })
        }
        "Adam" => Box::new(Adam {
            learning_rate: get("lr")?,
            beta1: beta(0)?,
            beta2: beta(1)?,
            epsilon: get("eps")?,
            amsgrad: flag("amsgrad")?,
        }),
        "AdamW" => Box::new(AdamW {
            learning_rate: get("lr")?,
            beta1: beta(0)?,
            beta2: beta(1)?,
            epsilon: get("eps")?,
            amsgrad: flag("amsgrad")?,
            weight_decay: get("weight_decay")?,
        }),
        "Adamax" => Box::new(Adamax {
            learning_rate: get("lr")?,
            beta1: beta(0)?,
            beta2: beta(1)?,
            epsilon: get("eps")?,
        }),
        "RAdam" => Box::new(RAdam {
            learning_rate: get("lr")?,
            beta1: beta(0)?,
            beta2: beta(1)?,
            epsilon: get("eps")?,
        }),
        "NAdam" => Box::new(NAdam {
            learning_rate: get("lr")?,
            beta1: beta(0)?,
            beta2: beta(1)?,
            epsilon: get("eps")?,
            momentum_decay: get("momentum_decay")?,
        }),
        "optax.lion" => Box::new(Lion {
            learning_rate: get("learning_rate")?,
            beta1: get("b1")?,
            beta2: get("b2")?,
            weight_decay: get("weight_decay")?,
        }),
        "optax.lamb" => Box::new(Lamb {
            learning_rate: get("learning_rate")?,
            beta1: get("b1")?,
            beta2: get("b2")?,
            epsilon: get("eps")?,
            decay: get("weight_decay")?,
        }),
        "optax.lars" => Box::new(Lars {
            learning_rate: get("learning_rate")?,
            momentum: get("momentum")?,
            nesterov: flag("nesterov")?,
            decay: get("weight_decay")?,
            trust_coefficient: get("trust_coefficient")?,
            epsilon: get("eps")?,
        }),
        "optax.lookahead" => {
            let period = get("sync_period")? as u64;
            let (share, reset) = (get("slow_step_size")?, flag("reset_state")?);
            match inner(&config["fast_optimizer"])? {
                Inner::Sgd(inner) => Box::new(Lookahead { inner, period, share, reset }),
                Inner::Adam(inner) => Box::new(Lookahead { inner, period, share, reset }),
            }
        }
        _ => return Err(format!("kind `{kind}` is not supported")),
    })
}

enum Inner {
    Sgd(Sgd),
    Adam(Adam),
}

/// optax's plain optimizers, as the wrappers name them.
fn inner(config: &Value) -> Result<Inner, String> {
    let get = |key: &str| number(field(config, "config", key)?);
    let learning_rate = get("learning_rate")?;
    match config["kind"].as_str() {
        Some("optax.sgd") => {
            let momentum = get("momentum").unwrap_or(0.0);
            Ok(Inner::Sgd(Sgd { learning_rate, momentum, ..Sgd::default() }))
        }
        Some("optax.adam") => Ok(Inner::Adam(Adam {
            learning_rate,
            beta1: get("b1")?,
            beta2: get("b2")?,
            epsilon: get("eps")?,
            amsgrad: false,
        })),
        other => Err(format!("inner optimizer {other:?} is not supported")),
    }
}

/// Steps along stored gradients.
fn follow<F: Scalar>(case: &Case, tolerance: Tolerance) -> Result<(), String> {
    let (starts, gradients) = (case.inputs("params")?, case.inputs("grads")?);
    let wanted = Wanted { points: case.expects("params")?, tolerance };
    let groups = match case.config.get("groups").and_then(Value::as_array) {
        Some(groups) => groups.clone(),
        None => vec![case.config.clone(); starts.len()],
    };
    // Groups of a trainer differ in rate and decay; tensors whose other settings differ are followed apart, each with a rule of its own.
    let settings = |group: &Value| {
        let mut group = group.clone();
        group["lr"].take();
        group["weight_decay"].take();
        group
    };
    if groups.iter().all(|group| settings(group) == settings(&groups[0])) {
        return follow_some::<F>(case, 0, &starts, &gradients, &groups, &wanted);
    }
    (0..starts.len()).try_for_each(|i| {
        let one = i..i + 1;
        let (starts, gradients) = (&starts[one.clone()], &gradients[one.clone()]);
        follow_some::<F>(case, i, starts, gradients, &groups[one], &wanted)
    })
}

struct Wanted {
    points: Vec<Tensor>,
    tolerance: Tolerance,
}

/// Follows the tensors from number `first` on.
fn follow_some<F: Scalar>(
    case: &Case,
    first: usize,
    starts: &[Tensor],
    gradients: &[Tensor],
    groups: &[Value],
    wanted: &Wanted,
) -> Result<(), String> {
    let rule = rule::<F>(&case.kind, &groups[0])?;
    rule.validate().map_err(|error| error.to_string())?;
    let shapes: Vec<_> = starts.iter().map(|start| start.shape.clone()).collect();
    let weights: Vec<f64> = starts.iter().flat_map(|start| start.data.clone()).collect();
    let mut rig = Rig::new(&*rule, parameters::<F, _>(&shapes), &weights);

    let base = rule.learning_rate();
    let setting = |group: &Value, key: &str| group.get(key).map_or(Ok(0.0), number);
    let sign = if setting(&groups[0], "maximize")? != 0.0 { -1.0 } else { 1.0 };
    let mut coupled = Vec::new();
    for (own, group) in rig.courses.iter_mut().zip(groups) {
        let decay = setting(group, "weight_decay")?;
        let decoupled = setting(group, "decoupled_weight_decay")? != 0.0;
        // LAMB and LARS have a decay of their own, inside their ratio; that of AdamW and Lion is in the course already.
        let none = case.kind.starts_with("optax.") || decoupled;
        if decoupled {
            *own = course(decay);
        }
        own.learning_rate_scale = group.get("lr").map_or(Ok(base), number)? / base;
        coupled.push(F::of(if none { 0.0 } else { decay }));
    }

    let skipped = |step: usize, id: usize| {
        let ids = case.inputs.get("no_grad").and_then(|list| list[step].as_array());
        ids.is_some_and(|ids| ids.contains(&Value::from(first + id)))
    };
    let compare = |what: &str, got: &[F], want: &[f64]| {
        let got: Vec<f64> = got.iter().map(|x| x.as_f64()).collect();
        close(what, &got, want, wanted.tolerance.0, wanted.tolerance.1)
    };
    for step in 0..gradients[0].shape[0] {
        for (id, parameter) in rig.parameters.iter().enumerate() {
            rig.courses[id].active = !skipped(step, id);
            let place = parameter.range();
            let size = place.len();
            let given = &gradients[id].data[step * size..(step + 1) * size];
            for ((g, &given), &w) in
                rig.gradient[place.clone()].iter_mut().zip(given).zip(&rig.weights[place])
            {
                *g = F::of(sign * given) + coupled[id] * w;
            }
        }
        let rate = match case.inputs.get("lrs") {
            Some(rates) => number(&rates[step])?,
            None => base,
        };
        rig.step(rate, &mut |_, _| Ok(f64::NAN)).map_err(|error| error.to_string())?;

        for (id, parameter) in rig.parameters.iter().enumerate() {
            let size = parameter.range().len();
            let want = &wanted.points[first + id].data[step * size..(step + 1) * size];
            let what = format!("parameter {} after step {step}", first + id);
            compare(&what, &rig.weights[parameter.range()], want)?;
            if case.kind == "optax.lookahead" {
                let slow = rig.memory.buffers().last().ok_or("no slow weights")?;
                let want = &case.expects("slow_params")?[id].data[step * size..(step + 1) * size];
                compare(&format!("slow {what}"), &slow[parameter.range()], want)?;
            }
        }
    }
    for (id, parameter) in rig.parameters.iter().enumerate() {
        let state = case.expected.get("state").and_then(|state| state[first + id].as_object());
        for (name, value) in state.into_iter().flatten() {
            let want = tensor(value)?.data;
            match slot_name(name) {
                Some("updates") => {
                    close("updates", &[rig.memory.updates()[id] as f64], &want, 0.0, 0.0)?;
                }
                Some(slot) => {
                    let position = rig.memory.slots().iter().position(|own| own.name() == slot);
                    let position = position.ok_or_else(|| format!("no slot for {name}"))?;
                    compare(name, &rig.memory.buffers()[position][parameter.range()], &want)?;
                }
                // A function of the number of updates here, tested with the rule.
                None if name == "mu_product" => {}
                None => return Err(format!("state {name} is not known")),
            }
        }
    }
    Ok(())
}

/// What this crate calls PyTorch's state.
fn slot_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "step" => "updates",
        "momentum_buffer" => "momentum",
        "exp_avg" => "first_moment",
        "exp_avg_sq" => "second_moment",
        "max_exp_avg_sq" => "largest_second_moment",
        "exp_inf" => "largest",
        "sum" => "sum",
        "square_avg" => "square",
        "grad_avg" => "mean",
        "acc_delta" => "step_square",
        _ => return None,
    })
}

/// A function with its gradient, as `inputs.function` names it.
fn function(case: &Case) -> Result<impl Fn(&[f64]) -> (f64, Vec<f64>) + use<>, String> {
    let name = support::text(field(&case.inputs, "inputs", "function")?)?;
    let (a, b) = match name.as_str() {
        "quadratic" => (case.input("A")?.data, case.input("b")?.data),
        "rosenbrock" | "beale" => Default::default(),
        _ => return Err(format!("function `{name}` is not supported")),
    };
    Ok(move |x: &[f64]| match name.as_str() {
        "quadratic" => {
            let ax: Vec<f64> =
                a.chunks(x.len()).map(|row| row.iter().zip(x).map(|(a, x)| a * x).sum()).collect();
            let value = x.iter().zip(&ax).zip(&b).map(|((x, ax), b)| 0.5 * x * ax - b * x).sum();
            (value, ax.iter().zip(&b).map(|(ax, b)| ax - b).collect())
        }
        "rosenbrock" => {
            let (mut value, mut gradient) = (0.0, vec![0.0; x.len()]);
            for i in 0..x.len() - 1 {
                let (bend, rest) = (x[i + 1] - x[i] * x[i], 1.0 - x[i]);
                value += 100.0 * bend * bend + rest * rest;
                gradient[i] += -400.0 * x[i] * bend - 2.0 * rest;
                gradient[i + 1] += 200.0 * bend;
            }
            (value, gradient)
        }
        _ => {
            let (x, y) = (x[0], x[1]);
            let (mut value, mut gradient) = (0.0, vec![0.0; 2]);
            for (power, constant) in [(1, 1.5), (2, 2.25), (3, 2.625)] {
                let term = constant - x + x * y.powi(power);
                value += term * term;
                gradient[0] += 2.0 * term * (y.powi(power) - 1.0);
                gradient[1] += 2.0 * term * x * f64::from(power) * y.powi(power - 1);
            }
            (value, gradient)
        }
    })
}

/// The closure of a step: the gradient is found in double precision and rounded.
fn evaluate<F: Scalar>(
    function: &impl Fn(&[f64]) -> (f64, Vec<f64>),
    weights: &[F],
    gradient: &mut [F],
) -> f64 {
    let (loss, exact) = function(&weights.iter().map(|w| w.as_f64()).collect::<Vec<_>>());
    gradient.iter_mut().zip(exact).for_each(|(g, exact)| *g = F::of(exact));
    loss
}

fn minimize<F: Scalar>(case: &Case, kind: &str, (rtol, atol): Tolerance) -> Result<(), String> {
    let rule = rule::<F>(kind, &case.config)?;
    let function = function(case)?;
    let mut rig = Rig::flat(&*rule, &case.input("x0")?.data);
    let (steps, every) = (case.count("steps")?, case.count("points_every")?);
    let (mut losses, mut points) = (Vec::new(), Vec::new());
    for step in 0..=steps {
        losses.push(evaluate(&function, &rig.weights, &mut rig.gradient));
        if step % every == 0 {
            points.extend(rig.weights_f64());
        }
        if step < steps {
            rig.step(rule.learning_rate(), &mut |_, _| Ok(f64::NAN))
                .map_err(|error| error.to_string())?;
        }
    }
    close("losses", &losses, &case.expect("losses")?.data, rtol, atol)?;
    close("points", &points, &case.expect("points")?.data, rtol, atol)?;
    close("x", &rig.weights_f64(), &case.expect("x")?.data, rtol, atol)
}

fn sam<F: Scalar>(case: &Case, (rtol, atol): Tolerance) -> Result<(), String> {
    let rho = case.number("rho")?;
    let rule: Box<dyn Optimizer<F>> = match inner(&case.config["optimizer"])? {
        Inner::Sgd(inner) => Box::new(Sam { inner, rho }),
        Inner::Adam(inner) => Box::new(Sam { inner, rho }),
    };
    let function = function(case)?;
    let mut rig = Rig::flat(&*rule, &case.input("x0")?.data);
    let want = case.expect("points")?;
    let (mut losses, mut points) = (Vec::new(), Vec::new());
    for _ in 0..want.shape[0] {
        losses.push(evaluate(&function, &rig.weights, &mut rig.gradient));
        rig.step(rule.learning_rate(), &mut |w, g| Ok(evaluate(&function, w, g)))
            .map_err(|error| error.to_string())?;
        points.extend(rig.weights_f64());
    }
    close("points", &points, &want.data, rtol, atol)?;
    close("losses", &losses, &case.expect("losses")?.data, rtol, atol)
}

fn lbfgs<F: Scalar>(case: &Case, (rtol, atol): Tolerance) -> Result<(), String> {
    if !case.config["line_search_fn"].is_null() {
        return Err("no line search".to_owned());
    }
    let rule = Lbfgs {
        learning_rate: case.number("lr")?,
        iterations: case.count("max_iter")?,
        evaluations: case.count("max_eval")?,
        tolerance_gradient: case.number("tolerance_grad")?,
        tolerance_change: case.number("tolerance_change")?,
        history: case.count("history_size")?,
    };
    let function = function(case)?;
    let mut rig = Rig::flat(&rule as &dyn Optimizer<F>, &case.input("x0")?.data);
    let (mut seen, mut losses, mut after) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..case.count("step_calls")? {
        let mut closure = |w: &[F], g: &mut [F]| -> Result<f64, Error> {
            seen.extend(w.iter().map(|w| w.as_f64()));
            losses.push(evaluate(&function, w, g));
            Ok(losses[losses.len() - 1])
        };
        rig.loss = closure(&rig.weights, &mut rig.gradient).map_err(|error| error.to_string())?;
        rig.step(rule.learning_rate, &mut closure).map_err(|error| error.to_string())?;
        after.extend(rig.weights_f64());
    }
    close("eval_loss", &losses, &case.expect("eval_loss")?.data, rtol, atol)?;
    close("eval_x", &seen, &case.expect("eval_x")?.data, rtol, atol)?;
    close("x_after_step", &after, &case.expect("x_after_step")?.data, rtol, atol)
}

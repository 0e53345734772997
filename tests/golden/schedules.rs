//! Schedules against the reference data, built from the public types.
//!
//! Four things are adapted in the open:
//! * PyTorch's `CosineAnnealingLR` rises again after `T_max`, ours stays down. The reference is our cosine read forwards
//!   and backwards in turn.
//! * `MultiplicativeLR` takes a function of the user and multiplies the rate by it at every step. Its two cases have
//!   closed forms: an exponential, and the closure 1 / (step + 1).
//! * `min_lr` and `eps` of `ReduceLROnPlateau` are on the rate, ours are on the scale: divided by the base rate.
//! * For negative metrics PyTorch puts the margin of a relative threshold on the other side. That equals our rule with
//!   minus the threshold.

use super::support::{self, Case, Tensor, field, run};
use downhill::schedule::{
    Anneal, Cosine, Cyclic, CyclicMode, Goal, OneCycle, Plateau, Polynomial, Schedule, Threshold,
    WarmRestarts, constant, cosine, cyclic, exponential, inverse_sqrt, linear, multi_step, noam,
    one_cycle, polynomial, step_decay, warm_restarts,
};
use serde_json::Value;

type Built = Result<Box<dyn Schedule>, String>;

#[test]
fn schedules() {
    run("schedules", &[], |case| match case.kind.as_str() {
        "ReduceLROnPlateau" => plateau(case),
        "CyclicLR" => cycling(case, number(&case.config, "max_lr")?, cyclic_lr(&case.config)?),
        "OneCycleLR" => cycling(case, number(&case.config, "max_lr")?, one_cycle_lr(&case.config)?),
        kind if kind.starts_with("optax.") => follow(case, 1.0, &optax(kind, &case.config)?, "lr"),
        kind => {
            let rate = number(&case.config, "base_lr")?;
            follow(case, rate, &torch(kind, &case.config)?, "lr")
        }
    });
}

/// Compares `configured` times the factor of every step.
fn follow(
    case: &Case,
    configured: f64,
    schedule: &dyn Schedule,
    series: &str,
) -> Result<(), String> {
    schedule.validate().map_err(|error| error.to_string())?;
    let want = case.expect(series)?;
    if want.data.len() as u64 != count(&case.inputs, "steps")? {
        return Err(format!("{series}: not one number per step"));
    }
    let got: Vec<f64> =
        (0..want.data.len() as u64).map(|step| configured * schedule.at(step)).collect();
    case.close(series, &got, &want.data)
}

/// A schedule together with the one of the momentum.
fn cycling(
    case: &Case,
    rate: f64,
    (schedule, companion): (impl Schedule, impl Schedule),
) -> Result<(), String> {
    follow(case, rate, &schedule, "lr")?;
    let momentum = number(&case.config, "max_momentum")?;
    match case.flag("cycle_momentum")? {
        true => follow(case, momentum, &companion, "momentum"),
        false => follow(case, momentum, &constant(1.0), "momentum"),
    }
}

fn torch(kind: &str, config: &Value) -> Built {
    Ok(match kind {
        "StepLR" => step_decay(count(config, "step_size")?, number(config, "gamma")?).boxed(),
        "MultiStepLR" => {
            multi_step(counts(config, "milestones")?, number(config, "gamma")?).boxed()
        }
        "ConstantLR" => constant(number(config, "factor")?)
            .for_steps(count(config, "total_iters")?)
            .then(constant(1.0))
            .boxed(),
        "LinearLR" => linear(
            number(config, "start_factor")?,
            number(config, "end_factor")?,
            count(config, "total_iters")?,
        )
        .boxed(),
        "ExponentialLR" => exponential(number(config, "gamma")?).boxed(),
        "PolynomialLR" => {
            polynomial(count(config, "total_iters")?, number(config, "power")?).boxed()
        }
        "CosineAnnealingLR" => {
            let steps = count(config, "T_max")?;
            let down = Cosine { to: relative(config, "eta_min")?, ..cosine(steps) };
            let mirrored = move |step: u64| {
                let place = step % (2 * steps);
                down.at(place.min(2 * steps - place))
            };
            mirrored.boxed()
        }
        "CosineAnnealingWarmRestarts" => WarmRestarts {
            growth: count(config, "T_mult")?,
            to: relative(config, "eta_min")?,
            ..warm_restarts(count(config, "T_0")?)
        }
        .boxed(),
        "LambdaLR" | "MultiplicativeLR" => user_function(kind, field_of(config, "lr_lambda")?)?,
        "SequentialLR" => one_after_the_other(
            list(config, "schedulers")?,
            &counts(config, "milestones")?,
            member,
        )?,
        "ChainedScheduler" => {
            let mut product = constant(1.0).boxed();
            for part in list(config, "schedulers")? {
                product = product.times(member(part)?).boxed();
            }
            product
        }
        _ => return Err(format!("kind `{kind}` is not supported")),
    })
}

/// A part of a `SequentialLR`, `ChainedScheduler` or `join_schedules`. A rate that is not given is 0 there.
fn member(config: &Value) -> Built {
    let kind = field_of(config, "kind")?.as_str().unwrap_or_default();
    match kind.starts_with("optax.") {
        true => optax(kind, config),
        false => torch(kind, config),
    }
}

fn user_function(kind: &str, function: &Value) -> Built {
    let name = field_of(function, "name")?.as_str().unwrap_or_default();
    Ok(match (kind, name) {
        ("LambdaLR", "noam") => {
            noam(count(function, "d_model")?, count(function, "warmup")?).boxed()
        }
        ("LambdaLR", "inverse_sqrt") => inverse_sqrt(count(function, "warmup")?).boxed(),
        ("LambdaLR", "power") => exponential(number(function, "gamma")?).boxed(),
        ("MultiplicativeLR", "constant") => exponential(number(function, "value")?).boxed(),
        ("MultiplicativeLR", "reciprocal") => (|step: u64| 1.0 / (step as f64 + 1.0)).boxed(),
        _ => return Err(format!("{kind} with `{name}` is not supported")),
    })
}

/// Joins parts at steps that are counted from the start of the run.
fn one_after_the_other(parts: &[Value], joints: &[u64], build: impl Fn(&Value) -> Built) -> Built {
    let (last, others) = parts.split_last().ok_or("no schedules")?;
    if others.len() != joints.len() {
        return Err("not one joint between two schedules".to_owned());
    }
    let starts = std::iter::once(&0).chain(joints);
    let mut joined: Option<Box<dyn Schedule>> = None;
    let append = |joined: Option<Box<dyn Schedule>>, next: Box<dyn Schedule>| match joined {
        Some(first) => first.then(next).boxed(),
        None => next,
    };
    for ((part, start), joint) in others.iter().zip(starts).zip(joints) {
        let piece = build(part)?.for_steps(joint - start).boxed();
        joined = Some(append(joined, piece));
    }
    Ok(append(joined, build(last)?))
}

fn cyclic_lr(config: &Value) -> Result<(Cyclic, Cyclic), String> {
    let up = count(config, "step_size_up")?;
    let low = number(config, "base_lr")? / number(config, "max_lr")?;
    let schedule = Cyclic {
        down: optional_count(config, "step_size_down")?.unwrap_or(up),
        mode: match field_of(config, "mode")?.as_str() {
            Some("triangular") => CyclicMode::Triangular,
            Some("triangular2") => CyclicMode::Triangular2,
            Some("exp_range") => CyclicMode::ExpRange { gamma: number(config, "gamma")? },
            other => return Err(format!("mode {other:?} is not supported")),
        },
        ..cyclic(low, 1.0, up)
    };
    let lowest = number(config, "base_momentum")? / number(config, "max_momentum")?;
    Ok((schedule, schedule.momentum(lowest, 1.0)))
}

fn one_cycle_lr(config: &Value) -> Result<(OneCycle, impl Schedule), String> {
    let steps = match optional_count(config, "total_steps")? {
        Some(steps) => steps,
        None => count(config, "epochs")? * count(config, "steps_per_epoch")?,
    };
    let schedule = OneCycle {
        pct_start: number(config, "pct_start")?,
        div_factor: number(config, "div_factor")?,
        final_div_factor: number(config, "final_div_factor")?,
        anneal: match field_of(config, "anneal_strategy")?.as_str() {
            Some("cos") => Anneal::Cosine,
            Some("linear") => Anneal::Linear,
            other => return Err(format!("strategy {other:?} is not supported")),
        },
        three_phase: field_of(config, "three_phase")? == &Value::Bool(true),
        ..one_cycle(steps)
    };
    let lowest = number(config, "base_momentum")? / number(config, "max_momentum")?;
    Ok((schedule, schedule.momentum(lowest, 1.0)))
}

/// optax schedules return rates; these are our factors for a configured rate of 1.
fn optax(kind: &str, config: &Value) -> Built {
    let real = |key| number(config, key);
    let steps = |key| count(config, key);
    Ok(match kind {
        "optax.constant_schedule" => constant(real("value")?).boxed(),
        "optax.linear_schedule" => {
            let line = linear(real("init_value")?, real("end_value")?, steps("transition_steps")?);
            begin_late(config, real("init_value")?, line)?
        }
        "optax.polynomial_schedule" => {
            let decay = Polynomial {
                from: real("init_value")?,
                to: real("end_value")?,
                ..polynomial(steps("transition_steps")?, real("power")?)
            };
            begin_late(config, real("init_value")?, decay)?
        }
        "optax.exponential_decay" => {
            let (start, period) = (real("init_value")?, steps("transition_steps")?);
            let decay = match field_of(config, "staircase")?.as_bool() {
                Some(true) => step_decay(period, real("decay_rate")?).boxed(),
                _ => exponential(real("decay_rate")?.powf(1.0 / period as f64)).boxed(),
            };
            let decay = begin_late(config, start, decay.scaled(start))?;
            match field_of(config, "end_value")? {
                Value::Null => decay,
                _ => decay.clamped(real("end_value")?, start).boxed(),
            }
        }
        "optax.cosine_decay_schedule" => Cosine {
            from: real("init_value")?,
            to: real("init_value")? * real("alpha")?,
            power: real("exponent")?,
            ..cosine(steps("decay_steps")?)
        }
        .boxed(),
        "optax.warmup_cosine_decay_schedule" => {
            let (peak, rise) = (real("peak_value")?, steps("warmup_steps")?);
            linear(real("init_value")?, peak, rise)
                .then(Cosine {
                    from: peak,
                    to: real("end_value")?,
                    power: real("exponent")?,
                    ..cosine(steps("decay_steps")? - rise)
                })
                .boxed()
        }
        "optax.sgdr_schedule" => {
            let cycles = list(config, "cosine_kwargs")?;
            let mut joints: Vec<u64> = Vec::new();
            for cycle in &cycles[..cycles.len() - 1] {
                let start = joints.last().copied().unwrap_or(0);
                joints.push(start + count(cycle, "decay_steps")?);
            }
            one_after_the_other(cycles, &joints, |cycle| {
                optax("optax.warmup_cosine_decay_schedule", cycle)
            })?
        }
        "optax.join_schedules" => {
            one_after_the_other(list(config, "schedules")?, &counts(config, "boundaries")?, member)?
        }
        "optax.piecewise_constant_schedule" => {
            let scales = field_of(config, "boundaries_and_scales")?;
            let scales = scales.as_object().ok_or("not a map")?;
            let mut product = constant(real("init_value")?).boxed();
            for boundary in scales.keys() {
                let milestone: u64 = boundary.parse().map_err(|_| "not a step")?;
                let drop = support::number(&scales[boundary])?;
                product = product.times(multi_step([milestone], drop)).boxed();
            }
            product
        }
        "optax.linear_onecycle_schedule" => {
            let (all, peak) = (steps("transition_steps")?, real("peak_value")?);
            let (first, last) = one_cycle_ends(config, peak)?;
            let rise = (real("pct_start")? * all as f64) as u64;
            let fall = (real("pct_final")? * all as f64) as u64;
            linear(first, peak, rise)
                .then(linear(peak, first, fall - rise))
                .then(linear(first, last, all - fall))
                .boxed()
        }
        "optax.cosine_onecycle_schedule" => {
            let (all, peak) = (steps("transition_steps")?, real("peak_value")?);
            let (first, last) = one_cycle_ends(config, peak)?;
            let rise = (real("pct_start")? * all as f64) as u64;
            Cosine { from: first, to: peak, ..cosine(rise) }
                .then(Cosine { from: peak, to: last, ..cosine(all - rise) })
                .boxed()
        }
        _ => return Err(format!("kind `{kind}` is not supported")),
    })
}

fn begin_late(config: &Value, before: f64, schedule: impl Schedule + 'static) -> Built {
    Ok(match count(config, "transition_begin")? {
        0 => schedule.boxed(),
        begin => constant(before).for_steps(begin).then(schedule).boxed(),
    })
}

fn one_cycle_ends(config: &Value, peak: f64) -> Result<(f64, f64), String> {
    let first = peak / number(config, "div_factor")?;
    Ok((first, first / number(config, "final_div_factor")?))
}

fn plateau(case: &Case) -> Result<(), String> {
    let config = &case.config;
    let Tensor { data: metrics, .. } = case.input("metrics")?;
    let amount = number(config, "threshold")?;
    let threshold = match case.text("threshold_mode")?.as_str() {
        "abs" => Threshold::Absolute(amount),
        // PyTorch's margin is on the other side.
        "rel" if metrics.iter().all(|metric| *metric < 0.0) => Threshold::Relative(-amount),
        // Also where the metric changes its sign: there the threshold is too small to decide anything.
        "rel" => Threshold::Relative(amount),
        other => return Err(format!("threshold mode `{other}` is not supported")),
    };
    let rate = number(config, "base_lr")?;
    let plateau = Plateau {
        factor: number(config, "factor")?,
        patience: count(config, "patience")?,
        threshold,
        goal: match case.text("mode")?.as_str() {
            "max" => Goal::Maximize,
            _ => Goal::Minimize,
        },
        cooldown: count(config, "cooldown")?,
        min_scale: number(config, "min_lr")? / rate,
        epsilon: number(config, "eps")? / rate,
    };
    let got: Vec<f64> =
        (0..=metrics.len()).map(|epochs| rate * plateau.scale(&metrics[..epochs])).collect();
    case.close("lr", &got, &case.expect("lr")?.data)
}

/// A rate as a factor on the base rate; parts of a `SequentialLR` or `ChainedScheduler` only use the rate 0.
fn relative(config: &Value, key: &str) -> Result<f64, String> {
    match (number(config, key)?, config.get("base_lr")) {
        (rate, Some(base)) => Ok(rate / support::number(base)?),
        (0.0, None) => Ok(0.0),
        (rate, None) => Err(format!("{key} = {rate} without a base rate")),
    }
}

fn field_of<'a>(config: &'a Value, key: &str) -> Result<&'a Value, String> {
    field(config, "config", key)
}

fn number(config: &Value, key: &str) -> Result<f64, String> {
    support::number(field_of(config, key)?).map_err(|problem| format!("{key}: {problem}"))
}

fn count(config: &Value, key: &str) -> Result<u64, String> {
    let value = field_of(config, key)?;
    value.as_u64().ok_or_else(|| format!("{key}: {value} is not a whole number"))
}

fn optional_count(config: &Value, key: &str) -> Result<Option<u64>, String> {
    match field_of(config, key)? {
        Value::Null => Ok(None),
        _ => count(config, key).map(Some),
    }
}

fn list<'a>(config: &'a Value, key: &str) -> Result<&'a [Value], String> {
    let value = field_of(config, key)?;
    value.as_array().map(Vec::as_slice).ok_or_else(|| format!("{key}: {value} is not a list"))
}

fn counts(config: &Value, key: &str) -> Result<Vec<u64>, String> {
    list(config, key)?
        .iter()
        .map(|value| value.as_u64().ok_or_else(|| format!("{key}: {value} is not a whole number")))
        .collect()
}

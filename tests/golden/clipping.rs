//! Clipping against PyTorch and optax: every case in f64 and, where its numbers are in range, in f32.

use super::support::{Case, Tensor, close, field, run};
use crate::shapes::parameters;
use downhill::clip::{Clip, Norm, norm};
use downhill::kernel::parallel::Parallel;
use downhill::{Error, Scalar};

/// In f32 the input, the factor and the product are each rounded to 2⁻²⁴ relative, and the bound of a clipped value once: 4 × 2⁻²⁴ leaves nothing to luck.
const F32: f64 = 4.0 * 5.960_464_477_539_063e-8;

#[test]
fn every_case_agrees() {
    run("clipping", &[], |case: &Case| {
        in_type::<f64>(case, (case.rtol, case.atol)).map_err(|e| format!("f64: {e}"))?;
        // A case that was computed in f32 brings the rounding of the reference along, and its tolerance.
        let tolerance = if case.dtype == "float32" { (case.rtol, case.atol) } else { (F32, 0.0) };
        in_type::<f32>(case, tolerance).map_err(|e| format!("f32: {e}"))
    });
}

fn in_type<F: Scalar>(case: &Case, tolerance: (f64, f64)) -> Result<(), String> {
    match case.kind.as_str() {
        "clip_grad_norm_" => torch_norm::<F>(case, tolerance),
        "clip_grad_value_" => torch_value::<F>(case, tolerance),
        "optax.clip_by_global_norm" => optax_global::<F>(case, tolerance),
        "optax.adaptive_grad_clip" => optax_adaptive::<F>(case, tolerance),
        _ => case.unknown(),
    }
}

fn torch_norm<F: Scalar>(case: &Case, tolerance: (f64, f64)) -> Result<(), String> {
    let kind = match case.number("norm_type")? {
        1.0 => Norm::L1,
        2.0 => Norm::L2,
        f64::INFINITY => Norm::Max,
        p => Norm::P(p),
    };
    let max = case.number("max_norm")?;
    let grads = case.inputs("grads")?;
    let mut flat = flatten::<F>(&grads);
    let before = flat.clone();
    let total = kind.of(&flat, Parallel::Off);
    // Two ways to say the same for the Euclidean norm; one must do as the other.
    let clips = match kind {
        Norm::L2 => vec![Clip::GlobalNorm(max), Clip::GlobalNormOf { max, norm: kind }],
        _ => vec![Clip::GlobalNormOf { max, norm: kind }],
    };

    if case.flag("error_if_nonfinite")? && !total.is_finite() {
        // PyTorch raises and leaves the gradients; here the factor is NaN, and a trainer makes the error before.
        assert!(field(&case.expected, "expected", "error")?.as_bool() == Some(true));
        return untouched(&clips, &mut flat);
    }
    let want_total = case.expect("total_norm")?.data[0];
    close("total_norm", &[total], &[want_total], tolerance.0, tolerance.1)?;
    if !total.is_finite() {
        // On purpose unlike PyTorch, which turns finite gradients into zeros (infinite norm) or NaN (NaN norm) without a word.
        return untouched(&clips, &mut flat);
    }

    for clip in clips {
        flat.copy_from_slice(&before);
        apply(clip, &grads, &[], &mut flat)?;
        // On purpose unlike PyTorch, which multiplies by min(1, max / (norm + 1e-6)): its factor is divided out of its result, ours multiplied in. Then
        // the tolerance is the same as ever. Where it has no limit above 0, both give zeros.
        let theirs = (max / (want_total + 1e-6)).min(1.0);
        let ours = if want_total > max { max / want_total } else { 1.0 };
        let adapt = if theirs == 0.0 { 1.0 } else { ours / theirs };
        let want: Vec<f64> =
            case.expects("grads")?.iter().flat_map(|t| &t.data).map(|g| g * adapt).collect();
        close("grads", &to_f64(&flat), &want, tolerance.0, tolerance.1)?;
        if want_total <= max && flat != before {
            return Err("gradients within the limit changed".to_owned());
        }
    }
    // A limit of 0 works when it is applied (a schedule may reach it), but is refused as a setting.
    if Clip::GlobalNorm(max).validate().is_ok() != (max > 0.0) {
        return Err(format!("validate disagrees about {max}"));
    }
    Ok(())
}

fn torch_value<F: Scalar>(case: &Case, tolerance: (f64, f64)) -> Result<(), String> {
    let grads = case.inputs("grads")?;
    let mut flat = flatten::<F>(&grads);
    let clip = Clip::Value(case.number("clip_value")?);
    if !norm(&flat, Parallel::Off).is_finite() {
        // On purpose unlike PyTorch, which makes an infinity look like a large gradient and lets NaN pass.
        return untouched(&[clip], &mut flat);
    }
    apply(clip, &grads, &[], &mut flat)?;
    let want = flatten::<f64>(&case.expects("grads")?);
    close("grads", &to_f64(&flat), &want, tolerance.0, tolerance.1)
}

fn optax_global<F: Scalar>(case: &Case, tolerance: (f64, f64)) -> Result<(), String> {
    let grads = case.inputs("grads")?;
    let mut flat = flatten::<F>(&grads);
    apply(Clip::GlobalNorm(case.number("max_norm")?), &grads, &[], &mut flat)?;
    let want = flatten::<f64>(&case.expects("grads")?);
    close("grads", &to_f64(&flat), &want, tolerance.0, tolerance.1)
}

fn optax_adaptive<F: Scalar>(case: &Case, tolerance: (f64, f64)) -> Result<(), String> {
    // optax keeps the units on the last axis and takes the norm over the others; `axis` 1 takes it over the rows, so there the units are on the first axis
    // as they are here.
    let units_last = case.config["axis"].is_null();
    let arrange = |tensors: Vec<Tensor>| -> Vec<Tensor> {
        tensors.into_iter().map(|t| if units_last { last_axis_first(t) } else { t }).collect()
    };
    let grads = arrange(case.inputs("grads")?);
    let weights = flatten::<F>(&arrange(case.inputs("params")?));
    let mut flat = flatten::<F>(&grads);
    let clip = Clip::Adaptive { factor: case.number("clipping")?, epsilon: case.number("eps")? };
    apply(clip, &grads, &weights, &mut flat)?;
    let want = flatten::<f64>(&arrange(case.expects("grads")?));
    close("grads", &to_f64(&flat), &want, tolerance.0, tolerance.1)
}

/// Applies a clip that must work, and checks that the reported factor is the quotient of the norms.
fn apply<F: Scalar>(
    clip: Clip,
    tensors: &[Tensor],
    weights: &[F],
    gradient: &mut [F],
) -> Result<(), String> {
    let parameters = parameters(tensors.iter().map(|t| t.shape.clone()));
    let before = norm(gradient, Parallel::Off);
    let clipped = clip.apply(&parameters, weights, gradient, before, 1.0, Parallel::Off);
    let after = norm(gradient, Parallel::Off);
    let quotient = if before == 0.0 { 1.0 } else { after / before };
    let rounding = 4.0 * F::epsilon().as_f64();
    close("factor", &[clipped.factor], &[quotient], rounding, 0.0)
}

/// A gradient that is not finite stays as it is, and the factor says so.
fn untouched<F: Scalar>(clips: &[Clip], gradient: &mut [F]) -> Result<(), String> {
    let before: Vec<u64> = to_f64(gradient).iter().map(|g| g.to_bits()).collect();
    let size = norm(gradient, Parallel::Off);
    for clip in clips {
        let clipped = clip.apply(&[], &[], gradient, size, 1.0, Parallel::Off);
        let after: Vec<u64> = to_f64(gradient).iter().map(|g| g.to_bits()).collect();
        if !clipped.factor.is_nan() || after != before {
            return Err(format!("{clip:?} changed a gradient that is not finite"));
        }
    }
    Ok(())
}

/// Moves the last axis to the front.
fn last_axis_first(tensor: Tensor) -> Tensor {
    let Some((&units, rest)) = tensor.shape.split_last() else { return tensor };
    let data = (0..units).flat_map(|unit| tensor.data.iter().skip(unit).step_by(units)).copied();
    Tensor { shape: [&[units], rest].concat(), data: data.collect() }
}

fn flatten<F: Scalar>(tensors: &[Tensor]) -> Vec<F> {
    tensors.iter().flat_map(|t| &t.data).map(|&x| F::of(x)).collect()
}

fn to_f64<F: Scalar>(values: &[F]) -> Vec<f64> {
    values.iter().map(|x| x.as_f64()).collect()
}

#[test]
fn settings_that_pytorch_takes_silently_are_refused() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let adaptive = |factor, epsilon| Clip::Adaptive { factor, epsilon };
        for clip in [
            Clip::Value(bad),
            Clip::GlobalNorm(bad),
            Clip::TensorNorm(bad),
            Clip::GlobalNormOf { max: bad, norm: Norm::Max },
            adaptive(bad, 1e-3),
            adaptive(0.01, bad),
        ] {
            assert!(matches!(clip.validate(), Err(Error::Argument { .. })), "{clip:?}");
        }
    }
    for p in [0.5, -2.0, f64::NAN, f64::INFINITY] {
        assert!(Clip::GlobalNormOf { max: 1.0, norm: Norm::P(p) }.validate().is_err(), "{p}");
    }
}

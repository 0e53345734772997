//! Activations at numbers that are larger than the laws go, and their slopes where they bend.

use std::sync::Arc;

use downhill::layer::{
    Celu, Elu, Gelu, Glu, HardSigmoid, HardSwish, Layer, LeakyRelu, LogSigmoid, LogSoftmax, Mish,
    PRelu, Relu, Selu, Sigmoid, Silu, Softmax, Softplus, Softsign, SwiGlu, Tanh,
};
use downhill::network::{Draw, Workspace};
use downhill::{Model, Scalar};

/// Every activation with its default settings.
fn all<F: Scalar>() -> Vec<(&'static str, Arc<dyn Layer<F>>)> {
    let mut all = gates();
    all.extend(elementwise());
    all.push(("Softmax", Arc::new(Softmax::default())));
    all.push(("LogSoftmax", Arc::new(LogSoftmax::default())));
    all
}

fn gates<F: Scalar>() -> Vec<(&'static str, Arc<dyn Layer<F>>)> {
    vec![("Glu", Arc::new(Glu::default())), ("SwiGlu", Arc::new(SwiGlu::default()))]
}

fn elementwise<F: Scalar>() -> Vec<(&'static str, Arc<dyn Layer<F>>)> {
    vec![
        ("Relu", Arc::new(Relu)),
        ("LeakyRelu", Arc::new(LeakyRelu::default())),
        ("PRelu", Arc::new(PRelu::default())),
        ("PRelu per channel", Arc::new(PRelu { per_channel: true, ..PRelu::default() })),
        ("Elu", Arc::new(Elu::default())),
        ("Selu", Arc::new(Selu)),
        ("Celu", Arc::new(Celu::default())),
        ("Gelu::Exact", Arc::new(Gelu::Exact)),
        ("Gelu::Tanh", Arc::new(Gelu::Tanh)),
        ("Silu", Arc::new(Silu)),
        ("Mish", Arc::new(Mish)),
        ("Sigmoid", Arc::new(Sigmoid)),
        ("LogSigmoid", Arc::new(LogSigmoid)),
        ("HardSigmoid", Arc::new(HardSigmoid)),
        ("HardSwish", Arc::new(HardSwish)),
        ("Tanh", Arc::new(Tanh)),
        ("Softplus", Arc::new(Softplus::default())),
        ("Softsign", Arc::new(Softsign)),
    ]
}

/// Outputs for `x` as one sample, and the gradient for `x` where every output has the gradient 1.
fn outputs_and_gradient<F: Scalar>(layer: Arc<dyn Layer<F>>, x: &[F]) -> (Vec<F>, Vec<F>) {
    let model = Model::build(layer, &[x.len().into()], 0).unwrap();
    let mut work = Workspace::new(&model).with_input_gradients();
    work.input(0, 1).unwrap().copy_from_slice(x);
    work.evaluate(&model, 1, Draw::default()).unwrap();
    let (outputs, mut gradients) = work.output_gradients().unwrap();
    let y = outputs.one().values().to_vec();
    gradients.one().values().fill(F::one());
    let mut gradient = vec![F::zero(); model.values().len()];
    work.backward(&model, &mut gradient, Draw::default()).unwrap();
    (y, work.input_gradient(0).values().to_vec())
}

fn is_finite_at<F: Scalar>(layers: Vec<(&str, Arc<dyn Layer<F>>)>, sizes: &[f64]) {
    for (name, layer) in layers {
        for &size in sizes {
            let size = F::of(size);
            // For a gate every sign meets every sign.
            let x = [size, -size, size, -size, size, size, -size, -size];
            let (y, dx) = outputs_and_gradient(Arc::clone(&layer), &x);
            assert!(y.iter().all(|y| y.is_finite()), "{name}({size}): {y:?}");
            assert!(dx.iter().all(|dx| dx.is_finite()), "slope of {name}({size}): {dx:?}");
        }
    }
}

#[test]
fn finite_in_is_finite_out() {
    let small = [0.0, 1e-44, 1e-30, 1e-3, 1.0, 20.0, 60.0, 88.0, 90.0, 104.0, 710.0, 746.0, 1e4];
    is_finite_at(all::<f32>(), &small);
    is_finite_at(all::<f64>(), &small);
    // The product of a gate may well overflow.
    let layers = || all().into_iter().filter(|(name, _)| *name != "SwiGlu").collect();
    is_finite_at::<f32>(layers(), &[1e13, 1e15, 1e19, 1e20, 1e30, 1e38]);
    let layers = || all().into_iter().filter(|(name, _)| *name != "SwiGlu").collect();
    is_finite_at::<f64>(layers(), &[1e30, 1e103, 1e155, 1e200, 1e300]);
}

#[test]
fn slopes_at_kinks() {
    let at = |layer: Arc<dyn Layer<f64>>, x: f64| outputs_and_gradient(layer, &[x]).1[0];
    assert_eq!(at(Arc::new(Relu), 0.0), 0.0);
    assert_eq!(at(Arc::new(LeakyRelu::default()), 0.0), 0.01);
    assert_eq!(at(Arc::new(PRelu::default()), 0.0), 0.25);
    assert_eq!(at(Arc::new(Elu { alpha: 0.5 }), 0.0), 0.5);
    assert_eq!(at(Arc::new(Celu { alpha: 0.5 }), 0.0), 1.0);
    assert_eq!(at(Arc::new(HardSwish), 3.0), 1.0);
    assert_eq!(at(Arc::new(HardSwish), -3.0), 0.0);
    assert_eq!(at(Arc::new(HardSigmoid), 3.0), 0.0);
    assert_eq!(at(Arc::new(HardSigmoid), -3.0), 0.0);
}

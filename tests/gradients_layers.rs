//! Layers against differences of their own outputs, at random shapes and settings; and what every activation keeps to.

mod grad_support;

use std::sync::Arc;

use downhill::layer::{
    Activation, Backward, Celu, Chain, Dense, Elu, Forward, Gelu, Glu, HardSigmoid, HardSwish,
    Layer, LeakyRelu, LogSigmoid, LogSoftmax, Mish, PRelu, Plan, Relu, Selu, Sigmoid, Silu,
    Softmax, Softplus, Softsign, SwiGlu, Tanh,
};
use downhill::network::{Draw, Workspace};
use downhill::params::{Role, init::Constant};
use downhill::{Error, Model, Scalar, Shape};
use grad_support::{GradientCheck, Probe};
use ndarray::{Array2, Axis};
use proptest::prelude::*;

/// 64 cases to a test; `PROPTEST_CASES` asks for another number.
fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(64),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn shapes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(1_usize..5, 1..4)
}

fn check(
    layer: impl Layer<f64> + 'static,
    kinks: &[f64],
    shape: Vec<usize>,
    batch: usize,
    seed: u64,
) -> Result<(), TestCaseError> {
    let check = GradientCheck {
        batch,
        seed,
        spread: 2.0,
        kinks: kinks.to_vec(),
        ..GradientCheck::default()
    };
    check.run(layer, &[Shape::from(shape)]).map_err(TestCaseError::fail)
}

/// `name(setting in range, …): layer, kinks;` makes one test.
macro_rules! gradients {
    ($($name:ident($($setting:ident in $range:expr),*): $layer:expr, $kinks:expr;)*) => {
        proptest! {
            #![proptest_config(config())]
            $(
                #[test]
                fn $name(
                    shape in shapes(),
                    batch in 1_usize..4,
                    seed in any::<u64>()
                    $(, $setting in $range)*
                ) {
                    check($layer, &$kinks, shape, batch, seed)?;
                }
            )*
        }
    };
}

gradients! {
    relu(): Relu, [0.0];
    leaky_relu(negative_slope in -2.0..2.0): LeakyRelu { negative_slope }, [0.0];
    elu(alpha in 0.1..3.0): Elu { alpha }, [0.0];
    selu(): Selu, [0.0];
    // The slopes of Celu and Softsign are continuous at 0, but not their derivatives, which the differences rely on.
    celu(alpha in 0.3..3.0): Celu { alpha }, [0.0];
    gelu_exact(): Gelu::Exact, [];
    gelu_tanh(): Gelu::Tanh, [];
    silu(): Silu, [];
    mish(): Mish, [];
    sigmoid(): Sigmoid, [];
    log_sigmoid(): LogSigmoid, [];
    hard_sigmoid(): HardSigmoid, [-3.0, 3.0];
    hard_swish(): HardSwish, [-3.0, 3.0];
    tanh(): Tanh, [];
    softplus(beta in 0.2..4.0, threshold in 0.0..20.0):
        Softplus { beta, threshold }, [threshold / beta];
    softsign(): Softsign, [0.0];
    prelu(per_channel in any::<bool>(), start in -1.0..1.0): PRelu { per_channel, start }, [0.0];
    dense(units in 1_usize..5): Dense::new(units), [];
    dense_without_bias(units in 1_usize..5): Dense::new(units).without_bias(), [];
    dense_after_dense(units in 1_usize..5): Chain::new().then(Dense::new(3)).then(Dense::new(units)), [];
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn softmax((shape, axis) in shape_and_axis(), batch in 1_usize..4, seed in any::<u64>()) {
        check(Softmax { axis }, &[], shape, batch, seed)?;
    }

    #[test]
    fn log_softmax((shape, axis) in shape_and_axis(), batch in 1_usize..4, seed in any::<u64>()) {
        check(LogSoftmax { axis }, &[], shape, batch, seed)?;
    }

    #[test]
    fn glu((shape, axis) in even_shape_and_axis(), batch in 1_usize..4, seed in any::<u64>()) {
        check(Glu { axis }, &[], shape, batch, seed)?;
    }

    #[test]
    fn swi_glu((shape, axis) in even_shape_and_axis(), batch in 1_usize..4, seed in any::<u64>()) {
        check(SwiGlu { axis }, &[], shape, batch, seed)?;
    }

    /// Two dense layers with any activation between them and after them.
    #[test]
    fn chain(
        shape in shapes(),
        batch in 1_usize..4,
        seed in any::<u64>(),
        first in any::<prop::sample::Index>(),
        second in any::<prop::sample::Index>(),
    ) {
        let (first, second) = (first.get(&all()).clone(), second.get(&all()).clone());
        let chain = Chain::new()
            .then(Dense::new(4))
            .then(first.1)
            .then(Dense::new(2).without_bias())
            .then(second.1);
        // About one chain in 20,000 meets a kink so closely that no step escapes it; that says nothing about gradients.
        check(chain, &[], shape, batch, seed).map_err(|error| match error {
            TestCaseError::Fail(why) if why.message().contains("no derivative here") => {
                TestCaseError::reject(why)
            }
            error => error,
        })?;
    }

    /// A sample's output does not depend on the samples beside it.
    #[test]
    fn batch_of_one_equals_the_row_of_a_batch(
        rows in prop::collection::vec(prop::array::uniform4(-50.0..50.0), 1..6),
    ) {
        let rows = Array2::from(rows);
        for (name, layer) in all::<f64>() {
            let model = Model::build(layer, &[4.into()], 3).unwrap();
            let whole = model.predict(&rows).unwrap();
            for (row, whole) in rows.axis_chunks_iter(Axis(0), 1).zip(whole.axis_iter(Axis(0))) {
                let alone = model.predict(&row).unwrap();
                let bits = |x: &f64| x.to_bits();
                prop_assert!(alone.iter().map(bits).eq(whole.iter().map(bits)), "{name}");
            }
        }
    }
}

fn shape_and_axis() -> impl Strategy<Value = (Vec<usize>, Option<usize>)> {
    shapes().prop_flat_map(|shape| {
        let axis = prop::option::of(0..shape.len());
        (Just(shape), axis)
    })
}

fn even_shape_and_axis() -> impl Strategy<Value = (Vec<usize>, Option<usize>)> {
    shape_and_axis().prop_map(|(mut shape, axis)| {
        let last = shape.len() - 1;
        shape[axis.unwrap_or(last)] *= 2;
        (shape, axis)
    })
}

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
    let mut model = Probe { layer, inputs: vec![x.len().into()], batch: 1 }.model(0).unwrap();
    model.values_mut()[..x.len()].copy_from_slice(x);
    let mut work = Workspace::new(&model);
    work.reserve(1).unwrap();
    work.train(&mut model, 1, Draw::default()).unwrap();
    let (outputs, mut gradients) = work.output_gradients().unwrap();
    let y = outputs.one().values().to_vec();
    gradients.one().values().fill(F::one());
    let mut gradient = vec![F::zero(); model.values().len()];
    work.backward(&model, &mut gradient, Draw::default()).unwrap();
    gradient.truncate(x.len());
    (y, gradient)
}

#[test]
fn nan_in_is_nan_out() {
    for (name, layer) in elementwise::<f64>() {
        let (y, _) = outputs_and_gradient(layer, &[1.0, f64::NAN, -1.0]);
        assert!(y[1].is_nan(), "{name}: {y:?}");
        assert!(y[0].is_finite() && y[2].is_finite(), "{name}: {y:?}");
    }
    for (name, layer) in gates::<f64>() {
        let (y, _) = outputs_and_gradient(Arc::clone(&layer), &[f64::NAN, 1.0, 2.0, -1.0]);
        assert!(y[0].is_nan() && y[1].is_finite(), "{name}: {y:?}");
        let (y, _) = outputs_and_gradient(layer, &[1.0, 2.0, f64::NAN, -1.0]);
        assert!(y[0].is_nan() && y[1].is_finite(), "{name}: {y:?}");
    }
    let (y, _) = outputs_and_gradient(Arc::new(Softmax::default()), &[1.0, f64::NAN]);
    assert!(y.iter().all(|y| y.is_nan()), "{y:?}");
    let (y, _) = outputs_and_gradient(Arc::new(LogSoftmax::default()), &[1.0, f64::NAN]);
    assert!(y.iter().all(|y| y.is_nan()), "{y:?}");
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

#[test]
fn impossible_settings_and_shapes_are_refused() {
    let error = |layer: Arc<dyn Layer<f64>>, shape: &[usize]| {
        Model::build(layer, &[shape.into()], 0).unwrap_err().to_string()
    };
    let nan = f64::NAN;
    let says = |message: String, part: &str| assert!(message.contains(part), "{message}");
    says(error(Arc::new(LeakyRelu { negative_slope: nan }), &[2]), "LeakyRelu::negative_slope");
    says(error(Arc::new(Elu { alpha: 0.0 }), &[2]), "Elu::alpha = 0");
    says(error(Arc::new(Celu { alpha: -1.0 }), &[2]), "Celu::alpha = -1");
    says(error(Arc::new(Softplus { beta: 0.0, threshold: 1.0 }), &[2]), "Softplus::beta");
    says(error(Arc::new(Softplus { beta: 1.0, threshold: -1.0 }), &[2]), "Softplus::threshold");
    says(error(Arc::new(PRelu { per_channel: false, start: nan }), &[2]), "PRelu::start");
    says(error(Arc::new(PRelu { per_channel: true, start: 0.1 }), &[]), "an axis of channels");
    says(error(Arc::new(Softmax::default()), &[]), "at least one axis");
    says(error(Arc::new(Softmax { axis: Some(2) }), &[3, 4]), "an axis 2");
    says(error(Arc::new(LogSoftmax { axis: Some(9) }), &[3, 4]), "an axis 9");
    says(error(Arc::new(Glu::default()), &[4, 3]), "an even length on axis 1");
    says(error(Arc::new(SwiGlu { axis: Some(0) }), &[3, 4]), "an even length on axis 0");
}

/// Several numbers go through one learnt scale: y = a·x, with a mistake in its backward pass.
#[derive(Clone, Copy, Debug)]
struct Scale(Mistake);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mistake {
    None,
    Input,
    SmallInInput,
    OneElement,
    Parameter,
    ParameterOverwritten,
    InputAdded,
}

impl<F: Scalar> Layer<F> for Scale {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let shape = plan.input()?;
        plan.param("scale", Role::Norm, 1, (1, 1), Some(Arc::new(Constant(1.5))))?;
        plan.output(shape)
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let scale = pass.params[0][0];
        for (y, &x) in pass.outputs.one().values().iter_mut().zip(pass.inputs.one().values()) {
            *y = scale * x;
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let (x, dy) = (pass.inputs.one().values(), pass.output_gradients.one().values());
        let scale = pass.params[0][0];
        let sum = &mut pass.gradients.get(0)[0];
        if self.0 == Mistake::ParameterOverwritten {
            *sum = F::zero();
        }
        for (&x, &dy) in x.iter().zip(dy) {
            *sum += if self.0 == Mistake::Parameter { dy } else { dy * x };
        }
        let Some(mut dx) = pass.input_gradients.one() else { return };
        for (i, (dx, &dy)) in dx.values().iter_mut().zip(dy).enumerate() {
            let right = scale * dy;
            *dx = match self.0 {
                Mistake::Input => -right,
                Mistake::SmallInInput => right * F::of(1.0 + 1e-5),
                Mistake::OneElement if i == 3 => F::zero(),
                Mistake::InputAdded => *dx + right,
                _ => right,
            };
        }
    }
}

#[test]
fn the_check_catches_planted_mistakes() {
    let result = |mistake| GradientCheck::default().run(Scale(mistake), &[4.into()]);
    assert_eq!(result(Mistake::None), Ok(()));
    let says = |mistake, part: &str| {
        let message = result(mistake).expect_err("the check found nothing");
        assert!(message.contains(part), "{mistake:?}: {message}");
    };
    says(Mistake::Input, "the gradient of input0.value[0]: got ");
    says(Mistake::SmallInInput, "the gradient of input0.value[0]: got ");
    says(Mistake::OneElement, "the gradient of input0.value[3]: got 0e0, want ");
    says(Mistake::Parameter, "the gradient of layer.scale[0]: got ");
    says(Mistake::ParameterOverwritten, "layer.scale[0]: after 1 backward passes from ");
    says(Mistake::InputAdded, "input0.value[0]: after 1 backward passes from ");
}

/// The slope of x² with a mistake of a factor.
#[derive(Debug)]
struct Square;

impl Activation for Square {
    fn value<F: Scalar>(&self, x: F) -> F {
        x * x
    }

    fn slope<F: Scalar>(&self, x: F, _y: F) -> F {
        x
    }
}

#[test]
fn the_check_catches_a_wrong_slope() {
    let message = GradientCheck::default().run(Square, &[2.into()]).unwrap_err();
    assert!(message.contains("the gradient of input0.value[0]"), "{message}");
}

#[test]
fn the_check_says_where_there_is_no_derivative() {
    let check = GradientCheck { inputs: Some(vec![vec![1e-7]]), batch: 1, ..Default::default() };
    let message = check.run(Relu, &[1.into()]).unwrap_err();
    assert!(message.contains("input0.value[0] has no derivative here"), "{message}");
}

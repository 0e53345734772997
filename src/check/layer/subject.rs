//! The layer under test, and what its author says about it.

use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

use super::{Case, Pick};
use crate::check::{Dual, Exception, Subject};
use crate::layer::Layer;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A layer for each number type that laws compute with.
#[derive(Clone)]
pub struct Forms {
    pub(super) single: Arc<dyn Layer<f32>>,
    pub(super) double: Arc<dyn Layer<f64>>,
    /// For exact slopes, where there is one.
    pub(super) dual: Option<Arc<dyn Layer<Dual>>>,
}

/// What makes a subject: any layer that is generic in the number type; three layers, for `f32`, `f64` and [`Dual`], where a type is one for its own
/// number type alone, as `Chain` is; or the first two of them, which are not tested for exact slopes.
pub trait Precisions {
    /// The layers.
    fn forms(self) -> Forms;
}

impl<L: Layer<f32> + Layer<f64> + Layer<Dual> + 'static> Precisions for L {
    fn forms(self) -> Forms {
        let layer = Arc::new(self);
        Forms { single: layer.clone(), double: layer.clone(), dual: Some(layer) }
    }
}

impl<A: Layer<f32> + 'static, B: Layer<f64> + 'static> Precisions for (A, B) {
    fn forms(self) -> Forms {
        Forms { single: Arc::new(self.0), double: Arc::new(self.1), dual: None }
    }
}

impl<A, B, C> Precisions for (A, B, C)
where
    A: Layer<f32> + 'static,
    B: Layer<f64> + 'static,
    C: Layer<Dual> + 'static,
{
    fn forms(self) -> Forms {
        let dual: Arc<dyn Layer<Dual>> = Arc::new(self.2);
        Forms { dual: Some(dual), ..(self.0, self.1).forms() }
    }
}

/// What the numbers of an input are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Any number.
    Real,
    /// Whole numbers below this one, such as the rows of a table. The input has no gradient: it is 0 where it is asked for.
    Below(usize),
    /// 0 or 1, with a 1 at the start of each row of the last axis. The input has no gradient: it is 0 where it is asked for.
    Mask,
}

type Make = dyn Fn(&mut Pick<'_>) -> Forms + Send + Sync;
type Shapes = dyn Fn(&mut Pick<'_>) -> Vec<Shape> + Send + Sync;
type Gives = dyn Fn(&mut Pick<'_>, &[Shape]) -> Vec<Shape> + Send + Sync;

/// A layer for each number type, with what its author says about it.
///
/// Any layer is one ([`Into`]): then it is taken to accept one input of any shape. The methods say what it takes, and claim what the kit cannot find.
///
/// ```
/// use downhill::check::{Subject, layer::LayerUnderTest};
/// use downhill::layer::Dense;
/// let dense = LayerUnderTest::drawn(|pick| Dense::new(pick.size(1..4)))
///     .named("dense")
///     .takes(|pick| vec![[pick.size(1..4), 5].into()])
///     .affine()
///     .refuses_inputs([vec![[].into()]])
///     .refuses(Dense::new(0), "Dense::units");
/// assert_eq!(dense.title(), "dense");
/// ```
#[derive(Clone)]
pub struct LayerUnderTest {
    name: Option<String>,
    make: Arc<Make>,
    shapes: Arc<Shapes>,
    pub(super) gives: Option<Arc<Gives>>,
    pub(super) values: Vec<Values>,
    pub(super) arity: Option<(Bound<usize>, Bound<usize>)>,
    pub(super) kinks: Vec<f64>,
    pub(super) reach: f64,
    pub(super) condition: f64,
    pub(super) batch_statistics: bool,
    pub(super) draws: bool,
    pub(super) affine: bool,
    pub(super) refused_inputs: Vec<Vec<Shape>>,
    pub(super) refused_settings: Vec<(Arc<dyn Layer<f64>>, String)>,
    exceptions: Vec<Exception>,
}

impl LayerUnderTest {
    /// This layer.
    pub fn new(layer: impl Precisions) -> Self {
        let forms = layer.forms();
        Self::made(move |_| forms.clone())
    }

    /// Layers whose settings are drawn for each case.
    pub fn drawn<L: Precisions>(make: impl Fn(&mut Pick<'_>) -> L + Send + Sync + 'static) -> Self {
        Self::made(move |pick| make(pick).forms())
    }

    fn made(make: impl Fn(&mut Pick<'_>) -> Forms + Send + Sync + 'static) -> Self {
        Self {
            name: None,
            make: Arc::new(make),
            shapes: Arc::new(|pick| vec![pick.shape()]),
            gives: None,
            values: Vec::new(),
            arity: None,
            kinks: Vec::new(),
            reach: 1e4,
            condition: 1.0,
            batch_statistics: false,
            draws: false,
            affine: false,
            refused_inputs: Vec::new(),
            refused_settings: Vec::new(),
            exceptions: Vec::new(),
        }
    }

    /// The same, called this in messages; the layer's settings if nothing is said.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The same, known to break this law for this reason.
    #[must_use]
    pub fn except(mut self, law: &str, reason: &str) -> Self {
        self.exceptions.push(Exception::new(law, reason));
        self
    }

    /// The shapes of one sample of each input; one input of one to three axes if nothing is said.
    #[must_use]
    pub fn takes(
        self,
        shapes: impl Fn(&mut Pick<'_>) -> Vec<Shape> + Send + Sync + 'static,
    ) -> Self {
        Self { shapes: Arc::new(shapes), ..self }
    }

    /// What the numbers of each input are; any numbers if nothing is said.
    #[must_use]
    pub fn values(self, values: &[Values]) -> Self {
        Self { values: values.to_vec(), ..self }
    }

    /// The shapes of one sample of each output, for inputs of these shapes.
    #[must_use]
    pub fn gives(
        self,
        shapes: impl Fn(&mut Pick<'_>, &[Shape]) -> Vec<Shape> + Send + Sync + 'static,
    ) -> Self {
        Self { gives: Some(Arc::new(shapes)), ..self }
    }

    /// How many inputs it may have; as many as [`takes`](Self::takes) gives, and no other number, if nothing is said.
    #[must_use]
    pub fn arity(self, counts: impl RangeBounds<usize>) -> Self {
        let bounds = (counts.start_bound().cloned(), counts.end_bound().cloned());
        Self { arity: Some(bounds), ..self }
    }

    /// Numbers where the layer has no derivative; inputs stay away from them.
    #[must_use]
    pub fn kinks(self, kinks: &[f64]) -> Self {
        Self { kinks: kinks.to_vec(), ..self }
    }

    /// Up to which size of inputs outputs and gradients are finite in single precision; 10⁴ if nothing is said.
    #[must_use]
    pub fn reach(self, reach: f64) -> Self {
        Self { reach, ..self }
    }

    /// Single precision may be off by this many times more, as where the layer divides by small differences.
    #[must_use]
    pub fn condition(self, condition: f64) -> Self {
        Self { condition, ..self }
    }

    /// In training, what it gives for a sample depends on the other samples of the batch.
    #[must_use]
    pub fn batch_statistics(self) -> Self {
        Self { batch_statistics: true, ..self }
    }

    /// In training it uses random numbers.
    #[must_use]
    pub fn draws(self) -> Self {
        Self { draws: true, ..self }
    }

    /// Its outputs are a linear function of its inputs, and a constant.
    #[must_use]
    pub fn affine(self) -> Self {
        Self { affine: true, ..self }
    }

    /// Inputs of these shapes are errors of the plan; each entry lists the shapes of all inputs.
    #[must_use]
    pub fn refuses_inputs(mut self, inputs: impl IntoIterator<Item = Vec<Shape>>) -> Self {
        self.refused_inputs.extend(inputs);
        self
    }

    /// `layer` is refused by its plan, for inputs that the subject takes, with an error that names `field`.
    #[must_use]
    pub fn refuses(mut self, layer: impl Layer<f64> + 'static, field: &str) -> Self {
        self.refused_settings.push((Arc::new(layer), field.to_owned()));
        self
    }

    /// The shapes of the inputs in this case.
    pub(super) fn shapes(&self, case: &Case) -> Vec<Shape> {
        (self.shapes)(&mut Pick::new(&case.choices))
    }
}

impl fmt::Debug for LayerUnderTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LayerUnderTest").field("layer", &self.title()).finish_non_exhaustive()
    }
}

impl<L: Precisions> From<L> for LayerUnderTest {
    fn from(layer: L) -> Self {
        Self::new(layer)
    }
}

impl Subject for LayerUnderTest {
    fn title(&self) -> String {
        let simplest = || format!("{:?}", self.forms(&Case::default()).double);
        self.name.clone().unwrap_or_else(simplest)
    }

    fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }
}

/// A number type of the subject: laws are written once, for any `F`, and tried in `f32` and `f64`.
pub(super) trait Precision: Scalar {
    /// The subject's layer for this number type in this case, if there is one.
    fn layer(subject: &LayerUnderTest, case: &Case) -> Option<Arc<dyn Layer<Self>>>;
}

impl LayerUnderTest {
    fn forms(&self, case: &Case) -> Forms {
        (self.make)(&mut Pick::new(&case.choices))
    }
}

impl Precision for f32 {
    fn layer(subject: &LayerUnderTest, case: &Case) -> Option<Arc<dyn Layer<Self>>> {
        Some(subject.forms(case).single)
    }
}

impl Precision for f64 {
    fn layer(subject: &LayerUnderTest, case: &Case) -> Option<Arc<dyn Layer<Self>>> {
        Some(subject.forms(case).double)
    }
}

impl Precision for Dual {
    fn layer(subject: &LayerUnderTest, case: &Case) -> Option<Arc<dyn Layer<Self>>> {
        subject.forms(case).dual
    }
}

//! The flat list of operations that a model is, as it grows.

use std::sync::Arc;

use super::Layer;
use super::factors::Factor;
use crate::error::Error;
use crate::params::{Parameter, StateTensor};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// More numbers than this in one tensor of one sample, or in all parameters, are refused: 2⁴⁰, or a quarter of what 32 bits can count.
pub(super) const MOST: usize =
    if usize::BITS > 40 { 1_usize.rotate_left(40) } else { usize::MAX / 4 };

/// A tensor that flows between layers, by number.
///
/// ```
/// use downhill::prelude::*;
///
/// /// Two layers on the same input, and their sum.
/// #[derive(Debug)]
/// struct Twice;
///
/// impl<F: Scalar> Layer<F> for Twice {
///     fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
///         let input: Vec<Tensor> = plan.tensors();
///         let mut outputs = plan.layer("a", &(std::sync::Arc::new(Dense::new(3)) as _), &input)?;
///         outputs.extend(plan.layer("b", &(std::sync::Arc::new(Dense::new(3)) as _), &input)?);
///         let sum = plan.layer("sum", &(std::sync::Arc::new(Sum) as _), &outputs)?;
///         assert_eq!(plan.shape(sum[0]).axes(), [3]);
///         plan.pass_on(sum);
///         Ok(())
///     }
///     # fn forward(&self, _: Forward<'_, F>) {}
///     # fn backward(&self, _: Backward<'_, F>) {}
/// }
///
/// let model: Model<f32> = Model::build(Twice, &[2.into()], 7)?;
/// assert_eq!(model.parameters()[2].path(), "b.weight");
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tensor(pub(crate) usize);

/// One leaf layer with its place in the model.
#[derive(Clone, Debug)]
pub(crate) struct Op<F> {
    pub path: String,
    pub layer: Arc<dyn Layer<F>>,
    pub inputs: Vec<usize>,
    pub outputs: Vec<usize>,
    pub params: Vec<usize>,
    /// Parts of the parameters that a model in use may keep copies of.
    pub factors: Vec<Factor>,
    pub states: Vec<usize>,
    pub saved: Vec<Shape>,
    pub scratch: Vec<Shape>,
    pub scratch_once: Vec<Shape>,
    /// Which use of its path this is: 0, or more for a shared layer's later places.
    pub place: u64,
    /// Whether the layer can write its output over its input, and the gradient for the input over that for the output.
    pub in_place: bool,
    /// Whether `backward` reads the outputs.
    pub rereads: bool,
    /// Whether a sample's outputs depend on the others of its batch when the model is used.
    pub mixes_samples: bool,
}

/// The flat list of operations and everything they name.
#[derive(Clone, Debug)]
pub(crate) struct Graph<F> {
    pub ops: Vec<Op<F>>,
    pub tensors: Vec<Shape>,
    pub params: Vec<Parameter>,
    pub states: Vec<StateTensor>,
    /// How many numbers the copies of all factors have.
    pub copied: usize,
    /// Tensors that hold whole numbers, with the count that they are below.
    pub tokens: Vec<(usize, usize)>,
    /// The shared layers so far, each with the path of its first place.
    pub(super) shared: Vec<(Arc<dyn Layer<F>>, String)>,
    /// Whether a shared layer is planned again, so that it must find its parameters and state instead of declaring new ones.
    pub(super) again: bool,
}

impl<F: Scalar> Graph<F> {
    pub fn new() -> Self {
        Self {
            ops: Vec::new(),
            tensors: Vec::new(),
            params: Vec::new(),
            states: Vec::new(),
            copied: 0,
            tokens: Vec::new(),
            shared: Vec::new(),
            again: false,
        }
    }

    pub fn tensor(&mut self, place: &str, shape: Shape) -> Result<Tensor, Error> {
        if shape.size() == 0 || shape.size() > MOST {
            let fix = "make every axis at least 1 and the tensor smaller";
            return Err(Error::shape(place, "between 1 and 2^40 numbers per sample", shape, fix));
        }
        self.tensors.push(shape);
        Ok(Tensor(self.tensors.len() - 1))
    }

    /// The path where a shared layer was planned first.
    pub(super) fn place_of(&self, layer: &Arc<dyn Layer<F>>) -> Option<&str> {
        // The address alone says which layer it is: pointers to one layer may differ in their method tables.
        let is_it = |one: &Arc<_>| std::ptr::addr_eq(Arc::as_ptr(one), Arc::as_ptr(layer));
        self.shared.iter().find(|(one, _)| is_it(one)).map(|(_, path)| path.as_str())
    }
}

/// The position of the tensor that a shared layer declared under `path` at its first place.
pub(super) fn find<'a>(
    path: &str,
    shape: &Shape,
    mut declared: impl Iterator<Item = (&'a str, &'a Shape)>,
) -> Result<usize, Error> {
    let fix = "share a layer between places that take the same shape";
    let mut first = None;
    let found = declared.position(|(name, declared)| {
        first = (name == path).then_some(declared);
        first.is_some()
    });
    match (found, first) {
        (Some(id), Some(first)) if first == shape => Ok(id),
        (_, Some(first)) => {
            let expected = format!("{first} as at the shared layer's first place");
            Err(Error::shape(path, expected, shape.clone(), fix))
        }
        _ => Err(Error::shape(
            path,
            "nothing, as at the shared layer's first place",
            shape.clone(),
            fix,
        )),
    }
}

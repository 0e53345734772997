//! A layer with a way around it.

use std::sync::Arc;

use super::Sum;
use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A layer with a way around it: y = x + body(x), or y = projection(x) + body(x).
///
/// Takes one tensor of any shape. The body must give the same shape, or else a projection must bring the input to the shape that the body
/// gives. (He, Zhang, Ren, Sun: *Deep residual learning for image recognition*, CVPR 2016.)
///
/// ```
/// use downhill::{Model, layer::{Chain, Dense, Relu, Residual}};
/// let body = Chain::new().then(Dense::new(16)).then(Relu).then(Dense::new(16));
/// let model: Model<f32> = Model::build(
///     Residual::new(body).with_projection(Dense::new(16).without_bias()),
///     &[8.into()],
///     7,
/// )?;
/// let paths: Vec<_> = model.parameters().iter().map(|parameter| parameter.path()).collect();
/// assert_eq!(paths[0], "body.0.dense.weight");
/// assert_eq!(paths[4], "projection.weight");
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Residual<F> {
    body: Arc<dyn Layer<F>>,
    projection: Option<Arc<dyn Layer<F>>>,
}

impl<F: Scalar> Residual<F> {
    /// A body with its input added to its output.
    pub fn new(body: impl Layer<F> + 'static) -> Self {
        Self { body: Arc::new(body), projection: None }
    }

    /// The same with a layer on the way around.
    #[must_use]
    pub fn with_projection(self, projection: impl Layer<F> + 'static) -> Self {
        Self { projection: Some(Arc::new(projection)), ..self }
    }
}

impl<F: Scalar> Layer<F> for Residual<F> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        plan.input()?;
        let inputs = plan.tensors();
        let body = plan.layer("body", &self.body, &inputs)?;
        let around = match &self.projection {
            Some(projection) => plan.layer("projection", projection, &inputs)?,
            None => inputs,
        };
        let ([body], [around]) = (&body[..], &around[..]) else {
            let several = body.len().max(around.len());
            return Err(Error::arity(
                plan.path(),
                "one from the body and one from the way around",
                several,
            ));
        };
        let (wanted, got) = (plan.shape(*body).clone(), plan.shape(*around).clone());
        if wanted != got {
            let fix = match self.projection {
                Some(_) => format!("make the projection give {wanted}"),
                None => projection_for(&wanted, &got),
            };
            let expected = format!("{wanted}, the shape that the body gives, on the way around");
            return Err(plan.refuse(expected, &got, fix));
        }
        let sum: Arc<dyn Layer<F>> = Arc::new(Sum);
        let outputs = plan.layer("sum", &sum, &[*around, *body])?;
        plan.pass_on(outputs);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}
}

/// What to write so that `got` becomes `wanted`: a dense layer if they differ in the last axis alone.
fn projection_for(wanted: &Shape, got: &Shape) -> String {
    match (wanted.split_last(), got.split_last()) {
        (Some((units, before)), Some((_, same))) if before == same => {
            format!("add .with_projection(Dense::new({units}))")
        }
        _ => format!("add .with_projection(…) with a layer that gives {wanted}"),
    }
}

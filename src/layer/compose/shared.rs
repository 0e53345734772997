//! One layer in several places.

use std::sync::Arc;

use crate::error::Error;
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::params::init::Init;
use crate::scalar::Scalar;

/// One layer in several places of a model: one set of parameters (and state), whose gradients are added.
///
/// Clone it to put it in a second place; each clone is the same layer. Parameters are called by the place that comes first. The input at
/// every place must lead to the same parameter shapes.
///
/// ```
/// use downhill::{Model, layer::{Chain, Dense, Relu, Shared}};
/// let twice = Shared::new(Dense::new(8));
/// let chain = Chain::new().then(twice.clone()).then(Relu).then(twice);
/// let model: Model<f32> = Model::build(chain, &[8.into()], 7)?;
/// let paths: Vec<_> = model.parameters().iter().map(|parameter| parameter.path()).collect();
/// assert_eq!(paths, ["0.dense.weight", "0.dense.bias"]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Shared<F> {
    layer: Arc<dyn Layer<F>>,
}

impl<F: Scalar> Shared<F> {
    /// A layer to be put in several places.
    pub fn new(layer: impl Layer<F> + 'static) -> Self {
        Self { layer: Arc::new(layer) }
    }

    pub(crate) fn layer(&self) -> &Arc<dyn Layer<F>> {
        &self.layer
    }
}

impl<F: Scalar> Layer<F> for Shared<F> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        plan.share(&self.layer)
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}

    fn name(&self) -> String {
        self.layer.name()
    }

    fn preferred_init(&self) -> Option<Arc<dyn Init>> {
        self.layer.preferred_init()
    }
}

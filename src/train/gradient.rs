//! A gradient with the names of its parts.

use crate::clip;
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::params::Parameter;
use crate::scalar::Scalar;

/// A gradient with the loss that it belongs to, as a whole or for each parameter.
///
/// ```
/// use downhill::prelude::*;
/// use ndarray::array;
/// let data = Dataset::new(array![[1.0], [2.0]], array![[0.0], [0.0]])?;
/// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
/// let gradient = trainer.gradient(&Batch::of(&data)?)?;
/// assert_eq!(gradient.values().len(), 2);
/// assert_eq!(gradient.get("bias")?.len(), 1);
/// for (parameter, part) in gradient.parts() {
///     println!("{}: {:.3}", parameter.path(), part[0]);
/// }
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Gradient<'a, F> {
    loss: f64,
    parameters: &'a [Parameter],
    values: &'a [F],
}

impl<'a, F: Scalar> Gradient<'a, F> {
    pub(super) fn new(loss: f64, parameters: &'a [Parameter], values: &'a [F]) -> Self {
        Self { loss, parameters, values }
    }

    /// The mean loss, without penalties.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// The whole gradient, in the order of the parameters.
    pub fn values(&self) -> &'a [F] {
        self.values
    }

    /// The Euclidean norm of the whole gradient.
    pub fn norm(&self) -> f64 {
        clip::norm(self.values, Parallel::Off)
    }

    /// The parameters with their parts of the gradient.
    pub fn parts(&self) -> impl Iterator<Item = (&'a Parameter, &'a [F])> + use<'a, F> {
        let values = self.values;
        self.parameters.iter().map(move |p| (p, values.get(p.range()).unwrap_or_default()))
    }

    /// The gradient of one parameter, by path.
    ///
    /// # Errors
    /// [`Error::NoMatch`] if there is no such parameter.
    pub fn get(&self, path: &str) -> Result<&'a [F], Error> {
        let found = self.parts().find(|(parameter, _)| parameter.path() == path);
        found.map(|(_, part)| part).ok_or_else(|| {
            Error::no_match(path, "parameter", self.parameters.iter().map(Parameter::path))
        })
    }
}

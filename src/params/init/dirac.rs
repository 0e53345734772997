//! The identity for convolutions.

use super::{Init, Start};
use crate::error::{Error, require};
use crate::shape::Shape;

/// The identity for a kernel of shape (outputs, inputs, …places): 1 at the middle place where the output and the input channel have the
/// same number, else 0.
///
/// With `groups`, each group of outputs copies its own inputs; outputs beyond the last input stay 0. The middle of an even number of
/// places is the later one.
///
/// ```
/// use downhill::params::init::{Dirac, Init, Start};
/// use downhill::random::Noise;
/// let mut kernel = [0.0; 12];
/// Dirac::default().fill(Start::new(&[2, 2, 3].into(), (6, 6), Noise::new(7), &mut kernel));
/// assert_eq!(kernel, [0., 1., 0., 0., 0., 0., 0., 0., 0., 0., 1., 0.]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dirac {
    /// Into how many groups the outputs are split; 1 by default.
    pub groups: usize,
}

impl Default for Dirac {
    fn default() -> Self {
        Self { groups: 1 }
    }
}

impl Init for Dirac {
    fn fill(&self, tensor: Start<'_>) {
        tensor.values.fill(0.0);
        let [outputs, inputs, places @ ..] = tensor.shape.axes() else { return };
        let size = Shape::from(places).size();
        let kernel = inputs.saturating_mul(size);
        // A kernel that does not lie within the values may be too large to count in.
        if kernel == 0 || kernel > tensor.values.len() {
            return;
        }
        let middle = places.iter().fold(0, |at, &places| at * places + places / 2);
        let per_group = (outputs / self.groups.max(1)).max(1);
        let kernels = tensor.values.chunks_exact_mut(kernel).take(*outputs);
        for (output, kernel) in kernels.enumerate() {
            if let Some(value) = kernel.get_mut(output % per_group * size + middle) {
                *value = 1.0;
            }
        }
    }

    fn validate(&self) -> Result<(), Error> {
        require::at_least_one("Dirac::groups", self.groups)
    }
}

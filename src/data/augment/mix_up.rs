//! Samples mixed number by number.

use super::{Mixing, beta, mixed::blend};
use crate::error::{Error, require};
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Mixes two samples number by number: λ x + (1 − λ) x′, and their targets alike, with λ from Beta(α, α). For [`Mixed`](super::Mixed).
///
/// | field | default | range |
/// |---|---|---|
/// | `alpha` | 0.2 | above 0; small: mostly one of the two, 1: any λ alike, large: both in equal parts |
///
/// Takes inputs of any shape. λ has mean ½ and variance 1 / (4 (2α + 1)). It comes from two uniform numbers by way of Student's t-distribution,
/// without rejection (Bailey, Mathematics of Computation 62, 1994; Devroye: *Non-Uniform Random Variate Generation*, 1986, chapter IX). (Zhang,
/// Cisse, Dauphin, Lopez-Paz: *mixup: Beyond Empirical Risk Minimization*, arXiv:1710.09412; λ is drawn for each sample, not for each batch as in
/// the authors' code.)
///
/// ```
/// use downhill::data::{Batch, Dataset, Sampling, Source, Target, augment::{MixUp, Mixed}};
/// use ndarray::array;
/// let data = Dataset::new(array![[0.0], [1.0]], array![[0.0], [1.0]])?;
/// let mixed = Mixed::new(&data, MixUp { alpha: 1.0 })?;
/// let mut batch = Batch::new(&mixed.content());
/// mixed.fill(&[0, 1], Sampling::new(7, 0), &mut batch)?;
/// let Target::Values(targets) = batch.target() else { panic!("the targets are numbers") };
/// assert_eq!(batch.input(0).values(), targets.values()); // mixed alike
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MixUp {
    /// Both parameters of the Beta distribution, above 0; 0.2 by default.
    pub alpha: f64,
}

impl Default for MixUp {
    fn default() -> Self {
        Self { alpha: 0.2 }
    }
}

impl<F: Scalar> Mixing<F> for MixUp {
    fn name(&self) -> &'static str {
        "MixUp"
    }

    fn validate(&self, _: &[Shape]) -> Result<(), Error> {
        require::positive("MixUp::alpha", self.alpha)
    }

    fn mix(&self, sample: &mut [F], partner: &[F], _: &Shape, noise: Noise) -> f64 {
        let share = beta::symmetric(self.alpha, noise);
        blend(sample, partner, share);
        share
    }
}

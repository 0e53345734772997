//! A mixture of magnitudes and squares.

use super::l1::sign;
use super::{L1, L2, Regularizer, Weights};
use crate::error::{Error, require};
use crate::scalar::Scalar;

/// The elastic net: strength · (l1_ratio · Σ|w| + (1 − l1_ratio) / 2 · Σw²).
///
/// `strength` and `l1_ratio` mean what `alpha` and `l1_ratio` mean in scikit-learn's `ElasticNet`. A ratio of 1 is [`L1`], a ratio of 0 is [`L2`].
///
/// H. Zou, T. Hastie: Regularization and variable selection via the elastic net. Journal of the Royal Statistical Society B 67, 2005.
///
/// ```
/// use downhill::{Model, layer::Dense, regularize::{ElasticNet, Regularizer, Weights}};
/// let model: Model<f64> = Model::build(Dense::new(1).without_bias(), &[2.into()], 7)?;
/// let w = Weights::new(&model.parameters()[0], &[3.0, -4.0]);
/// assert_eq!(ElasticNet::new(1.0, 0.5).penalty(w), 0.5 * 7.0 + 0.25 * 25.0);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElasticNet {
    /// What the whole is multiplied by: a finite number, 0 or more.
    pub strength: f64,
    /// The share of the magnitudes, in [0, 1]; the squares have the rest.
    pub l1_ratio: f64,
}

impl ElasticNet {
    /// The penalty strength · (l1_ratio · Σ|w| + (1 − l1_ratio) / 2 · Σw²).
    pub fn new(strength: f64, l1_ratio: f64) -> Self {
        Self { strength, l1_ratio }
    }

    fn parts(&self) -> (L1, L2) {
        let (l1, l2) = (self.strength * self.l1_ratio, self.strength * (1.0 - self.l1_ratio));
        (L1::new(l1), L2::new(l2))
    }
}

impl<F: Scalar> Regularizer<F> for ElasticNet {
    fn penalty(&self, tensor: Weights<'_, F>) -> f64 {
        let (l1, l2) = self.parts();
        l1.penalty(tensor) + l2.penalty(tensor)
    }

    fn add_gradient(&self, tensor: Weights<'_, F>, gradient: &mut [F]) {
        let (l1, l2) = self.parts();
        let (l1, l2) = (F::of(l1.strength), F::of(l2.strength));
        for (g, &w) in gradient.iter_mut().zip(tensor.values) {
            *g += l1 * sign(w) + l2 * w;
        }
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("ElasticNet::strength", self.strength)?;
        require::share("ElasticNet::l1_ratio", self.l1_ratio)
    }
}

use downhill::loss::ElementLoss;
use downhill::{Error, Scalar};

use crate::require;

/// √(d² + ε²) − ε with d = prediction − target: a smooth absolute value (Charbonnier et al., 1994), moved so that its least value is 0.
#[derive(Clone, Debug)]
pub struct Charbonnier {
    pub epsilon: f64,
}

impl ElementLoss for Charbonnier {
    fn value<F: Scalar>(&self, prediction: F, target: F) -> F {
        let (d, epsilon) = (prediction - target, F::of(self.epsilon));
        // (√(d² + ε²) − ε) without the difference of two near numbers.
        d * (d / (d.hypot(epsilon) + epsilon))
    }

    fn slope<F: Scalar>(&self, prediction: F, target: F) -> F {
        let d = prediction - target;
        d / d.hypot(F::of(self.epsilon))
    }

    fn validate(&self) -> Result<(), Error> {
        let epsilon = self.epsilon;
        require(epsilon > 0.0 && epsilon.is_finite(), "epsilon", epsilon, "a number above 0")
    }
}

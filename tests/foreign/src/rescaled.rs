use downhill::{Error, Scalar};

use crate::require;

/// Brings the Euclidean norm of a gradient down to `bound`, and returns the factor.
///
/// For loops without the trainer; it divides by the largest number first, so that no square is out of range.
#[derive(Clone, Debug)]
pub struct Rescaled {
    pub bound: f64,
}

impl Rescaled {
    pub fn validate(&self) -> Result<(), Error> {
        let bound = self.bound;
        require(bound > 0.0 && bound.is_finite(), "bound", bound, "a number above 0")
    }

    pub fn apply<F: Scalar>(&self, gradient: &mut [F], scale: f64) -> f64 {
        let bound = self.bound * scale;
        let usable = bound >= 0.0 && gradient.iter().all(|g| g.is_finite());
        if !usable {
            return f64::NAN;
        }
        let largest = gradient.iter().map(|g| g.as_f64().abs()).fold(0.0, f64::max);
        if largest == 0.0 {
            return 1.0;
        }
        let squares = gradient.iter().map(|g| (g.as_f64() / largest).powi(2));
        let norm = squares.sum::<f64>().sqrt();
        // norm · largest is the norm; neither the product nor the factor need be in range by itself.
        if norm <= bound / largest {
            return 1.0;
        }
        for g in gradient {
            *g = F::of(g.as_f64() / largest / norm * bound);
        }
        bound / largest / norm
    }
}

use downhill::regularize::{Regularizer, Weights};
use downhill::{Error, Parallel, Scalar, clip};

use crate::require;

/// strength · Σ √n · ‖w‖ over the units of a tensor, n numbers each: whole units go to zero (Yuan and Lin, 2006). The slope at 0 is 0.
#[derive(Clone, Debug)]
pub struct GroupLasso {
    pub strength: f64,
}

fn units<'a, F>(tensor: &Weights<'a, F>) -> std::slice::Chunks<'a, F> {
    let units = if tensor.shape.len() < 2 { 1 } else { tensor.shape[0] };
    tensor.values.chunks((tensor.values.len() / units.max(1)).max(1))
}

impl<F: Scalar> Regularizer<F> for GroupLasso {
    fn penalty(&self, tensor: Weights<'_, F>) -> f64 {
        let norm = |unit: &[F]| (unit.len() as f64).sqrt() * clip::norm(unit, Parallel::Off);
        self.strength * units(&tensor).map(norm).sum::<f64>()
    }

    fn add_gradient(&self, tensor: Weights<'_, F>, gradient: &mut [F]) {
        let size = units(&tensor).next().map_or(1, <[F]>::len);
        for (unit, gradient) in units(&tensor).zip(gradient.chunks_mut(size)) {
            let norm = clip::norm(unit, Parallel::Off);
            if norm == 0.0 {
                continue;
            }
            let factor = self.strength * (size as f64).sqrt();
            for (g, w) in gradient.iter_mut().zip(unit) {
                *g += F::of(factor * (w.as_f64() / norm));
            }
        }
    }

    fn validate(&self) -> Result<(), Error> {
        let strength = self.strength;
        require(strength >= 0.0 && strength.is_finite(), "strength", strength, "0 or more")
    }
}

use downhill::Scalar;
use downhill::regularize::{Constraint, WeightsMut};

/// The incoming weights of each unit have the mean 0 (weight standardisation without the scale). Tensors of fewer than two axes are left alone.
#[derive(Clone, Debug)]
pub struct Centred;

impl<F: Scalar> Constraint<F> for Centred {
    fn project(&self, tensor: WeightsMut<'_, F>) {
        let axes = tensor.shape.axes();
        if axes.len() < 2 {
            return;
        }
        let size = (tensor.values.len() / axes[0].max(1)).max(1);
        for unit in tensor.values.chunks_mut(size) {
            // The differences are rounded, so their mean is near 0 only; taken away once or twice more it is as near as the numbers allow.
            for _ in 0..4 {
                let mean = unit.iter().map(|w| w.as_f64() / size as f64).sum::<f64>();
                let sizes = unit.iter().map(|w| w.abs().as_f64());
                let largest = sizes.fold(0.0, |most, w| if w > most { w } else { most });
                if mean.abs() <= size as f64 * F::epsilon().as_f64() * largest {
                    break;
                }
                unit.iter_mut().for_each(|w| *w = F::of(w.as_f64() - mean));
            }
        }
    }
}

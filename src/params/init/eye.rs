//! The identity matrix.

use super::{Init, Start};

/// The identity: 1 where the first axis and the rest, flattened, have the same index, else 0.
///
/// A dense layer then copies its inputs, as far as there are outputs for them. For convolutions see [`Dirac`](super::Dirac).
///
/// ```
/// use downhill::{Model, layer::Dense, params::init::Eye};
/// let model: Model<f64> = Model::build(Dense::new(2).weight_init(Eye), &[3.into()], 7)?;
/// let y = model.predict(&ndarray::array![[5.0, 6.0, 7.0]])?;
/// assert_eq!(y, ndarray::array![[5.0, 6.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Eye;

impl Init for Eye {
    fn fill(&self, tensor: Start<'_>) {
        let (_, columns) = tensor.matrix();
        tensor.values.fill(0.0);
        for (i, row) in tensor.values.chunks_exact_mut(columns.max(1)).enumerate() {
            if let Some(value) = row.get_mut(i) {
                *value = 1.0;
            }
        }
    }
}

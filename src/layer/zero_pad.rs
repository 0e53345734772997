//! Zeros around an image.

use super::window::Planes;
use super::{Backward, Forward, Layer, Plan};
use crate::error::Error;
use crate::scalar::Scalar;

/// Zeros around an image or a sequence.
///
/// Takes samples of shape `[channels, height, width]` and gives `[channels, top + height + bottom, left + width + right]`, or `[channels, length]` and gives
/// `[channels, left + length + right]`. No parameters.
///
/// | field | default | range |
/// |---|---|---|
/// | `top`, `bottom` | 0 | any; a sequence has none of them, whatever is set |
/// | `left`, `right` | 0 | any |
///
/// # Errors
/// Building the model fails if the sample has neither two nor three axes.
///
/// ```
/// use downhill::{Model, layer::ZeroPad};
/// let pad = ZeroPad { left: 1, bottom: 1, ..ZeroPad::default() };
/// let model: Model<f64> = Model::build(pad, &[[1, 1, 2].into()], 7)?;
/// let y = model.predict(&ndarray::array![[[[1.0, 2.0]]]])?;
/// assert_eq!(y, ndarray::array![[[[0.0, 1.0, 2.0], [0.0, 0.0, 0.0]]]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ZeroPad {
    /// Rows above the image.
    pub top: usize,
    /// Rows below the image.
    pub bottom: usize,
    /// Columns before the image, or numbers before the sequence.
    pub left: usize,
    /// Columns or numbers after it.
    pub right: usize,
}

impl ZeroPad {
    /// As many zeros on each side.
    pub fn new(zeros: usize) -> Self {
        Self { top: zeros, bottom: zeros, left: zeros, right: zeros }
    }
}

impl<F: Scalar> Layer<F> for ZeroPad {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let axes = plan.input()?.len();
        let Planes { channels, mut size } = Planes::planned(plan, axes.clamp(2, 3))?;
        size.width = size.width.saturating_add(self.left).saturating_add(self.right);
        if axes == 3 {
            size.height = size.height.saturating_add(self.top).saturating_add(self.bottom);
        }
        plan.output(Planes { channels, size }.shape(axes))
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let mut y = pass.outputs.one();
        let (Some(from), Some(to)) = (Planes::of(x.shape()), Planes::of(y.shape())) else { return };
        let top = self.top.min(to.size.height - from.size.height);
        y.values().fill(F::zero());
        let planes = y.values().chunks_exact_mut(to.plane());
        for (y, x) in planes.zip(x.values().chunks_exact(from.plane())) {
            let rows = y.chunks_exact_mut(to.size.width).skip(top);
            for (y, x) in rows.zip(x.chunks_exact(from.size.width)) {
                y[self.left..][..x.len()].copy_from_slice(x);
            }
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let Some(mut dx) = pass.input_gradients.one() else { return };
        let dy = pass.output_gradients.one();
        let (Some(to), Some(from)) = (Planes::of(dx.shape()), Planes::of(dy.shape())) else {
            return;
        };
        let top = self.top.min(from.size.height - to.size.height);
        let planes = dx.values().chunks_exact_mut(to.plane());
        for (dx, dy) in planes.zip(dy.values().chunks_exact(from.plane())) {
            let rows = dy.chunks_exact(from.size.width).skip(top);
            for (dx, dy) in dx.chunks_exact_mut(to.size.width).zip(rows) {
                dx.copy_from_slice(&dy[self.left..][..dx.len()]);
            }
        }
    }
}

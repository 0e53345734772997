//! Images made larger.

use super::images::{self, Buffers};
use super::window::{Planes, Size2d};
use super::{Backward, Forward, Layer, Plan};
use crate::error::Error;
use crate::scalar::Scalar;

/// How [`Upsample`] finds the numbers between those of its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interpolation {
    /// The nearest number: output i is input ⌊i / scale⌋.
    #[default]
    Nearest,
    /// On the lines between neighbours.
    Bilinear {
        /// Whether the corners of the images fall on one another: output i is at i·(input − 1)/(output − 1). Otherwise their edges do: output i
        /// is at (i + ½)/scale − ½, no less than 0.
        align_corners: bool,
    },
}

/// Images or sequences made larger by a whole number.
///
/// y\[c, i, j\] = Σ a·x\[c, k, l\] with at most two rows k and two columns l, and weights a that add up to 1, by the rule of the
/// [`Interpolation`].
///
/// Takes samples of shape `[channels, height, width]` and gives `[channels, height·scale, width·scale]`, or `[channels, length]` and gives
/// `[channels, length·scale]`.
///
/// | setting | default | range |
/// |---|---|---|
/// | `scale` | – | ≥ 1; one number, or `[height, width]`; a sequence has its width |
/// | `interpolation` | nearest | see [`Interpolation`] |
///
/// No parameters. As PyTorch's `Upsample` with a whole `scale_factor` and mode `nearest`, `bilinear` or (for sequences) `linear`.
///
/// # Errors
/// Building the model fails if the sample has neither two nor three axes or the scale is 0.
///
/// ```
/// use downhill::{Model, layer::Upsample};
/// let sequence = ndarray::array![[[0.0, 4.0]]];
/// let model: Model<f64> = Model::build(Upsample::nearest(2), &[[1, 2].into()], 7)?;
/// assert_eq!(model.predict(&sequence)?, ndarray::array![[[0.0, 0.0, 4.0, 4.0]]].into_dyn());
/// let model: Model<f64> = Model::build(Upsample::bilinear(2), &[[1, 2].into()], 7)?;
/// assert_eq!(model.predict(&sequence)?, ndarray::array![[[0.0, 1.0, 3.0, 4.0]]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upsample {
    /// How many times as large the output is.
    pub scale: Size2d,
    /// How numbers in between are found.
    pub interpolation: Interpolation,
}

impl Upsample {
    /// So many times as large, by the nearest number.
    pub fn nearest(scale: impl Into<Size2d>) -> Self {
        Self { scale: scale.into(), interpolation: Interpolation::Nearest }
    }

    /// So many times as large, by lines between neighbours; edges fall on edges.
    pub fn bilinear(scale: impl Into<Size2d>) -> Self {
        let interpolation = Interpolation::Bilinear { align_corners: false };
        Self { scale: scale.into(), interpolation }
    }

    /// The same with corners that fall on corners.
    #[must_use]
    pub fn align_corners(self) -> Self {
        Self { interpolation: Interpolation::Bilinear { align_corners: true }, ..self }
    }

    /// The two input positions that output `o` lies between, and the share of the second.
    fn between(self, input: usize, output: usize, o: usize) -> (usize, usize, f64) {
        let place = match self.interpolation {
            Interpolation::Nearest => return (o / (output / input), 0, 0.0),
            Interpolation::Bilinear { align_corners: true } => {
                (o * (input - 1)) as f64 / (output - 1).max(1) as f64
            }
            Interpolation::Bilinear { align_corners: false } => {
                ((o as f64 + 0.5) * input as f64 / output as f64 - 0.5).max(0.0)
            }
        };
        let first = (place as usize).min(input - 1);
        (first, (first + 1).min(input - 1), place - first as f64)
    }

    /// What the outputs of one plane are made of: `work(output, input, share)`.
    fn each<F: Scalar>(self, from: Size2d, to: Size2d, mut work: impl FnMut(usize, usize, F)) {
        for row in 0..to.height {
            let (k, next_k, below) = self.between(from.height, to.height, row);
            for column in 0..to.width {
                let (l, next_l, right) = self.between(from.width, to.width, column);
                let output = row * to.width + column;
                for (k, a) in [(k, 1.0 - below), (next_k, below)] {
                    for (l, b) in [(l, 1.0 - right), (next_l, right)] {
                        // What has no share is left out, so that it does no harm if it is not finite.
                        if a * b != 0.0 {
                            work(output, k * from.width + l, F::of(a * b));
                        }
                    }
                }
            }
        }
    }
}

impl<F: Scalar> Layer<F> for Upsample {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        self.scale.at_least_one("Upsample::scale")?;
        let axes = plan.input()?.len();
        let Planes { channels, mut size } = Planes::planned(plan, axes.clamp(2, 3))?;
        size.width = size.width.saturating_mul(self.scale.width);
        if axes == 3 {
            size.height = size.height.saturating_mul(self.scale.height);
        }
        plan.output(Planes { channels, size }.shape(axes))
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let mut y = pass.outputs.one();
        let (Some(from), Some(to)) = (Planes::of(x.shape()), Planes::of(y.shape())) else { return };
        let size = y.size();
        images::each(pass.parallel, y.values(), size, Buffers::none(), &|image, y, _| {
            y.fill(F::zero());
            let planes = x.row(image).chunks_exact(from.plane());
            for (y, x) in y.chunks_exact_mut(to.plane()).zip(planes) {
                self.each(from.size, to.size, |output, input, share: F| {
                    y[output] += share * x[input];
                });
            }
        });
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let Some(mut dx) = pass.input_gradients.one() else { return };
        let dy = pass.output_gradients.one();
        let (Some(from), Some(to)) = (Planes::of(dx.shape()), Planes::of(dy.shape())) else {
            return;
        };
        let size = dx.size();
        images::each(pass.parallel, dx.values(), size, Buffers::none(), &|image, dx, _| {
            dx.fill(F::zero());
            let planes = dy.row(image).chunks_exact(to.plane());
            for (dx, dy) in dx.chunks_exact_mut(from.plane()).zip(planes) {
                self.each(from.size, to.size, |output, input, share: F| {
                    dx[input] += share * dy[output];
                });
            }
        });
    }
}

//! Means that give an image of a chosen size.

use super::average::{Rectangles, Span};
use crate::error::Error;
use crate::layer::window::{Planes, Size2d};
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Means over rectangles that are made to give an image of a chosen size: row i of the output is the mean of the rows from ⌊i·height / size⌋ to
/// ⌈(i + 1)·height / size⌉, that one excluded; columns likewise.
///
/// Takes samples of shape `[channels, height, width]` and gives `[channels, size.height, size.width]`. Rectangles overlap where the sizes do not divide;
/// an output larger than the input repeats numbers.
///
/// | field | default | range |
/// |---|---|---|
/// | `size` | – | ≥ 1; one number, or `[height, width]` |
///
/// No parameters. As PyTorch's `AdaptiveAvgPool2d`; a size of 1 is [`GlobalAvgPool`](super::GlobalAvgPool) with its two axes of length 1 kept.
///
/// # Errors
/// Building the model fails if the sample has not three axes or the size is 0.
///
/// ```
/// use downhill::{Model, layer::AdaptiveAvgPool2d};
/// let model: Model<f64> = Model::build(AdaptiveAvgPool2d::new([1, 2]), &[[1, 1, 3].into()], 7)?;
/// let y = model.predict(&ndarray::array![[[[1.0, 3.0, 5.0]]]])?;
/// assert_eq!(y, ndarray::array![[[[2.0, 4.0]]]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdaptiveAvgPool2d {
    /// The size of the output.
    pub size: Size2d,
}

impl AdaptiveAvgPool2d {
    /// Means that give an image of this size.
    pub fn new(size: impl Into<Size2d>) -> Self {
        Self { size: size.into() }
    }

    fn rectangles(
        self,
        input: &Shape,
    ) -> Option<Rectangles<impl Fn(usize) -> Span + Sync, impl Fn(usize) -> Span + Sync>> {
        let (input, output) = (Planes::of(input)?.size, self.size);
        let span = |input: usize, output: usize, o: usize| {
            let range = o * input / output..((o + 1) * input).div_ceil(output);
            Span { count: range.len(), range }
        };
        Some(Rectangles {
            input,
            output,
            rows: move |o| span(input.height, output.height, o),
            columns: move |o| span(input.width, output.width, o),
        })
    }
}

impl<F: Scalar> Layer<F> for AdaptiveAvgPool2d {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let Planes { channels, .. } = Planes::planned(plan, 3)?;
        self.size.at_least_one("AdaptiveAvgPool2d::size")?;
        plan.output(Planes { channels, size: self.size }.shape(3))
    }

    fn forward(&self, pass: Forward<'_, F>) {
        if let Some(rectangles) = self.rectangles(pass.inputs.one().shape()) {
            rectangles.forward(pass);
        }
    }

    fn backward(&self, pass: Backward<'_, F>) {
        if let Some(rectangles) = self.rectangles(pass.inputs.one().shape()) {
            rectangles.backward(pass);
        }
    }
}

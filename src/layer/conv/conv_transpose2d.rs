//! The transposed convolution of images.

use std::sync::Arc;

use super::correlation::Correlation;
use super::settings::{Channels, Padding, Settings};
use super::weights::add_sums;
use crate::error::{Error, require};
use crate::layer::window::{Axis, Planes, Size2d, Window, extent};
use crate::layer::{Backward, Forward, Layer, Plan};
use crate::params::init::Init;
use crate::scalar::Scalar;

/// A transposed convolution of images: each number of the input adds a multiple of the kernel to the output. It computes what the gradient of a
/// [`Conv2d`](super::Conv2d) with the same settings computes for its input.
///
/// y\[o, i·stride + k·dilation − padding, j·stride + l·dilation − padding\] += weight\[c, o, k, l\] · x\[c, i, j\] for all input channels c of the
/// group, all places i, j and all k, l of the kernel; y begins as bias\[o\].
///
/// Takes samples of shape `[channels, height, width]` and gives `[channels, height, width]` with the channels that are asked for and
/// height = (height − 1)·stride − 2·padding + dilation·(kernel − 1) + output_padding + 1, and the width likewise.
///
/// | setting | default | range |
/// |---|---|---|
/// | `channels` (outputs) | – | ≥ 1, a multiple of `groups` |
/// | `kernel` | – | ≥ 1; one number, or `[height, width]` as for all below |
/// | [`stride`](Self::stride) | 1 | ≥ 1 |
/// | [`padding`](Self::padding) | 0 | leaves an output of at least 1×1 |
/// | [`output_padding`](Self::output_padding) | 0 | less than the larger of stride and dilation |
/// | [`dilation`](Self::dilation) | 1 | ≥ 1 |
/// | [`groups`](Self::groups) | 1 | ≥ 1, divides the input channels |
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `weight` | `[input channels, channels / groups, height, width]` | weight | what the following activation prefers (He for ReLU …), else Glorot uniform |
/// | `bias` | `[channels]` | bias | zero |
///
/// All as PyTorch's `ConvTranspose2d`, but for the start. The fans are read off the weight's shape as there: the fan-in is the product of all
/// axes but the first.
///
/// # Errors
/// Building the model fails if the sample has not three axes, if the padding leaves no output, if groups do not divide the channels, or if a setting
/// is outside its range.
///
/// ```
/// use downhill::{Model, layer::ConvTranspose2d, params::init::Constant};
/// let spread = ConvTranspose2d::new(1, 2).stride(2).weight_init(Constant(1.0));
/// let model: Model<f64> = Model::build(spread, &[[1, 1, 2].into()], 7)?;
/// let y = model.predict(&ndarray::array![[[[1.0, 2.0]]]])?;
/// assert_eq!(y, ndarray::array![[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ConvTranspose2d {
    settings: Settings,
    padding: Size2d,
    output_padding: Size2d,
}

impl ConvTranspose2d {
    /// A transposed convolution with so many output channels, with bias.
    pub fn new(channels: usize, kernel: impl Into<Size2d>) -> Self {
        let settings = Settings::new("ConvTranspose2d", Channels::Count(channels), kernel.into());
        Self { settings, padding: Size2d::ZERO, output_padding: Size2d::ZERO }
    }

    /// The same where neighbours in the input are so far apart in the output.
    #[must_use]
    pub fn stride(self, stride: impl Into<Size2d>) -> Self {
        Self { settings: Settings { stride: stride.into(), ..self.settings }, ..self }
    }

    /// The same with so much cut off the output on each side.
    #[must_use]
    pub fn padding(self, padding: impl Into<Size2d>) -> Self {
        let padding = padding.into();
        let settings = Settings { padding: Padding::Zeros(padding), ..self.settings };
        Self { settings, padding, ..self }
    }

    /// The same with so much more output at the bottom and the right, to tell apart the sizes that one convolution maps to the same.
    #[must_use]
    pub fn output_padding(self, output_padding: impl Into<Size2d>) -> Self {
        Self { output_padding: output_padding.into(), ..self }
    }

    /// The same with kernels whose numbers are so far apart in the output.
    #[must_use]
    pub fn dilation(self, dilation: impl Into<Size2d>) -> Self {
        Self { settings: Settings { dilation: dilation.into(), ..self.settings }, ..self }
    }

    /// The same in so many groups: each part of the output channels sees its part of the input channels alone.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        Self { settings: Settings { groups, ..self.settings }, ..self }
    }

    /// The same without bias.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { settings: Settings { bias: false, ..self.settings }, ..self }
    }

    /// The same with weights that start by this rule.
    #[must_use]
    pub fn weight_init(self, init: impl Init + 'static) -> Self {
        let settings = Settings { weight_init: Some(Arc::new(init)), ..self.settings };
        Self { settings, ..self }
    }

    /// The same with a bias that starts by this rule.
    #[must_use]
    pub fn bias_init(self, init: impl Init + 'static) -> Self {
        let settings = Settings { bias_init: Some(Arc::new(init)), ..self.settings };
        Self { settings, ..self }
    }

    /// One axis of the windows that the convolution of the output would have: one for each number of this layer's input.
    fn axis(&self, windows: usize, of: fn(Size2d) -> usize) -> Option<Axis> {
        let Settings { kernel, stride, dilation, .. } = self.settings;
        let (kernel, stride, dilation) = (of(kernel), of(stride), of(dilation));
        let reach = windows.checked_sub(1)?.checked_mul(stride)?;
        let full = reach.checked_add(extent(kernel, dilation)?)?;
        let padding = of(self.padding).checked_mul(2)?;
        let output = full.checked_add(of(self.output_padding))?.checked_sub(padding)?;
        (output > 0).then_some(Axis {
            input: output,
            windows,
            kernel,
            stride,
            dilation,
            before: of(self.padding),
        })
    }

    fn window(&self, input: Planes) -> Option<Window> {
        Some(Window {
            rows: self.axis(input.size.height, |size| size.height)?,
            columns: self.axis(input.size.width, |size| size.width)?,
        })
    }

    fn correlation(&self, input: Planes) -> Option<Correlation> {
        let (Channels::Count(channels), groups) = (self.settings.channels, self.settings.groups)
        else {
            return None;
        };
        Some(Correlation {
            window: self.window(input)?,
            groups,
            plane_channels: channels.checked_div(groups)?,
            window_channels: input.channels.checked_div(groups)?,
        })
    }

    fn validate(&self) -> Result<(), Error> {
        let Settings { kernel, stride, dilation, .. } = self.settings;
        kernel.at_least_one("ConvTranspose2d::kernel")?;
        stride.at_least_one("ConvTranspose2d::stride")?;
        dilation.at_least_one("ConvTranspose2d::dilation")?;
        let more = self.output_padding;
        require::that(
            more.height < stride.height.max(dilation.height)
                && more.width < stride.width.max(dilation.width),
            "ConvTranspose2d::output_padding",
            more,
            "less than the larger of stride and dilation",
        )
    }
}

impl<F: Scalar> Layer<F> for ConvTranspose2d {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let input = Planes::planned(plan, 3)?;
        self.validate()?;
        let (channels, groups) = self.settings.plan_channels(plan, input.channels)?;
        let Some(window) = self.window(input) else {
            let (kernel, padding) = (self.settings.kernel, self.padding);
            let expected = format!(
                "planes that kernel {kernel} enlarges to more than padding {padding} cuts off"
            );
            return Err(plan.refuse(expected, &plan.input()?, "use less padding"));
        };
        self.settings.plan_parameters(plan, 3, [input.channels, channels / groups, channels])?;
        let size = Size2d { height: window.rows.input, width: window.columns.input };
        plan.leaves_outputs();
        plan.output(Planes { channels, size }.shape(3))?;
        if let Some(correlation) = self.correlation(input) {
            correlation.plan(plan);
        }
        Ok(())
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let Some(it) = Planes::of(x.shape()).and_then(|planes| self.correlation(planes)) else {
            return;
        };
        it.scatter(
            &pass.params[0],
            pass.params.get(1),
            x.values(),
            pass.outputs.one().values(),
            pass.scratch_once.get(0).values(),
            pass.parallel,
        );
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let (x, dy) = (pass.inputs.one(), pass.output_gradients.one().values());
        let Some(it) = Planes::of(x.shape()).and_then(|planes| self.correlation(planes)) else {
            return;
        };
        let (weights, parallel) = (&pass.params[0], pass.parallel);
        let Some((mut columns, mut shares)) = pass.scratch_once.pair(0, 1) else { return };
        let gradients = pass.gradients.pair();
        let dx = pass.input_gradients.one();
        parallel.join(
            || {
                let sums =
                    |dy: &[F], _: &[F], bias: &mut [F]| add_sums(dy, it.window.plane(), bias);
                it.weights([dy, x.values()], gradients, shares.values(), parallel, &sums);
            },
            || {
                if let Some(mut dx) = dx {
                    it.gather(weights, None, dy, dx.values(), columns.values(), parallel);
                }
            },
        );
    }
}

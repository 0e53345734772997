//! What convolutions of one and two axes have in common.

use std::sync::Arc;

use super::correlation::Correlation;
use super::weights::add_sums;
use crate::error::{Error, require};
use crate::layer::window::{Planes, Size2d, Slide};
use crate::layer::{Backward, Forward, Plan};
use crate::params::init::Init;
use crate::scalar::Scalar;

/// How many output channels there are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Channels {
    Count(usize),
    /// So many for each input channel, each with kernels of its own.
    Depthwise(usize),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Padding {
    Zeros(Size2d),
    /// As much as keeps the size; the larger half is at the end.
    Same,
}

/// The settings of a convolution.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The layer's type, for messages.
    pub name: &'static str,
    pub channels: Channels,
    pub kernel: Size2d,
    pub stride: Size2d,
    pub padding: Padding,
    pub dilation: Size2d,
    pub groups: usize,
    pub bias: bool,
    pub weight_init: Option<Arc<dyn Init>>,
    pub bias_init: Option<Arc<dyn Init>>,
}

impl Settings {
    pub fn new(name: &'static str, channels: Channels, kernel: Size2d) -> Self {
        Self {
            name,
            channels,
            kernel,
            stride: Size2d::ONE,
            padding: Padding::Zeros(Size2d::ZERO),
            dilation: Size2d::ONE,
            groups: 1,
            bias: true,
            weight_init: None,
            bias_init: None,
        }
    }

    pub fn slide(&self) -> Slide {
        let Self { kernel, stride, dilation, .. } = *self;
        let (before, after) = match self.padding {
            Padding::Zeros(size) => (size, size),
            Padding::Same => {
                let total = |kernel: usize, dilation: usize| {
                    kernel.saturating_sub(1).saturating_mul(dilation)
                };
                let height = total(kernel.height, dilation.height);
                let width = total(kernel.width, dilation.width);
                let before = Size2d { height: height / 2, width: width / 2 };
                (before, Size2d { height: height.div_ceil(2), width: width.div_ceil(2) })
            }
        };
        Slide { kernel, stride, dilation, before, after, ceil: false }
    }

    /// Output channels and groups for so many input channels.
    fn channels(&self, input: usize) -> (usize, usize) {
        match self.channels {
            Channels::Count(channels) => (channels, self.groups),
            Channels::Depthwise(multiplier) => (input.saturating_mul(multiplier), input),
        }
    }

    /// Output channels and groups, if groups of one size can be made.
    pub fn plan_channels<F: Scalar>(
        &self,
        plan: &Plan<'_, F>,
        input: usize,
    ) -> Result<(usize, usize), Error> {
        let (channels, groups) = self.channels(input);
        let name = self.name;
        require::at_least_one(&format!("{name}::channels"), channels)?;
        require::at_least_one(&format!("{name}::groups"), groups)?;
        if !channels.is_multiple_of(groups) {
            let expected = format!("a divisor of the {channels} output channels");
            return Err(Error::argument(format!("{name}::groups"), groups, expected));
        }
        if !input.is_multiple_of(groups) {
            let expected = format!("a multiple of {groups} channels for {groups} groups");
            let fix = "choose groups that divide the number of input channels";
            return Err(plan.refuse(expected, &plan.input()?, fix));
        }
        Ok((channels, groups))
    }

    /// Declares `weight`, of `[first, second, …kernel]`, and `bias`.
    pub fn plan_parameters<F: Scalar>(
        &self,
        plan: &mut Plan<'_, F>,
        axes: usize,
        [first, second, outputs]: [usize; 3],
    ) -> Result<(), Error> {
        let Size2d { height, width } = self.kernel;
        let shape =
            if axes == 2 { vec![first, second, width] } else { vec![first, second, height, width] };
        plan.weight("weight", shape, self.weight_init.clone())?;
        if self.bias {
            plan.bias("bias", outputs, self.bias_init.clone())?;
        }
        Ok(())
    }

    fn correlation(&self, input: Planes) -> Option<Correlation> {
        let (channels, groups) = self.channels(input.channels);
        Some(Correlation {
            window: self.slide().over(input.size)?,
            groups,
            plane_channels: input.channels.checked_div(groups)?,
            window_channels: channels.checked_div(groups)?,
        })
    }

    /// Plans a convolution of samples with so many axes.
    pub fn plan<F: Scalar>(&self, plan: &mut Plan<'_, F>, axes: usize) -> Result<(), Error> {
        let input = Planes::planned(plan, axes)?;
        if matches!(self.padding, Padding::Same) && self.stride != Size2d::ONE {
            let expected = "1 with same padding, which keeps the size";
            return Err(Error::argument(format!("{}::stride", self.name), self.stride, expected));
        }
        let (channels, groups) = self.plan_channels(plan, input.channels)?;
        let window = self.slide().plan(plan, self.name, input.size)?;
        self.plan_parameters(plan, axes, [channels, input.channels / groups, channels])?;
        plan.leaves_outputs();
        plan.output(Planes { channels, size: window.output() }.shape(axes))?;
        if let Some(correlation) = self.correlation(input) {
            correlation.plan(plan);
        }
        Ok(())
    }

    pub fn forward<F: Scalar>(&self, mut pass: Forward<'_, F>) {
        let x = pass.inputs.one();
        let Some(it) = Planes::of(x.shape()).and_then(|planes| self.correlation(planes)) else {
            return;
        };
        it.gather(
            &pass.params[0],
            pass.params.get(1),
            x.values(),
            pass.outputs.one().values(),
            pass.scratch_once.get(0).values(),
            pass.parallel,
        );
    }

    pub fn backward<F: Scalar>(&self, mut pass: Backward<'_, F>) {
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
                    |_: &[F], dy: &[F], bias: &mut [F]| add_sums(dy, it.window.windows(), bias);
                it.weights([x.values(), dy], gradients, shares.values(), parallel, &sums);
            },
            || {
                if let Some(mut dx) = dx {
                    it.scatter(weights, None, dy, dx.values(), columns.values(), parallel);
                }
            },
        );
    }
}

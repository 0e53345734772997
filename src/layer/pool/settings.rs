//! What all pools with windows have in common.

use crate::error::{Error, require};
use crate::layer::Plan;
use crate::layer::window::{Axis, Planes, Size2d, Slide, Window, extent};
use crate::scalar::Scalar;
use crate::shape::Shape;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    /// The layer's type, for messages.
    pub name: &'static str,
    pub kernel: Size2d,
    /// As far as the kernel reaches, if nothing else is said.
    pub stride: Option<Size2d>,
    pub padding: Size2d,
    pub dilation: Size2d,
    pub ceil: bool,
}

impl Settings {
    pub fn new(name: &'static str, kernel: Size2d) -> Self {
        let (padding, dilation) = (Size2d::ZERO, Size2d::ONE);
        Self { name, kernel, stride: None, padding, dilation, ceil: false }
    }

    fn slide(&self) -> Slide {
        Slide {
            kernel: self.kernel,
            stride: self.stride.unwrap_or(self.kernel),
            dilation: self.dilation,
            before: self.padding,
            after: self.padding,
            ceil: self.ceil,
        }
    }

    /// The windows over samples of this shape.
    pub fn window(&self, input: &Shape) -> Option<Window> {
        self.slide().over(Planes::of(input)?.size)
    }

    /// Plans a pool of samples with so many axes.
    pub fn plan<F: Scalar>(&self, plan: &mut Plan<'_, F>, axes: usize) -> Result<(), Error> {
        let (_, output) = self.plan_window(plan, axes)?;
        plan.output(output)
    }

    /// The windows over samples with so many axes, and the shape of what there is one of for each.
    pub fn plan_window<F: Scalar>(
        &self,
        plan: &mut Plan<'_, F>,
        axes: usize,
    ) -> Result<(Window, Shape), Error> {
        let input = Planes::planned(plan, axes)?;
        let window = self.slide().plan(plan, self.name, input.size)?;
        let half = |axis: &Axis| {
            let reach = extent(axis.kernel, axis.dilation).unwrap_or(0);
            axis.before <= reach / 2
        };
        let padding = format!("{}::padding", self.name);
        let expected = "at most half of what the window reaches over";
        require::that(
            half(&window.rows) && half(&window.columns),
            &padding,
            self.padding,
            expected,
        )?;
        // With gaps between the taps that are wider than the image, all of them may lie on padding.
        let holds = |axis: &Axis| {
            axis.dilation <= axis.input || (0..axis.windows).all(|o| !axis.taps_of(o).is_empty())
        };
        if !(holds(&window.rows) && holds(&window.columns)) {
            let Self { kernel, padding, dilation, .. } = self;
            let expected = format!(
                "a number under each window of kernel {kernel} with padding {padding} and dilation {dilation}"
            );
            return Err(plan.refuse(expected, &plan.input()?, "use less padding or dilation"));
        }
        let output = Planes { channels: input.channels, size: window.output() };
        Ok((window, output.shape(axes)))
    }
}

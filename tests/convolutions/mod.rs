//! The settings of a convolution or pool, and an image that it takes.

use downhill::layer::{Conv1d, Conv2d, ConvTranspose2d};

#[derive(Clone, Copy, Debug)]
pub struct Images {
    pub groups: usize,
    pub inputs: usize,
    pub channels: usize,
    pub size: [usize; 2],
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub padding: [usize; 2],
    pub dilation: [usize; 2],
    pub bias: bool,
}

impl Images {
    pub fn shape(&self) -> [usize; 3] {
        [self.inputs, self.size[0], self.size[1]]
    }

    /// How many windows there are along an axis.
    pub fn windows(&self, axis: usize) -> usize {
        let reach = (self.kernel[axis] - 1) * self.dilation[axis] + 1;
        (self.size[axis] + 2 * self.padding[axis] - reach) / self.stride[axis] + 1
    }

    pub fn conv2d(&self) -> Conv2d {
        let conv = Conv2d::new(self.channels, self.kernel)
            .stride(self.stride)
            .padding(self.padding)
            .dilation(self.dilation)
            .groups(self.groups);
        if self.bias { conv } else { conv.without_bias() }
    }

    pub fn conv1d(&self) -> Conv1d {
        let conv = Conv1d::new(self.channels, self.kernel[1])
            .stride(self.stride[1])
            .padding(self.padding[1])
            .dilation(self.dilation[1])
            .groups(self.groups);
        if self.bias { conv } else { conv.without_bias() }
    }

    /// With as much more at the end as asked for, or as is allowed.
    pub fn conv_transpose2d(&self, more: usize) -> ConvTranspose2d {
        let most = |axis: usize| self.stride[axis].max(self.dilation[axis]) - 1;
        let conv = ConvTranspose2d::new(self.channels, self.kernel)
            .stride(self.stride)
            .padding(self.padding)
            .output_padding([more.min(most(0)), more.min(most(1))])
            .dilation(self.dilation)
            .groups(self.groups);
        if self.bias { conv } else { conv.without_bias() }
    }
}

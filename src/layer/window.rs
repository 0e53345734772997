//! Windows that slide over an image: the geometry that convolutions and pools share.

use std::fmt;
use std::ops::Range;

use super::Plan;
use crate::error::{Error, require};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A height and a width, such as those of a kernel. One number stands for both.
///
/// ```
/// use downhill::layer::Size2d;
/// assert_eq!(Size2d::from(3), Size2d { height: 3, width: 3 });
/// assert_eq!(Size2d::from([3, 5]).to_string(), "3×5");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size2d {
    /// Along the rows of the image, its second axis of three.
    pub height: usize,
    /// Along its columns, the last axis.
    pub width: usize,
}

impl Size2d {
    pub(super) const ONE: Self = Self { height: 1, width: 1 };
    pub(super) const ZERO: Self = Self { height: 0, width: 0 };

    /// Along a sequence, which is an image of one row.
    pub(super) fn row(width: usize) -> Self {
        Self { height: 1, width }
    }

    pub(super) fn at_least_one(self, argument: &str) -> Result<(), Error> {
        require::at_least_one(argument, self.height.min(self.width))
    }
}

impl fmt::Display for Size2d {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.height, self.width)
    }
}

impl From<usize> for Size2d {
    fn from(size: usize) -> Self {
        Self { height: size, width: size }
    }
}

impl From<[usize; 2]> for Size2d {
    fn from([height, width]: [usize; 2]) -> Self {
        Self { height, width }
    }
}

/// How many planes there are, and their size. A sequence is one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Planes {
    pub channels: usize,
    pub size: Size2d,
}

impl Planes {
    /// `[channels, length]` or `[channels, height, width]`.
    pub fn of(shape: &Shape) -> Option<Self> {
        match *shape.axes() {
            [channels, width] => Some(Self { channels, size: Size2d::row(width) }),
            [channels, height, width] => Some(Self { channels, size: Size2d { height, width } }),
            _ => None,
        }
    }

    /// The same for a layer that takes samples of `axes` axes.
    pub fn planned<F: Scalar>(plan: &Plan<'_, F>, axes: usize) -> Result<Self, Error> {
        let input = plan.input()?;
        Self::of(&input).filter(|_| input.len() == axes).ok_or_else(|| {
            let expected =
                if axes == 2 { "[channels, length]" } else { "[channels, height, width]" };
            let fix = "add a Reshape before it that makes the axis of channels";
            plan.refuse(format!("samples of shape {expected}"), &input, fix)
        })
    }

    /// The numbers of one channel.
    pub fn plane(self) -> usize {
        self.size.height * self.size.width
    }

    /// The shape that these planes have beside an input of `axes` axes.
    pub fn shape(self, axes: usize) -> Shape {
        match axes {
            2 => [self.channels, self.size.width].into(),
            _ => [self.channels, self.size.height, self.size.width].into(),
        }
    }
}

/// How windows slide, before the input is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slide {
    pub kernel: Size2d,
    pub stride: Size2d,
    pub dilation: Size2d,
    /// Padding at the top and the left.
    pub before: Size2d,
    /// Padding at the bottom and the right.
    pub after: Size2d,
    /// Whether a last window may reach over the end.
    pub ceil: bool,
}

impl Slide {
    /// The windows that fit an input of this size; `None` if there is none, or a number is far too large.
    pub fn over(&self, input: Size2d) -> Option<Window> {
        let axis = |of: fn(Size2d) -> usize| {
            let Self { kernel, stride, dilation, before, after, ceil } = *self;
            Axis {
                input: of(input),
                windows: 0,
                kernel: of(kernel),
                stride: of(stride),
                dilation: of(dilation),
                before: of(before),
            }
            .fill(of(after), ceil)
        };
        Some(Window { rows: axis(|size| size.height)?, columns: axis(|size| size.width)? })
    }

    /// The same when a layer of type `name` is planned.
    pub fn plan<F: Scalar>(
        &self,
        plan: &Plan<'_, F>,
        name: &str,
        input: Size2d,
    ) -> Result<Window, Error> {
        self.kernel.at_least_one(&format!("{name}::kernel"))?;
        self.stride.at_least_one(&format!("{name}::stride"))?;
        self.dilation.at_least_one(&format!("{name}::dilation"))?;
        if let Some(window) = self.over(input) {
            return Ok(window);
        }
        let Self { kernel, dilation, before, after, .. } = self;
        let least = |kernel, dilation, before: usize, after| {
            let padding = before.saturating_add(after);
            extent(kernel, dilation).unwrap_or(usize::MAX).saturating_sub(padding).max(1)
        };
        let least = Size2d {
            height: least(kernel.height, dilation.height, before.height, after.height),
            width: least(kernel.width, dilation.width, before.width, after.width),
        };
        let expected = format!(
            "planes of at least {least} for kernel {kernel} with padding {before} and dilation {dilation}"
        );
        Err(plan.refuse(expected, &plan.input()?, "add padding, or use a smaller kernel"))
    }
}

/// One axis of windows over an input: window `o` has tap `k` at input position `o·stride + k·dilation − before`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    pub input: usize,
    pub windows: usize,
    pub kernel: usize,
    pub stride: usize,
    pub dilation: usize,
    pub before: usize,
}

impl Axis {
    /// With as many windows as fit the input and its padding.
    fn fill(self, after: usize, ceil: bool) -> Option<Self> {
        let Self { input, kernel, stride, dilation, before, .. } = self;
        let extent = extent(kernel, dilation)?;
        let padded = input.checked_add(before)?.checked_add(after)?;
        let room = padded.checked_sub(extent)?;
        let mut windows = room.checked_div(stride)? + 1;
        // A window that begins in the padding after the input would hold nothing of it.
        if ceil && room % stride != 0 && windows.checked_mul(stride)? < input + before {
            windows += 1;
        }
        // The positions of a window that reaches over the end must be numbers, too.
        windows.checked_mul(stride)?.checked_add(extent)?;
        Some(Self { windows, ..self })
    }

    /// The windows whose tap `k` lies on the input.
    pub fn windows_with(&self, k: usize) -> Range<usize> {
        let offset = k * self.dilation;
        let first = self.before.saturating_sub(offset).div_ceil(self.stride);
        let end = (self.input + self.before).saturating_sub(offset).div_ceil(self.stride);
        let end = end.min(self.windows);
        first.min(end)..end
    }

    /// The same for a stride of 1, without a division.
    #[inline]
    pub fn shifted_windows_with(&self, k: usize) -> Range<usize> {
        let offset = k * self.dilation;
        let first = self.before.saturating_sub(offset);
        let end = (self.input + self.before).saturating_sub(offset).min(self.windows);
        first.min(end)..end
    }

    /// The taps of window `o` that lie on the input.
    pub fn taps_of(&self, o: usize) -> Range<usize> {
        let start = o * self.stride;
        let mut first = self.before.saturating_sub(start);
        let mut end = (self.input + self.before).saturating_sub(start);
        // Divisions take longer than all else here.
        if self.dilation > 1 {
            (first, end) = (first.div_ceil(self.dilation), end.div_ceil(self.dilation));
        }
        let end = end.min(self.kernel);
        first.min(end)..end
    }

    /// How many numbers of window `o` lie on the input or on padding of the same width at both ends, for a dilation of 1.
    pub fn padded_taps_of(&self, o: usize) -> usize {
        let padded = self.input + 2 * self.before;
        self.kernel.min(padded.saturating_sub(o * self.stride))
    }

    /// The input position of a tap that lies on it.
    pub fn position(&self, o: usize, k: usize) -> usize {
        o * self.stride + k * self.dilation - self.before
    }
}

/// How far a window reaches: `dilation·(kernel − 1) + 1`.
pub(super) fn extent(kernel: usize, dilation: usize) -> Option<usize> {
    kernel.checked_sub(1)?.checked_mul(dilation)?.checked_add(1)
}

/// Windows over a plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub rows: Axis,
    pub columns: Axis,
}

/// A stretch of windows in one row, with the place in the plane where the tap lies for the first of them.
pub(super) struct Stretch {
    pub windows: Range<usize>,
    /// The taps are `stride` numbers apart from here.
    pub plane: usize,
    pub stride: usize,
}

impl Window {
    /// The numbers of one plane.
    pub fn plane(&self) -> usize {
        self.rows.input * self.columns.input
    }

    /// How many windows there are.
    pub fn windows(&self) -> usize {
        self.rows.windows * self.columns.windows
    }

    /// How many numbers a window holds.
    pub fn taps(&self) -> usize {
        self.rows.kernel * self.columns.kernel
    }

    /// The size of the output.
    pub fn output(&self) -> Size2d {
        Size2d { height: self.rows.windows, width: self.columns.windows }
    }

    /// Whether each window is the number at its own place.
    pub fn is_identity(&self) -> bool {
        self.taps() == 1
            && (self.rows.stride, self.columns.stride) == (1, 1)
            && self.plane() == self.windows()
            && (self.rows.before, self.columns.before) == (0, 0)
    }

    /// Whether the numbers under a tap are the plane itself, moved: windows that move by one, as many in a row as numbers.
    pub fn shifts(&self) -> bool {
        (self.rows.stride, self.columns.stride) == (1, 1)
            && self.columns.windows == self.columns.input
    }

    /// Where tap number `tap` of all windows lies, as stretches along the rows; windows whose tap is in the padding are left out.
    pub fn stretches(&self, tap: usize) -> impl Iterator<Item = Stretch> + use<> {
        let Self { rows, columns } = *self;
        let (row_tap, column_tap) = (tap / columns.kernel, tap % columns.kernel);
        let range = columns.windows_with(column_tap);
        let across = if range.is_empty() { 0..0 } else { rows.windows_with(row_tap) };
        across.map(move |o| Stretch {
            windows: o * columns.windows + range.start..o * columns.windows + range.end,
            plane: rows.position(o, row_tap) * columns.input
                + columns.position(range.start, column_tap),
            stride: columns.stride,
        })
    }
}

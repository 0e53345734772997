//! What a metric can be asked to measure.

use crate::data::TargetKind;
use crate::shape::Shape;

/// Outputs and targets that a metric takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A score for each of so many classes, with class indices as targets.
    Classes(usize),
    /// A single logit, with class indices 0 and 1 as targets.
    Logit,
    /// A single logit, with the numbers 0 and 1 as targets.
    Binary,
    /// So many numbers, with as many numbers as targets.
    Numbers(usize),
}

impl Kind {
    /// Those that a metric is tried on if its author says nothing.
    pub const ALL: [Self; 7] = [
        Self::Classes(2),
        Self::Classes(3),
        Self::Classes(7),
        Self::Logit,
        Self::Binary,
        Self::Numbers(1),
        Self::Numbers(3),
    ];

    /// How many outputs a sample has.
    pub fn width(self) -> usize {
        match self {
            Self::Classes(width) | Self::Numbers(width) => width,
            Self::Logit | Self::Binary => 1,
        }
    }

    /// How many classes there are; 0 for numbers.
    pub fn classes(self) -> usize {
        match self {
            Self::Classes(classes) => classes,
            Self::Logit | Self::Binary => 2,
            Self::Numbers(_) => 0,
        }
    }

    /// Whether targets are class indices.
    pub fn is_indexed(self) -> bool {
        matches!(self, Self::Classes(_) | Self::Logit)
    }

    /// The shape of a sample's output.
    pub fn output(self) -> Shape {
        self.width().into()
    }

    /// The kind and shape of the targets.
    pub fn targets(self) -> TargetKind {
        if self.is_indexed() {
            TargetKind::Classes(Shape::default())
        } else {
            TargetKind::Values(self.output())
        }
    }
}

//! What the outputs and targets of a sample look like, found by asking the loss.

use super::{Answer, LossUnderTest, Problem};
use crate::check::{Unmet, Verdict, broken};
use crate::data::TargetKind;
use crate::shape::Shape;

/// What the numbers of an output may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outputs {
    /// Any number.
    Real,
    /// Numbers in [0, 1].
    Probabilities,
    /// Numbers of 0 or less.
    LogProbabilities,
    /// Numbers above 0.
    Positive,
    /// One number above 0 for the whole sample.
    OnePositive,
}

/// What targets may be. Those with values have the shape of the first output, or else one value for each sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets {
    /// There are none.
    None,
    /// A class index for each place of the output, whose last axis counts the classes.
    Classes,
    /// Any number.
    Real,
    /// 0, 1, 2 …
    Counts,
    /// Numbers in [0, 1].
    Probabilities,
    /// Numbers of 0 or less.
    LogProbabilities,
    /// 0 or 1.
    Bits,
    /// 1 or −1.
    Signs,
}

impl Targets {
    /// All of them, in the order in which a loss is asked: of two that it takes, the one that allows more comes first.
    const ALL: [Self; 8] = [
        Self::Classes,
        Self::Real,
        Self::Counts,
        Self::Probabilities,
        Self::LogProbabilities,
        Self::Bits,
        Self::Signs,
        Self::None,
    ];

    /// Values that tell these targets from others.
    fn samples(self) -> &'static [f64] {
        match self {
            Self::None | Self::Classes => &[0.0],
            Self::Real => &[-1.5, 2.25, 0.0],
            Self::Counts => &[0.0, 1.0, 3.0],
            Self::Probabilities => &[0.0, 0.25, 1.0],
            Self::LogProbabilities => &[0.0, -0.5, -4.0],
            Self::Bits => &[0.0, 1.0],
            Self::Signs => &[1.0, -1.0],
        }
    }
}

/// The outputs and targets of one sample.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) outputs: Vec<(Outputs, Shape)>,
    pub(super) targets: Targets,
    /// The shape of a sample's targets.
    pub(super) target: Shape,
}

impl Frame {
    pub(super) fn shapes(&self) -> Vec<Shape> {
        self.outputs.iter().map(|(_, shape)| shape.clone()).collect()
    }

    pub(super) fn kind(&self) -> TargetKind {
        match self.targets {
            Targets::None => TargetKind::None,
            Targets::Classes => TargetKind::Classes(self.target.clone()),
            _ => TargetKind::Values(self.target.clone()),
        }
    }
}

impl LossUnderTest {
    /// Outputs and targets that the loss takes, with these axes or others near them.
    pub(super) fn frame(&self, axes: &[usize]) -> Result<Frame, Unmet> {
        let outputs = match &self.outputs {
            Some(outputs) => vec![outputs.clone()],
            None => (1..4).map(|count| vec![Outputs::Real; count]).collect(),
        };
        let targets = self.targets.map_or(Targets::ALL.to_vec(), |targets| vec![targets]);
        for outputs in &outputs {
            for &targets in &targets {
                for axes in self.axes(axes) {
                    for target in target_shapes(targets, &axes) {
                        let shape = |out: &Outputs| match out {
                            Outputs::OnePositive => (*out, [1].into()),
                            _ => (*out, axes.as_slice().into()),
                        };
                        let outputs = outputs.iter().map(shape).collect();
                        let frame = Frame { outputs, targets, target };
                        if self.takes(&frame) {
                            return Ok(frame);
                        }
                    }
                }
            }
        }
        let expected = "shapes that `check` accepts; say .outputs(…), .targets(…) or .classes(…)";
        Err(not(broken("outputs and targets", expected, "none was found")))
    }

    /// These axes, then others for losses that need a last axis, one of some length, or an axis of steps.
    fn axes(&self, axes: &[usize]) -> Vec<Vec<usize>> {
        let with = |classes: usize| [axes, &[classes]].concat();
        match self.classes {
            Some(classes) => vec![with(classes)],
            None => {
                let steps = [axes, &[3, 2]].concat();
                let classes = [2, 3, 1, 4, 5, 6, 7, 8].map(with);
                [axes.to_vec()].into_iter().chain(classes).chain([steps]).collect()
            }
        }
    }

    fn takes(&self, frame: &Frame) -> bool {
        let double = <f64 as super::Precision>::loss(self);
        let fits = double.check(&frame.shapes(), &frame.kind()).is_ok();
        fits && frame.targets.samples().iter().all(|&value| {
            let problem = Problem::constant(frame, 0.5, value);
            matches!(problem.answer, Answer::Classes(_) | Answer::None)
                || problem.evaluate(double, Some(0.0)).is_ok()
        })
    }
}

fn target_shapes(targets: Targets, axes: &[usize]) -> Vec<Shape> {
    match (targets, axes) {
        (Targets::None, _) => vec![Shape::from([])],
        (Targets::Classes, []) => Vec::new(),
        (Targets::Classes, [places @ .., _]) => vec![places.into()],
        (_, []) => vec![Shape::from([])],
        _ => vec![axes.into(), Shape::from([])],
    }
}

/// The reason of a verdict that is one.
fn not(verdict: Verdict) -> Unmet {
    match verdict {
        Err(unmet) => unmet,
        Ok(()) => Unmet::NotApplicable(String::new()),
    }
}

//! Whether outputs and targets fit together. `Loss::check` asks it of descriptions, `Loss::evaluate` of the tensors themselves, so that a loss
//! that is called without a check gives an error as well.

use std::fmt;

use super::LossPass;
use crate::data::{Target, TargetKind};
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::{NUMBER, Shape};
use crate::tensor::View;

/// The name of a loss in messages.
pub(super) fn name<L: ?Sized>() -> String {
    crate::names::snake_case(std::any::type_name::<L>())
}

/// The shapes of exactly `N` outputs.
pub(super) fn shapes<L: ?Sized, const N: usize>(outputs: &[Shape]) -> Result<&[Shape; N], Error> {
    outputs.try_into().map_err(|_| Error::arity(name::<L>(), N, outputs.len()))
}

/// Exactly `N` outputs.
pub(super) fn outputs<'a, L: ?Sized, F: Scalar, const N: usize>(
    pass: &LossPass<'a, F>,
) -> Result<[View<'a, F>; N], Error> {
    match pass.outputs.len() {
        len if len == N => Ok(std::array::from_fn(|position| pass.outputs.get(position))),
        len => Err(Error::arity(name::<L>(), N, len)),
    }
}

/// Outputs of one shape.
pub(super) fn alike<L: ?Sized>(shape: &Shape, other: &Shape) -> Result<(), Error> {
    if shape == other {
        return Ok(());
    }
    let expected = format!("outputs of one shape, {shape}");
    Err(Error::shape(name::<L>(), expected, other.clone(), "make the last layers equal"))
}

/// The number of classes: the last axis.
pub(super) fn classes<L: ?Sized>(output: &Shape) -> Result<usize, Error> {
    match output.last() {
        Some(&classes) if classes > 0 => Ok(classes),
        _ => {
            let fix = "end the model with one unit for each class";
            Err(Error::shape(name::<L>(), "outputs with an axis of classes", output.clone(), fix))
        }
    }
}

/// The targets that a loss takes.
#[derive(Clone, Copy)]
pub(super) enum Want<'a> {
    /// No targets.
    None,
    /// Numbers of this shape. A single number goes with one unit too: a column of regression targets is often a vector.
    Like(&'a Shape),
    /// One number for each sample.
    One,
    /// A class for each place of an output of this shape, whose last axis counts the classes.
    ClassesOf(&'a Shape),
    /// As [`ClassesOf`](Want::ClassesOf), or [`Like`](Want::Like) the output.
    ClassesOrLike(&'a Shape),
}

/// The targets that a loss is given.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    None,
    Classes(&'a Shape),
    Values(&'a Shape),
}

impl<'a> From<&'a TargetKind> for Given<'a> {
    fn from(kind: &'a TargetKind) -> Self {
        match kind {
            TargetKind::None => Self::None,
            TargetKind::Classes(shape) => Self::Classes(shape),
            TargetKind::Values(shape) => Self::Values(shape),
        }
    }
}

impl<'a, F> From<&Target<'a, F>> for Given<'a> {
    fn from(target: &Target<'a, F>) -> Self {
        match target {
            Target::None => Self::None,
            Target::Classes(classes) => Self::Classes(classes.shape()),
            Target::Values(view) => Self::Values(view.shape()),
        }
    }
}

impl Given<'_> {
    fn kind(self) -> TargetKind {
        match self {
            Self::None => TargetKind::None,
            Self::Classes(shape) => TargetKind::Classes(shape.clone()),
            Self::Values(shape) => TargetKind::Values(shape.clone()),
        }
    }
}

impl fmt::Display for Want<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::None => TargetKind::None,
            Self::Like(shape) => TargetKind::Values((*shape).clone()),
            Self::One => return f.write_str("one number per sample"),
            Self::ClassesOf(shape) => TargetKind::Classes(places(shape).into()),
            Self::ClassesOrLike(shape) => {
                return write!(f, "{}, or {}", Self::ClassesOf(shape), Self::Like(shape));
            }
        };
        kind.fmt(f)
    }
}

fn places(output: &Shape) -> &[usize] {
    output.split_last().map_or(&[], |(_, places)| places)
}

fn like(output: &Shape, target: &Shape) -> bool {
    target == output || (target.is_empty() && output.axes() == [1])
}

/// Whether the targets are of the kind and shape that the loss takes.
pub(super) fn check<L: ?Sized>(want: Want<'_>, given: Given<'_>) -> Result<(), Error> {
    let (shape, fits) = match (want, given) {
        (Want::None, Given::None) => return Ok(()),
        (Want::Like(output) | Want::ClassesOrLike(output), Given::Values(shape)) => {
            (shape, like(output, shape))
        }
        (Want::One, Given::Values(shape)) => (shape, shape.is_empty() || shape.axes() == [1]),
        (Want::ClassesOf(output) | Want::ClassesOrLike(output), Given::Classes(shape)) => {
            (shape, shape.axes() == places(output))
        }
        _ => {
            return Err(Error::target_kind(
                name::<L>(),
                want.to_string(),
                given.kind().to_string(),
            ));
        }
    };
    if fits {
        return Ok(());
    }
    let fix = "reshape the targets or change the last layer; class indices are of type `usize`";
    Err(Error::shape(name::<L>(), format!("as targets {want}"), shape.clone(), fix))
}

fn length<L: ?Sized>(got: usize, expected: usize) -> Result<(), Error> {
    if got == expected {
        return Ok(());
    }
    Err(Error::length(format!("{}: the targets", name::<L>()), got, expected, "the outputs"))
}

/// The targets as numbers, one row for each sample.
pub(super) fn values<'a, L: ?Sized, F: Scalar>(
    pass: &LossPass<'a, F>,
    want: Want<'_>,
) -> Result<View<'a, F>, Error> {
    check::<L>(want, (&pass.targets).into())?;
    let view = match pass.targets {
        Target::Values(view) => view,
        _ => View::trusted(&[], 0, &NUMBER),
    };
    length::<L>(view.batch(), pass.outputs.one().batch())?;
    Ok(view)
}

/// The targets as class indices, one for each place.
pub(super) fn labels<'a, L: ?Sized, F: Scalar>(
    pass: &LossPass<'a, F>,
    output: View<'a, F>,
) -> Result<&'a [usize], Error> {
    check::<L>(Want::ClassesOf(output.shape()), (&pass.targets).into())?;
    let labels = match pass.targets {
        Target::Classes(classes) => classes.labels(),
        _ => &[],
    };
    length::<L>(labels.len(), output.values().len() / classes::<L>(output.shape())?)?;
    Ok(labels)
}

/// 1 or −1.
pub(super) fn is_sign<F: Scalar>(target: F) -> Result<(), &'static str> {
    if target.abs() == F::one() { Ok(()) } else { Err("1 or -1") }
}

/// A number between 0 and 1.
pub(super) fn is_probability<F: Scalar>(target: F) -> Result<(), &'static str> {
    if target >= F::zero() && target <= F::one() { Ok(()) } else { Err("a number in [0, 1]") }
}

/// Whether every number of a sample's targets is allowed.
pub(super) fn allowed<L: ?Sized, F: Scalar>(
    sample: usize,
    targets: &[F],
    allows: impl Fn(F) -> Result<(), &'static str>,
) -> Result<(), Error> {
    targets.iter().try_for_each(|&target| {
        allows(target).map_err(|expected| Error::target(name::<L>(), sample, target, expected))
    })
}

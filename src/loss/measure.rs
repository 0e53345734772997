//! A loss on plain arrays.

use ndarray::{ArcArray, ArrayD, IxDyn};

use super::{Loss, LossPass, Total};
use crate::data::{Classes, IntoTargets, Target, TargetKind, Targets};
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::layer::Tensors;
use crate::network::OutputGradients;
use crate::scalar::Scalar;
use crate::shape::Shape;
use crate::tensor::View;

/// A loss on plain arrays, without a model: the total, and the gradient of the sum for each output.
///
/// The first axis of every array counts the samples. Outputs may be NaN or infinite, as those of a model may.
///
/// # Errors
/// What [`Loss::validate`], [`Loss::check`] and [`Loss::evaluate`] find wrong; [`Error::Length`] if the first axes differ.
///
/// ```
/// use downhill::loss::{self, Mse};
/// use ndarray::array;
/// let (total, gradients) = loss::measure(&Mse, &[array![[1.0], [3.0]].into_dyn()], array![[0.0], [0.0]], None)?;
/// assert_eq!(total.mean(), 5.0);
/// assert_eq!(gradients[0], array![[2.0], [6.0]].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
pub fn measure<F: Scalar>(
    loss: &dyn Loss<F>,
    outputs: &[ArrayD<F>],
    targets: impl IntoTargets<F>,
    weights: Option<&[F]>,
) -> Result<(Total, Vec<ArrayD<F>>), Error> {
    let targets = targets.into_targets();
    let batch = outputs.first().and_then(|output| output.shape().first()).copied().unwrap_or(0);
    for (position, output) in outputs.iter().enumerate() {
        let what = format!("output {position}");
        samples(&what, output.shape(), batch)?;
        // Such an array can claim any number of samples.
        if output.is_empty() && batch > 0 {
            let fix = "give arrays without axes of length 0";
            return Err(Error::empty(format!("each sample of {what}"), fix));
        }
    }
    if let Some(weights) = weights {
        samples("the weights", &[weights.len()], batch)?;
    }
    let shapes: Vec<Shape> = outputs.iter().map(|output| sample(output.shape())).collect();
    let (mut labels, mut values) = (Vec::new(), Vec::new());
    let kind = match &targets {
        Targets::None => TargetKind::None,
        Targets::Classes(array) => TargetKind::Classes(read(array, batch, &mut labels)?),
        Targets::Values(array) => TargetKind::Values(read(array, batch, &mut values)?),
    };
    loss.validate()?;
    loss.check(&shapes, &kind)?;

    let buffers: Vec<Vec<F>> =
        outputs.iter().map(|output| output.iter().copied().collect()).collect();
    // NaN, so that a number which a loss forgets to overwrite shows.
    let mut gradients: Vec<Vec<F>> =
        buffers.iter().map(|buffer| vec![F::nan(); buffer.len()]).collect();
    let ids: Vec<usize> = (0..outputs.len()).collect();
    let total = loss.evaluate(LossPass {
        outputs: Tensors::new(&buffers, &ids, &shapes, batch),
        targets: match &kind {
            TargetKind::None => Target::None,
            TargetKind::Classes(shape) => Target::Classes(Classes::trusted(&labels, shape)),
            TargetKind::Values(shape) => Target::Values(View::new(&values, batch, shape)?),
        },
        weights,
        gradients: Some(OutputGradients::new(&mut gradients, &ids, &shapes, batch)),
        parallel: Parallel::Off,
    })?;
    let arrays = gradients.into_iter().zip(outputs).map(|(values, like)| {
        ArrayD::from_shape_vec(like.raw_dim(), values)
            .map_err(|error| Error::other(loss.name(), error.to_string()))
    });
    Ok((total, arrays.collect::<Result<_, _>>()?))
}

fn sample(axes: &[usize]) -> Shape {
    axes.get(1..).unwrap_or_default().into()
}

fn samples(what: &str, axes: &[usize], batch: usize) -> Result<(), Error> {
    match axes.first() {
        Some(&len) if len == batch => Ok(()),
        len => Err(Error::length(what, len.copied().unwrap_or(0), batch, "output 0")),
    }
}

fn read<T: Copy>(
    array: &ArcArray<T, IxDyn>,
    batch: usize,
    into: &mut Vec<T>,
) -> Result<Shape, Error> {
    samples("the targets", array.shape(), batch)?;
    into.extend(array.iter().copied());
    Ok(sample(array.shape()))
}

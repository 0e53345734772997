//! Metrics on plain arrays.

use ndarray::{Array2, ArrayD};

use super::{Metric, MetricPass, Tally};
use crate::data::{Batch, Dataset, IntoTargets, Sampling, Source};
use crate::error::Error;
use crate::layer::Tensors;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// A metric on plain arrays, without a model: its value.
///
/// # Errors
/// As [`count`].
///
/// ```
/// use downhill::metric::{self, F1};
/// use ndarray::array;
/// let scores = array![[0.9, 0.1], [0.2, 0.8]].into_dyn();
/// let value = metric::measure(&F1::default(), &[scores], vec![0, 1], Some(&[1.0, 2.0]))?;
/// assert_eq!(value, 1.0);
/// # Ok::<(), downhill::Error>(())
/// ```
pub fn measure<F: Scalar>(
    metric: &dyn Metric<F>,
    outputs: &[ArrayD<F>],
    targets: impl IntoTargets<F>,
    weights: Option<&[F]>,
) -> Result<f64, Error> {
    Ok(metric.value(&count(metric, outputs, targets, weights)?))
}

/// What a metric counts on plain arrays, without a model; to merge, or for metrics that tell more than one value.
///
/// # Errors
/// What [`Metric::check`] and [`Metric::update`] find wrong; [`Error::Length`] if the first axes differ, [`Error::Empty`] for no samples.
///
/// ```
/// use downhill::metric::{self, Accuracy, Metric};
/// use ndarray::array;
/// let mut tally = metric::count(&Accuracy, &[array![[0.9, 0.1], [0.2, 0.8]].into_dyn()], vec![0, 1], None)?;
/// let other = metric::count(&Accuracy, &[array![[0.9, 0.1], [0.7, 0.3]].into_dyn()], vec![1, 1], None)?;
/// Metric::<f64>::merge(&Accuracy, &mut tally, &other);
/// assert_eq!(Metric::<f64>::value(&Accuracy, &tally), 0.5); // 2 of 4
/// # Ok::<(), downhill::Error>(())
/// ```
pub fn count<F: Scalar>(
    metric: &dyn Metric<F>,
    outputs: &[ArrayD<F>],
    targets: impl IntoTargets<F>,
    weights: Option<&[F]>,
) -> Result<Tally, Error> {
    let mut tally = metric.start();
    count_on(metric, &mut tally, outputs, targets, weights)?;
    Ok(tally)
}

/// The same, counted on from a tally.
pub(crate) fn count_on<F: Scalar>(
    metric: &dyn Metric<F>,
    tally: &mut Tally,
    outputs: &[ArrayD<F>],
    targets: impl IntoTargets<F>,
    weights: Option<&[F]>,
) -> Result<(), Error> {
    let lens = || outputs.iter().map(|output| output.shape().first().copied().unwrap_or(0));
    let len = lens().next().unwrap_or(0);
    if let Some(got) = lens().chain(weights.map(<[F]>::len)).find(|&got| got != len) {
        return Err(Error::length("an output, or the list of weights,", got, len, "output 0"));
    }
    if outputs.iter().any(ArrayD::is_empty) {
        return Err(Error::empty("an output", "give arrays without axes of length 0"));
    }
    // The outputs may hold NaN, which a data set refuses: it is made for the targets alone.
    let data = Dataset::new(Array2::zeros((len, 1)), targets)?;
    let mut batch = Batch::new(&data.content());
    data.fill(&(0..len).collect::<Vec<_>>(), Sampling::new(0, 0), &mut batch)?;
    let shapes: Vec<Shape> =
        outputs.iter().map(|output| output.shape().get(1..).unwrap_or_default().into()).collect();
    metric.check(&shapes, &data.content().targets)?;
    let buffers: Vec<Vec<F>> =
        outputs.iter().map(|output| output.iter().copied().collect()).collect();
    let ids: Vec<usize> = (0..outputs.len()).collect();
    let mut pass = MetricPass::new(Tensors::new(&buffers, &ids, &shapes, len), batch.target());
    pass.weights = weights;
    metric.update(tally, pass)
}

//! Which class is taken for which.

use ndarray::Array2;

use super::places;
use super::{Metric, MetricPass, Tally};
use crate::data::TargetKind;
use crate::error::{Error, require};
use crate::goal::Goal;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// How often which class is taken for which. The value is the share of right answers; [`matrix`](ConfusionMatrix::matrix) gives all of it.
///
/// ```
/// use downhill::metric::{self, ConfusionMatrix};
/// use ndarray::array;
/// let scores = array![[2.0, 1.0], [0.0, 3.0], [5.0, 4.0]].into_dyn();
/// let tally = metric::count(&ConfusionMatrix, &[scores], vec![0, 1, 1], None)?;
/// assert_eq!(ConfusionMatrix.matrix(&tally), array![[1.0, 0.0], [1.0, 1.0]]);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConfusionMatrix;

/// The largest number of classes: the matrix has 32 MiB then.
const MOST_CLASSES: usize = 2048;

fn check_classes(classes: usize) -> Result<(), Error> {
    let argument = "the number of classes of ConfusionMatrix";
    require::that(classes <= MOST_CLASSES, argument, classes, &format!("{MOST_CLASSES} or less"))
}

impl ConfusionMatrix {
    /// The weights of what was counted: a row for each target class, a column for each answer. `[0, 0]` if nothing was.
    pub fn matrix(&self, tally: &Tally) -> Array2<f64> {
        let classes = tally.len().isqrt();
        Array2::from_shape_fn((classes, classes), |(row, column)| tally[row * classes + column])
    }
}

impl<F: Scalar> Metric<F> for ConfusionMatrix {
    fn name(&self) -> String {
        "confusion_matrix".to_owned()
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        check_classes(places::check("confusion_matrix", outputs, targets)?)
    }

    /// Nothing yet: the number of classes is known at the first batch.
    fn start(&self) -> Tally {
        Tally::new()
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
        let mut allowed = Ok(());
        places::each(
            || "confusion_matrix".to_owned(),
            &pass,
            |place| {
                let classes = place.classes();
                if classes > MOST_CLASSES {
                    allowed = check_classes(classes);
                    return;
                }
                let row = place.label * classes;
                match place.answer() {
                    Some(answer) => {
                        *super::at(tally, classes * classes, row + answer) += place.weight
                    }
                    // Not a wrong answer but none: no value may come out of it.
                    None => *super::at(tally, classes * classes, row) = f64::NAN,
                }
            },
        )?;
        allowed
    }

    fn merge(&self, tally: &mut Tally, other: &Tally) {
        super::add(tally, other);
    }

    fn value(&self, tally: &Tally) -> f64 {
        let right: f64 = tally.iter().step_by(tally.len().isqrt() + 1).sum();
        right / tally.iter().sum::<f64>()
    }
}

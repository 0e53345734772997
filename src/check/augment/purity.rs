//! That what comes out depends on the sample and its random numbers alone.

use ndarray::{Array, ArrayD, IxDyn};

use super::subject::Shared;
use super::{AugmentationUnderTest, Case, Precision, changed, shape};
use crate::check::trainer::must;
use crate::check::{Verdict, broken, in_both, not_applicable, same_bits};
use crate::data::augment::Augment;
use crate::data::{Batch, Dataset, Sampling, Source};
use crate::shape::Shape;

/// The same sample with the same random numbers gives the same bits.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn same_noise_same_bits(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
        let shape = shape::<F>(subject, case)?;
        let numbers: Vec<F> = case.numbers(&shape, 0);
        let run = || changed(&**F::rule(subject), &shape, &numbers, case.noise(0), F::zero());
        let first = run();
        same_bits(format!("{} number, a second time", F::NAME), &run(), &first)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Other samples in between, and other random numbers, change nothing.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn what_was_changed_before_does_not_matter(
    subject: &AugmentationUnderTest,
    case: &Case,
) -> Verdict {
    fn law<F: Precision>(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
        let shape = shape::<F>(subject, case)?;
        let run = |which| {
            let numbers: Vec<F> = case.numbers(&shape, which);
            changed(&**F::rule(subject), &shape, &numbers, case.noise(which), F::zero())
        };
        let first = run(0);
        for which in 1..4 {
            run(which);
        }
        same_bits(format!("{} number, after other samples", F::NAME), &run(0), &first)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// In a batch of an [`Augment`] each row is what it is alone, in any order.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn the_batch_does_not_matter(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
        const ROWS: usize = 5;
        let shape = shape::<F>(subject, case)?;
        let axes: Vec<usize> = [ROWS].into_iter().chain(shape.iter().copied()).collect();
        let numbers = case.numbers(&Shape::from(axes.as_slice()), 0);
        let samples: ArrayD<F> = match Array::from_shape_vec(IxDyn(&axes), numbers) {
            Ok(samples) => samples,
            Err(error) => return broken("the samples of the case", "an array", error),
        };
        let data = must("a data set of the samples", Dataset::new(samples, ()))?;
        let source = Augment::new(data, Shared(F::rule(subject).clone()));
        let source = must("an augmented source", source)?;
        let fill = |rows: &[usize]| -> Result<Batch<F>, _> {
            let mut batch = Batch::new(&source.content());
            must("filling", source.fill(rows, Sampling::new(case.seed, 1), &mut batch))?;
            Ok(batch)
        };
        let rows = [3, 0, 4, 0, 1];
        let batch = fill(&rows)?;
        for (i, row) in rows.into_iter().enumerate() {
            let what = format!("{} number of row {row}, in a batch and alone", F::NAME);
            same_bits(what, batch.input(0).row(i), fill(&[row])?.input(0).row(0))?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Other random numbers give other results, if it is said to draw.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn noise_makes_a_difference(subject: &AugmentationUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &AugmentationUnderTest, shape: &Shape, case: &Case) -> Verdict {
        let numbers: Vec<F> = case.numbers(shape, 0);
        let run =
            |which| changed(&**F::rule(subject), shape, &numbers, case.noise(which), F::zero());
        let first = run(0);
        if (1..64).any(|which| run(which) != first) {
            return Ok(());
        }
        let what = format!("{} results for 64 streams of random numbers", F::NAME);
        broken(what, "some that differ", "the same one each time")
    }
    let Some(shape) = &subject.draws else {
        return not_applicable("it is not said to draw");
    };
    law::<f32>(subject, shape, case)?;
    law::<f64>(subject, shape, case)
}

//! What weights of samples mean.

use super::compare::near;
use super::data::weighted;
use super::{Case, TrainerUnderTest, after, must};
use crate::check::{Verdict, close, equal, finite, not_applicable, same_bits};
use crate::data::Batch;
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::train::Trainer;

/// Loss and gradient on a batch.
fn gradient<F: Scalar>(
    trainer: &mut Trainer<F>,
    batch: &Batch<F>,
) -> Result<(f64, Vec<F>), crate::check::Unmet> {
    must("the gradient", trainer.gradient(batch).map(|g| (g.loss(), g.values().to_vec())))
}

fn same<F: Scalar>(what: &str, got: &(f64, Vec<F>), want: &(f64, Vec<F>)) -> Verdict {
    let slack = 1024.0 * F::epsilon().as_f64() * want.0.abs().max(1.0);
    close(format_args!("the loss {what}"), &[got.0], &[want.0], 0.0, slack)?;
    near(format_args!("the gradient {what}"), &got.1, &want.1)
}

/// A sample of weight zero is as if it were not there, unless the model takes batch statistics.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn weight_zero_is_not_there<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    if subject.batch_statistics {
        return not_applicable("the model takes statistics over a batch");
    }
    let rows = case.rows(subject.data().len());
    let mut more = rows.clone();
    more.extend([case.pick % subject.data().len(), 0]);
    let weights: Vec<f64> = vec![1.0; rows.len()];
    let mut with_none = weights.clone();
    with_none.resize(more.len(), 0.0);
    let mut trainer = after(subject, case, case.moment())?;
    let want = gradient(&mut trainer, &weighted(subject.data(), &rows, &weights)?)?;
    let got = gradient(&mut trainer, &weighted(subject.data(), &more, &with_none)?)?;
    same("with two more samples of weight zero", &got, &want)
}

/// Twice the weight for every sample changes neither the mean loss nor its gradient.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn only_the_ratio_of_weights_counts<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
) -> Verdict {
    let rows = case.rows(subject.data().len());
    let noise = Noise::new(case.seed).at("weights");
    let weights: Vec<f64> = (0..rows.len() as u64).map(|i| 0.25 + noise.uniform(i)).collect();
    let twice: Vec<f64> = weights.iter().map(|weight| 2.0 * weight).collect();
    let mut trainer = after(subject, case, case.moment())?;
    let want = gradient(&mut trainer, &weighted(subject.data(), &rows, &weights)?)?;
    let got = gradient(&mut trainer, &weighted(subject.data(), &rows, &twice)?)?;
    same("with twice the weights", &got, &want)
}

/// A step on samples that all have weight zero is left out, with a loss of 0, and their gradient depends on none of them.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn no_weight_is_harmless<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    let mut rows = case.rows(subject.data().len());
    let step = |rows: &[usize]| {
        let mut trainer = after(subject, case, case.moment())?;
        let batch = weighted(subject.data(), rows, &vec![0.0; rows.len()])?;
        let (_, slope) = gradient(&mut trainer, &batch)?;
        finite("gradient", &slope)?;
        let before = trainer.model().values().to_vec();
        let record = must("a step on samples without weight", trainer.step(&batch))?;
        same_bits("its loss", &[record.loss], &[0.0])?;
        equal("that it is left out", record.skipped, true)?;
        same_bits("the parameters after it", trainer.model().values(), &before)?;
        Ok(slope)
    };
    let one = step(&rows)?;
    rows.iter_mut().for_each(|row| *row = (*row + 1) % subject.data().len());
    close("the gradient of other samples without weight", &step(&rows)?, &one, 0.0, 0.0)
}

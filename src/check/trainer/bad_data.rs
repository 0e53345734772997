//! A NaN in the data does no harm.

use std::sync::{Arc, Mutex};

use super::data::Spoiled;
use super::{Case, TrainerUnderTest, after, fit, same_state};
use crate::check::{Verdict, broken, ensure, finite, not_applicable, same_bits};
use crate::clip::NonFinite;
use crate::data::{Batch, Source};
use crate::error::Error;
use crate::scalar::Scalar;
use crate::train::{Event, Fit};

/// The subject's data with NaN in one cell of a row that counts.
fn spoiled<'a, F: Scalar>(subject: &'a TrainerUnderTest<F>, case: &Case) -> Option<Spoiled<'a, F>> {
    let data: &'a dyn Source<F> = subject.data();
    let row = case.pick % data.len();
    let width = data.content().inputs.first().map_or(0, |shape| shape.size());
    let batch = Batch::of_rows(data, &[row]).ok()?;
    let counts = batch.weights().is_none_or(|weights| weights.iter().all(|w| *w > F::zero()));
    (width > 0 && counts).then(|| Spoiled { data, row, column: case.pick / 7 % width })
}

/// A NaN in the data is an error that names row and column; the run is as it was after the step before, and goes on with clean data as if
/// nothing had happened.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_bad_cell_is_named_and_does_no_harm<F: Scalar>(
    subject: &TrainerUnderTest<F>,
    case: &Case,
) -> Verdict {
    let Some(bad) = spoiled(subject, case) else {
        return not_applicable("no cell that counts");
    };
    let mut trainer = subject.changed(case.seed, |builder| builder.non_finite(NonFinite::Error))?;
    let (named, at) = (bad.row_name(bad.row), bad.column);
    let expected = format!("an error that names row {named}, column {at}");
    match trainer.fit(&bad, case.plain(Fit::epochs(1))) {
        Err(Error::Cell { row, column, .. }) if (row, column) == (named, at) => {}
        Err(other) => return broken("training with NaN in a cell", expected, other),
        Ok(_) => return broken("training with NaN in a cell", expected, "no error"),
    }
    let steps = trainer.steps();
    same_state("after the error", &trainer.state(), &after(subject, case, steps)?.state())?;
    fit(&mut trainer, subject.data(), case.to_step(steps + 3))?;
    let whole = after(subject, case, steps + 3)?;
    same_state("the run after the error", &trainer.state(), &whole.state())
}

/// If bad steps are to be skipped, the step with a NaN in its data is, it alone, and it moves no parameter.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn a_bad_step_is_skipped<F: Scalar>(subject: &TrainerUnderTest<F>, case: &Case) -> Verdict {
    let Some(bad) = spoiled(subject, case) else {
        return not_applicable("no cell that counts");
    };
    let steps: Arc<Mutex<Vec<Vec<F>>>> = Arc::default();
    let seen = Arc::clone(&steps);
    let mut trainer = subject.changed(case.seed, |builder| {
        builder.non_finite(NonFinite::Skip).on(move |event, control| {
            if let (Event::Step(_), Ok(mut seen)) = (event, seen.lock()) {
                seen.push(control.model().values().to_vec());
            }
        })
    })?;
    let start = trainer.model().values().to_vec();
    fit(&mut trainer, &bad, case.plain(Fit::epochs(1)).in_order())?;
    let at = bad.row / (case.batch * case.accumulate);
    for record in &trainer.history().steps {
        let skipped = record.step == at as u64;
        let what = format!("step {} was skipped", record.step);
        ensure(record.skipped == skipped, what, skipped, record.skipped)?;
    }
    let values = steps.lock().map(|steps| steps.clone()).unwrap_or_default();
    let before = at.checked_sub(1).and_then(|at| values.get(at)).unwrap_or(&start);
    let after = values.get(at).unwrap_or(&start);
    same_bits("parameter after the skipped step", after, before)?;
    finite("parameter", trainer.model().values())?;
    // Of a single bad step nothing is left to take a mean of.
    let counted = trainer.history().steps.len() > 1;
    let metrics = trainer.history().epochs.iter().flat_map(|epoch| &epoch.training.metrics);
    let values: Vec<f64> = metrics.map(|(_, value)| *value).filter(|_| counted).collect();
    finite("training metric", &values)
}

//! What lent memory holds at first is of no influence, and nothing is written outside.

use super::run::MEMORY;
use super::trial::unexpected;
use super::{Case, LayerUnderTest, Precision, Run, Trial};
use crate::check::{Verdict, ensure, in_both};

/// Numbers of the kind that old memory holds.
const HELD: [f64; 3] = [f64::NAN, -1e30, 3.0];

/// Every number of every output is overwritten.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn outputs_are_overwritten(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        let mut run = Run::new(&trial);
        let want = run.pass(&trial)?;
        for held in HELD {
            run.fill(&["tensor"], held);
            run.pass(&trial)?.is(&want, format_args!("into buffers of {held}"))?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Saved memory and scratch may hold anything before the forward pass, and scratch before the backward pass.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn memory_may_hold_anything(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        let mut run = Run::new(&trial);
        let want = run.pass(&trial)?;
        for held in HELD {
            run.fill(&MEMORY, held);
            let outputs = run.forward(&trial)?;
            run.fill(&MEMORY[1..], held);
            run.finish(&trial, outputs)?.is(&want, format_args!("in memory of {held}"))?;
        }
        Ok(())
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Nothing is written behind the numbers of a batch, nor beside the gradient for the parameters.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn nothing_is_written_outside(subject: &LayerUnderTest, case: &Case) -> Verdict {
    /// More numbers than a vector register holds.
    const MARGIN: usize = 64;
    /// A number that no pass would leave.
    const GUARD: f64 = 12_345.0;

    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        let mut run = Run::new(&trial);
        let (count, guard) = (trial.model.values().len(), [F::of(GUARD); MARGIN]);
        // All buffers get their length before anything runs in them.
        let room =
            run.work.reserve(trial.batch).and_then(|()| run.work.output_gradients().map(drop));
        room.map_err(|error| unexpected("the workspace", error))?;
        run.work.buffers_mut().for_each(|(_, buffer)| buffer.extend(guard));
        let mut gradient = [&guard[..], &vec![F::zero(); count], &guard[..]].concat();
        run.forward(&trial)?;
        run.backward(&trial, &mut gradient[MARGIN..MARGIN + count])?;
        let intact = |kind: &str, side: &str, outside: &[F]| {
            let whole = outside.iter().all(|&x| x == F::of(GUARD));
            let what = format_args!("{} {kind}", F::NAME).to_string();
            ensure(whole, what, "no change outside", format_args!("a change {side} it"))
        };
        intact("gradient for the parameters", "before", &gradient[..MARGIN])?;
        intact("gradient for the parameters", "behind", &gradient[MARGIN + count..])?;
        run.work.buffers_mut().try_for_each(|(kind, buffer)| {
            intact(kind, "behind", &buffer[buffer.len().saturating_sub(MARGIN)..])
        })
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

//! What holds for a layer whose author says so.

use super::run::alike;
use super::{Case, LayerUnderTest, Run, Trial};
use crate::check::{Verdict, not_applicable};

/// The outputs are a linear function of the inputs and a constant: those between two batches lie on the straight line between theirs.
///
/// # Errors
/// [`Unmet`](crate::check::Unmet) if that does not hold for this subject in this case.
pub fn affine(subject: &LayerUnderTest, case: &Case) -> Verdict {
    if !subject.affine {
        return not_applicable("it is not said to be linear");
    }
    let one = Trial::<f64>::new(subject, case)?;
    let two = one.other(subject, case, one.batch);
    let (a, b) = (2.5, -1.5);
    let mut mixed = one.clone();
    let pairs = one.inputs.iter().flatten().zip(two.inputs.iter().flatten());
    let sums: Vec<f64> = pairs.map(|(x, y)| a * x + b * y).collect();
    mixed.inputs.iter_mut().flatten().zip(sums).for_each(|(x, sum)| *x = sum);
    let mut run = Run::new(&one);
    let (first, second, got) = (run.pass(&one)?, run.pass(&two)?, run.pass(&mixed)?);
    for (k, got) in got.outputs.iter().enumerate() {
        let pairs = first.outputs[k].iter().zip(&second.outputs[k]);
        let want: Vec<f64> = pairs.map(|(x, y)| a * x + b * y).collect();
        let what = format!("f64 output {k}, {a} of the way from one batch to another");
        alike(what, got, &want, mixed.terms())?;
    }
    // A slope that is the same everywhere.
    let flat = Trial { upstream: one.upstream.clone(), ..two };
    let elsewhere = run.pass(&flat)?;
    for (k, (got, want)) in elsewhere.inputs.iter().zip(&first.inputs).enumerate() {
        alike(format_args!("f64 gradient for input {k}, elsewhere"), got, want, one.scale())?;
    }
    Ok(())
}

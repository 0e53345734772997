//! Samples, batches and parts of batches.

use super::{Case, LayerUnderTest, Passed, Precision, Run, Trial};
use crate::check::{Unmet, Verdict, ensure, finite, in_both, not_applicable, same_bits};
use crate::layer::Mode;

/// Says nothing if the samples of this batch depend on each other.
fn apart<F: Precision>(subject: &LayerUnderTest, trial: &Trial<F>) -> Verdict {
    match trial.mode {
        Mode::Train if subject.batch_statistics => {
            not_applicable("in training, samples depend on the batch")
        }
        Mode::Evaluate if trial.model.layout.mixes_samples() => {
            not_applicable("the plan says that samples depend on the batch")
        }
        _ => Ok(()),
    }
}

/// Outputs and input gradients of one sample of `got` are those of a sample of `want`.
fn sample_is<F: Precision>(
    when: &str,
    (got, sample): (&Passed<F>, usize),
    of: &Trial<F>,
    (want, wanted): (&Passed<F>, usize),
    other: &Trial<F>,
) -> Verdict {
    let lists = |passed: &Passed<F>| [passed.outputs.clone(), passed.inputs.clone()].concat();
    let count = got.outputs.len();
    for (k, (got, want)) in lists(got).iter().zip(lists(want)).enumerate() {
        let what = match k.checked_sub(count) {
            None => format!("output {k}"),
            Some(input) => format!("gradient for input {input}"),
        };
        let what = format!("{} {what} for sample {wanted}, {when}", F::NAME);
        let (got, want) = (of.rows(got, sample..sample + 1), other.rows(&want, wanted..wanted + 1));
        same_bits(what, got, want)?;
    }
    Ok(())
}

/// What a sample gives does not depend on the samples beside it.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn samples_do_not_touch_each_other(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        apart(subject, &trial)?;
        let mut mixed = trial.other(subject, case, trial.batch);
        let sample = case.pick % trial.batch;
        put(&mut mixed, &trial, sample);
        let (want, got) = (Run::new(&trial).pass(&trial)?, Run::new(&mixed).pass(&mixed)?);
        sample_is("beside others", (&got, sample), &mixed, (&want, sample), &trial)
    }
    if case.batch < 2 {
        return not_applicable("a batch of one sample");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// Puts a sample of `from` into the same place of `into`.
fn put<F: Precision>(into: &mut Trial<F>, from: &Trial<F>, sample: usize) {
    let lists = into.inputs.iter_mut().zip(&from.inputs);
    for (into, own) in lists.chain(into.upstream.iter_mut().zip(&from.upstream)) {
        let size = own.len() / from.batch;
        let at = sample * size..(sample + 1) * size;
        into[at.clone()].copy_from_slice(&own[at]);
    }
}

/// Two batches at once give what the two give apart: the same outputs and input gradients, and the sum of the parameter gradients.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn parts_add_up(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        apart(subject, &trial)?;
        let mut whole = Run::new(&trial).pass(&trial)?;
        let cut = 1 + case.pick % (trial.batch - 1);
        let pass = |samples| {
            let part = trial.part(samples);
            Run::new(&part).pass(&part)
        };
        let (first, second) = (pass(0..cut)?, pass(cut..trial.batch)?);
        let joined = |first: Vec<Vec<F>>, second: Vec<Vec<F>>| {
            first.into_iter().zip(second).map(|(a, b)| [a, b].concat()).collect()
        };
        let sums = first.parameters.iter().zip(&second.parameters).map(|(&a, &b)| a + b).collect();
        // What a layer counts in its state differs between one batch and two.
        whole.state.clear();
        let parts = Passed {
            outputs: joined(first.outputs, second.outputs),
            state: Vec::new(),
            inputs: joined(first.inputs, second.inputs),
            parameters: sums,
        };
        let when = format_args!("in parts of {cut} and {}", trial.batch - cut);
        parts.is_about(&whole, trial.scale(), when)
    }
    if case.batch < 2 {
        return not_applicable("a batch of one sample");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// A batch of one sample is finite, and gives the bits that the sample has in a larger batch.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn a_batch_of_one_is_a_batch(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        let sample = case.pick % trial.batch;
        let alone = trial.part(sample..sample + 1);
        let got = Run::new(&alone).pass(&alone)?;
        for (what, values) in got.parts() {
            finite(format_args!("{} {what} of a batch of one", F::NAME), values)?;
        }
        if apart(subject, &trial).is_err() {
            return Ok(());
        }
        let want = Run::new(&trial).pass(&trial)?;
        sample_is("alone", (&got, 0), &alone, (&want, sample), &trial)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// An empty batch gives nothing, adds nothing to the gradient for the parameters, and leaves the layer state finite.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn an_empty_batch_is_nothing(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        let empty = trial.part(0..0);
        // In memory that has seen a batch, and in fresh memory.
        let mut run = Run::new(&trial);
        run.pass(&trial)?;
        let got = run.pass(&empty)?;
        Run::new(&trial).pass(&empty)?.is(&got, "in fresh memory")?;
        let numbers = got.outputs.iter().chain(&got.inputs).map(Vec::len).sum::<usize>();
        ensure(numbers == 0, format_args!("{} outputs and gradients", F::NAME), "none", numbers)?;
        let zeros = vec![F::zero(); got.parameters.len()];
        same_bits(
            format_args!("{} gradient for the parameters", F::NAME),
            &got.parameters,
            &zeros,
        )?;
        finite(format_args!("{} layer state", F::NAME), &got.state)
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

/// NaN in one sample changes no bit of what the others give.
///
/// # Errors
/// [`Unmet`] if that does not hold for this subject in this case.
pub fn nan_stays_in_its_sample(subject: &LayerUnderTest, case: &Case) -> Verdict {
    fn law<F: Precision>(subject: &LayerUnderTest, case: &Case) -> Verdict {
        let trial = Trial::<F>::new(subject, case)?;
        apart(subject, &trial)?;
        let sick = case.pick % trial.batch;
        let mut bad = trial.clone();
        for input in &mut bad.inputs {
            let size = input.len() / trial.batch;
            input[sick * size..(sick + 1) * size].fill(F::nan());
        }
        let (want, got) = (Run::new(&trial).pass(&trial)?, Run::new(&bad).pass(&bad)?);
        let others = (0..trial.batch).filter(|&sample| sample != sick);
        others.into_iter().try_for_each(|sample| -> Result<(), Unmet> {
            sample_is("beside NaN", (&got, sample), &bad, (&want, sample), &trial)
        })
    }
    if case.batch < 2 {
        return not_applicable("a batch of one sample");
    }
    in_both(subject, case, law::<f32>, law::<f64>)
}

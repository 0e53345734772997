//! Passes of a trial in a workspace.

use std::fmt::Display;

use super::trial::unexpected;
use super::{Precision, Trial};
use crate::check::{Unmet, Verdict, close, same_bits};
use crate::network::{Model, Workspace};

/// The kinds of memory that a layer asks for; the first is what backward finds as forward left it.
pub(super) const MEMORY: [&str; 3] = ["saved memory", "scratch", "scratch for one sample"];

/// A workspace and the model that passes in it are made with. Each pass starts at the numbers and the layer state of its trial.
pub(super) struct Run<F> {
    pub model: Model<F>,
    pub work: Workspace<F>,
}

/// What a pass forward and backward gives.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Passed<F> {
    pub outputs: Vec<Vec<F>>,
    pub state: Vec<F>,
    /// The gradient for each input.
    pub inputs: Vec<Vec<F>>,
    /// The gradient for all parameters.
    pub parameters: Vec<F>,
}

impl<F: Precision> Run<F> {
    /// Fresh memory.
    pub fn new(trial: &Trial<F>) -> Self {
        Self::wanting(trial, |_| true)
    }

    /// Fresh memory, where only these inputs want a gradient.
    pub fn wanting(trial: &Trial<F>, wants: impl Fn(usize) -> bool) -> Self {
        let model = trial.model.clone();
        Self { work: Workspace::new(&model).with_input_gradients_of(wants), model }
    }

    /// Puts the inputs in their place, and computes the outputs.
    pub fn forward(&mut self, trial: &Trial<F>) -> Result<Vec<Vec<F>>, Unmet> {
        self.model = trial.model.clone();
        for (k, input) in trial.inputs.iter().enumerate() {
            let place = self.work.input(k, trial.batch);
            place.map_err(|error| unexpected("the workspace", error))?.copy_from_slice(input);
        }
        match trial.mode {
            crate::layer::Mode::Train => self.work.train(&mut self.model, trial.batch, trial.draw),
            crate::layer::Mode::Evaluate => {
                self.work.evaluate(&self.model, trial.batch, trial.draw)
            }
        }
        .map_err(|error| unexpected("the forward pass", error))?;
        Ok(self.work.outputs().iter().map(|output| output.values().to_vec()).collect())
    }

    /// Adds to the gradient for the parameters, and gives those for the inputs; empty for inputs that want none.
    pub fn backward(&mut self, trial: &Trial<F>, gradient: &mut [F]) -> Result<Vec<Vec<F>>, Unmet> {
        self.lend(trial)?;
        let done = self.work.backward(&self.model, gradient, trial.draw);
        done.map_err(|error| unexpected("the backward pass", error))?;
        Ok(self.input_gradients(trial))
    }

    /// Puts the gradients for the outputs in their place.
    fn lend(&mut self, trial: &Trial<F>) -> Result<(), Unmet> {
        let lent = self.work.output_gradients();
        let (_, mut gradients) = lent.map_err(|error| unexpected("the workspace", error))?;
        for (k, upstream) in trial.upstream.iter().enumerate() {
            gradients.get(k).values().copy_from_slice(upstream);
        }
        Ok(())
    }

    fn input_gradients(&self, trial: &Trial<F>) -> Vec<Vec<F>> {
        let count = trial.inputs.len();
        (0..count).map(|k| self.work.input_gradient(k).values().to_vec()).collect()
    }

    /// Both, with a gradient for the parameters that overwrites what was there.
    pub fn pass(&mut self, trial: &Trial<F>) -> Result<Passed<F>, Unmet> {
        let outputs = self.forward(trial)?;
        self.finish(trial, outputs)
    }

    /// The backward pass after a forward pass that gave these outputs.
    pub fn finish(&mut self, trial: &Trial<F>, outputs: Vec<Vec<F>>) -> Result<Passed<F>, Unmet> {
        let mut parameters = vec![F::of(f64::NAN); self.model.values().len()];
        self.lend(trial)?;
        let done = self.work.backward_anew(&self.model, &mut parameters, trial.draw);
        done.map_err(|error| unexpected("the backward pass", error))?;
        let inputs = self.input_gradients(trial);
        Ok(Passed { outputs, state: self.model.state().to_vec(), inputs, parameters })
    }

    /// Overwrites all buffers of these kinds.
    pub fn fill(&mut self, kinds: &[&str], value: f64) {
        let buffers = self.work.buffers_mut().filter(|(kind, _)| kinds.contains(kind));
        buffers.for_each(|(_, buffer)| buffer.fill(F::of(value)));
    }
}

impl<F: Precision> Passed<F> {
    /// All numbers, each list with what it is.
    pub fn parts(&self) -> Vec<(String, &[F])> {
        let mut parts = numbered("output", &self.outputs);
        parts.push(("layer state".to_owned(), &self.state));
        parts.extend(numbered("gradient for input", &self.inputs));
        parts.push(("gradient for the parameters".to_owned(), &self.parameters));
        parts
    }

    /// This is `want` to the bit.
    pub fn is(&self, want: &Self, when: impl Display) -> Verdict {
        self.parts().into_iter().zip(want.parts()).try_for_each(|((what, got), (_, want))| {
            same_bits(format_args!("{} {what}, {when}", F::NAME), got, want)
        })
    }

    /// This is `want` but for the rounding of sums of terms up to this size.
    pub fn is_about(&self, want: &Self, scale: f64, when: impl Display) -> Verdict {
        self.parts().into_iter().zip(want.parts()).try_for_each(|((what, got), (_, want))| {
            alike(format_args!("{} {what}, {when}", F::NAME), got, want, scale)
        })
    }
}

/// Each list with what it is and its number.
fn numbered<'v, F>(what: &str, lists: &'v [Vec<F>]) -> Vec<(String, &'v [F])> {
    let numbered = lists.iter().enumerate();
    numbered.map(|(k, values)| (format!("{what} {k}"), &values[..])).collect()
}

/// The same numbers but for the order of additions, where the terms of the sums are of this size. They may cancel.
pub(super) fn alike<F: Precision>(
    what: impl Display,
    got: &[F],
    want: &[F],
    scale: f64,
) -> Verdict {
    let tolerance = 256.0 * F::epsilon().as_f64();
    close(what, got, want, tolerance, tolerance * scale.max(largest(want)))
}

/// The largest size of all of these; at least that of nothing, 0.
pub(super) fn largest<F: Precision>(values: &[F]) -> f64 {
    values.iter().map(|x| x.as_f64().abs()).filter(|x| x.is_finite()).fold(0.0, f64::max)
}

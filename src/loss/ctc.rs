//! Labels in order, without an alignment.

use std::cell::Cell;

use super::fit;
use super::walk::{each_sample, row};
use super::{Loss, LossPass, Total};
use crate::data::{Target, TargetKind};
use crate::error::Error;
use crate::scalar::Scalar;
use crate::shape::Shape;

/// Connectionist temporal classification, from logits: −log of the probability that the steps of a sequence spell the labels, whatever the step at which
/// each label falls.
///
/// Each step gives one class, by a softmax of its logits. A sequence of classes spells what is left of it after repeats are merged and blanks are
/// taken out. The loss sums over all sequences that spell the labels, by the forward–backward recursion in logarithms and double precision.
///
/// | | shape of a sample | |
/// |---|---|---|
/// | output 0 | `[time, classes]` | the logits |
/// | output 1, if there is one | `[]` or `[1]` | how many of the steps count, a whole number from 0 to time; all without it |
/// | targets | class indices, `[length]` | the labels; the first blank and what follows it are padding |
///
/// Its gradient is softmax − (the probability of each class at each step, given that the labels are spelled). Labels that cannot be spelled in so
/// few steps cost infinity, with NaN in the gradient, unless `zero_infinity` says otherwise. Graves, Fernández, Gomez, Schmidhuber: *Connectionist temporal
/// classification* (ICML 2006), equations 6 to 16.
///
/// # Errors
/// A class index out of range is an [`Error::Target`]; a number of steps out of range an [`Error::Other`] that names the sample.
///
/// ```
/// use downhill::loss::{self, Ctc};
/// use ndarray::array;
/// // Two steps and two classes, all equally likely. Three of the four sequences spell the label 1: "1 1", "1 _" and "_ 1".
/// let logits = [array![[[0.0_f64, 0.0], [0.0, 0.0]]].into_dyn()];
/// let (total, _) = loss::measure(&Ctc::default(), &logits, array![[1]], None)?;
/// assert!((total.mean() + 0.75_f64.ln()).abs() < 1e-12);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ctc {
    /// The class that stands for no label; 0 by default.
    pub blank: usize,
    /// Whether the loss of a sample is divided by its number of labels (where there are any), as PyTorch's mean does; true by default.
    pub per_label: bool,
    /// Whether labels that cannot be spelled cost 0, with 0 as gradient, instead of infinity; false by default.
    pub zero_infinity: bool,
}

impl Default for Ctc {
    fn default() -> Self {
        Self { blank: 0, per_label: true, zero_infinity: false }
    }
}

impl Ctc {
    fn logits(&self, outputs: &[Shape]) -> Result<[usize; 2], Error> {
        let name = fit::name::<Self>;
        let (logits, lengths) = match outputs {
            [logits] => (logits, None),
            [logits, lengths] => (logits, Some(lengths)),
            _ => return Err(Error::arity(name(), "1 or 2", outputs.len())),
        };
        if let Some(lengths) = lengths.filter(|lengths| lengths.size() != 1) {
            let fix = "give the number of steps of each sample as the second output";
            return Err(Error::shape(name(), "one number per sample", lengths.clone(), fix));
        }
        match *logits.axes() {
            [time, classes] if self.blank < classes => Ok([time, classes]),
            [_, classes] => {
                let expected = format!("a class index below {classes}");
                Err(Error::argument("Ctc::blank", self.blank, expected))
            }
            _ => {
                let fix = "end the model with scores for each class at each step";
                Err(Error::shape(name(), "outputs [time, classes]", logits.clone(), fix))
            }
        }
    }

    fn length(targets: &TargetKind) -> Result<usize, Error> {
        let expected = "class indices of shape [length] per sample";
        match targets {
            TargetKind::Classes(shape) => match *shape.axes() {
                [length] => Ok(length),
                _ => {
                    let fix = "give each sample a row of labels, padded with the blank";
                    Err(Error::shape(fit::name::<Self>(), expected, shape.clone(), fix))
                }
            },
            other => Err(Error::target_kind(fit::name::<Self>(), expected, other.to_string())),
        }
    }
}

impl<F: Scalar> Loss<F> for Ctc {
    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        self.logits(outputs)?;
        Self::length(targets).map(|_| ())
    }

    fn evaluate(&self, pass: LossPass<'_, F>) -> Result<Total, Error> {
        let (logits, steps) = (pass.outputs.get(0), pass.outputs.get(1));
        let shapes = [logits.shape().clone(), steps.shape().clone()];
        let [time, classes] = self.logits(shapes.get(..pass.outputs.len()).unwrap_or_default())?;
        let length = Self::length(&pass.targets.kind())?;
        let all = match pass.targets {
            Target::Classes(classes) => classes.labels(),
            _ => &[],
        };
        if all.len() != logits.batch() * length {
            let what = format!("{}: the targets", fit::name::<Self>());
            return Err(Error::length(what, all.len(), logits.batch() * length, "the outputs"));
        }
        let given = pass.outputs.len() == 2;
        let mut room = ROOM.take();
        let total = each_sample(pass, |sample, mut gradients| {
            let labels = &all[sample * length..(sample + 1) * length];
            if let Some(&wrong) = labels.iter().find(|&&label| label >= classes) {
                let expected = format!("a class index below {classes}");
                return Err(Error::target(fit::name::<Self>(), sample, wrong, expected));
            }
            let labels = labels.split(|&label| label == self.blank).next().unwrap_or_default();
            let time = if given { whole(sample, steps.row(sample), time)? } else { time };
            let scores = &logits.row(sample)[..time * classes];
            let spell = Spelling { scores, classes, labels, blank: self.blank };
            let mut cost = spell.forward(&mut room);
            if let Some(gradients) = &mut gradients {
                row(gradients, 0, sample).fill(F::zero());
                row(gradients, 1, sample).fill(F::zero());
            }
            let share = if self.per_label { 1.0 / labels.len().max(1) as f64 } else { 1.0 };
            if cost == f64::INFINITY && self.zero_infinity {
                cost = 0.0;
            } else if let Some(gradients) = gradients {
                spell.backward(&mut room, share, row(gradients, 0, sample));
            }
            Ok(Total { sum: share * cost, weight: 1.0 })
        });
        ROOM.set(room);
        total
    }
}

thread_local! {
    /// What the recursion works in: it grows to the largest sample that this thread has seen, and then nothing is allocated any more.
    static ROOM: Cell<Vec<f64>> = const { Cell::new(Vec::new()) };
}

/// How many steps of this sample count.
fn whole<F: Scalar>(sample: usize, steps: &[F], time: usize) -> Result<usize, Error> {
    let steps = steps.first().map_or(f64::NAN, |steps| steps.as_f64());
    if steps >= 0.0 && steps <= time as f64 && steps.fract() == 0.0 {
        return Ok(steps as usize);
    }
    let message = format!(
        "the number of steps of sample {sample} is {steps}; use a whole number from 0 to {time}"
    );
    Err(Error::other(fit::name::<Ctc>(), message))
}

/// log(eᵃ + eᵇ), which is NaN if one of them is.
fn log_sum(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if large == f64::NEG_INFINITY || small.is_nan() {
        return small + large;
    }
    large + (small - large).exp().ln_1p()
}

/// The labels of a sample with a blank before, between and after them: place 2 i + 1 is label i. A sequence of classes walks along the places.
struct Spelling<'a, F> {
    scores: &'a [F],
    classes: usize,
    labels: &'a [usize],
    blank: usize,
}

impl<F: Scalar> Spelling<'_, F> {
    fn places(&self) -> usize {
        2 * self.labels.len() + 1
    }

    fn class(&self, place: usize) -> usize {
        if place % 2 == 1 { self.labels[place / 2] } else { self.blank }
    }

    /// Whether a walk may come to `place` from two places before, leaving out the blank between two labels that differ.
    fn skips_to(&self, place: usize) -> bool {
        place % 2 == 1 && place >= 3 && self.labels[place / 2] != self.labels[place / 2 - 1]
    }

    /// −log of the probability of the labels. Leaves in `room`, for each step, the logarithm of the softmax's divisor and of the probability of the
    /// walks that end at each place.
    fn forward(&self, room: &mut Vec<f64>) -> f64 {
        let places = self.places();
        let line = places + 1;
        let time = self.scores.len() / self.classes;
        room.clear();
        // Two more lines for the walk back.
        room.resize((time + 2) * line, f64::NEG_INFINITY);
        let mut tainted = 0.0;
        for (t, scores) in self.scores.chunks_exact(self.classes).enumerate() {
            let largest = scores.iter().fold(f64::NEG_INFINITY, |most, score| {
                let score = score.as_f64();
                if most >= score { most } else { score }
            });
            let divisor: f64 = scores.iter().map(|score| (score.as_f64() - largest).exp()).sum();
            let divisor = largest + divisor.ln();
            tainted += 0.0 * divisor; // NaN wherever it stands is NaN in the end
            let (before, now) = room[..(t + 1) * line].split_at_mut(t * line);
            let before = before.get(t.saturating_sub(1) * line + 1..).unwrap_or_default();
            now[0] = divisor;
            for place in 0..places {
                let mut come = match t {
                    0 if place < 2 => 0.0,
                    0 => f64::NEG_INFINITY,
                    _ => before[place],
                };
                if t > 0 && place > 0 {
                    come = log_sum(come, before[place - 1]);
                    if self.skips_to(place) {
                        come = log_sum(come, before[place - 2]);
                    }
                }
                now[place + 1] = come + scores[self.class(place)].as_f64() - divisor;
            }
        }
        let Some(last) = time.checked_sub(1).map(|t| &room[t * line + 1..(t + 1) * line]) else {
            return if self.labels.is_empty() { 0.0 } else { f64::INFINITY };
        };
        let label = if places > 1 { last[places - 2] } else { f64::NEG_INFINITY };
        tainted - log_sum(last[places - 1], label)
    }

    /// Writes the gradient of `share` times the cost, by the walks that begin at each place and spell the rest.
    fn backward(&self, room: &mut [f64], share: f64, gradient: &mut [F]) {
        let (places, line) = (self.places(), self.places() + 1);
        let time = self.scores.len() / self.classes;
        let (forward, rest) = room.split_at_mut(time * line);
        let (mut after, mut now) = rest.split_at_mut(line);
        for t in (0..time).rev() {
            let scores = &self.scores[t * self.classes..(t + 1) * self.classes];
            let gradient = &mut gradient[t * self.classes..(t + 1) * self.classes];
            let (divisor, walks) = (forward[t * line], &mut forward[t * line + 1..(t + 1) * line]);
            let mut all = f64::NEG_INFINITY;
            for (g, score) in gradient.iter_mut().zip(scores) {
                *g = F::of(share * (score.as_f64() - divisor).exp());
            }
            for place in (0..places).rev() {
                let on = if t + 1 == time {
                    if place + 2 >= places { 0.0 } else { f64::NEG_INFINITY }
                } else {
                    let mut on = after[place];
                    if place + 1 < places {
                        on = log_sum(on, after[place + 1]);
                    }
                    if place + 2 < places && self.skips_to(place + 2) {
                        on = log_sum(on, after[place + 2]);
                    }
                    on
                };
                walks[place] += on;
                all = log_sum(all, walks[place]);
                // With the class of this place, for the step before.
                now[place] = on + scores[self.class(place)].as_f64() - divisor;
            }
            // Each walk is at one place: the shares of all places add up to 1, however large the numbers that cancel here.
            for (place, walk) in walks.iter().enumerate() {
                gradient[self.class(place)] -= F::of(share * (walk - all).exp());
            }
            std::mem::swap(&mut after, &mut now);
        }
    }
}

//! How far a pass carries the rounding of its numbers.

use super::run::largest;
use super::{Run, Trial, Values};
use crate::check::Unmet;
use crate::random::Noise;

/// The relative size of the moves: large beside rounding, small beside what bends.
const MOVE: f64 = 1.0 / (1_u64 << 26) as f64;

/// How often all numbers are moved; one draw alone may cancel by chance.
const DRAWS: u64 = 3;

/// How far signs that fit may lie beyond those that are drawn. A move is a sum over many signs, so it spreads as a normal number does, and beyond four
/// standard deviations comes one of 15,000.
const SPREAD: f64 = 4.0;

/// The scale of the rounding errors of a pass, for each of the [parts](super::Passed::parts) of its result, by unit roundoff.
///
/// What computes as well as can be gives the exact result for numbers that are off by a few units in the last place (backward stability: Higham,
/// *Accuracy and stability of numerical algorithms*, 2002, section 1.5). So its error is by how much the result moves when inputs, parameters, layer state and
/// upstream gradients are moved by as much, to which comes the rounding of the result's own sums, whose terms are of the size
/// [`Trial::scale`]. For one product that is the same; where layers follow each other, and where a softmax turns
/// a small move of a large score into another weight, the first is what counts, and no size of terms would say it.
pub(super) fn condition(
    trial: &Trial<f64>,
    values: impl Fn(usize) -> Values,
) -> Result<Vec<f64>, Unmet> {
    let mut run = Run::new(trial);
    let still = run.pass(trial)?;
    let own = |what: &str| if what.starts_with("gradient") { trial.scale() } else { trial.terms() };
    let sums = still.parts().into_iter().map(|(what, numbers)| own(&what).max(largest(numbers)));
    let mut scales: Vec<f64> = sums.collect();
    for draw in 0..DRAWS {
        let moved = run.pass(&shaken(trial, draw, &values))?;
        let parts = moved.parts().into_iter().zip(still.parts());
        for (scale, ((_, moved), (_, still))) in scales.iter_mut().zip(parts) {
            let moves: Vec<f64> = moved.iter().zip(still).map(|(m, s)| (m - s) / MOVE).collect();
            *scale = scale.max(SPREAD * largest(&moves));
        }
    }
    Ok(scales)
}

/// The same with each number moved up or down by a share of its size.
fn shaken(trial: &Trial<f64>, draw: u64, values: impl Fn(usize) -> Values) -> Trial<f64> {
    let mut shaken = trial.clone();
    let move_all = |numbers: &mut [f64], place: &str, k: usize| {
        let noise = Noise::new(draw).at(place).step(k as u64);
        for (i, number) in numbers.iter_mut().enumerate() {
            *number *= 1.0 + MOVE * (2.0 * noise.uniform(i as u64).round() - 1.0);
        }
    };
    for (k, input) in shaken.inputs.iter_mut().enumerate() {
        if values(k) == Values::Real {
            move_all(input, "input", k);
        }
    }
    shaken.upstream.iter_mut().enumerate().for_each(|(k, list)| move_all(list, "upstream", k));
    move_all(shaken.model.values_mut(), "parameters", 0);
    move_all(shaken.model.state_mut(), "state", 0);
    shaken
}

//! The cases that laws of optimizers are tried on.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::check::Generate;
use crate::random::Noise;

/// A short training run without a model.
///
/// A law takes from a case what it needs. `Case::default()` is the simplest one: a single number, one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The shapes of the tensors.
    pub shapes: Vec<Vec<usize>>,
    /// The seed of weights and gradients.
    pub seed: u64,
    /// How many steps.
    pub steps: u64,
    /// What the gradients look like.
    pub pattern: Pattern,
    /// The magnitude of the gradients, as a power of ten from −38 to 38.
    pub exponent: i32,
    /// The learning rate as a multiple of the rule's own.
    pub rate: f64,
    /// A moment of the run, as a share of its steps: where it is cut, saved or frozen.
    pub moment: f64,
    /// Places to cut the buffer at; those beyond its end do not count.
    pub cuts: Vec<usize>,
    /// A tensor, an element, or a problem; taken modulo the number of those.
    pub pick: usize,
}

/// What gradients look like from step to step and from element to element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Numbers of the normal distribution.
    Normal,
    /// The same number for ever.
    Constant,
    /// The same size for ever, with a new sign in each step.
    Alternating,
    /// Zero, but for one element in eight.
    Sparse,
    /// Something in the first step, and zero ever after.
    Once,
    /// Tiny, but for a burst in every fourth step.
    Bursts,
    /// From the tiniest to the full magnitude side by side.
    Mixed,
    /// Nothing at all.
    Zero,
}

impl Pattern {
    /// All patterns, the plainest first.
    pub const ALL: [Self; 8] = [
        Self::Normal,
        Self::Constant,
        Self::Alternating,
        Self::Sparse,
        Self::Once,
        Self::Bursts,
        Self::Mixed,
        Self::Zero,
    ];
}

impl Default for Case {
    fn default() -> Self {
        Self {
            shapes: vec![vec![1]],
            seed: 0,
            steps: 1,
            pattern: Pattern::Normal,
            exponent: 0,
            rate: 1.0,
            moment: 0.0,
            cuts: Vec::new(),
            pick: 0,
        }
    }
}

impl Generate for Case {
    fn any() -> BoxedStrategy<Self> {
        // Lengths around those that vector loops, their remainders and the pieces of a step have to get right.
        let length = prop_oneof![1..20_usize, prop::sample::select(vec![31, 63, 64, 65, 127])];
        let shape = prop_oneof![
            45 => vec(length, 1),
            15 => vec(1..9_usize, 2..4),
            // A step moves it in more than one piece.
            1 => Just(vec![4_099]),
        ];
        let exponent = prop_oneof![3 => Just(0), 2 => -38..=38, 1 => Just(38), 1 => Just(-38)];
        let rate = prop_oneof![Just(1.0), 0.1..2.0];
        let pattern = prop::sample::select(Pattern::ALL.to_vec());
        let run = (vec(shape, 1..5), 0..1_u64 << 32, 1..9_u64, pattern, exponent);
        let turns = (rate, 0.0..1.0, vec(0..200_usize, 0..5), 0..1_000_usize);
        (run, turns)
            .prop_map(|((shapes, seed, steps, pattern, exponent), (rate, moment, cuts, pick))| {
                Self { shapes, seed, steps, pattern, exponent, rate, moment, cuts, pick }
            })
            .boxed()
    }
}

impl Case {
    /// How many numbers the tensors hold.
    pub fn size(&self) -> usize {
        self.shapes.iter().map(|shape| shape.iter().product::<usize>()).sum()
    }

    /// The weights that the run starts with, of the normal distribution.
    pub fn weights(&self) -> Vec<f64> {
        normal(Noise::new(self.seed).at("weights")).take(self.size()).collect()
    }

    /// The gradient of step `step`, counted from 0.
    pub fn gradient(&self, step: u64) -> Vec<f64> {
        let scale = 10_f64.powi(self.exponent);
        let (first, now) =
            (Noise::new(self.seed).at("first"), Noise::new(self.seed).at("gradient").step(step));
        let sign = if step.is_multiple_of(2) { 1.0 } else { -1.0 };
        let element = |(i, (first_normal, normal)): (u64, (f64, f64))| match self.pattern {
            Pattern::Normal => normal,
            Pattern::Constant => first_normal,
            Pattern::Alternating => sign * first_normal,
            Pattern::Sparse if now.below(i, 8) == 0 => normal,
            Pattern::Once if step == 0 => normal,
            Pattern::Bursts if step % 4 == 3 => normal,
            Pattern::Bursts => normal * 1e-30,
            Pattern::Mixed => normal * 10_f64.powi(-2 * first.below(i, 20) as i32),
            Pattern::Sparse | Pattern::Once | Pattern::Zero => 0.0,
        };
        let numbers = (0..self.size() as u64).zip(normal(first).zip(normal(now)));
        numbers.map(|number| (scale * element(number)).clamp(-1e38, 1e38)).collect()
    }

    /// The gradient of step `step` of the same run, had it normal numbers of ordinary size.
    pub fn plain_gradient(&self, step: u64) -> Vec<f64> {
        normal(Noise::new(self.seed).at("gradient").step(step)).take(self.size()).collect()
    }

    /// The same with no number nearer to zero than a half.
    pub fn bold_gradient(&self, step: u64) -> Vec<f64> {
        self.plain_gradient(step).into_iter().map(|g| g + 0.5_f64.copysign(g)).collect()
    }

    /// A step of the run, counted from 0.
    pub fn moment(&self) -> u64 {
        (self.moment * self.steps as f64) as u64
    }

    /// The buffer in pieces, as the cuts have it; at least one piece, none of them empty.
    pub fn pieces(&self) -> Vec<std::ops::Range<usize>> {
        let size = self.size();
        let mut cuts: Vec<usize> =
            self.cuts.iter().map(|&cut| cut.min(size)).chain([0, size]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).map(|ends| ends[0]..ends[1]).collect()
    }
}

/// Numbers of the normal distribution without an end: a table, read from a place that the noise decides. To draw each number anew would take
/// ten times as long as the steps that are tried with it.
pub(super) fn normal(noise: Noise) -> impl Iterator<Item = f64> {
    static TABLE: LazyLock<Vec<f64>> =
        LazyLock::new(|| (0..10_007).map(|i| Noise::new(0).normal(i)).collect());
    TABLE[noise.below(0, TABLE.len())..].iter().chain(TABLE.iter().cycle()).copied()
}

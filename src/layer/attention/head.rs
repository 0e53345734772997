//! One head: scores, weights and sums, and the way back.

use super::keys::Keys;
use super::memory::{BLOCK, Memory, Sizes};
use crate::kernel::gemm::{Gemm, Matrix, gemm};
use crate::kernel::parallel::Parallel;
use crate::kernel::sum;
use crate::kernel::wide::{Loop, wide};
use crate::layer::Dropout;
use crate::layer::images::part;
use crate::random::Noise;
use crate::scalar::Scalar;

/// One head of one sample.
pub(super) struct Head<'a, F> {
    pub sizes: Sizes,
    pub keys: Keys<'a, F>,
    /// Which one it is.
    pub head: usize,
    /// Dropout of the weights, if it is on, and the random numbers of the sample.
    pub dropout: Option<(Dropout, Noise)>,
    pub parallel: Parallel,
}

impl<F: Scalar> Head<'_, F> {
    /// Where the head's features begin.
    fn first(&self) -> usize {
        self.head * self.sizes.size
    }

    /// This head's part of some rows of a tensor of all features.
    fn rows<'a>(&self, values: &'a [F], row: usize) -> Matrix<'a, F> {
        let Sizes { features, .. } = self.sizes;
        Matrix::row_major(&values[row * features + self.first()..], features)
    }

    /// Copies rows to this head's part of a tensor of all features; nothing if nobody wants it.
    fn put(&self, rows: &[F], values: &mut [F], row: usize) {
        let Sizes { features, size, .. } = self.sizes;
        let to = values.chunks_exact_mut(features).skip(row);
        for (to, from) in to.zip(rows.chunks_exact(size)) {
            to[self.first()..][..size].copy_from_slice(from);
        }
    }

    /// The queries, block after block: the first one, how many there are, and how many keys the last one sees.
    fn blocks(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let queries = self.sizes.queries;
        (0..queries).step_by(BLOCK).map(move |first| {
            let rows = BLOCK.min(queries - first);
            (first, rows, self.keys.seen_by(first + rows - 1))
        })
    }

    /// The factors of dropout for what a query sees: none if nothing is dropped.
    fn factors<'a>(&self, query: usize, factors: &'a mut [F]) -> Option<&'a [F]> {
        let (dropout, noise) = self.dropout?;
        let end = self.keys.end(query);
        // Keyed by head, query and key.
        let noise = noise.step((self.head * self.sizes.queries + query) as u64);
        dropout.draw(&mut factors[..end], noise);
        for (kept, key) in self.keys.kept().take_while(|&key| key < end).enumerate() {
            factors[kept] = factors[key];
        }
        Some(factors)
    }

    /// Products of a block of queries, or of their gradients, with what is kept for each of `seen` keys.
    fn products(&self, rows: usize, seen: usize, from: Matrix<'_, F>, keys: &[F], to: &mut [F]) {
        gemm(Gemm {
            m: rows,
            n: seen,
            k: self.sizes.size,
            a: from,
            b: Matrix::row_major(keys, self.sizes.size).transposed(),
            packed: None,
            beta: F::zero(),
            bias: None,
            c: to,
            parallel: self.parallel,
        });
    }

    pub fn forward(
        &self,
        [q, k, v]: [&[F]; 3],
        context: &mut [F],
        softmax: &mut [F],
        memory: &mut Memory<'_, F>,
    ) {
        let Sizes { features, size, queries, .. } = self.sizes;
        self.keys.gather(k, features, self.first(), memory.keys, size);
        self.keys.gather(v, features, self.first(), memory.values, size);
        let softmax = &mut softmax[part(self.head, 2 * queries)];
        for (first, rows, seen) in self.blocks() {
            let out = &mut memory.rows[..rows * size];
            let scores = &mut memory.scores[..rows * seen];
            self.products(rows, seen, self.rows(q, first), memory.keys, scores);
            for (row, i) in (first..first + rows).enumerate() {
                let scores = &mut scores[part(row, seen)];
                let (visible, hidden) = scores.split_at_mut(self.keys.seen_by(i));
                let (top, sum) = normalize(visible, self.sizes.scale());
                softmax[2 * i..][..2].copy_from_slice(&[top, sum]);
                if let Some(factors) = self.factors(i, memory.factors) {
                    visible.iter_mut().zip(factors).for_each(|(p, &factor)| *p *= factor);
                }
                hidden.fill(F::zero());
            }
            self.sums(first, rows, seen, scores, memory.values, out);
            self.put(out, context, first);
        }
    }

    /// Sums of values by the weights of a block of queries. What a query does not see is not even multiplied by 0: it might be NaN.
    fn sums(
        &self,
        first: usize,
        rows: usize,
        seen: usize,
        weights: &[F],
        values: &[F],
        to: &mut [F],
    ) {
        let n = self.sizes.size;
        // What the first query sees, all see.
        let common = self.keys.seen_by(first);
        let product = |m: usize, k: usize, weights: &[F], values: &[F], beta: F, c: &mut [F]| {
            let (a, b) = (Matrix::row_major(weights, seen), Matrix::row_major(values, n));
            gemm(Gemm {
                m,
                n,
                k,
                a,
                b,
                packed: None,
                beta,
                bias: None,
                c,
                parallel: self.parallel,
            });
        };
        product(rows, common, weights, values, F::zero(), to);
        for (i, to) in to.chunks_exact_mut(n).enumerate() {
            let more = self.keys.seen_by(first + i) - common;
            if more > 0 {
                let weights = &weights[i * seen + common..];
                product(1, more, weights, &values[common * n..], F::one(), to);
            }
        }
    }

    pub fn backward(
        &self,
        [q, k, v]: [&[F]; 3],
        [dy, softmax]: [&[F]; 2],
        [dq, dk, dv]: [&mut [F]; 3],
        memory: &mut Memory<'_, F>,
    ) {
        let Sizes { features, size, queries, .. } = self.sizes;
        let scale: F = self.sizes.scale();
        self.keys.gather(k, features, self.first(), memory.keys, size);
        self.keys.gather(v, features, self.first(), memory.values, size);
        memory.key_gradients.fill(F::zero());
        memory.value_gradients.fill(F::zero());
        let softmax = &softmax[part(self.head, 2 * queries)];
        for (first, rows, seen) in self.blocks() {
            let weights = &mut memory.scores[..rows * seen];
            let gradients = &mut memory.score_gradients[..rows * seen];
            self.products(rows, seen, self.rows(q, first), memory.keys, weights);
            self.products(rows, seen, self.rows(dy, first), memory.values, gradients);
            for (row, i) in (first..first + rows).enumerate() {
                let visible = self.keys.seen_by(i);
                let row = part(row, seen);
                let (weights, gradients) = (&mut weights[row.clone()], &mut gradients[row]);
                let (top, sum) = (softmax[2 * i], softmax[2 * i + 1]);
                let factors = self.factors(i, memory.factors);
                let (seen, slopes) = (&mut weights[..visible], &mut gradients[..visible]);
                wide::<Undo, _>((seen, slopes, factors, [scale, top, sum]));
                weights[visible..].fill(F::zero());
                gradients[visible..].fill(F::zero());
            }
            for (by, rows_of, to) in [
                (&*weights, dy, &mut *memory.value_gradients),
                (&*gradients, q, &mut *memory.key_gradients),
            ] {
                gemm(Gemm {
                    m: seen,
                    n: size,
                    k: rows,
                    a: Matrix::row_major(by, seen).transposed(),
                    b: self.rows(rows_of, first),
                    packed: None,
                    beta: F::one(),
                    bias: None,
                    c: to,
                    parallel: self.parallel,
                });
            }
            let out = &mut memory.rows[..rows * size];
            gemm(Gemm {
                m: rows,
                n: size,
                k: seen,
                a: Matrix::row_major(gradients, seen),
                b: Matrix::row_major(memory.keys, size),
                packed: None,
                beta: F::zero(),
                bias: None,
                c: out,
                parallel: self.parallel,
            });
            self.put(out, dq, first);
        }
        self.keys.scatter(memory.key_gradients, size, dk, features, self.first());
        self.keys.scatter(memory.value_gradients, size, dv, features, self.first());
    }
}

/// Turns scores into weights that sum to 1, and returns the largest score and the sum of the exponentials. Without scores the sum is 1, so that nothing
/// is divided by 0.
fn normalize<F: Scalar>(scores: &mut [F], scale: F) -> (F, F) {
    let (mut top, mut sum) = (F::neg_infinity(), F::one());
    if !scores.is_empty() {
        wide::<Normalize, _>((scores, scale, &mut top, &mut sum));
    }
    (top, sum)
}

struct Normalize;

impl<'a, F: Scalar> Loop<(&'a mut [F], F, &'a mut F, &'a mut F)> for Normalize {
    #[inline(always)]
    fn run((scores, scale, top, sum): (&'a mut [F], F, &'a mut F, &'a mut F)) {
        scores.iter_mut().for_each(|score| *score *= scale);
        // It passes over NaN, but the exponentials and so the sum do not.
        *top = sum::largest(scores);
        let largest = *top;
        scores.iter_mut().for_each(|score| *score = (*score - largest).fast_exp());
        *sum = sum::sum(scores, scores, |score, _| score);
        let share = sum.recip();
        scores.iter_mut().for_each(|score| *score *= share);
    }
}

/// From scores and the gradients of the weights to the weights and the gradients of the scores, by the largest score and the sum of the exponentials.
struct Undo;

impl<'a, F: Scalar> Loop<(&'a mut [F], &'a mut [F], Option<&'a [F]>, [F; 3])> for Undo {
    #[inline(always)]
    fn run(
        (weights, gradients, factors, [scale, top, sum]): (
            &'a mut [F],
            &'a mut [F],
            Option<&'a [F]>,
            [F; 3],
        ),
    ) {
        let share = sum.recip();
        weights.iter_mut().for_each(|w| *w = (*w * scale - top).fast_exp() * share);
        if let Some(factors) = factors {
            gradients.iter_mut().zip(factors).for_each(|(g, &factor)| *g *= factor);
        }
        let mean = sum::sum(weights, gradients, |w, g| w * g);
        for (g, &w) in gradients.iter_mut().zip(&*weights) {
            *g = w * (*g - mean) * scale;
        }
        if let Some(factors) = factors {
            weights.iter_mut().zip(factors).for_each(|(w, &factor)| *w *= factor);
        }
    }
}

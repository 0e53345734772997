//! The product at the heart of attention, head by head, in blocks of queries.
//!
//! Backward needs the weights of the sums again. They are computed again from queries and keys, block by block, from two numbers that forward keeps for
//! each query: the largest score and the sum of the exponentials. (Their combination, the logarithm of the sum, would round the sum away beside a
//! large score.) So no buffer of queries × keys is ever held, for all heads or one. (Dao et al.: *FlashAttention*, arXiv:2205.14135, section 3.1; there
//! keys come in blocks too, here all keys of a block of queries are at hand, and the softmax is the plain one.)

use super::keys::Keys;
use crate::error::Error;
use crate::kernel::gemm::{Gemm, Matrix, gemm};
use crate::kernel::parallel::Parallel;
use crate::layer::images::{self, Buffers};
use crate::layer::{Backward, Dropout, Forward, Layer, Mode, Plan, Tensors};
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::shape::Shape;
use crate::tensor::ViewMut;

/// How many queries are computed together.
const BLOCK: usize = 32;

/// softmax(Q·Kᵀ/√size)·V for each head, from queries, keys, values and, if it takes one, a mask of the keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct DotProduct {
    pub heads: usize,
    pub causal: bool,
    pub dropout: Dropout,
}

/// The sizes of one sample.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    queries: usize,
    keys: usize,
    features: usize,
    heads: usize,
    /// Features of one head.
    size: usize,
}

impl Sizes {
    fn of(query: &Shape, key: &Shape, heads: usize) -> Self {
        let axis = |shape: &Shape, axis: usize| shape.get(axis).copied().unwrap_or(1);
        let features = axis(query, 1);
        let size = features / heads.max(1);
        Self { queries: axis(query, 0), keys: axis(key, 0), features, heads, size }
    }

    fn scale<F: Scalar>(&self) -> F {
        F::of(1.0 / (self.size as f64).sqrt())
    }

    /// Numbers of one tensor with a number for each key and feature of a head.
    fn head(&self) -> usize {
        self.keys * self.size
    }

    /// The memory that one sample is computed in: keys, values and their gradients of one head; scores and their gradients of a block;
    /// one row of dropout's factors; and rows of a block.
    fn memory(&self) -> [usize; 8] {
        let (head, scores) = (self.head(), BLOCK * self.keys);
        [head, head, scores, self.keys, BLOCK * self.size, head, head, scores]
    }
}

/// What one sample is computed in.
struct Memory<'a, F> {
    keys: &'a mut [F],
    values: &'a mut [F],
    scores: &'a mut [F],
    factors: &'a mut [F],
    rows: &'a mut [F],
    key_gradients: &'a mut [F],
    value_gradients: &'a mut [F],
    score_gradients: &'a mut [F],
}

impl<'a, F: Scalar> Memory<'a, F> {
    fn cut(mut buffer: &'a mut [F], sizes: &Sizes) -> Self {
        let [keys, values, scores, factors, rows, key_gradients, value_gradients, score_gradients] =
            sizes.memory().map(|size| buffer.split_off_mut(..size).unwrap_or_default());
        Self {
            keys,
            values,
            scores,
            factors,
            rows,
            key_gradients,
            value_gradients,
            score_gradients,
        }
    }
}

/// One head of one sample.
struct Head<'a, F> {
    sizes: Sizes,
    keys: Keys<'a, F>,
    head: usize,
    /// Dropout of the weights, if it is on, and the random numbers of the sample.
    dropout: Option<(Dropout, Noise)>,
    parallel: Parallel,
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

    /// This head's part of one row.
    fn row<'a>(&self, values: &'a [F], row: usize) -> &'a [F] {
        &self.rows(values, row).values[..self.sizes.size]
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
        // Keyed by head, query and key.
        dropout.draw(factors, noise.step((self.head * self.sizes.queries + query) as u64));
        for (kept, key) in self.keys.kept().enumerate() {
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
            beta: F::zero(),
            c: to,
            parallel: self.parallel,
        });
    }

    fn forward(
        &self,
        [q, k, v]: [&[F]; 3],
        context: &mut [F],
        softmax: &mut [F],
        memory: &mut Memory<'_, F>,
    ) {
        let Sizes { features, size, queries, .. } = self.sizes;
        self.keys.gather(k, features, self.first(), memory.keys, size);
        self.keys.gather(v, features, self.first(), memory.values, size);
        let softmax = &mut softmax[images::part(self.head, 2 * queries)];
        for (first, rows, seen) in self.blocks() {
            let out = &mut memory.rows[..rows * size];
            let scores = &mut memory.scores[..rows * seen];
            self.products(rows, seen, self.rows(q, first), memory.keys, scores);
            for (i, kept) in (first..first + rows).zip(0..) {
                let row = &mut scores[images::part(kept, seen)];
                let (visible, hidden) = row.split_at_mut(self.keys.seen_by(i));
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
            gemm(Gemm { m, n, k, a, b, beta, c, parallel: self.parallel });
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

    fn backward(
        &self,
        [q, k, v]: [&[F]; 3],
        [context, dy, softmax]: [&[F]; 3],
        [dq, dk, dv]: [&mut [F]; 3],
        memory: &mut Memory<'_, F>,
    ) {
        let Sizes { features, size, queries, .. } = self.sizes;
        let scale: F = self.sizes.scale();
        self.keys.gather(k, features, self.first(), memory.keys, size);
        self.keys.gather(v, features, self.first(), memory.values, size);
        memory.key_gradients.fill(F::zero());
        memory.value_gradients.fill(F::zero());
        let softmax = &softmax[images::part(self.head, 2 * queries)];
        for (first, rows, seen) in self.blocks() {
            let weights = &mut memory.scores[..rows * seen];
            let gradients = &mut memory.score_gradients[..rows * seen];
            self.products(rows, seen, self.rows(q, first), memory.keys, weights);
            self.products(rows, seen, self.rows(dy, first), memory.values, gradients);
            for (i, kept) in (first..first + rows).zip(0..) {
                let visible = self.keys.seen_by(i);
                let row = images::part(kept, seen);
                let (weights, gradients) = (&mut weights[row.clone()], &mut gradients[row]);
                let (top, sum) = (softmax[2 * i], softmax[2 * i + 1]);
                let pairs = self.row(context, i).iter().zip(self.row(dy, i));
                let mean: F = pairs.map(|(&y, &dy)| y * dy).sum();
                let factors = self.factors(i, memory.factors);
                for j in 0..visible {
                    let weight = (weights[j] * scale - top).exp() / sum;
                    let factor = factors.map_or(F::one(), |factors| factors[j]);
                    weights[j] = weight * factor;
                    gradients[j] = weight * (gradients[j] * factor - mean) * scale;
                }
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
                    beta: F::one(),
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
                beta: F::zero(),
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
    scores.iter_mut().for_each(|score| *score *= scale);
    // `max` passes over NaN, but the exponentials and so the sum do not.
    let top = scores.iter().copied().fold(F::neg_infinity(), F::max);
    if scores.is_empty() {
        return (top, F::one());
    }
    let mut sum = F::zero();
    for score in &mut *scores {
        *score = (*score - top).exp();
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
    (top, sum)
}

/// All heads of all samples.
struct Heads<'a, F> {
    inputs: Tensors<'a, F>,
    sizes: Sizes,
    causal: bool,
    dropout: Option<(Dropout, Noise)>,
    first_sample: usize,
    parallel: Parallel,
}

impl<'a, F: Scalar> Heads<'a, F> {
    fn of_sample(&self, sample: usize) -> impl Iterator<Item = Head<'a, F>> {
        let Self { inputs, sizes, causal, parallel, .. } = *self;
        let mask = (inputs.len() > 3).then(|| inputs.get(3).row(sample));
        let keys = Keys { count: sizes.keys, mask, causal };
        let number = (self.first_sample + sample) as u64;
        let dropout = self.dropout.map(|(dropout, noise)| (dropout, noise.step(number)));
        (0..sizes.heads).map(move |head| Head { sizes, keys, head, dropout, parallel })
    }

    /// The queries, keys and values of a sample.
    fn rows(&self, sample: usize) -> [&'a [F]; 3] {
        [0, 1, 2].map(|position| self.inputs.get(position).row(sample))
    }
}

impl DotProduct {
    fn heads<'a, F: Scalar>(
        &self,
        inputs: Tensors<'a, F>,
        mode: Mode,
        (noise, first_sample): (Noise, usize),
        parallel: Parallel,
    ) -> Heads<'a, F> {
        let sizes = Sizes::of(inputs.get(0).shape(), inputs.get(1).shape(), self.heads);
        let drops = mode == Mode::Train && self.dropout.rate > 0.0;
        let dropout = drops.then_some((self.dropout, noise));
        Heads { inputs, sizes, causal: self.causal, dropout, first_sample, parallel }
    }
}

impl<F: Scalar> Layer<F> for DotProduct {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let inputs = plan.inputs();
        let (Some(query), Some(key)) = (inputs.first(), inputs.get(1)) else {
            return Err(Error::arity(
                plan.path(),
                "queries, keys, values and at most a mask",
                inputs.len(),
            ));
        };
        let sizes = Sizes::of(query, key, self.heads);
        if let Some(mask) = inputs.get(3).filter(|mask| mask.axes() != [sizes.keys]) {
            let expected = format!("a mask of [{}], a number for each key", sizes.keys);
            return Err(plan.refuse(expected, mask, "give 0 for a key that may be seen, else 1"));
        }
        let memory = sizes.memory().iter().fold(0_usize, |sum, &size| sum.saturating_add(size));
        images::plan_buffers(plan, memory);
        plan.save([self.heads, sizes.queries, 2]);
        plan.output(query.clone())
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let place = (pass.noise, pass.first_sample);
        let heads = self.heads(pass.inputs, pass.mode, place, pass.parallel);
        let sizes = heads.sizes;
        let (mut context, mut softmax) = (pass.outputs.one(), pass.saved.one());
        let mut memory = pass.scratch_once.one();
        let out = [samples(&mut context), samples(&mut softmax)];
        let buffers = Buffers { size: sizes.memory().iter().sum(), values: memory.values() };
        images::each_of(pass.parallel, 0..pass.batch, out, buffers, &|sample, out, buffer| {
            let [context, softmax] = out;
            let mut memory = Memory::cut(buffer, &sizes);
            for head in heads.of_sample(sample) {
                head.forward(heads.rows(sample), context, softmax, &mut memory);
            }
        });
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let place = (pass.noise, pass.first_sample);
        let heads = self.heads(pass.inputs, pass.mode, place, pass.parallel);
        let sizes = heads.sizes;
        let (context, dy) = (pass.outputs.one(), pass.output_gradients.one());
        let softmax = pass.saved.one();
        let softmax = softmax.view();
        let mut memory = pass.scratch_once.one();
        let [mut dq, mut dk, mut dv, mask] = pass.input_gradients.first();
        if let Some(mut mask) = mask {
            mask.values().fill(F::zero());
        }
        let out =
            [&mut dq, &mut dk, &mut dv].map(|dx| dx.as_mut().map_or_else(Buffers::none, samples));
        let buffers = Buffers { size: sizes.memory().iter().sum(), values: memory.values() };
        images::each_of(pass.parallel, 0..pass.batch, out, buffers, &|sample, mut out, buffer| {
            let mut memory = Memory::cut(buffer, &sizes);
            let known = [context, dy, softmax].map(|tensor| tensor.row(sample));
            for head in heads.of_sample(sample) {
                let out = out.each_mut().map(|out| &mut **out);
                head.backward(heads.rows(sample), known, out, &mut memory);
            }
        });
    }
}

/// The numbers of each sample of a tensor.
fn samples<'a, F>(tensor: &'a mut ViewMut<'_, F>) -> Buffers<'a, F> {
    Buffers { size: tensor.size(), values: tensor.values() }
}

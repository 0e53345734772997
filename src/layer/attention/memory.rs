//! The memory that one sample is computed in.

use crate::scalar::Scalar;
use crate::shape::Shape;

/// How many queries are computed together.
pub(super) const BLOCK: usize = 32;

/// The sizes of one sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub queries: usize,
    pub keys: usize,
    pub features: usize,
    pub heads: usize,
    /// Features of one head.
    pub size: usize,
}

impl Sizes {
    pub fn of(query: &Shape, key: &Shape, heads: usize) -> Self {
        let axis = |shape: &Shape, axis: usize| shape.get(axis).copied().unwrap_or(1);
        let features = axis(query, 1);
        let size = features / heads.max(1);
        Self { queries: axis(query, 0), keys: axis(key, 0), features, heads, size }
    }

    pub fn scale<F: Scalar>(&self) -> F {
        F::of(1.0 / (self.size as f64).sqrt())
    }

    /// How many numbers each part of the memory has, in its order: keys, values, scores of a block of queries, dropout's factors of a query, rows of a block,
    /// and gradients of keys, values and scores.
    pub fn memory(&self) -> [usize; 8] {
        let (head, scores) = (self.keys * self.size, BLOCK * self.keys);
        [head, head, scores, self.keys, BLOCK * self.size, head, head, scores]
    }
}

/// The memory that one sample is computed in, in parts.
pub(super) struct Memory<'a, F> {
    pub keys: &'a mut [F],
    pub values: &'a mut [F],
    pub scores: &'a mut [F],
    pub factors: &'a mut [F],
    pub rows: &'a mut [F],
    pub key_gradients: &'a mut [F],
    pub value_gradients: &'a mut [F],
    pub score_gradients: &'a mut [F],
}

impl<'a, F: Scalar> Memory<'a, F> {
    pub fn cut(mut buffer: &'a mut [F], sizes: &Sizes) -> Self {
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

//! The product that dense layers are made of: y = x·Wᵀ + b, row by row.

use crate::kernel::gemm::{Bias, Gemm, Matrix, SPLIT_PRODUCTS, gemm};
use crate::kernel::parallel::Parallel;
use crate::kernel::wide::{Loop, wide};
use crate::scalar::Scalar;

/// A weight of shape `[units, features]`, between rows of `features` and rows of `units` numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Affine {
    pub units: usize,
    pub features: usize,
    pub parallel: Parallel,
}

/// The weight, and what was copied of it for products, if anything was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight<'a, F> {
    pub values: &'a [F],
    pub copy: Option<&'a [F]>,
}

impl Affine {
    /// How many numbers the weight has.
    pub fn size(&self) -> usize {
        self.units * self.features
    }

    /// y = x·Wᵀ + b.
    pub fn forward<F: Scalar>(
        &self,
        weight: Weight<'_, F>,
        bias: Option<&[F]>,
        x: &[F],
        y: &mut [F],
    ) {
        let Self { units, features, parallel } = *self;
        gemm(Gemm {
            m: y.len() / units,
            n: units,
            k: features,
            a: Matrix::row_major(x, features),
            b: Matrix::row_major(weight.values, features).transposed(),
            packed: weight.copy,
            beta: F::zero(),
            bias: bias.map(Bias::Columns),
            c: y,
            parallel,
        });
    }

    /// Does what is to be done with `dy` for the weights and for the input, side by side if that is worth a second thread.
    pub fn side_by_side<F: Scalar>(
        &self,
        dy: &[F],
        weights: impl FnOnce() + Send,
        input: impl FnOnce() + Send,
    ) {
        let worth = dy.len().saturating_mul(self.features) > SPLIT_PRODUCTS;
        let parallel = if worth { self.parallel } else { Parallel::Off };
        parallel.join(weights, input);
    }

    /// Adds dyᵀ·x to the weight's gradient.
    pub fn weight<F: Scalar>(&self, x: &[F], dy: &[F], (beta, gradient): (F, &mut [F])) {
        let Self { units, features, parallel } = *self;
        gemm(Gemm {
            m: units,
            n: features,
            k: dy.len() / units,
            a: Matrix::row_major(dy, units).transposed(),
            b: Matrix::row_major(x, features),
            packed: None,
            beta,
            bias: None,
            c: gradient,
            parallel,
        });
    }

    /// Adds the rows of dy to the bias's gradient.
    pub fn bias<F: Scalar>(&self, dy: &[F], gradient: &mut [F]) {
        wide::<AddRows, _>((dy, gradient));
    }

    /// dx = dy·W + beta·dx.
    pub fn input<F: Scalar>(&self, weight: &[F], dy: &[F], beta: F, dx: &mut [F]) {
        let Self { units, features, parallel } = *self;
        gemm(Gemm {
            m: dy.len() / units,
            n: features,
            k: units,
            a: Matrix::row_major(dy, units),
            b: Matrix::row_major(weight, features),
            packed: None,
            beta,
            bias: None,
            c: dx,
            parallel,
        });
    }
}

/// Adds each row to the sums.
struct AddRows;

impl<'a, F: Scalar> Loop<(&'a [F], &'a mut [F])> for AddRows {
    #[inline(always)]
    fn run((rows, sums): (&'a [F], &'a mut [F])) {
        for row in rows.chunks_exact(sums.len().max(1)) {
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum += *x;
            }
        }
    }
}

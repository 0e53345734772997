//! Weights that many batches are multiplied by, copied once as the product reads them.

use crate::kernel::gemm::{Matrix, pack, packed_length};
use crate::scalar::Scalar;

/// Rows of a weight that a layer multiplies by as B = Wᵀ, and the place of their copy among those of the whole model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Factor {
    /// The parameter.
    pub param: usize,
    /// Where the rows begin among the numbers of the parameter.
    pub start: usize,
    pub rows: usize,
    /// Numbers to a row.
    pub columns: usize,
    /// Where the copy begins.
    pub place: usize,
}

impl Factor {
    /// The numbers of the copy.
    pub fn length(&self) -> usize {
        packed_length(self.columns, self.rows)
    }

    /// Copies the rows of the parameter's `values` to their place among the `copies`; false if products read none.
    pub fn copy<F: Scalar>(&self, values: &[F], copies: &mut [F]) -> bool {
        let (Some(rows), Some(copy)) = (values.get(self.start..), copies.get_mut(self.place..))
        else {
            return false;
        };
        pack(self.columns, self.rows, Matrix::row_major(rows, self.columns).transposed(), copy)
    }
}

/// The copies of all factors of a model, while its weights are the ones that were copied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copies<'a, F> {
    pub factors: &'a [Factor],
    /// Nothing, if there are no copies.
    pub values: &'a [F],
}

impl<F> Copies<'_, F> {
    /// No copies.
    pub const NONE: Self = Self { factors: &[], values: &[] };
}

impl<'a, F> Copies<'a, F> {
    /// The copy of the rows of a parameter that begin at `start`.
    pub fn of(&self, param: usize, start: usize) -> Option<&'a [F]> {
        let mut factors = self.factors.iter();
        let factor = factors.find(|factor| (factor.param, factor.start) == (param, start))?;
        self.values.get(factor.place..)?.get(..factor.length())
    }
}

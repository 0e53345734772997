//! Orthonormal rows or columns.

use super::{Init, Normal, Start};
use crate::error::{Error, require};

/// Orthogonal weights: seen as a matrix of (first axis, rest), W·Wᵀ = gain²·I for a wide or square one, Wᵀ·W = gain²·I for a tall one.
///
/// Every such matrix is equally likely: normally distributed rows (columns if tall) are made orthonormal one after the other by
/// the modified Gram–Schmidt process, twice, which keeps them orthogonal to the last digit. The cost is that of four matrix
/// products. (Saxe, McClelland, Ganguli: *Exact solutions to the nonlinear dynamics of learning in deep linear neural networks*, ICLR 2014.)
///
/// ```
/// use downhill::{Model, layer::Dense, params::init::Orthogonal};
/// let layer = Dense::new(2).weight_init(Orthogonal::default());
/// let model: Model<f64> = Model::build(layer, &[2.into()], 7)?;
/// let y = model.predict(&ndarray::array![[3.0, 4.0]])?;
/// assert!((y.iter().map(|y| y * y).sum::<f64>().sqrt() - 5.0).abs() < 1e-12); // lengths stay
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Orthogonal {
    /// The length of each row or column; 1 by default.
    pub gain: f64,
}

impl Default for Orthogonal {
    fn default() -> Self {
        Self { gain: 1.0 }
    }
}

impl Init for Orthogonal {
    fn fill(&self, tensor: Start<'_>) {
        let (rows, columns) = tensor.matrix();
        let Start { shape, fan_in, fan_out, noise, values } = tensor;
        Normal::default().fill(Start { shape, fan_in, fan_out, noise, values: &mut *values });
        if rows <= columns {
            orthonormalize(values, columns);
        } else {
            let mut turned = transposed(values, columns);
            orthonormalize(&mut turned, rows);
            values.copy_from_slice(&transposed(&turned, rows));
        }
        for value in values {
            *value *= self.gain;
        }
    }

    fn validate(&self) -> Result<(), Error> {
        require::non_negative("Orthogonal::gain", self.gain)
    }
}

/// A matrix of so many columns, turned.
fn transposed(matrix: &[f64], columns: usize) -> Vec<f64> {
    let column = |j| matrix.iter().skip(j).step_by(columns).copied();
    (0..columns).flat_map(column).collect()
}

/// Makes the rows of a matrix, no more than it has columns, orthonormal; a row that the rows before span is replaced.
fn orthonormalize(matrix: &mut [f64], columns: usize) {
    for end in (columns..=matrix.len()).step_by(columns.max(1)) {
        let (done, rest) = matrix.split_at_mut(end - columns);
        let row = &mut rest[..columns];
        let mut found = orthonormal_to(done, row);
        // At least one unit vector lies outside the span of fewer rows than columns.
        for unit in 0..columns {
            if found {
                break;
            }
            row.fill(0.0);
            row[unit] = 1.0;
            found = orthonormal_to(done, row);
        }
    }
}

/// Takes from `row` its share along each of the orthonormal rows `done`, and makes its length 1; false if too little of it remains.
fn orthonormal_to(done: &[f64], row: &mut [f64]) -> bool {
    // Rounding leaves a share along the earlier rows that grows as the remainder shrinks; the second round takes it away.
    for _ in 0..2 {
        let before = dot(row, row).sqrt();
        for other in done.chunks_exact(row.len()) {
            let share = dot(row, other);
            for (value, other) in row.iter_mut().zip(other) {
                *value -= share * other;
            }
        }
        let length = dot(row, row).sqrt();
        // Up to here the second round makes up for the digits that cancelled in the first.
        if length.is_nan() || length <= 1e-6 * before {
            return false;
        }
        for value in &mut *row {
            *value /= length;
        }
    }
    true
}

/// The product of two vectors in eight partial sums, which the compiler can keep in vector registers.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a_chunks, b_chunks) = (a.chunks_exact(8), b.chunks_exact(8));
    let ends = a_chunks.remainder().iter().zip(b_chunks.remainder());
    let tail: f64 = ends.map(|(a, b)| a * b).sum();
    let mut sums = [0.0; 8];
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + tail
}

#[cfg(test)]
mod tests {
    use super::{dot, orthonormalize};

    fn assert_orthonormal(matrix: &[f64], columns: usize) {
        for (i, a) in matrix.chunks_exact(columns).enumerate() {
            for (j, b) in matrix.chunks_exact(columns).enumerate() {
                let expected = f64::from(u8::from(i == j));
                assert!((dot(a, b) - expected).abs() < 1e-14, "rows {i} and {j}: {}", dot(a, b));
            }
        }
    }

    #[test]
    fn rows_that_depend_on_each_other_are_replaced() {
        let mut zeros = [0.0; 12];
        orthonormalize(&mut zeros, 4);
        assert_orthonormal(&zeros, 4);
        let mut equal = [1.0; 25];
        orthonormalize(&mut equal, 5);
        assert_orthonormal(&equal, 5);
    }

    #[test]
    fn nearly_dependent_rows_come_out_orthonormal() {
        for size in [2_usize, 9, 12] {
            // The Hilbert matrix, known for its nearly dependent rows.
            let mut matrix: Vec<f64> =
                (0..size * size).map(|i| 1.0 / (i / size + i % size + 1) as f64).collect();
            orthonormalize(&mut matrix, size);
            assert_orthonormal(&matrix, size);
        }
    }
}

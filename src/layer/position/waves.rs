//! Sines and cosines that tell positions apart.

use crate::scalar::Scalar;

/// Writes to each row of the table, for its position, the sine and cosine of position / base^(2i/columns) for the pairs i, one after the other. Of an
/// odd number of columns the last one has the sine alone.
pub(super) fn waves<F: Scalar>(table: &mut [F], columns: usize, base: f64) {
    for (position, row) in table.chunks_exact_mut(columns).enumerate() {
        for (i, pair) in row.chunks_mut(2).enumerate() {
            let angle = position as f64 / base.powf((2 * i) as f64 / columns as f64);
            let (sin, cos) = angle.sin_cos();
            pair.iter_mut().zip([sin, cos]).for_each(|(wave, value)| *wave = F::of(value));
        }
    }
}

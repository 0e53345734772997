//! Which sample of the batch, or row of the data, an error names.

use crate::error::Error;

/// Adds the row of the data to an error that names a sample of the batch.
pub(super) fn with_row(error: Error, row_of: impl Fn(usize) -> Option<usize>) -> Error {
    match error {
        Error::Diverged { step, place, sample, value, fix, .. } => {
            Error::Diverged { row: sample.and_then(row_of), step, place, sample, value, fix }
        }
        Error::Cell { what, row, column, value, expected } => {
            let row = row_of(row).unwrap_or(row);
            Error::Cell { what, row, column, value, expected }
        }
        Error::Target { place, row, value, expected } => {
            let row = row_of(row).unwrap_or(row);
            Error::Target { place, row, value, expected }
        }
        other => other,
    }
}

/// Makes the place of an error in a part that of the batch, of which the part is the samples from `first` on.
pub(super) fn in_batch(error: Error, first: usize) -> Error {
    match error {
        Error::Diverged { step, place, sample, row, value, fix } => {
            let sample = sample.map(|sample| first + sample);
            Error::Diverged { step, place, sample, row, value, fix }
        }
        other => with_row(other, |sample| Some(first + sample)),
    }
}

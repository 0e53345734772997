//! A data set is a source.

use super::Dataset;
use crate::data::array::copy_rows;
use crate::data::{Batch, Content, Sampling, Source, Targets};
use crate::error::Error;
use crate::scalar::Scalar;

impl<F: Scalar> Source<F> for Dataset<F> {
    fn len(&self) -> usize {
        Self::len(self)
    }

    fn content(&self) -> Content {
        self.content.clone()
    }

    fn fill(&self, rows: &[usize], _: Sampling, batch: &mut Batch<F>) -> Result<(), Error> {
        self.check_rows(rows)?;
        batch.resize(rows.len())?;
        batch.expect(&self.content, rows.len())?;
        let chosen = || rows.iter().map(|&row| self.row(row));
        for (position, (input, columns)) in self.inputs.iter().zip(&self.input_columns).enumerate()
        {
            let values = batch.input_mut(position);
            copy_rows(input, chosen(), values);
            if let Some(columns) = columns {
                columns.apply(values);
            }
        }
        match &self.targets {
            Targets::None => {}
            Targets::Classes(labels) => copy_rows(labels, chosen(), batch.labels_mut()),
            Targets::Values(values) => {
                copy_rows(values, chosen(), batch.values_mut());
                if let Some(columns) = &self.target_columns {
                    columns.apply(batch.values_mut());
                }
            }
        }
        if let Some(weights) = &self.weights {
            let pairs = batch.weights_mut().iter_mut().zip(rows);
            pairs.for_each(|(weight, &row)| *weight = weights[row]);
        }
        Ok(())
    }

    fn row_name(&self, row: usize) -> usize {
        match &self.rows {
            Some(rows) => rows.get(row).copied().unwrap_or(row),
            None => row,
        }
    }
}

//! The data.

use downhill::data::{Content, Sampling};
use downhill::prelude::*;

use super::Count;

/// Rows of a data set.
#[derive(Debug)]
pub struct Rows {
    bug: &'static str,
    data: Dataset<f64>,
    calls: Count,
}

impl Rows {
    pub fn new(bug: &'static str, data: Dataset<f64>) -> Self {
        Self { bug, data, calls: Count::default() }
    }
}

impl Source<f64> for Rows {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn content(&self) -> Content {
        self.data.content()
    }

    fn fill(
        &self,
        rows: &[usize],
        sampling: Sampling,
        batch: &mut Batch<f64>,
    ) -> Result<(), Error> {
        let training = sampling.training;
        let turn = match self.bug {
            "the source shuffles itself at each call" => self.calls.next(),
            "the source goes on with each evaluation" if training => self.calls.now(),
            "the source goes on with each evaluation" => 0.0 * self.calls.next(),
            "the source changes what it evaluates" if !training => self.calls.next(),
            _ => 0.0,
        };
        let turned: Vec<usize> =
            rows.iter().map(|row| (row + turn as usize) % self.data.len()).collect();
        match self.bug {
            "the source gives whole fours" => {
                self.data.fill(&turned[..rows.len() / 4 * 4], sampling, batch)
            }
            _ => self.data.fill(&turned, sampling, batch),
        }
    }
}

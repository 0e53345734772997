//! The memory that layers ask for beside their tensors.

use crate::buffer::grow;
use crate::error::Error;
use crate::layer::{Op, TensorsMut};
use crate::scalar::Scalar;

/// That of all operations.
#[derive(Clone, Debug)]
pub(super) struct Memory<F> {
    /// For each operation what forward keeps for backward.
    saved: Vec<Vec<Vec<F>>>,
    /// Scratch for each sample and of a fixed size, by position; each operation uses it anew.
    scratch: Vec<Vec<F>>,
    scratch_once: Vec<Vec<F>>,
}

impl<F: Scalar> Memory<F> {
    pub fn new(ops: &[Op<F>]) -> Self {
        let most = |of: fn(&Op<F>) -> usize| ops.iter().map(of).max().unwrap_or(0);
        Self {
            saved: ops.iter().map(|op| vec![Vec::new(); op.saved.len()]).collect(),
            scratch: vec![Vec::new(); most(|op| op.scratch.len())],
            scratch_once: vec![Vec::new(); most(|op| op.scratch_once.len())],
        }
    }

    /// Makes room for `batch` samples.
    pub fn reserve(&mut self, ops: &[Op<F>], batch: usize) -> Result<(), Error> {
        for (op, saved) in ops.iter().zip(&mut self.saved) {
            let saved = saved.iter_mut().zip(&op.saved);
            for (buffer, shape) in saved.chain(self.scratch.iter_mut().zip(&op.scratch)) {
                grow(buffer, batch.saturating_mul(shape.size()), "the workspace")?;
            }
            for (buffer, shape) in self.scratch_once.iter_mut().zip(&op.scratch_once) {
                grow(buffer, shape.size(), "the workspace")?;
            }
        }
        Ok(())
    }

    /// What the operation at `index` keeps, its scratch for `batch` samples, and its scratch of a fixed size.
    pub fn of<'a>(
        &'a mut self,
        op: &'a Op<F>,
        index: usize,
        batch: usize,
    ) -> [TensorsMut<'a, F>; 3] {
        let Self { saved, scratch, scratch_once } = self;
        [
            TensorsMut::own(&mut saved[index], &op.saved, batch),
            TensorsMut::own(&mut scratch[..op.scratch.len()], &op.scratch, batch),
            TensorsMut::own(&mut scratch_once[..op.scratch_once.len()], &op.scratch_once, 1),
        ]
    }

    /// All buffers, each with what it holds.
    #[cfg(feature = "check")]
    pub fn buffers_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut Vec<F>)> {
        let of = |name: &'static str| move |buffer| (name, buffer);
        let saved = self.saved.iter_mut().flatten().map(of("saved memory"));
        saved
            .chain(self.scratch.iter_mut().map(of("scratch")))
            .chain(self.scratch_once.iter_mut().map(of("scratch for one sample")))
    }
}

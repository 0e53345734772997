//! What a model is besides its numbers.

use std::sync::Arc;

use crate::data::Part;
use crate::error::Error;
use crate::layer::Op;
use crate::params::init::{Glorot, Init};
use crate::params::{Parameter, StateTensor};
use crate::scalar::Scalar;
use crate::shape::Shape;

/// What a model is besides its numbers; copies of a model share it.
#[derive(Debug)]
pub(crate) struct Layout<F> {
    pub ops: Vec<Op<F>>,
    pub tensors: Vec<Shape>,
    pub inputs: Vec<usize>,
    pub outputs: Vec<usize>,
    pub parameters: Arc<[Parameter]>,
    pub states: Vec<StateTensor>,
    /// How many numbers the copies of all weights have that a model in use may keep.
    pub copied: usize,
    /// Tensors that hold whole numbers, with the count that they are below.
    pub tokens: Vec<(usize, usize)>,
    /// For each operation, the number that its random draws are keyed by: a function of its path.
    pub noise: Vec<u64>,
    /// How many numbers the parameters and all tensors of one sample hold.
    pub numbers: usize,
}

impl<F: Scalar> Layout<F> {
    /// Whether a sample's outputs depend on the others of its batch when the model is used.
    pub fn mixes_samples(&self) -> bool {
        self.ops.iter().any(|op| op.mixes_samples)
    }

    /// The tensor that is the input at `position`.
    pub fn input(&self, position: usize) -> Result<usize, Error> {
        let inputs = &self.inputs;
        let id = inputs.get(position).copied();
        id.ok_or_else(|| Error::arity("the model", inputs.len(), position.saturating_add(1)))
    }

    /// Checks that an array, whose first axis counts the samples, can be the input at `position`, and gives how many samples there are.
    pub fn check_samples(&self, position: usize, array: &[usize]) -> Result<usize, Error> {
        let Some((&samples, sample)) = array.split_first() else {
            let expected = format!("samples of shape {}", &self.tensors[self.input(position)?]);
            let fix = "give an array whose first axis counts the samples";
            return Err(Error::shape(format!("input {position}"), expected, array, fix));
        };
        self.check_sample(position, sample)?;
        Ok(samples)
    }

    /// Checks that samples of a batch can be the inputs.
    pub fn check_part(&self, samples: &Part<'_, F>) -> Result<(), Error> {
        let (expected, got) = (self.inputs.len(), samples.input_count());
        if got != expected {
            return Err(Error::arity("the model", expected, got));
        }
        (0..expected).try_for_each(|input| self.check_sample(input, samples.input(input).shape()))
    }

    /// Checks that samples of this shape can be the input at `position`.
    fn check_sample(&self, position: usize, got: &[usize]) -> Result<(), Error> {
        let expected = &self.tensors[self.input(position)?];
        if got == expected.axes() {
            return Ok(());
        }
        let fix =
            "give an array whose first axis counts the samples, or build the model for this shape";
        let expected = format!("samples of shape {expected}");
        Err(Error::shape(format!("input {position}"), expected, got, fix))
    }

    /// Whether a pass of so many samples is so little to do that to hand it to other threads takes longer than to do it.
    pub fn is_little(&self, samples: usize) -> bool {
        /// Multiplications, roughly.
        const LITTLE: usize = 1 << 20;
        samples.saturating_mul(self.numbers) < LITTLE
    }

    /// What the whole numbers of an input are below, if a layer takes them for such.
    pub fn tokens_of(&self, input: usize) -> Option<usize> {
        let id = self.inputs.get(input)?;
        self.tokens.iter().filter(|(tensor, _)| tensor == id).map(|(_, count)| *count).min()
    }

    /// How often a tensor is read: by operations, and by the loss if it is an output.
    pub fn readers(&self, id: usize) -> usize {
        let reads = self.ops.iter().flat_map(|op| &op.inputs).filter(|&&input| input == id).count();
        reads + usize::from(self.outputs.contains(&id))
    }
}

impl<F: Scalar> Layout<F> {
    /// The rule that was asked for, or what the activation that reads the output prefers, or Glorot's.
    pub fn init_of(&self, id: usize) -> Arc<dyn Init> {
        let asked = self.parameters[id].init.clone();
        let owner = || self.ops.iter().find(|op| op.params.contains(&id));
        asked
            .or_else(|| owner().and_then(|op| self.preferred_after(op)))
            .unwrap_or_else(|| Arc::new(Glorot::uniform()))
    }

    /// What the layers that read `op` prefer; one without parameters or a preference, such as dropout, hands the question on.
    fn preferred_after(&self, op: &Op<F>) -> Option<Arc<dyn Init>> {
        // Operations stand in the order in which they run, so one walk meets each after all that it reads.
        let mut asked = vec![false; self.tensors.len()];
        op.outputs.iter().for_each(|&id| asked[id] = true);
        for reader in self.ops.iter().filter(|reader| !std::ptr::eq(*reader, op)) {
            if !reader.inputs.iter().any(|&id| asked[id]) {
                continue;
            }
            let preferred = reader.layer.preferred_init().filter(|rule| rule.validate().is_ok());
            if preferred.is_some() {
                return preferred;
            }
            if reader.params.is_empty() {
                reader.outputs.iter().for_each(|&id| asked[id] = true);
            }
        }
        None
    }
}

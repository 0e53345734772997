//! What lies in the same memory at different times: gradients that take turns, and outputs that are written over inputs.

use super::layout::Layout;
use crate::scalar::Scalar;

/// The buffers that gradients take turns in.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    /// For each tensor the buffer that its gradient lies in while it is needed; none for gradients that have one of their own.
    pub buffer: Vec<Option<usize>>,
    /// For each buffer how many numbers it holds for one sample.
    pub sizes: Vec<usize>,
    /// For each operation whether it writes the gradient for its input over that for its output.
    pub over: Vec<bool>,
}

impl Turns {
    /// Assigns buffers to the gradients of the tensors that take `part`.
    ///
    /// Backward walks over the operations in reverse order. A gradient is needed from the last operation that reads its tensor to the one that made
    /// it; a tensor that nobody reads is needed by the latter alone. Each takes the free buffer whose size fits best, or the very buffer of the output's
    /// gradient where a layer can work in place.
    pub fn new<F: Scalar>(layout: &Layout<F>, part: impl Fn(usize) -> bool) -> Self {
        let buffer = vec![None; layout.tensors.len()];
        let mut turns = Self { buffer, sizes: Vec::new(), over: vec![false; layout.ops.len()] };
        let mut free = Vec::new();
        for (index, op) in layout.ops.iter().enumerate().rev() {
            for &id in &op.outputs {
                if part(id) && turns.buffer[id].is_none() {
                    turns.begin(id, layout.tensors[id].size(), &mut free);
                }
            }
            if let ([input], [output]) = (&op.inputs[..], &op.outputs[..])
                && op.in_place
                && layout.readers(*input) == 1
                && part(*input)
                && part(*output)
            {
                turns.buffer[*input] = turns.buffer[*output];
                turns.over[index] = true;
                continue;
            }
            for &id in &op.inputs {
                if part(id) && turns.buffer[id].is_none() {
                    turns.begin(id, layout.tensors[id].size(), &mut free);
                }
            }
            free.extend(op.outputs.iter().filter_map(|&id| turns.buffer[id]));
        }
        turns
    }

    fn begin(&mut self, id: usize, size: usize, free: &mut Vec<usize>) {
        // Too large is better than too small, and near is better than far.
        let fit = |&(_, &buffer): &(usize, &usize)| {
            (self.sizes[buffer] < size, self.sizes[buffer].abs_diff(size))
        };
        let buffer = match free.iter().enumerate().min_by_key(fit).map(|(at, _)| at) {
            Some(at) => free.swap_remove(at),
            None => {
                self.sizes.push(0);
                self.sizes.len() - 1
            }
        };
        self.sizes[buffer] = self.sizes[buffer].max(size);
        self.buffer[id] = Some(buffer);
    }
}

/// For each tensor the one whose memory holds it after a forward pass: another one if it is written over.
///
/// That is so if the operation that reads it is the only one, can work in place, and the one that made it does not read it again.
pub(super) fn holders<F: Scalar>(layout: &Layout<F>) -> Vec<usize> {
    let mut holders: Vec<usize> = (0..layout.tensors.len()).collect();
    let lets_go = |id: usize| {
        let maker = layout.ops.iter().find(|op| op.outputs.contains(&id));
        layout.readers(id) == 1 && maker.is_some_and(|maker| !maker.rereads)
    };
    for op in layout.ops.iter().rev() {
        if let ([input], [output]) = (&op.inputs[..], &op.outputs[..])
            && op.in_place
            && lets_go(*input)
        {
            holders[*input] = holders[*output];
        }
    }
    holders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::layer::{Chain, Dense, Gelu, Layer, Residual, Softmax, Tanh};
    use crate::network::Model;

    fn turns(layer: impl Layer<f32> + 'static) -> Result<(Turns, Model<f32>), Error> {
        let model: Model<f32> = Model::build(layer, &[3.into()], 7)?;
        Ok((Turns::new(&model.layout, |id| !model.layout.inputs.contains(&id)), model))
    }

    #[test]
    fn a_chain_needs_two_buffers_as_large_as_what_they_hold() -> Result<(), Error> {
        let widths = [5, 8, 2, 8, 4, 1];
        let chain = widths
            .into_iter()
            .fold(Chain::new(), |chain, width| chain.then(Dense::new(width)).then(Tanh));
        let (turns, model) = turns(chain)?;
        assert_eq!(turns.sizes, [8, 5]);
        // All activations work in place, on the way forward and on the way back.
        assert_eq!(turns.over, [[false, true]; 6].concat());
        let holders = holders(&model.layout);
        let over: Vec<bool> =
            model.layout.ops.iter().map(|op| holders[op.inputs[0]] != op.inputs[0]).collect();
        assert_eq!(over, [[false, true]; 6].concat());
        Ok(())
    }

    #[test]
    fn what_is_read_again_is_not_written_over() -> Result<(), Error> {
        let holds_itself = |layer: Chain<f32>| -> Result<bool, Error> {
            let model: Model<f32> = Model::build(layer, &[4.into()], 7)?;
            let holders = holders(&model.layout);
            Ok(holders.iter().enumerate().all(|(id, &holder)| id == holder))
        };
        let chain = |layer: Chain<f32>| Chain::new().then(layer).then(Tanh);
        assert!(!holds_itself(chain(Chain::new().then(Dense::new(4))))?);
        assert!(holds_itself(Chain::new().then(Tanh))?, "the model's input");
        assert!(
            holds_itself(chain(Chain::new().then(Softmax::default())))?,
            "an output read again"
        );
        assert!(
            holds_itself(Chain::new().then(Dense::new(4)).then(Residual::new(Tanh)))?,
            "two readers"
        );
        assert!(
            holds_itself(Chain::new().then(Dense::new(4)).then(Gelu::default()))?,
            "an input read again"
        );
        Ok(())
    }

    #[test]
    fn gradients_that_are_needed_at_once_lie_apart() -> Result<(), Error> {
        let block = || Residual::new(Chain::new().then(Dense::new(4)).then(Residual::new(Tanh)));
        let chain =
            Chain::new().then(Dense::new(4)).then(block()).then(block()).then(Dense::new(2));
        let (turns, model) = turns(chain)?;
        let ops = &model.layout.ops;
        for (index, op) in ops.iter().enumerate() {
            // What is alive while this operation walks back: whatever it or an earlier one made, and it or a later one reads.
            let made = |id: usize| ops[..=index].iter().any(|op| op.outputs.contains(&id));
            let made = |id: usize| made(id) || op.inputs.contains(&id);
            let read = |id: usize| ops[index..].iter().any(|op| op.inputs.contains(&id));
            let read = |id: usize| read(id) || op.outputs.contains(&id);
            let alive: Vec<usize> =
                (0..turns.buffer.len()).filter(|&id| made(id) && read(id)).collect();
            let mut buffers: Vec<usize> = alive.iter().filter_map(|&id| turns.buffer[id]).collect();
            let count = buffers.len();
            assert!(count >= 1);
            buffers.sort_unstable();
            buffers.dedup();
            assert_eq!(buffers.len(), count, "operation {index}: {alive:?}");
        }
        Ok(())
    }
}

//! The product at the heart of attention, head by head, in blocks of queries.
//!
//! Backward needs the weights of the sums again. They are computed again from queries and keys, block by block, from two numbers that forward keeps for
//! each query: the largest score and the sum of the exponentials. (Their combination, the logarithm of the sum, would round the sum away beside a
//! large score.) So no buffer of queries × keys is ever held, for all heads or one. (Dao et al.: *FlashAttention*, arXiv:2205.14135, section 3.1; there
//! keys come in blocks too, here all keys of a block of queries are at hand, and the softmax is the plain one.)

use super::head::Head;
use super::keys::Keys;
use super::memory::{Memory, Sizes};
use crate::error::Error;
use crate::kernel::parallel::Parallel;
use crate::layer::images::{self, Buffers};
use crate::layer::{Backward, Dropout, Forward, Layer, Mode, Plan, Tensors};
use crate::random::Noise;
use crate::scalar::Scalar;
use crate::tensor::ViewMut;

/// softmax(Q·Kᵀ/√size)·V for each head, from queries, keys, values and, if it takes one, a mask of the keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct DotProduct {
    pub heads: usize,
    pub causal: bool,
    pub dropout: Dropout,
}

/// All heads of all samples.
struct Heads<'a, F> {
    inputs: Tensors<'a, F>,
    sizes: Sizes,
    causal: bool,
    dropout: Option<(Dropout, Noise)>,
    first_sample: usize,
    parallel: Parallel,
}

impl<'a, F: Scalar> Heads<'a, F> {
    fn of_sample(&self, sample: usize) -> impl Iterator<Item = Head<'a, F>> {
        let Self { inputs, sizes, causal, parallel, .. } = *self;
        let mask = (inputs.len() > 3).then(|| inputs.get(3).row(sample));
        let keys = Keys { count: sizes.keys, mask, causal };
        let number = (self.first_sample + sample) as u64;
        let dropout = self.dropout.map(|(dropout, noise)| (dropout, noise.step(number)));
        (0..sizes.heads).map(move |head| Head { sizes, keys, head, dropout, parallel })
    }

    /// The queries, keys and values of a sample.
    fn rows(&self, sample: usize) -> [&'a [F]; 3] {
        [0, 1, 2].map(|position| self.inputs.get(position).row(sample))
    }
}

impl DotProduct {
    fn heads<'a, F: Scalar>(
        &self,
        inputs: Tensors<'a, F>,
        mode: Mode,
        (noise, first_sample): (Noise, usize),
        parallel: Parallel,
    ) -> Heads<'a, F> {
        let sizes = Sizes::of(inputs.get(0).shape(), inputs.get(1).shape(), self.heads);
        let drops = mode == Mode::Train && self.dropout.rate > 0.0;
        let dropout = drops.then_some((self.dropout, noise));
        Heads { inputs, sizes, causal: self.causal, dropout, first_sample, parallel }
    }
}

impl<F: Scalar> Layer<F> for DotProduct {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let inputs = plan.inputs();
        let (Some(query), Some(key)) = (inputs.first(), inputs.get(1)) else {
            return Err(Error::arity(
                plan.path(),
                "queries, keys, values and at most a mask",
                inputs.len(),
            ));
        };
        let sizes = Sizes::of(query, key, self.heads);
        if let Some(mask) = inputs.get(3).filter(|mask| mask.axes() != [sizes.keys]) {
            let expected = format!("a mask of [{}], a number for each key", sizes.keys);
            return Err(plan.refuse(expected, mask, "give 0 for a key that may be seen, else 1"));
        }
        let memory = sizes.memory().iter().fold(0_usize, |sum, &size| sum.saturating_add(size));
        plan.scratch_once([images::side_by_side(memory), memory]);
        plan.save([self.heads, sizes.queries, 2]);
        plan.output(query.clone())
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let place = (pass.noise, pass.first_sample);
        let heads = self.heads(pass.inputs, pass.mode, place, pass.parallel);
        let sizes = heads.sizes;
        let (mut context, mut softmax) = (pass.outputs.one(), pass.saved.one());
        let mut memory = pass.scratch_once.one();
        let out = [samples(&mut context), samples(&mut softmax)];
        let buffers = Buffers { size: sizes.memory().iter().sum(), values: memory.values() };
        images::each_of(pass.parallel, 0..pass.batch, out, buffers, &|sample, out, buffer| {
            let [context, softmax] = out;
            let mut memory = Memory::cut(buffer, &sizes);
            for head in heads.of_sample(sample) {
                head.forward(heads.rows(sample), context, softmax, &mut memory);
            }
        });
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let place = (pass.noise, pass.first_sample);
        let heads = self.heads(pass.inputs, pass.mode, place, pass.parallel);
        let sizes = heads.sizes;
        let dy = pass.output_gradients.one();
        let softmax = pass.saved.one();
        let softmax = softmax.view();
        let mut memory = pass.scratch_once.one();
        let [mut dq, mut dk, mut dv, mask] = pass.input_gradients.first();
        if let Some(mut mask) = mask {
            mask.values().fill(F::zero());
        }
        let out =
            [&mut dq, &mut dk, &mut dv].map(|dx| dx.as_mut().map_or_else(Buffers::none, samples));
        let buffers = Buffers { size: sizes.memory().iter().sum(), values: memory.values() };
        images::each_of(pass.parallel, 0..pass.batch, out, buffers, &|sample, mut out, buffer| {
            let mut memory = Memory::cut(buffer, &sizes);
            let known = [dy, softmax].map(|tensor| tensor.row(sample));
            for head in heads.of_sample(sample) {
                let out = out.each_mut().map(|out| &mut **out);
                head.backward(heads.rows(sample), known, out, &mut memory);
            }
        });
    }
}

/// The numbers of each sample of a tensor.
fn samples<'a, F>(tensor: &'a mut ViewMut<'_, F>) -> Buffers<'a, F> {
    Buffers { size: tensor.size(), values: tensor.values() }
}

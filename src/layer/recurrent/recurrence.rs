//! Recurrent layers in a stack, in one direction or two.

use std::sync::Arc;

use super::cell::Cell;
use super::direction::Direction;
use crate::error::{Error, require};
use crate::layer::{Backward, Concat, Dropout, Forward, Layer, Plan, Reshape, Tensor};
use crate::params::init::{Init, Uniform};
use crate::scalar::Scalar;

/// What [`Rnn`](super::Rnn), [`Lstm`](super::Lstm), [`Gru`](super::Gru) and layers of your own [`Cell`] have in common: a state that each step of a sequence
/// changes.
///
/// | input | shape | |
/// |---|---|---|
/// | the sequence | `[time, features]` | |
/// | h₀, optional | `[layers · directions, size]` | the first states, layer after layer, forward before reverse; 0 if not given |
/// | c₀, with h₀ | `[layers · directions, size]` | of an LSTM alone |
/// | the mask, last, after [`padding_mask`](Self::padding_mask) | `[time]` | 0 for a step that counts, any other number for padding |
///
/// | output | shape | |
/// |---|---|---|
/// | the sequence of states of the last layer | `[time, directions · size]` | forward's numbers before reverse's |
/// | or, after [`last`](Self::last), its last state | `[directions · size]` | forward's at the end, reverse's at the beginning |
/// | or, after [`with_states`](Self::with_states), the sequence, hₙ and, of an LSTM, cₙ | `[layers · directions, size]` | the last states of all layers |
///
/// A step that is padding leaves every state as it was, and its place in the sequence of outputs is 0. So the last state is that of the last step that counts, and a row that is
/// padding alone gives its first state. Padding has to be of finite numbers; whatever they are, they have no influence.
///
/// | setting | default | range |
/// |---|---|---|
/// | `size` of a state | – | ≥ 1 |
/// | [`layers`](Self::layers) | 1 | ≥ 1 |
/// | [`bidirectional`](Self::bidirectional) | no | |
/// | [`dropout`](Self::dropout) between layers, in training | 0 | [0, 1) |
/// | [`without_bias`](Self::without_bias) | with | |
///
/// | parameter | shape | role | starts as |
/// |---|---|---|---|
/// | `weight_ih_l0` | `[blocks · size, features]` | weight | U(−1/√size, 1/√size), as in PyTorch |
/// | `weight_hh_l0` | `[blocks · size, size]` | weight | the same; [`Orthogonal`](crate::params::init::Orthogonal) is a common choice too |
/// | `bias_ih_l0`, `bias_hh_l0` | `[blocks · size]` | bias | the same |
///
/// and so on with `l1`, `l2`, … for more layers, and `_reverse` at the end for the other direction: PyTorch's names, order of blocks and meaning. The product with the input is one for all steps
/// and gates, that with the state one for all samples and gates of a step. Memory: for each step the gates and the state before it, and of an LSTM two numbers
/// more for each number of the state, of a GRU one.
///
/// # Errors
/// Building the model fails if the inputs are not as in the table, or if a setting is outside its range.
///
/// ```
/// use downhill::{Model, Workspace, layer::Gru};
/// use ndarray::array;
/// let model: Model<f64> = Model::build(Gru::new(4).last().padding_mask(), &[[3, 1].into(), 3.into()], 7)?;
/// let mut work = Workspace::new(&model);
/// let mut last = |x: ndarray::Array3<f64>, mask: ndarray::Array2<f64>| -> Result<Vec<f64>, downhill::Error> {
///     work.load(0, &x)?;
///     work.load(1, &mask)?;
///     work.evaluate(&model, 1, Default::default())?;
///     Ok(work.output(0).values().to_vec())
/// };
/// let short = last(array![[[1.0], [2.0], [0.0]]], array![[0.0, 0.0, 1.0]])?;
/// assert_eq!(short, last(array![[[1.0], [2.0], [9.0]]], array![[0.0, 0.0, 1.0]])?); // padding has no influence
/// assert_eq!(short, last(array![[[0.0], [1.0], [2.0]]], array![[1.0, 0.0, 0.0]])?); // wherever it is
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Recurrence<C> {
    cell: C,
    size: usize,
    layers: usize,
    bidirectional: bool,
    dropout: f64,
    bias: bool,
    masked: bool,
    gives: Gives,
    weight_init: Option<Arc<dyn Init>>,
    recurrent_init: Option<Arc<dyn Init>>,
    bias_init: Option<Arc<dyn Init>>,
}

/// What is given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gives {
    Sequence,
    Last,
    States,
}

impl<C: Cell + Default> Recurrence<C> {
    /// One layer in one direction, with so many numbers in its state, that gives the sequence.
    pub fn new(size: usize) -> Self {
        Self {
            cell: C::default(),
            size,
            layers: 1,
            bidirectional: false,
            dropout: 0.0,
            bias: true,
            masked: false,
            gives: Gives::Sequence,
            weight_init: None,
            recurrent_init: None,
            bias_init: None,
        }
    }
}

impl<C: Cell> Recurrence<C> {
    /// The same with the settings of this cell.
    #[must_use]
    pub fn with_cell(self, cell: C) -> Self {
        Self { cell, ..self }
    }

    /// The same in so many layers, each of which takes the sequence of the one before.
    #[must_use]
    pub fn layers(self, layers: usize) -> Self {
        Self { layers, ..self }
    }

    /// The same with a second half of each layer that goes through the sequence from its end.
    #[must_use]
    pub fn bidirectional(self) -> Self {
        Self { bidirectional: true, ..self }
    }

    /// The same with a [`Dropout`] of this rate between layers.
    #[must_use]
    pub fn dropout(self, rate: f64) -> Self {
        Self { dropout: rate, ..self }
    }

    /// The same without any bias.
    #[must_use]
    pub fn without_bias(self) -> Self {
        Self { bias: false, ..self }
    }

    /// The same with one more input, the last: a number for each step, 0 if it counts, any other if it is padding.
    #[must_use]
    pub fn padding_mask(self) -> Self {
        Self { masked: true, ..self }
    }

    /// The same that gives the last state of the last layer in place of the sequence.
    #[must_use]
    pub fn last(self) -> Self {
        Self { gives: Gives::Last, ..self }
    }

    /// The same that gives the last states of all layers beside the sequence.
    #[must_use]
    pub fn with_states(self) -> Self {
        Self { gives: Gives::States, ..self }
    }

    /// The same with weights for the input that start by this rule.
    #[must_use]
    pub fn weight_init(self, init: impl Init + 'static) -> Self {
        Self { weight_init: Some(Arc::new(init)), ..self }
    }

    /// The same with weights for the state that start by this rule.
    #[must_use]
    pub fn recurrent_init(self, init: impl Init + 'static) -> Self {
        Self { recurrent_init: Some(Arc::new(init)), ..self }
    }

    /// The same with biases that start by this rule.
    #[must_use]
    pub fn bias_init(self, init: impl Init + 'static) -> Self {
        Self { bias_init: Some(Arc::new(init)), ..self }
    }

    fn directions(&self) -> usize {
        1 + usize::from(self.bidirectional)
    }

    /// The half of a layer that goes in one direction.
    fn half(&self, layer: usize, reverse: bool, has_first_states: bool) -> Direction<C> {
        let bound = 1.0 / (self.size as f64).sqrt();
        let default: Arc<dyn Init> = Arc::new(Uniform { low: -bound, high: bound });
        let init = |asked: &Option<Arc<dyn Init>>| asked.clone().unwrap_or(Arc::clone(&default));
        let row = layer * self.directions() + usize::from(reverse);
        Direction {
            cell: self.cell,
            size: self.size,
            suffix: format!("l{layer}{}", if reverse { "_reverse" } else { "" }),
            reverse,
            row: has_first_states.then_some(row),
            masked: self.masked,
            bias: self.bias,
            weight_init: init(&self.weight_init),
            recurrent_init: init(&self.recurrent_init),
            bias_init: init(&self.bias_init),
        }
    }

    /// Refuses inputs that are not as documented; says whether first states are among them.
    fn check_inputs<F: Scalar>(&self, plan: &Plan<'_, F>) -> Result<bool, Error> {
        require::at_least_one(&format!("{}::size", C::TYPE), self.size)?;
        require::at_least_one(&format!("{}::layers", C::TYPE), self.layers)?;
        require::below_one(&format!("{}::dropout", C::TYPE), self.dropout)?;
        let states = 1 + usize::from(C::HAS_CELL);
        let inputs = plan.inputs();
        let first_states = inputs.len().saturating_sub(1 + usize::from(self.masked));
        let fits = inputs.len() > usize::from(self.masked);
        if !fits || (first_states != 0 && first_states != states) {
            let mask = if self.masked { ", and a mask" } else { "" };
            let expected = format!("1, or {} with first states{mask}", 1 + states);
            return Err(Error::arity(plan.path(), expected, inputs.len()));
        }
        let x = &inputs[0];
        let &[time, _] = x.axes() else {
            let fix = "add a Reshape before it that makes the axis of time";
            return Err(plan.refuse("a sequence of [time, features]", x, fix));
        };
        let rows = [self.layers.saturating_mul(self.directions()), self.size];
        if let Some(other) = inputs[1..=first_states].iter().find(|shape| shape.axes() != rows) {
            let expected =
                format!("first states of {rows:?}, one row for each layer and direction");
            return Err(plan.refuse(expected, other, "give states of that shape, or none"));
        }
        if let Some(mask) = inputs[1 + first_states..].iter().find(|mask| mask.axes() != [time]) {
            let expected = format!("a mask of [{time}], one number for each step");
            return Err(plan.refuse(expected, mask, "give a mask of that shape"));
        }
        Ok(first_states > 0)
    }
}

impl<F: Scalar, C: Cell> Layer<F> for Recurrence<C> {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let has_first_states = self.check_inputs(plan)?;
        let mut tensors = plan.tensors();
        // h and c of each half, in the order of the stack.
        let mut last: Vec<Vec<Tensor>> = vec![Vec::new(); 1 + usize::from(C::HAS_CELL)];
        for layer in 0..self.layers {
            let mut halves = Vec::with_capacity(self.directions());
            for reverse in [false, true].into_iter().take(self.directions()) {
                let half = self.half(layer, reverse, has_first_states);
                let outputs = plan.instead(half, &tensors)?;
                halves.extend(outputs.first());
                for (states, output) in last.iter_mut().zip(outputs.iter().skip(1)) {
                    states.push(*output);
                }
            }
            tensors[0] = join(plan, &format!("sequence_l{layer}"), &halves)?;
            if self.dropout > 0.0 && layer + 1 < self.layers {
                let dropout = Dropout::new(self.dropout);
                tensors[0] = plan.part(&format!("dropout_l{layer}"), dropout, &tensors[..1])?;
            }
        }
        let outputs = match self.gives {
            Gives::Sequence => vec![tensors[0]],
            Gives::Last => {
                let first = last[0].len() - self.directions();
                vec![join(plan, "last", &last[0][first..])?]
            }
            Gives::States => {
                let rows = [self.layers.saturating_mul(self.directions()), self.size];
                let rows: Arc<dyn Layer<F>> = Arc::new(Reshape::to(rows));
                let mut outputs = vec![tensors[0]];
                for (name, states) in ["h_n", "c_n"].into_iter().zip(&last) {
                    let joined = join(plan, name, states)?;
                    outputs.extend(plan.layer(&format!("{name}.rows"), &rows, &[joined])?);
                }
                outputs
            }
        };
        plan.pass_on(outputs);
        Ok(())
    }

    fn forward(&self, _: Forward<'_, F>) {}

    fn backward(&self, _: Backward<'_, F>) {}

    fn name(&self) -> String {
        C::NAME.to_owned()
    }
}

/// Several tensors as one, along the last axis; one alone as it is.
fn join<F: Scalar>(plan: &mut Plan<'_, F>, name: &str, parts: &[Tensor]) -> Result<Tensor, Error> {
    if let [one] = parts {
        return Ok(*one);
    }
    let concat: Arc<dyn Layer<F>> = Arc::new(Concat::default());
    let joined = plan.layer(name, &concat, parts)?;
    joined.first().copied().ok_or_else(|| Error::arity(plan.path(), "one", 0))
}

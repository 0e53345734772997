//! The laws of layers, for recurrent layers.

use downhill::Shape;
use downhill::check::layer;
use downhill::check::layer::{LayerUnderTest, Pick, Values};
use downhill::layer::cell::Cell;
use downhill::layer::*;
use downhill::params::init::Constant;

/// Numbers of a state.
const SIZE: usize = 2;

/// What the layers of each kind are drawn from.
struct Settings {
    layers: usize,
    bidirectional: bool,
    bias: bool,
    /// Three or more: of two steps a mask might leave one, which multiplies nothing with the weight of the state.
    time: usize,
    /// Never [`SIZE`], so that a sequence is no first state.
    features: usize,
}

impl Settings {
    fn drawn(pick: &mut Pick<'_>) -> Self {
        let (layers, bidirectional, bias) = (pick.size(1..3), pick.flag(), !pick.flag());
        let (time, features) = (pick.size(3..5), 1 + 2 * pick.size(0..2));
        Self { layers, bidirectional, bias, time, features }
    }

    fn of<C: Cell>(&self, layer: Recurrence<C>) -> Recurrence<C> {
        let layer = layer.layers(self.layers);
        let layer = if self.bidirectional { layer.bidirectional() } else { layer };
        if self.bias { layer } else { layer.without_bias() }
    }

    fn directions(&self) -> usize {
        1 + usize::from(self.bidirectional)
    }

    fn input(&self) -> Shape {
        [self.time, self.features].into()
    }

    fn sequence(&self) -> Shape {
        [self.time, self.directions() * SIZE].into()
    }

    /// So many times the states of the whole stack.
    fn states(&self, count: usize) -> Vec<Shape> {
        vec![[self.layers * self.directions(), SIZE].into(); count]
    }
}

/// This layer with drawn settings.
fn drawn<C: Cell + Clone>(layer: Recurrence<C>) -> LayerUnderTest {
    LayerUnderTest::drawn(move |pick| Settings::drawn(pick).of(layer.clone()))
        .takes(|pick| vec![Settings::drawn(pick).input()])
        .gives(|pick, _| vec![Settings::drawn(pick).sequence()])
}

/// Gives the last state alone.
fn last<C: Cell + Clone>(layer: Recurrence<C>) -> LayerUnderTest {
    drawn(layer.last()).gives(|pick, _| vec![(Settings::drawn(pick).directions() * SIZE).into()])
}

/// Takes first states, and gives the last ones beside the sequence.
fn with_states<C: Cell + Clone>(layer: Recurrence<C>, count: usize) -> LayerUnderTest {
    drawn(layer.with_states())
        .takes(move |pick| {
            let settings = Settings::drawn(pick);
            [vec![settings.input()], settings.states(count)].concat()
        })
        .gives(move |pick, _| {
            let settings = Settings::drawn(pick);
            [vec![settings.sequence()], settings.states(count)].concat()
        })
        .arity(1..=1 + count)
}

/// Takes a mask.
fn masked<C: Cell + Clone>(layer: Recurrence<C>) -> LayerUnderTest {
    drawn(layer.padding_mask())
        .takes(|pick| {
            let settings = Settings::drawn(pick);
            vec![settings.input(), settings.time.into()]
        })
        .values(&[Values::Real, Values::Mask])
}

/// Takes first states and a mask, and gives the last states beside the sequence.
fn masked_with_states<C: Cell + Clone>(layer: Recurrence<C>, count: usize) -> LayerUnderTest {
    let values = [vec![Values::Real; 1 + count], vec![Values::Mask]].concat();
    with_states(layer.padding_mask(), count)
        .takes(move |pick| {
            let settings = Settings::drawn(pick);
            [vec![settings.input()], settings.states(count), vec![settings.time.into()]].concat()
        })
        .values(&values)
        .arity(2 + count..=2 + count)
}

/// Two layers with dropout between them.
fn dropped<C: Cell>(layer: Recurrence<C>) -> LayerUnderTest {
    LayerUnderTest::new(layer.layers(2).dropout(0.4)).takes(|_| vec![[3, 3].into()]).draws()
}

layer!(
    rnn,
    drawn(Rnn::new(SIZE))
        .refuses_inputs([
            vec![5.into()],
            vec![[2, 2, 2].into()],
            vec![[5, 3].into(), [5, SIZE].into()],
        ])
        .refuses(Rnn::new(0), "Rnn::size")
        .refuses(Rnn::new(1).layers(0), "Rnn::layers")
        .refuses(Rnn::new(1).dropout(1.0), "Rnn::dropout")
        .refuses(Rnn::new(1).dropout(f64::NAN), "Rnn::dropout")
);
layer!(rnn_last, last(Rnn::new(SIZE)));
layer!(rnn_with_states, with_states(Rnn::new(SIZE), 1));
layer!(rnn_masked, masked(Rnn::new(SIZE)));
layer!(rnn_masked_with_states, masked_with_states(Rnn::new(SIZE), 1));
layer!(rnn_dropped, dropped(Rnn::new(SIZE)));

/// With weights and biases that are above 0 for the most part: a unit that is off for all samples has no gradient.
fn relu() -> Rnn {
    Rnn::new(SIZE).relu().weight_init(Constant(0.5)).bias_init(Constant(0.5))
}

layer!(rnn_relu, drawn(relu()));
layer!(rnn_relu_masked, masked_with_states(relu(), 1));

layer!(
    lstm,
    drawn(Lstm::new(SIZE))
        .refuses_inputs([vec![5.into()], vec![[5, 3].into(), [1, SIZE].into()]])
        .refuses(Lstm::new(0), "Lstm::size")
);
layer!(lstm_last, last(Lstm::new(SIZE)));
layer!(lstm_with_states, with_states(Lstm::new(SIZE), 2));
layer!(
    lstm_masked,
    masked(Lstm::new(SIZE)).refuses_inputs([vec![[5, 3].into()], vec![[5, 3].into(), 4.into()]])
);
layer!(lstm_masked_with_states, masked_with_states(Lstm::new(SIZE), 2));
layer!(lstm_dropped, dropped(Lstm::new(SIZE)));

layer!(gru, drawn(Gru::new(SIZE)).refuses(Gru::new(0), "Gru::size"));
layer!(gru_last, last(Gru::new(SIZE)));
layer!(gru_with_states, with_states(Gru::new(SIZE), 1));
layer!(gru_masked, masked(Gru::new(SIZE)));
layer!(gru_masked_with_states, masked_with_states(Gru::new(SIZE), 1));
layer!(gru_dropped, dropped(Gru::new(SIZE)));

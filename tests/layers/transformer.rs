//! The layers of transformers: their formulas, what they refuse, and a small causal model that learns a text by heart.

use std::sync::Arc;

use super::transformer_support::{
    Attention, Rows, add, close, dense, evaluate, layer_norm, numbers, random_model, rows,
};
use downhill::layer::{
    Chain, Dense, Embedding, FeedForward, Gelu, Layer, LayerNorm, LearnedPosition,
    MultiHeadAttention, Relu, Shared, SwiGlu, TransformerDecoderLayer, TransformerEncoderLayer,
    Unembedding,
};
use downhill::params::init::Normal;
use downhill::prelude::{Adam, CrossEntropy, Dataset, Fit, Trainer};
use downhill::{Model, Shape};
use ndarray::{Array2, ArrayD, s};

/// A decoder layer of two heads whose masks are asked for.
fn decoder(masks: [bool; 2]) -> TransformerDecoderLayer {
    let [own, memory] = masks.map(|masked| {
        let attention = MultiHeadAttention::new(2);
        if masked { attention.key_padding_mask() } else { attention }
    });
    TransformerDecoderLayer::new(own.causal(), memory, FeedForward::relu(5))
}

fn mask(keys: usize) -> Vec<f64> {
    (0..keys).map(|key| f64::from(u8::from(key % 3 == 1))).collect()
}

#[test]
fn a_decoder_layer_is_what_its_formula_says() {
    for pre_norm in [false, true] {
        for masks in [[false, false], [true, false], [false, true], [true, true]] {
            let layer = decoder(masks);
            let layer = if pre_norm { layer.pre_norm() } else { layer };
            let mut shapes = vec![Shape::from([4, 6]), [7, 6].into()];
            let mut inputs = vec![numbers(&[1, 4, 6], 1), numbers(&[1, 7, 6], 2)];
            for keys in [4, 7].into_iter().zip(masks).filter_map(|(keys, on)| on.then_some(keys)) {
                shapes.push(keys.into());
                inputs.push(ArrayD::from_shape_vec(vec![1, keys], mask(keys)).unwrap());
            }
            let model = random_model(layer, &shapes, 3);
            let y = rows(&evaluate(&model, &inputs), 0);

            let blocked = |keys: usize, masked: bool| {
                mask(keys).iter().map(|&mask| masked && mask != 0.0).collect()
            };
            let own =
                Attention { heads: 2, causal: true, rotary: None, blocked: blocked(4, masks[0]) };
            let cross = Attention { causal: false, blocked: blocked(7, masks[1]), ..own.clone() };
            let memory = rows(&inputs[1], 0);
            let around = |x: &Rows, norm: &str, part: &dyn Fn(&Rows) -> Rows| {
                if pre_norm {
                    add(x, &part(&layer_norm(&model, norm, x)))
                } else {
                    layer_norm(&model, norm, &add(x, &part(x)))
                }
            };
            let h = around(&rows(&inputs[0], 0), "norm1", &|x| {
                own.run(&model, "self_attn.", [x, x, x])
            });
            let g = around(&h, "norm2", &|x| {
                cross.run(&model, "multihead_attn.", [x, &memory, &memory])
            });
            let want = around(&g, "norm3", &|x| {
                let mut hidden = dense(&model, "linear1", x);
                hidden.iter_mut().flatten().for_each(|h| *h = h.max(0.0));
                dense(&model, "linear2", &hidden)
            });
            close(&y, &want).unwrap_or_else(|error| panic!("{pre_norm}, {masks:?}: {error}"));
        }
    }
}

#[test]
fn a_feed_forward_network_is_two_dense_layers() {
    let chain = |hidden: usize, activation: Arc<dyn Layer<f64>>| {
        Chain::new()
            .named("linear1", Dense::new(hidden))
            .then(activation)
            .named("linear2", Dense::new(3))
    };
    let pairs: [(FeedForward, Chain<f64>); 3] = [
        (FeedForward::relu(5), chain(5, Arc::new(Relu))),
        (FeedForward::gelu(5), chain(5, Arc::new(Gelu::Exact))),
        (FeedForward::swi_glu(5), chain(10, Arc::new(SwiGlu::default()))),
    ];
    for (layer, chain) in pairs {
        let shapes = [[4, 3].into()];
        let model = random_model(layer, &shapes, 3);
        let chain = random_model(chain, &shapes, 3);
        let paths = |model: &Model<f64>| -> Vec<String> {
            model.parameters().iter().map(|parameter| parameter.path().to_owned()).collect()
        };
        assert_eq!(paths(&model), paths(&chain));
        let x = [numbers(&[2, 4, 3], 1)];
        assert_eq!(evaluate(&model, &x), evaluate(&chain, &x));
    }
}

#[test]
fn parameters_are_named_as_by_pytorch() {
    let shapes = [[4, 6].into(), [7, 6].into()];
    let model: Model<f32> = Model::build(decoder([false, false]), &shapes, 0).unwrap();
    let paths: Vec<_> = model.parameters().iter().map(|parameter| parameter.path()).collect();
    let attention = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"];
    let mut want = Vec::new();
    want.extend(attention.map(|name| format!("self_attn.{name}")));
    want.extend(["weight", "bias"].map(|name| format!("norm1.{name}")));
    want.extend(attention.map(|name| format!("multihead_attn.{name}")));
    for layer in ["norm2", "linear1", "linear2", "norm3"] {
        want.extend(["weight", "bias"].map(|name| format!("{layer}.{name}")));
    }
    assert_eq!(paths, want);
}

#[test]
fn a_chain_with_context_gives_it_to_every_layer() {
    let attention = || MultiHeadAttention::new(2).key_padding_mask();
    let layer = || TransformerEncoderLayer::new(attention(), FeedForward::relu(5));
    let chain = Chain::new().then(layer()).then(layer()).with_context();
    let model = random_model(chain, &[[5, 4].into(), 5.into()], 1);
    let blocked = ArrayD::from_shape_vec(vec![1, 5], vec![0.0, 0.0, 1.0, 0.0, 0.0]).unwrap();
    let mut x = numbers(&[1, 5, 4], 2);
    let y = evaluate(&model, &[x.clone(), blocked.clone()]);
    x[[0, 2, 1]] = 100.0;
    let other = evaluate(&model, &[x, blocked]);
    for (time, same) in [(0, true), (1, true), (2, false), (4, true)] {
        let row = s![0, time, ..];
        assert_eq!(y.slice(row) == other.slice(row), same, "time {time}");
    }
    // Without it the second layer has no mask.
    let chain = Chain::new().then(layer()).then(layer());
    let error = Model::<f64>::build(chain, &[[5, 4].into(), 5.into()], 1).unwrap_err();
    assert!(
        error.to_string().contains("1.transformer_encoder_layer: expected 2 tensors, got 1"),
        "{error}"
    );
}

#[test]
fn impossible_settings_and_inputs_are_refused() {
    let error = |layer: Arc<dyn Layer<f64>>, shapes: &[Shape]| {
        Model::build(layer, shapes, 0).unwrap_err().to_string()
    };
    let says = |message: String, part: &str| assert!(message.contains(part), "{message}");
    let encoder = |rate: f64| {
        TransformerEncoderLayer::new(MultiHeadAttention::new(2), FeedForward::relu(4)).dropout(rate)
    };
    says(error(Arc::new(encoder(1.0)), &[[3, 4].into()]), "dropout = 1 is not allowed");
    says(error(Arc::new(encoder(0.0)), &[[3, 5].into()]), "self_attn: expected a multiple of 2");
    says(error(Arc::new(encoder(0.0)), &[[3, 4].into(), 3.into()]), "expected 1 tensors, got 2");
    says(error(Arc::new(decoder([true, true])), &[[3, 4].into()]), "expected 4 tensors, got 1");
    says(error(Arc::new(FeedForward::gelu(0)), &[3.into()]), "FeedForward::hidden = 0");
    says(error(Arc::new(FeedForward::gelu(2).dropout(-0.1)), &[3.into()]), "dropout = -0.1");
    let zero = LayerNorm { epsilon: 0.0, ..LayerNorm::default() };
    says(error(Arc::new(encoder(0.0).norm(zero)), &[[3, 4].into()]), "LayerNorm::epsilon");
}

/// A causal model of two layers with a tied weight, which gives logits of the next token at each place.
fn language_model(tokens: usize, time: usize, rate: f64) -> Chain<f32> {
    let rows = Normal { std: 0.1, ..Normal::default() };
    let embedding = Shared::new(Embedding::new(tokens, 16).weight_init(rows));
    let layer = || {
        let attention = MultiHeadAttention::new(2).causal();
        TransformerEncoderLayer::new(attention, FeedForward::gelu(32)).pre_norm().dropout(rate)
    };
    Chain::new()
        .then(embedding.clone())
        .then(LearnedPosition::new(time))
        .then(layer())
        .then(layer())
        .then(LayerNorm::default())
        .then(Unembedding::of(&embedding))
}

#[test]
fn a_small_causal_model_learns_a_text_by_heart() {
    let text = "the cat sat on the mat; the rat sat on the cat. what did the cat do?";
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let number = |letter: char| letters.binary_search(&letter).unwrap();
    let tokens: Vec<usize> = text.chars().map(number).collect();
    // Windows of 12 letters, and each time the letter that follows.
    const TIME: usize = 12;
    let windows: Vec<&[usize]> = tokens.windows(TIME + 1).collect();
    let x = Array2::from_shape_fn((windows.len(), TIME), |(i, t)| windows[i][t] as f32);
    let y = Array2::from_shape_fn((windows.len(), TIME), |(i, t)| windows[i][t + 1]);
    let data = Dataset::new(x.clone(), y).unwrap();
    let mut trainer = Trainer::builder(
        language_model(letters.len(), TIME, 0.0),
        CrossEntropy::default(),
        Adam { learning_rate: 1e-2, ..Adam::default() },
    )
    .seed(3)
    .build(&[TIME])
    .unwrap();
    let first = trainer.evaluate(&data).unwrap().loss;
    trainer.fit(&data, Fit::epochs(60).batch(16)).unwrap();
    let last = trainer.evaluate(&data).unwrap().loss;
    // At first nothing is known: ln of the number of letters. What is left is what no model can know at the first letters of a window.
    assert!((first - (letters.len() as f64).ln()).abs() < 0.3, "{first}");
    assert!(last < 0.35, "{first} to {last}");
    // The last letter of a window is known.
    let logits = trainer.predict(&x).unwrap();
    let right = windows.iter().enumerate().filter(|(i, window)| {
        let row = logits.slice(s![*i, TIME - 1, ..]);
        let best = row.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(at, _)| at);
        best == Some(window[TIME])
    });
    assert!(right.count() * 20 >= windows.len() * 19);
}

/// What comes later changes nothing before it, to the bit.
#[test]
fn a_causal_model_does_not_look_ahead() {
    let model = Model::build(language_model(7, 40, 0.1), &[40.into()], 1).unwrap();
    let x = Array2::from_shape_fn((16, 40), |(i, t)| ((i * 5 + t * 3) % 7) as f32);
    let y = model.predict(&x).unwrap();
    for time in [0, 1, 20, 32, 39] {
        let mut changed = x.clone();
        changed.slice_mut(s![.., time..]).mapv_inplace(|token| (token + 1.0) % 7.0);
        let other = model.predict(&changed).unwrap();
        assert_eq!(y.slice(s![.., ..time, ..]), other.slice(s![.., ..time, ..]), "{time}");
        assert_ne!(y.slice(s![.., time, ..]), other.slice(s![.., time, ..]), "{time}");
    }
}

//! The early methods beside the deep ones: ten classifiers on one split of one data set.
//!
//! ```text
//! cargo run --release --example eras
//! ```
//!
//! The data are the 1,797 handwritten digits of 8 × 8 pixels, of which a fifth is the test. Logistic regression and the linear support vector machine are one dense
//! layer of this crate with two losses; naive Bayes, nearest neighbours, the tree and the forest are those of the crate `smartcore`, as it sets them up. The interval is
//! Wilson's, at 95 %: with 359 test images, most of the better methods cannot be told apart by this test alone.
//!
//! Expected (the seconds are those of one run on one core):
//!
//! ```text
//! method                     accuracy  95 % interval    parameters  seconds
//! logistic regression        0.9471    0.9188 to 0.9659         650     0.01
//! linear SVM                 0.9526    0.9255 to 0.9702         650     0.01
//! naive Bayes                0.9081    0.8737 to 0.9338           -     0.00
//! nearest neighbours         0.9972    0.9844 to 0.9995           -     0.10
//! decision tree              0.8245    0.7818 to 0.8604           -     0.02
//! random forest              0.9889    0.9717 to 0.9957           -     0.63
//! MLP                        0.9889    0.9717 to 0.9957        9610     0.05
//! CNN                        0.9944    0.9799 to 0.9985        6090     1.18
//! LSTM over rows             0.9889    0.9717 to 0.9957       19594     0.72
//! Transformer over rows      0.9889    0.9717 to 0.9957       11722     0.78
//! ```

use std::time::Instant;

use downhill::prelude::*;
use smartcore::ensemble::random_forest_classifier::RandomForestClassifier;
use smartcore::linalg::basic::matrix::DenseMatrix;
use smartcore::naive_bayes::multinomial::MultinomialNB;
use smartcore::neighbors::knn_classifier::KNNClassifier;
use smartcore::tree::decision_tree_classifier::DecisionTreeClassifier;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (train, test) = data::digits()?.split(0.8, 7)?;
    println!("method                     accuracy  95 % interval    parameters  seconds");

    ours("logistic regression", Dense::new(10), CrossEntropy::default(), 30, &[64], &train, &test)?;
    ours("linear SVM", Dense::new(10), MultiMargin::default(), 30, &[64], &train, &test)?;

    let (x, y) = (matrix(&train, f64::from)?, labels(&train));
    let answer = matrix(&test, f64::from)?;
    let start = Instant::now();
    // Its model of a pixel is a count, from 0 to 16; a normal distribution would have no width where a pixel is always white.
    let (counts, unseen) = (
        matrix(&train, |x| (16.0 * x).round() as u32)?,
        matrix(&test, |x| (16.0 * x).round() as u32)?,
    );
    let bayes = MultinomialNB::fit(&counts, &y, Default::default())?.predict(&unseen)?;
    row("naive Bayes", hits(&bayes, &test), test.len(), None, start);
    let start = Instant::now();
    let neighbours = KNNClassifier::fit(&x, &y, Default::default())?.predict(&answer)?;
    row("nearest neighbours", hits(&neighbours, &test), test.len(), None, start);
    let start = Instant::now();
    let tree = DecisionTreeClassifier::fit(&x, &y, Default::default())?.predict(&answer)?;
    row("decision tree", hits(&tree, &test), test.len(), None, start);
    let start = Instant::now();
    let forest = RandomForestClassifier::fit(&x, &y, Default::default())?.predict(&answer)?;
    row("random forest", hits(&forest, &test), test.len(), None, start);

    let entropy = CrossEntropy::default;
    let mlp = Chain::new().then(Dense::new(128)).then(Relu).then(Dense::new(10));
    ours("MLP", mlp, entropy(), 30, &[64], &train, &test)?;

    let cnn = Chain::new()
        .then(Conv2d::new(16, 3).padding(1))
        .then(Relu)
        .then(MaxPool2d::new(2))
        .then(Conv2d::new(32, 3).padding(1))
        .then(Relu)
        .then(MaxPool2d::new(2))
        .then(Flatten)
        .then(Dense::new(10));
    ours("CNN", cnn, entropy(), 30, &[1, 8, 8], &train, &test)?;

    let lstm = Chain::new().then(Lstm::new(64).last()).then(Dense::new(10));
    ours("LSTM over rows", lstm, entropy(), 30, &[8, 8], &train, &test)?;

    let attention = MultiHeadAttention::new(4);
    let transformer = Chain::new()
        .then(Dense::new(32))
        .then(LearnedPosition::new(8))
        .then(TransformerEncoderLayer::new(attention, FeedForward::gelu(64)).pre_norm())
        .then(LayerNorm::default())
        .then(Flatten)
        .then(Dense::new(10));
    ours("Transformer over rows", transformer, entropy(), 30, &[8, 8], &train, &test)?;
    Ok(())
}

/// Trains a model of this crate, by the same rule for all of them, and prints its row.
fn ours(
    name: &str,
    model: impl Layer<f32> + 'static,
    loss: impl Loss<f32> + 'static,
    epochs: u64,
    shape: &[usize],
    train: &Dataset<f32>,
    test: &Dataset<f32>,
) -> Result<(), Error> {
    let (train, test) = (train.clone().reshape(shape)?, test.clone().reshape(shape)?);
    let rule = AdamW { learning_rate: 3e-3, ..AdamW::default() };
    let steps = epochs * train.len().div_ceil(32) as u64;
    let mut trainer = Trainer::builder(model, loss, rule)
        .schedule(warmup(40).then(cosine(steps.saturating_sub(40))))
        .clip(Clip::GlobalNorm(1.0))
        .metric(Accuracy)
        .seed(7)
        .build(shape)?;
    let start = Instant::now();
    trainer.fit(&train, Fit::epochs(epochs).batch(32))?;
    let hits = trainer.evaluate(&test)?.metric("accuracy")? * test.len() as f64;
    row(name, hits, test.len(), Some(trainer.model().values().len()), start);
    Ok(())
}

fn matrix<T: smartcore::numbers::basenum::Number>(
    data: &Dataset<f32>,
    number: impl Fn(f32) -> T,
) -> Result<DenseMatrix<T>, Box<dyn std::error::Error>> {
    let rows = data.inputs(0).ok_or("there are no inputs")?;
    let rows = rows.outer_iter().map(|row| row.iter().map(|&x| number(x)).collect()).collect();
    Ok(DenseMatrix::from_2d_vec(&rows)?)
}

fn labels(data: &Dataset<f32>) -> Vec<u32> {
    data.labels().into_iter().flatten().map(|label| label as u32).collect()
}

fn hits(answers: &[u32], test: &Dataset<f32>) -> f64 {
    answers.iter().zip(labels(test)).filter(|(answer, label)| **answer == *label).count() as f64
}

fn row(name: &str, hits: f64, count: usize, parameters: Option<usize>, start: Instant) {
    let (n, z) = (count as f64, 1.959_964);
    let share = hits / n;
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let reach = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let parameters = parameters.map_or("-".to_owned(), |count| count.to_string());
    println!(
        "{name:25}  {share:.4}    {:.4} to {:.4} {parameters:>11} {:8.2}",
        middle - reach,
        middle + reach,
        start.elapsed().as_secs_f64()
    );
}

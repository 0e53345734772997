//! What is refused, and in which words. (Optimizers, schedules, initialisers, regularizers, clips: in the tests of their own; the laws of losses and
//! metrics ask for the field alone, and this for what was expected.)

use downhill::data::{Batch, Batches, Dataset, Order, Source};
use downhill::goal::Threshold;
use downhill::layer::*;
use downhill::loss::*;
use downhill::metric::{Average, BinaryAccuracy, ConfusionMatrix, Metric, Precision, TopK};
use downhill::{Error, Model, Shape, data::TargetKind};
use ndarray::{Array1, Array2, array};

fn message<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn check(table: Vec<(String, &str)>) {
    let wrong: Vec<String> = table
        .into_iter()
        .filter(|(got, want)| got != want)
        .map(|(got, want)| format!("got:  {got}\nwant: {want}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;
const MAX: usize = usize::MAX;

#[test]
fn layers_name_the_setting_or_the_layer_what_they_expect_and_what_helps() {
    fn of(layer: impl Layer<f32> + 'static, shape: &[usize]) -> String {
        message(Model::build(Chain::new().then(layer), &[Shape::from(shape)], 7))
    }
    let image = &[2, 4, 4][..];
    check(vec![
        (of(Dense::new(0), &[3]), "0.dense: Dense::units = 0 is not allowed: use 1 or more"),
        (
            of(Conv2d::new(0, 3), image),
            "0.conv2d: Conv2d::channels = 0 is not allowed: use 1 or more",
        ),
        (
            of(Conv2d::new(2, 0), image),
            "0.conv2d: Conv2d::kernel = 0 is not allowed: use 1 or more",
        ),
        (
            of(Conv2d::new(2, [3, 0]), image),
            "0.conv2d: Conv2d::kernel = 0 is not allowed: use 1 or more",
        ),
        (
            of(Conv2d::new(2, 3).stride(0), image),
            "0.conv2d: Conv2d::stride = 0 is not allowed: use 1 or more",
        ),
        (
            of(Conv2d::new(2, 3).dilation(0), image),
            "0.conv2d: Conv2d::dilation = 0 is not allowed: use 1 or more",
        ),
        (
            of(Conv2d::new(2, 3).groups(0), image),
            "0.conv2d: Conv2d::groups = 0 is not allowed: use 1 or more",
        ),
        (
            of(Conv1d::new(2, 3).stride(0), &[2, 9]),
            "0.conv1d: Conv1d::stride = 0 is not allowed: use 1 or more",
        ),
        (
            of(Conv2d::new(3, 3).groups(2), image),
            "0.conv2d: Conv2d::groups = 2 is not allowed: use a divisor of the 3 output channels",
        ),
        (
            of(Conv2d::new(2, 3).same_padding().stride(2), image),
            "0.conv2d: Conv2d::stride = 2×2 is not allowed: use 1 with same padding, which keeps the size",
        ),
        (
            of(ConvTranspose2d::new(2, 0), image),
            "0.conv_transpose2d: ConvTranspose2d::kernel = 0 is not allowed: use 1 or more",
        ),
        (
            of(ConvTranspose2d::new(2, 3).stride(0), image),
            "0.conv_transpose2d: ConvTranspose2d::stride = 0 is not allowed: use 1 or more",
        ),
        (
            of(ConvTranspose2d::new(2, 3).stride(2).output_padding(2), image),
            "0.conv_transpose2d: ConvTranspose2d::output_padding = 2×2 is not allowed: use less than the larger of stride and dilation",
        ),
        (
            of(MaxPool2d::new(0), image),
            "0.max_pool2d: MaxPool2d::kernel = 0 is not allowed: use 1 or more",
        ),
        (
            of(MaxPool2d::new(2).stride(0), image),
            "0.max_pool2d: MaxPool2d::stride = 0 is not allowed: use 1 or more",
        ),
        (
            of(MaxPool1d::new(2).dilation(0), &[1, 9]),
            "0.max_pool1d: MaxPool1d::dilation = 0 is not allowed: use 1 or more",
        ),
        (
            of(AvgPool2d::new(2).padding(2), image),
            "0.avg_pool2d: AvgPool2d::padding = 2×2 is not allowed: use at most half of what the window reaches over",
        ),
        (
            of(AdaptiveAvgPool2d::new(0), image),
            "0.adaptive_avg_pool2d: AdaptiveAvgPool2d::size = 0 is not allowed: use 1 or more",
        ),
        (
            of(Upsample::nearest(0), image),
            "0.upsample: Upsample::scale = 0 is not allowed: use 1 or more",
        ),
        (
            of(Dropout::new(INF), &[3]),
            "0.dropout: Dropout::rate = inf is not allowed: use a number in [0, 1)",
        ),
        (
            of(Elu { alpha: NAN }, &[3]),
            "0.elu: Elu::alpha = NaN is not allowed: use a finite number above 0",
        ),
        (
            of(Celu { alpha: INF }, &[3]),
            "0.celu: Celu::alpha = inf is not allowed: use a finite number above 0",
        ),
        (
            of(LeakyRelu { negative_slope: INF }, &[3]),
            "0.leaky_relu: LeakyRelu::negative_slope = inf is not allowed: use a finite number",
        ),
        (
            of(PRelu { per_channel: true, start: INF }, &[3]),
            "0.prelu: PRelu::start = inf is not allowed: use a finite number",
        ),
        (
            of(Softplus { beta: NAN, threshold: 1.0 }, &[3]),
            "0.softplus: Softplus::beta = NaN is not allowed: use a finite number above 0",
        ),
        (
            of(Softplus { beta: 1.0, threshold: NAN }, &[3]),
            "0.softplus: Softplus::threshold = NaN is not allowed: use a finite number, 0 or more",
        ),
        // Absurd sizes.
        (
            of(Dense::new(MAX), &[3]),
            "0.dense.weight: expected between 1 and 2^40 numbers, got [18446744073709551615, 3]; \
             make every axis at least 1 and the layer smaller",
        ),
        (
            of(Conv2d::new(MAX, 3), image),
            "0.conv2d.weight: expected between 1 and 2^40 numbers, got [18446744073709551615, 2, 3, 3]; \
             make every axis at least 1 and the layer smaller",
        ),
        (
            of(Conv2d::new(2, MAX), image),
            "0.conv2d: expected planes of at least 18446744073709551615×18446744073709551615 for kernel \
             18446744073709551615×18446744073709551615 with padding 0×0 and dilation 1×1, got [2, 4, 4]; \
             add padding, or use a smaller kernel",
        ),
        (
            of(ZeroPad::new(MAX), image),
            "0.zero_pad: expected between 1 and 2^40 numbers per sample, got \
             [2, 18446744073709551615, 18446744073709551615]; make every axis at least 1 and the tensor smaller",
        ),
        (
            of(Upsample::nearest(MAX), &[1, 2]),
            "0.upsample: expected between 1 and 2^40 numbers per sample, got [1, 18446744073709551615]; \
             make every axis at least 1 and the tensor smaller",
        ),
        (
            of(Flatten, &[MAX, 0]),
            "input: expected between 1 and 2^40 numbers per sample, got [18446744073709551615, 0]; \
             make every axis at least 1 and the tensor smaller",
        ),
        // Weights of 2^20 taps, and as many windows under each.
        (
            of(Conv2d::new(1, 1 << 10).padding(1 << 19), &[1, 1, 1]),
            "0.conv2d: expected memory of 2^40 numbers at most, got [1150675198061576192]; \
             use a smaller layer or a smaller input",
        ),
    ]);
}

#[test]
fn losses_name_the_setting_and_what_it_may_be() {
    fn of(loss: impl Loss<f32>) -> String {
        message(loss.validate())
    }
    let weights =
        |weight| CrossEntropy { class_weights: Some(vec![1.0, weight]), ..CrossEntropy::default() };
    check(vec![
        (
            of(SmoothL1 { beta: INF }),
            "SmoothL1::beta = inf is not allowed: use a finite number, 0 or more",
        ),
        (
            of(Huber { delta: INF }),
            "Huber::delta = inf is not allowed: use a finite number above 0",
        ),
        (
            of(Huber { delta: -1.0 }),
            "Huber::delta = -1 is not allowed: use a finite number above 0",
        ),
        (
            of(Quantile { quantile: -0.1 }),
            "Quantile::quantile = -0.1 is not allowed: use a number between 0 and 1",
        ),
        (
            of(PoissonNll { epsilon: NAN, ..PoissonNll::default() }),
            "PoissonNll::epsilon = NaN is not allowed: use a finite number above 0",
        ),
        (
            of(GaussianNll { full: true, epsilon: INF }),
            "GaussianNll::epsilon = inf is not allowed: use a finite number above 0",
        ),
        (
            of(Focal { alpha: Some(NAN), gamma: 2.0 }),
            "Focal::alpha = NaN is not allowed: use a number in [0, 1]",
        ),
        (
            of(Focal { alpha: None, gamma: INF }),
            "Focal::gamma = inf is not allowed: use a finite number, 0 or more",
        ),
        (
            of(CrossEntropy { label_smoothing: -0.1, ..CrossEntropy::default() }),
            "CrossEntropy::label_smoothing = -0.1 is not allowed: use a number in [0, 1]",
        ),
        (
            of(weights(NAN)),
            "CrossEntropy::class_weights = NaN is not allowed: use a finite number, 0 or more",
        ),
        (
            of(weights(INF)),
            "CrossEntropy::class_weights = inf is not allowed: use a finite number, 0 or more",
        ),
        (
            of(MultiMargin { margin: INF, ..MultiMargin::default() }),
            "MultiMargin::margin = inf is not allowed: use a finite number",
        ),
        (
            of(MultiMargin { p: 0, ..MultiMargin::default() }),
            "MultiMargin::p = 0 is not allowed: use 1 or 2",
        ),
        (
            of(HingeEmbedding { margin: INF }),
            "HingeEmbedding::margin = inf is not allowed: use a finite number",
        ),
        (
            of(MarginRanking { margin: -INF }),
            "MarginRanking::margin = -inf is not allowed: use a finite number",
        ),
        (
            of(CosineEmbedding { margin: -1.1 }),
            "CosineEmbedding::margin = -1.1 is not allowed: use a number in [-1, 1]",
        ),
        (
            of(Triplet { p: INF, ..Triplet::default() }),
            "Triplet::p = inf is not allowed: use 1 or more",
        ),
        (
            of(Triplet { p: NAN, ..Triplet::default() }),
            "Triplet::p = NaN is not allowed: use 1 or more",
        ),
        (
            of(Triplet { epsilon: NAN, ..Triplet::default() }),
            "Triplet::epsilon = NaN is not allowed: use a finite number, 0 or more",
        ),
        (
            message(Loss::<f32>::check(
                &weights(1.0),
                &[3.into()],
                &TargetKind::Classes([].into()),
            )),
            "CrossEntropy::class_weights has length 2, expected 3 to go with the classes of the output",
        ),
        (
            message(Threshold::Relative(NAN).validate()),
            "threshold = NaN is not allowed: use a finite number, 0 or more",
        ),
    ]);
}

#[test]
fn metrics_name_the_setting_and_what_it_may_be() {
    fn of(metric: impl Metric<f32>, output: usize) -> String {
        message(metric.check(&[output.into()], &TargetKind::Classes([].into())))
    }
    check(vec![
        (
            of(TopK { k: 0 }, 3),
            "k of TopK = 0 is not allowed: use a number from 1 to 3, the number of classes",
        ),
        (
            of(TopK { k: MAX }, 3),
            "k of TopK = 18446744073709551615 is not allowed: use a number from 1 to 3, the number of classes",
        ),
        (
            of(BinaryAccuracy { threshold: NAN }, 1),
            "threshold of BinaryAccuracy = NaN is not allowed: use a finite number",
        ),
        (
            of(BinaryAccuracy::default(), 3),
            "binary_accuracy: expected a single output for each target, got [3]; use Accuracy for several classes",
        ),
        (
            of(Precision { average: Average::Binary { positive: 3 } }, 3),
            "positive = 3 is not allowed: use a class index below 3",
        ),
        (
            of(ConfusionMatrix, MAX),
            "the number of classes of ConfusionMatrix = 18446744073709551615 is not allowed: use 2048 or less",
        ),
    ]);
    // Also without the check that comes first.
    let scores = [Array2::<f32>::zeros((1, 2049)).into_dyn()];
    check(vec![(
        message(downhill::metric::measure(&ConfusionMatrix, &scores, vec![0], None)),
        "the number of classes of ConfusionMatrix = 2049 is not allowed: use 2048 or less",
    )]);
}

#[test]
fn data_name_the_argument_or_the_cell() {
    let data = Dataset::new(array![[1.0_f32], [2.0], [3.0], [4.0]], vec![0, 0, 0, 1]).unwrap();
    let numbers = Dataset::new(array![[1.0_f32], [2.0]], array![[1.0], [2.0]]).unwrap();
    let share = |share: f64| message(data.split(share, 7));
    let weights = |weights: Vec<f32>| message(data.clone().with_weights(Array1::from_vec(weights)));
    let mut batch = Batch::<f32>::new(&data.content());
    check(vec![
        (share(NAN), "share = NaN is not allowed: use a number between 0 and 1, without the ends"),
        (share(0.0), "share = 0 is not allowed: use a number between 0 and 1, without the ends"),
        (share(1.0), "share = 1 is not allowed: use a number between 0 and 1, without the ends"),
        (
            share(-INF),
            "share = -inf is not allowed: use a number between 0 and 1, without the ends",
        ),
        (
            share(0.01),
            "the first part of 4 samples divided at 0.01 is empty; choose another share, or give more samples",
        ),
        (
            share(0.99),
            "the second part of 4 samples divided at 0.99 is empty; choose another share, or give more samples",
        ),
        (
            message(data.split_stratified(0.5, 7)),
            "data of split_stratified = too small is not allowed: use 2 or more samples of each class, so that no part \
             lacks it; class 1 has one",
        ),
        (
            message(numbers.split_stratified(0.5, 7)),
            "split_stratified takes one class index per sample as targets, got numbers of shape [1] per sample",
        ),
        (
            message(data.split_by_group(&[1, 2], 0.5, 7)),
            "the list of groups has length 2, expected 4 to go with the data",
        ),
        (
            message(data.split_by_group(&[1; 4], 0.5, 7)),
            "groups = one group only is not allowed: use two groups or more",
        ),
        (
            message(data.k_fold_stratified(2, 7)),
            "k = 2 is not allowed: use more data: the number of samples of class 1 is 1, and k is at least 2",
        ),
        (message(data.select(&[])), "the selection is empty; give at least one row"),
        (message(data.select(&[0, 4])), "row = 4 is not allowed: use a number below 4"),
        (message(data.batches(0, 7, 0)), "the batch size = 0 is not allowed: use 1 or more"),
        (
            message(Batches::new(&data, 0, Order::AsGiven, 7, 0)),
            "the batch size = 0 is not allowed: use 1 or more",
        ),
        (weights(vec![1.0; 3]), "the weights has length 3, expected 4 to go with the samples"),
        (weights(vec![0.0; 4]), "weights = 0 everywhere is not allowed: use a weight above 0"),
        (
            message(
                Dataset::new(array![[1.0], [2.0]], ())
                    .and_then(|data| data.with_weights(array![f64::MAX, f64::MAX])),
            ),
            "the sum of the weights = inf is not allowed: use a finite number",
        ),
        (
            weights(vec![1.0, f32::NAN, 1.0, 1.0]),
            "the weights, row 1, column 0: NaN is not a finite number, 0 or more",
        ),
        (
            message(Dataset::new(array![[1.0_f32, f32::INFINITY]], ())),
            "input 0, row 0, column 1: inf is not a finite number",
        ),
        (
            message(Dataset::new(array![[1.0_f32]], array![[f32::NAN]])),
            "the targets, row 0, column 0: NaN is not a finite number",
        ),
        (
            message(Dataset::new(Array2::<f32>::zeros((0, 3)), ())),
            "the data set is empty; give arrays whose first axis counts the samples",
        ),
        (
            message(Dataset::new(Array2::<f32>::zeros((1 << 40, 0)), ())),
            "each sample of input 0 is empty; give arrays without axes of length 0",
        ),
        (
            message(Dataset::<f32>::of_several(
                vec![array![[1.0]].into_dyn(), array![[1.0], [2.0]].into_dyn()],
                (),
            )),
            "input 1 has length 2, expected 1 to go with input 0",
        ),
        (
            message(batch.resize(MAX)),
            "the inputs of a batch: there is no memory for 18446744073709551615 numbers; use a smaller model or batch",
        ),
    ]);
}

//! What the laws of losses (`tests/laws/losses.rs`) do not say: messages, examples worked out by hand, and losses on several threads.

use std::sync::Arc;

use downhill::data::{Batch, Dataset, IntoTargets};
use downhill::loss::{self, *};
use downhill::network::{Draw, Workspace};
use downhill::{Error, Model, Parallel, Scalar, Shape};
use ndarray::{ArrayD, IxDyn, array};

#[test]
fn smoothing_and_class_weights_divide_by_the_weights_of_the_labels() {
    let loss = CrossEntropy {
        class_weights: Some(vec![0.5, 2.0]),
        ignore_index: Some(7),
        label_smoothing: 0.1,
    };
    let logits = [array![[[0.0, 0.0], [1.0, 2.0]], [[0.0, 3.0], [1.0, 0.0]]].into_dyn()];
    let (total, gradients) =
        loss::measure(&loss, &logits, array![[0, 7], [1, 1]], Some(&[3.0, 1.0])).unwrap();
    assert_eq!(total.weight, 3.0 * 0.5 + 2.0 * 2.0);
    assert!(gradients[0].slice(ndarray::s![0, 1, ..]).iter().all(|&g| g == 0.0));
    let all = loss::measure(&loss, &logits, array![[7, 7], [7, 7]], None).unwrap().0;
    assert_eq!((all.sum, all.weight, all.mean()), (0.0, 0.0, 0.0));
}

#[test]
fn divergence_and_cross_entropy_differ_by_the_entropy_of_the_targets() {
    // Log-probabilities are their own log-softmax, so both losses take them. Two places of three classes in one sample.
    let half = 0.5_f64.ln();
    let quarter = 0.25_f64.ln();
    let outputs = [array![[[half, quarter, quarter], [quarter, half, quarter]]].into_dyn()];
    let targets: ndarray::Array3<f64> = array![[[0.5, 0.5, 0.0], [0.0, 0.25, 0.75]]];
    let entropy: f64 = targets.iter().filter(|&&t| t > 0.0).map(|t| -t * t.ln()).sum();
    let measure = |loss: &dyn Loss<f64>| {
        loss::measure(loss, &outputs, targets.clone(), Some(&[3.0])).unwrap().0
    };
    let (divergence, cross) =
        (measure(&KlDivergence::default()), measure(&CrossEntropy::default()));
    assert_eq!((divergence.weight, cross.weight), (6.0, 6.0));
    assert!((cross.sum - divergence.sum - 3.0 * entropy).abs() < 1e-12);
}

#[test]
fn values_that_no_reference_case_has() {
    let value = |loss: &dyn Loss<f64>, outputs: &[ArrayD<f64>], targets: ArrayD<f64>| {
        loss::measure(loss, outputs, targets, None).unwrap()
    };
    // One above the target costs 1 − q, one below it q, and the slopes are those.
    let (total, gradients) = value(
        &Quantile { quantile: 0.75 },
        &[array![[1.0], [-1.0], [0.0]].into_dyn()],
        array![[0.0], [0.0], [0.0]].into_dyn(),
    );
    assert_eq!(total.sum, 0.25 + 0.75);
    assert_eq!(gradients[0], array![[0.25], [-0.75], [0.0]].into_dyn());
    // log cosh d is d² / 2 near 0, to all digits.
    let near = [array![[1e-6]].into_dyn()];
    let (total, _) = value(&LogCosh, &near, array![[0.0]].into_dyn());
    assert!((total.sum / 0.5e-12 - 1.0).abs() < 1e-11, "{}", total.sum);
    // The mean over the numbers of a sample: gaps of 1 − 3 and 1 + 2, of which the first costs nothing.
    let pair = [array![[3.0, 0.0]].into_dyn(), array![[0.0, 2.0]].into_dyn()];
    let loss = MarginRanking { margin: 1.0 };
    let (total, gradients) = value(&loss, &pair, array![[1.0, 1.0]].into_dyn());
    assert_eq!((total.sum, total.mean()), (1.5, 1.5));
    assert_eq!(gradients[0], array![[0.0, -0.5]].into_dyn());
    assert_eq!(gradients[1], array![[0.0, 0.5]].into_dyn());
}

#[test]
fn a_mean_divides_by_the_weight() {
    assert_eq!(Total { sum: 3.0, weight: 2.0 }.mean(), 1.5);
    assert_eq!(Total { sum: 0.0, weight: 0.0 }.mean(), 0.0);
}

#[test]
fn shared_losses_are_what_they_share() {
    let loss = CrossEntropy { label_smoothing: 2.0, ignore_index: Some(5), ..<_>::default() };
    let shared: Arc<dyn Loss<f64>> = Arc::new(loss);
    assert_eq!(shared.name(), "cross_entropy");
    assert_eq!(Loss::<f64>::name(&shared), "cross_entropy");
    assert_eq!(Loss::<f64>::ignore_index(&shared), Some(5));
    assert!(Loss::<f64>::validate(&shared).is_err());
    let none = downhill::data::TargetKind::None;
    assert!(Loss::<f64>::check(&shared, &[3.into()], &none).is_err());
    let nll = Nll { ignore_index: Some(5), ..Nll::default() };
    assert_eq!(Loss::<f64>::ignore_index(&nll), Some(5));
    assert_eq!(Loss::<f64>::ignore_index(&Mse), None);
    let mse: Arc<dyn Loss<f64>> = Arc::new(Mse);
    let (total, _) = loss::measure(&mse, &[array![[3.0]].into_dyn()], array![[1.0]], None).unwrap();
    assert_eq!(total, Total { sum: 4.0, weight: 1.0 });
}

#[test]
fn ctc_refuses_what_it_cannot_read() {
    let logits = || array![[[0.0_f64, 0.0, 0.0], [0.0, 0.0, 0.0]]].into_dyn();
    for blank in [3, 4] {
        let got = message(Ctc { blank, ..Ctc::default() }, &[logits()], array![[1]]);
        assert!(got.contains("Ctc::blank") && got.contains("below 3"), "{got}");
    }
    for steps in [-1.0, 0.5, 2.5, 3.0, f64::NAN, f64::INFINITY] {
        let got = message(Ctc::default(), &[logits(), array![[steps]].into_dyn()], array![[1]]);
        assert!(got.contains("whole number from 0 to 2"), "{steps}: {got}");
    }
    for steps in [1.0, 2.0] {
        let outputs = [logits(), array![[steps]].into_dyn()];
        assert!(loss::measure(&Ctc::default(), &outputs, array![[1]], None).is_ok());
    }
}

#[test]
fn an_output_without_classes_is_refused() {
    let labels = downhill::data::TargetKind::Classes(Shape::default());
    let got = Loss::<f64>::check(&CrossEntropy::default(), &[0.into()], &labels).unwrap_err();
    assert!(got.to_string().contains("axis of classes"), "{got}");
}

#[test]
fn arrays_without_numbers_are_refused_unless_there_is_no_sample() {
    let got =
        message(Mse, &[ArrayD::<f64>::zeros(IxDyn(&[2, 0]))], ArrayD::<f64>::zeros(IxDyn(&[2, 0])));
    assert!(got.contains("axes of length 0"), "{got}");
    let nothing = [ArrayD::<f64>::zeros(IxDyn(&[0, 3]))];
    let targets = ArrayD::<f64>::zeros(IxDyn(&[0, 3]));
    assert_eq!(loss::measure(&Mse, &nothing, targets, None).unwrap().0, Total::default());
}

// ---- extremes ----

#[test]
fn impossible_classes_cost_nothing_if_nothing_is_expected_of_them() {
    let logits = [array![[f64::NEG_INFINITY, 0.0, 0.0]].into_dyn()];
    let loss = CrossEntropy::default();
    let one = array![[0.0, 1.0, 0.0]];
    for (total, gradients) in [
        loss::measure(&loss, &logits, vec![1], None).unwrap(),
        loss::measure(&loss, &logits, one, None).unwrap(),
    ] {
        assert_eq!(total.sum, 2.0_f64.ln());
        assert_eq!(gradients[0], array![[0.0, -0.5, 0.5]].into_dyn());
    }
    let expected = loss::measure(&loss, &logits, vec![0], None).unwrap().0;
    assert_eq!(expected.sum, f64::INFINITY);
    let log = [array![[f64::NEG_INFINITY, 0.0]].into_dyn()];
    let total = loss::measure(&KlDivergence::default(), &log, array![[0.0, 1.0]], None).unwrap().0;
    assert_eq!(total.sum, 0.0);
}

#[test]
fn infinite_outputs_are_not_taken_for_finite_ones() {
    // Where the loss grows on both sides.
    let symmetric: [&dyn Loss<f64>; 5] =
        [&Mse, &Mae, &LogCosh, &SmoothL1 { beta: 1.0 }, &Huber { delta: 1.0 }];
    for loss in symmetric {
        for infinity in [f64::INFINITY, f64::NEG_INFINITY] {
            let output = [array![[infinity]].into_dyn()];
            let total = loss::measure(loss, &output, array![[0.0]], None).unwrap().0;
            assert_eq!(total.sum, f64::INFINITY, "{loss:?}");
        }
    }
    let output = [array![[f64::INFINITY, 0.0]].into_dyn()];
    let total = loss::measure(&CrossEntropy::default(), &output, vec![0], None).unwrap().0;
    assert!(total.sum.is_nan());
}

// ---- errors ----

fn message<F: Scalar>(
    loss: impl Loss<F>,
    outputs: &[ArrayD<F>],
    targets: impl IntoTargets<F>,
) -> String {
    loss::measure(&loss, outputs, targets, None).unwrap_err().to_string()
}

#[test]
fn targets_that_do_not_fit_are_errors_with_names() {
    let flat = || [ArrayD::<f64>::zeros(IxDyn(&[2, 3]))];
    let pair = || [ArrayD::<f64>::zeros(IxDyn(&[2, 3])), ArrayD::zeros(IxDyn(&[2, 3]))];
    let logits = BinaryCrossEntropyWithLogits::default;
    let zeros = || ArrayD::<f64>::zeros(IxDyn(&[2, 3]));
    let row_1 = |value: f64| {
        let mut targets = zeros() + 1.0;
        targets[[1, 2]] = value;
        targets
    };
    let two = || CrossEntropy { class_weights: Some(vec![1.0, 2.0]), ..CrossEntropy::default() };
    let reshape = "reshape the targets or change the last layer; class indices are of type `usize`";
    let cases: Vec<(String, String)> = vec![
        (
            message(Mse, &flat(), vec![0, 1]),
            "mse takes numbers of shape [3] per sample as targets, got one class index per sample".into(),
        ),
        (
            message(Mse, &flat(), array![1.0, 2.0]),
            format!("mse: expected as targets numbers of shape [3] per sample, got []; {reshape}"),
        ),
        (message(Mse, &pair(), zeros()), "mse: expected 1 tensors, got 2".into()),
        (
            message(CrossEntropy::default(), &flat(), vec![0, 3]),
            "cross_entropy: the target in row 1 is 3; use a class index below 3".into(),
        ),
        (
            message(CrossEntropy::default(), &flat(), row_1(1.5)),
            "cross_entropy: the target in row 1 is 1.5; use a number in [0, 1]".into(),
        ),
        (
            message(CrossEntropy::default(), &flat(), array![0.0, 1.0]),
            format!(
                "cross_entropy: expected as targets one class index per sample, or numbers of shape [3] per sample, got []; {reshape}"
            ),
        ),
        (
            message(CrossEntropy::default(), &flat(), ()),
            "cross_entropy takes one class index per sample, or numbers of shape [3] per sample as targets, got no targets".into(),
        ),
        (
            message(two(), &flat(), vec![0, 1]),
            "CrossEntropy::class_weights has length 2, expected 3 to go with the classes of the output".into(),
        ),
        (
            message(CrossEntropy::default(), &[ArrayD::<f64>::zeros(IxDyn(&[2]))], vec![0, 1]),
            "cross_entropy: expected outputs with an axis of classes, got []; end the model with one unit for each class".into(),
        ),
        (
            message(Nll::default(), &flat(), array![[0, 1], [0, 1]]),
            format!("nll: expected as targets one class index per sample, got [2]; {reshape}"),
        ),
        (
            message(logits(), &flat(), row_1(2.0)),
            "binary_cross_entropy_with_logits: the target in row 1 is 2; use a number in [0, 1]".into(),
        ),
        (
            message(Hinge, &flat(), row_1(0.0)),
            "hinge: the target in row 1 is 0; use 1 or -1".into(),
        ),
        (
            message(PoissonNll::default(), &flat(), row_1(-1.0)),
            "poisson_nll: the target in row 1 is -1; use a finite number, 0 or more".into(),
        ),
        (
            message(MultiLabelMargin, &flat(), row_1(0.5)),
            "multi_label_margin: the target in row 1 is 0.5; use 0 or 1".into(),
        ),
        (
            message(KlDivergence { log_target: true }, &flat(), row_1(0.0)),
            "kl_divergence: the target in row 0 is 1; use the logarithm of a probability, 0 or less".into(),
        ),
        (
            message(CosineEmbedding::default(), &pair(), zeros()),
            format!("cosine_embedding: expected as targets one number per sample, got [3]; {reshape}"),
        ),
        (
            message(MarginRanking::default(), &[zeros(), ArrayD::zeros(IxDyn(&[2, 4]))], zeros()),
            "margin_ranking: expected outputs of one shape, [3], got [4]; make the last layers equal".into(),
        ),
        (
            message(GaussianNll::default(), &[zeros(), ArrayD::zeros(IxDyn(&[2, 2]))], zeros()),
            "gaussian_nll: expected a variance of shape [3] or [1], got [2]; make the second output like the first".into(),
        ),
        (
            message(Triplet::default(), &[zeros(), zeros(), zeros()], zeros()),
            "triplet takes no targets as targets, got numbers of shape [3] per sample".into(),
        ),
        (
            message(Mse, &flat(), ArrayD::<f64>::zeros(IxDyn(&[1, 3]))),
            "the targets has length 1, expected 2 to go with output 0".into(),
        ),
    ];
    for (got, want) in cases {
        assert_eq!(got, want);
    }
}

#[test]
fn single_numbers_are_targets_for_one_unit() {
    let output = [array![[1.0], [3.0]].into_dyn()];
    let column = loss::measure(&Mse, &output, array![[0.0], [1.0]], None).unwrap();
    assert_eq!(loss::measure(&Mse, &output, array![0.0, 1.0], None).unwrap(), column);
    // And nowhere else: a column against a vector would compare every sample with every target.
    let vector = [array![1.0, 3.0].into_dyn()];
    assert!(loss::measure(&Mse, &vector, array![[0.0], [1.0]], None).is_err());
}

// ---- on several threads ----

/// What a loss says of outputs without a pattern, 5 samples in 7 of which count, on one thread or several.
fn found(
    loss: &dyn Loss<f32>,
    [batch, size]: [usize; 2],
    classes: bool,
    bad: &[usize],
    parallel: Parallel,
) -> Result<(loss::Total, Vec<f32>), Error> {
    let number = |i: usize| (i.wrapping_mul(2_654_435_761) % 10_007) as f32 / 10_007.0;
    let x = ndarray::Array2::from_shape_fn((batch, size), |(i, j)| 4.0 * number(i * size + j));
    let label = |i: usize| if bad.contains(&i) { size } else { 31 * i % size };
    let data = if classes {
        Dataset::new(x, (0..batch).map(label).collect::<Vec<_>>())
    } else {
        Dataset::new(x.clone(), x.mapv(|x| x * x))
    };
    let batch = Batch::of(&data?)?;
    let model: Model<f32> = Model::build(downhill::layer::Chain::new(), &[size.into()], 7)?;
    let mut work = Workspace::new(&model);
    work.load_part(&batch.part(0, batch.len()))?;
    work.train(&mut model.clone(), batch.len(), Draw::default())?;
    let weights: Vec<f32> =
        (0..batch.len()).map(|i| [1.0, 0.0, 0.3, 2.0, 0.0, 1.0, 5.0][i % 7]).collect();
    let (outputs, gradients) = work.output_gradients()?;
    let mut pass = LossPass::new(outputs, batch.target());
    pass.weights = Some(&weights);
    pass.gradients = Some(gradients);
    pass.parallel = parallel;
    let total = loss.evaluate(pass)?;
    Ok((total, work.output_gradients()?.1.one().values().to_vec()))
}

#[test]
fn losses_are_the_same_on_several_threads() {
    let smooth = CrossEntropy { label_smoothing: 0.1, ..CrossEntropy::default() };
    let entropy = CrossEntropy::default();
    let losses: [(&dyn Loss<f32>, bool); 4] =
        [(&entropy, true), (&smooth, true), (&Mse, false), (&MultiMargin::default(), true)];
    for shape in [[600, 300], [257, 1_000], [2, 70_000], [1, 200_000], [3, 40_000]] {
        for (loss, classes) in losses {
            let of = |parallel| found(loss, shape, classes, &[], parallel).unwrap();
            let (one, several) = (of(Parallel::Off), of(Parallel::On));
            assert!(one.0.sum > 0.0 && one.1.iter().any(|&g| g != 0.0));
            assert_eq!(one.0, several.0, "{loss:?} {shape:?}");
            assert!(one.1.iter().zip(&several.1).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }
    // Of several bad targets the first one that counts is named; 4 and 11 have no weight.
    let message = |parallel| {
        let bad = [4, 11, 131, 255, 500];
        found(&entropy, [600, 300], true, &bad, parallel).unwrap_err().to_string()
    };
    assert_eq!(message(Parallel::Off), message(Parallel::On));
    assert!(message(Parallel::On).contains("row 131"), "{}", message(Parallel::On));
}

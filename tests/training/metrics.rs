//! Metrics beside their laws: which is better, names, refusals and values of single cases.

use downhill::data::{Dataset, Target, TargetKind, Targets};
use downhill::metric::{
    self, Accuracy, Average, AveragePrecision, BalancedAccuracy, BinaryAccuracy, ConfusionMatrix,
    ExplainedVariance, F1, IgnoreIndex, LogLoss, Matthews, MaxError, MeanAbsoluteError,
    MeanSquaredError, MedianAbsoluteError, Metric, MultiClass, Precision, R2, Recall, Rmse, RocAuc,
    TopK,
};
use downhill::prelude::{CrossEntropy, Dense, Sgd, Trainer};
use downhill::random::Noise;
use downhill::{Error, Shape};
use ndarray::{Array, ArrayD, IxDyn, array};

type Dynamic = Box<dyn Metric<f64>>;

fn of_average(average: Average) -> Vec<Dynamic> {
    vec![Box::new(Precision { average }), Box::new(Recall { average }), Box::new(F1 { average })]
}

fn for_classes(classes: usize) -> Vec<Dynamic> {
    let mut metrics: Vec<Dynamic> = vec![
        Box::new(Accuracy),
        Box::new(TopK { k: 2 }),
        Box::new(ConfusionMatrix),
        Box::new(BalancedAccuracy),
        Box::new(Matthews),
        Box::new(LogLoss),
        Box::new(RocAuc { multi_class: MultiClass::OneVsRest }),
        Box::new(RocAuc { multi_class: MultiClass::OneVsOne }),
    ];
    for average in [Average::Macro, Average::Micro, Average::Weighted] {
        metrics.extend(of_average(average));
    }
    metrics.extend(of_average(Average::Binary { positive: classes - 1 }));
    if classes == 2 {
        metrics.push(Box::new(AveragePrecision));
    }
    metrics
}

fn for_logits() -> Vec<Dynamic> {
    let mut metrics = for_classes(2);
    metrics.push(Box::new(BinaryAccuracy::default()));
    metrics
}

fn for_numbers() -> Vec<Dynamic> {
    vec![
        Box::new(MeanAbsoluteError),
        Box::new(MeanSquaredError),
        Box::new(Rmse),
        Box::new(R2),
        Box::new(ExplainedVariance),
        Box::new(MaxError),
        Box::new(MedianAbsoluteError),
    ]
}

#[test]
fn better_values_are_in_the_direction_of_the_goal() {
    let scores = array![[5.0, 0.0], [0.0, 5.0], [5.0, 0.0], [0.0, 5.0]].into_dyn();
    for metric in for_classes(2) {
        let value = |labels: Vec<usize>| {
            metric::measure(&*metric, std::slice::from_ref(&scores), labels, None).unwrap()
        };
        let (good, bad) = (value(vec![0, 1, 0, 1]), value(vec![1, 0, 1, 1]));
        assert!(metric.goal().better(good, bad) || metric.name() == "top_2_accuracy", "{metric:?}");
    }
    let (near, far) =
        (array![[1.1], [2.0], [3.0]].into_dyn(), array![[3.0], [1.5], [0.0]].into_dyn());
    for metric in for_numbers() {
        let value = |outputs: &ArrayD<f64>| {
            metric::measure(
                &*metric,
                std::slice::from_ref(outputs),
                array![[1.0], [2.0], [3.0]],
                None,
            )
            .unwrap()
        };
        assert!(metric.goal().better(value(&near), value(&far)), "{metric:?}");
    }
}

#[test]
fn names_are_different() {
    let mut names: Vec<String> =
        for_logits().iter().chain(&for_numbers()).map(|metric| metric.name()).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "{names:?}");
}

#[test]
fn wrong_kinds_and_shapes_are_errors() {
    let classes = TargetKind::Classes(Shape::default());
    let values = |axes: &[usize]| TargetKind::Values(axes.into());
    let shapes = |axes: &[usize]| vec![Shape::from(axes)];
    let refuse = |metric: &dyn Metric<f64>, outputs: &[Shape], targets: &TargetKind| {
        let error = metric.check(outputs, targets);
        assert!(error.is_err(), "{metric:?} takes {outputs:?} for {targets}");
        assert!(!error.unwrap_err().to_string().is_empty());
    };
    for metric in for_classes(2) {
        refuse(&*metric, &shapes(&[2]), &TargetKind::None);
        refuse(&*metric, &shapes(&[2]), &values(&[3]));
        refuse(&*metric, &shapes(&[5, 2]), &classes);
        refuse(&*metric, &shapes(&[0]), &classes);
        refuse(&*metric, &[], &classes);
        refuse(&*metric, &[Shape::from([2]), Shape::from([2])], &classes);
    }
    for metric in for_numbers() {
        refuse(&*metric, &shapes(&[2]), &TargetKind::None);
        refuse(&*metric, &shapes(&[2]), &classes);
        refuse(&*metric, &shapes(&[2]), &values(&[3]));
        // [n, 1] against [n] would broadcast to n × n elsewhere.
        refuse(&*metric, &shapes(&[1]), &values(&[]));
        refuse(&*metric, &[], &values(&[1]));
    }
    refuse(&TopK { k: 0 }, &shapes(&[3]), &classes);
    refuse(&TopK { k: 4 }, &shapes(&[3]), &classes);
    refuse(&BinaryAccuracy::default(), &shapes(&[3]), &classes);
    refuse(&BinaryAccuracy { threshold: f64::NAN }, &shapes(&[1]), &classes);
    refuse(&AveragePrecision, &shapes(&[3]), &classes);
    refuse(&ConfusionMatrix, &shapes(&[50_000]), &classes);
    for metric in of_average(Average::Binary { positive: 3 }) {
        refuse(&*metric, &shapes(&[3]), &classes);
    }
}

/// Without the check that comes first, a pass of the wrong kind is an error too, and never a panic.
#[test]
fn unchecked_updates_do_not_panic() {
    let data = Dataset::<f64>::new(array![[1.0, 2.0], [0.0, 1.0]], array![[1.0], [0.0]]).unwrap();
    let batch = data.batches(2, 0, 0).unwrap().next().unwrap().unwrap();
    let _ = batch.target();
    let all = for_classes(3).into_iter().chain(for_numbers()).chain(for_logits());
    for metric in all {
        for targets in
            [Targets::None, Targets::Values(array![[1.0], [0.0]].into_dyn().into_shared())]
        {
            let outputs = [array![[1.0, 2.0], [0.0, 1.0]].into_dyn()];
            assert!(metric::measure(&*metric, &outputs, targets, None).is_err(), "{metric:?}");
        }
        for tally in [vec![], vec![f64::NAN], vec![1e300; 2], vec![-1.0; 5], vec![3.0; 30]] {
            let mut sum = tally.clone();
            metric.merge(&mut sum, &vec![2.0; 7]);
            let _ = metric.value(&sum);
            let _ = metric.value(&tally);
        }
    }
    assert!(matches!(batch.target(), Target::Values(_)));
}

#[test]
fn targets_out_of_range_are_named() {
    let outputs = [array![[1.0, 2.0], [0.0, 1.0]].into_dyn()];
    for metric in for_classes(2) {
        let error = metric::measure(&*metric, &outputs, vec![0, 2], None).unwrap_err();
        assert!(matches!(error, Error::Target { row: 1, .. }), "{metric:?}: {error}");
        // A sample without weight is not looked at: padding may hold any label.
        assert!(metric::measure(&*metric, &outputs, vec![0, 2], Some(&[1.0, 0.0])).is_ok());
    }
    let logits = [array![[1.0], [0.0]].into_dyn()];
    for metric in for_logits() {
        let error = metric::measure(&*metric, &logits, array![[0.0], [-0.5]], None).unwrap_err();
        assert!(matches!(error, Error::Target { row: 1, .. }), "{metric:?}: {error}");
    }
    let error = metric::measure(&Accuracy, &logits, vec![0], None).unwrap_err();
    assert!(matches!(error, Error::Length { .. }), "{error}");
}

#[test]
fn a_label_at_each_time_step_counts_by_itself() {
    let scores = Array::from_shape_fn(IxDyn(&[2, 3, 2]), |at| ((at[1] + at[2]) % 2) as f64);
    let labels = array![[1, 0, 1], [0, 0, 0]];
    let value = metric::measure(&Accuracy, &[scores], labels, Some(&[1.0, 2.0])).unwrap();
    assert!((value - (3.0 + 2.0) / 9.0).abs() < 1e-15, "{value}");
}

#[test]
fn extreme_logits_have_a_finite_loss() {
    let outputs = [array![[1e4, -1e4], [0.0, 1e-300]].into_dyn()];
    assert_eq!(metric::measure(&LogLoss, &outputs, vec![0, 0], None).unwrap(), f64::ln(2.0) / 2.0);
    assert_eq!(metric::measure(&LogLoss, &outputs, vec![1, 0], Some(&[1.0, 0.0])).unwrap(), 2e4);
    let certain = [array![[40.0, 0.0, 0.0]].into_dyn()];
    let loss = metric::measure(&LogLoss, &certain, vec![0], None).unwrap();
    assert!((loss / (2.0 * (-40.0_f64).exp()) - 1.0).abs() < 1e-12, "{loss}");
    let soft = metric::measure(&LogLoss, &[array![[0.0]].into_dyn()], array![[0.3]], None).unwrap();
    assert!((soft - f64::ln(2.0)).abs() < 1e-15);
}

#[test]
fn first_of_equal_scores_wins_and_top_one_is_accuracy() {
    for seed in 0..50 {
        let noise = Noise::new(seed);
        let scores = ArrayD::from_shape_fn(IxDyn(&[20, 4]), |at| {
            noise.below((at[0] * 4 + at[1]) as u64, 3) as f64
        });
        let labels: Vec<usize> = (0..20).map(|i| noise.at("labels").below(i, 4)).collect();
        let value = |metric: &dyn Metric<f64>| {
            metric::measure(metric, std::slice::from_ref(&scores), labels.clone(), None).unwrap()
        };
        assert_eq!(value(&Accuracy), value(&TopK { k: 1 }));
        assert_eq!(value(&TopK { k: 4 }), 1.0);
    }
}

#[test]
fn an_ignored_class_counts_as_weight_zero() {
    let noise = Noise::new(7);
    let scores =
        ArrayD::from_shape_fn(IxDyn(&[40, 3]), |at| noise.normal((at[0] * 3 + at[1]) as u64));
    let labels: Vec<usize> = (0..40).map(|i| noise.at("labels").below(i, 3)).collect();
    let weights: Vec<f64> = labels.iter().map(|&label| f64::from(u8::from(label != 1))).collect();
    let outputs = std::slice::from_ref(&scores);
    for metric in for_classes(3) {
        let want = metric::measure(&*metric, outputs, labels.clone(), Some(&weights)).unwrap();
        let got = metric::measure(&IgnoreIndex::new(1, metric), outputs, labels.clone(), None);
        assert_eq!(got.unwrap().to_bits(), want.to_bits());
    }
    // An ignored class may lie outside of the classes; without being ignored it is an error.
    let outside: Vec<usize> =
        labels.iter().map(|&label| if label == 1 { 9 } else { label }).collect();
    assert!(metric::measure(&Accuracy, outputs, outside.clone(), None).is_err());
    let got = metric::measure(&IgnoreIndex::new(9, Accuracy), outputs, outside, None).unwrap();
    assert_eq!(got, metric::measure(&Accuracy, outputs, labels, Some(&weights)).unwrap());
    // Numbers have no class.
    let numbers = metric::measure(&IgnoreIndex::new(0, Rmse), outputs, scores.clone(), None);
    assert!(matches!(numbers, Err(Error::TargetKind { .. })));
}

#[test]
fn accuracy_by_default_follows_the_loss() {
    let data = Dataset::new(array![[1.0], [2.0], [3.0]], vec![0, 9, 9]).unwrap();
    let loss = CrossEntropy { ignore_index: Some(9), ..CrossEntropy::default() };
    let trainer = Trainer::builder(Dense::new(2), loss, Sgd::default()).build(&[1]).unwrap();
    let accuracy = trainer.evaluate(&data).unwrap().metric("accuracy").unwrap();
    let scores = trainer.predict(&array![[1.0]]).unwrap();
    assert_eq!(accuracy, if scores[[0, 0]] >= scores[[0, 1]] { 1.0 } else { 0.0 });
}

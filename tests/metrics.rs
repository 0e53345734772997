//! The laws of metrics: any partition of the data, merged in any order, gives the value of the whole.

use downhill::data::{Dataset, Target, TargetKind, Targets};
use downhill::metric::{
    self, Accuracy, Average, AveragePrecision, BalancedAccuracy, BinaryAccuracy, ConfusionMatrix,
    ExplainedVariance, F1, LogLoss, Matthews, MaxError, MeanAbsoluteError, MeanSquaredError,
    MedianAbsoluteError, Metric, MetricPass, MultiClass, Precision, R2, Recall, Rmse, RocAuc,
    Tally, TopK,
};
use downhill::random::Noise;
use downhill::{Error, Goal, Shape};
use ndarray::{Array, Array1, ArrayD, Axis, IxDyn, array};
use proptest::prelude::*;

type Dynamic = Box<dyn Metric<f64>>;

/// What a metric is tried on.
#[derive(Clone, Debug)]
struct Samples {
    outputs: ArrayD<f64>,
    targets: Kind,
    weights: Vec<f64>,
}

#[derive(Clone, Debug)]
enum Kind {
    Classes(Vec<usize>),
    Values(ArrayD<f64>),
}

impl Samples {
    fn len(&self) -> usize {
        self.weights.len()
    }

    fn select(&self, rows: &[usize]) -> Self {
        Self {
            outputs: self.outputs.select(Axis(0), rows),
            targets: match &self.targets {
                Kind::Classes(labels) => {
                    Kind::Classes(rows.iter().map(|&row| labels[row]).collect())
                }
                Kind::Values(values) => Kind::Values(values.select(Axis(0), rows)),
            },
            weights: rows.iter().map(|&row| self.weights[row]).collect(),
        }
    }

    fn targets(&self) -> Targets<f64> {
        match &self.targets {
            Kind::Classes(labels) => {
                Targets::Classes(Array1::from_vec(labels.clone()).into_dyn().into_shared())
            }
            Kind::Values(values) => Targets::Values(values.clone().into_shared()),
        }
    }

    fn count(&self, metric: &dyn Metric<f64>) -> Tally {
        let outputs = std::slice::from_ref(&self.outputs);
        metric::count(metric, outputs, self.targets(), Some(&self.weights)).unwrap()
    }

    fn value(&self, metric: &dyn Metric<f64>) -> f64 {
        metric.value(&self.count(metric))
    }
}

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

/// Every metric with samples that it can measure. Few different scores, so that there are ties.
fn cases(len: usize, seed: u64) -> Vec<(Dynamic, Samples)> {
    let noise = Noise::new(seed);
    let number = |shape: &[usize], place: &str| {
        let noise = noise.at(place);
        let mut i = 0;
        Array::from_shape_simple_fn(IxDyn(shape), || {
            i += 1;
            (4.0 * noise.normal(i)).round() / 4.0
        })
    };
    let labels = |classes: usize| {
        (0..len as u64).map(|i| noise.at("labels").below(i, classes)).collect::<Vec<_>>()
    };
    let weights: Vec<f64> =
        (0..len as u64).map(|i| noise.at("weights").below(i, 5) as f64 / 2.0).collect();
    let samples = |outputs, targets| Samples { outputs, targets, weights: weights.clone() };

    let mut all = Vec::new();
    for classes in [2, 3, 7] {
        let of = samples(number(&[len, classes], "scores"), Kind::Classes(labels(classes)));
        all.extend(for_classes(classes).into_iter().map(|metric| (metric, of.clone())));
    }
    let truth = labels(2);
    let values = ArrayD::from_shape_fn(IxDyn(&[len, 1]), |at| truth[at[0]] as f64);
    for targets in [Kind::Classes(truth), Kind::Values(values)] {
        let of = samples(number(&[len, 1], "scores"), targets);
        all.extend(for_logits().into_iter().map(|metric| (metric, of.clone())));
    }
    // Far from 0, where sums of squares would cancel.
    let far = |place: &str| number(&[len, 2], place) + 1e6;
    let of = samples(far("scores"), Kind::Values(far("targets")));
    all.extend(for_numbers().into_iter().map(|metric| (metric, of.clone())));
    all
}

fn near(got: f64, want: f64) -> bool {
    (got.is_nan() && want.is_nan()) || (got - want).abs() <= 1e-12 * want.abs().max(1.0)
}

/// The value of the parts, merged in this order.
fn merged(metric: &dyn Metric<f64>, parts: &[Vec<usize>], samples: &Samples) -> f64 {
    let mut tally = metric.start();
    for rows in parts.iter().filter(|rows| !rows.is_empty()) {
        metric.merge(&mut tally, &samples.select(rows).count(metric));
    }
    metric.value(&tally)
}

/// A random division into parts, some of which may be empty.
fn partition(len: usize, parts: usize, noise: Noise) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new(); parts];
    (0..len).for_each(|row| all[noise.below(row as u64, parts)].push(row));
    all
}

/// Whether merged parts give the value of the whole, in two orders.
fn merges(metric: &dyn Metric<f64>, samples: &Samples, parts: usize, seed: u64) -> bool {
    let mut partition = partition(samples.len(), parts, Noise::new(seed).at("partition"));
    let whole = samples.value(metric);
    let forwards = merged(metric, &partition, samples);
    partition.reverse();
    near(forwards, whole) && near(merged(metric, &partition, samples), whole)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_partition_gives_the_value_of_the_whole(len in 1_usize..60, parts in 1_usize..8, seed: u64) {
        for (metric, samples) in cases(len, seed) {
            prop_assert!(merges(&*metric, &samples, parts, seed), "{metric:?}");
        }
    }

    #[test]
    fn updates_of_one_tally_give_the_value_of_the_whole(len in 2_usize..60, seed: u64) {
        for (metric, samples) in cases(len, seed) {
            let rows: Vec<usize> = (0..len).collect();
            let (first, second) = rows.split_at(len / 2);
            // Counting on is merging with what one batch would count.
            let mut tally = samples.select(first).count(&*metric);
            metric.merge(&mut tally, &samples.select(second).count(&*metric));
            let mut empty = metric.start();
            metric.merge(&mut empty, &tally);
            metric.merge(&mut empty, &metric.start());
            let (got, want) = (metric.value(&empty), samples.value(&*metric));
            prop_assert!(near(got, want), "{metric:?}: {got} for {want}");
        }
    }

    #[test]
    fn weight_zero_removes_and_weight_two_repeats(len in 1_usize..40, seed: u64) {
        for (metric, mut samples) in cases(len, seed) {
            samples.weights = (0..len as u64).map(|i| Noise::new(seed).below(i, 3) as f64).collect();
            samples.weights[0] = 1.0;
            let rows: Vec<usize> =
                (0..len).flat_map(|row| vec![row; samples.weights[row] as usize]).collect();
            let mut repeated = samples.select(&rows);
            repeated.weights = vec![1.0; rows.len()];
            let (got, want) = (samples.value(&*metric), repeated.value(&*metric));
            prop_assert!(near(got, want), "{metric:?}: {got} for {want}");
        }
    }

    #[test]
    fn the_scale_of_weights_does_not_matter(len in 1_usize..40, seed: u64) {
        for (metric, mut samples) in cases(len, seed) {
            let want = samples.value(&*metric);
            samples.weights.iter_mut().for_each(|weight| *weight *= 3.0);
            let got = samples.value(&*metric);
            prop_assert!(near(got, want), "{metric:?}: {got} for {want}");
        }
    }
}

#[test]
fn nothing_counted_is_nan() {
    for (metric, mut samples) in cases(5, 1) {
        assert!(metric.value(&metric.start()).is_nan(), "{metric:?} at the start");
        samples.weights = vec![0.0; 5];
        assert!(samples.value(&*metric).is_nan(), "{metric:?} of weight 0");
    }
}

#[test]
fn a_nan_output_gives_nan_unless_it_has_no_weight() {
    for (metric, mut samples) in cases(30, 1) {
        samples.weights = vec![1.0; 30];
        let rest = samples.select(&(1..30).collect::<Vec<_>>()).value(&*metric);
        samples.outputs.index_axis_mut(Axis(0), 0).fill(f64::NAN);
        assert!(samples.value(&*metric).is_nan(), "{metric:?}");
        samples.weights[0] = 0.0;
        assert_eq!(samples.value(&*metric), rest, "{metric:?}");
    }
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

/// The mean of the batches' F1 values: the mistake that mergeable counts are there to prevent.
#[derive(Debug)]
struct MeanOfBatches(F1);

impl Metric<f64> for MeanOfBatches {
    fn name(&self) -> String {
        "mean_of_batches".to_owned()
    }

    fn goal(&self) -> Goal {
        Goal::Maximize
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        Metric::<f64>::check(&self.0, outputs, targets)
    }

    fn start(&self) -> Tally {
        vec![0.0; 2]
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, f64>) -> Result<(), Error> {
        let mut own = Metric::<f64>::start(&self.0);
        Metric::<f64>::update(&self.0, &mut own, pass)?;
        tally[0] += Metric::<f64>::value(&self.0, &own);
        tally[1] += 1.0;
        Ok(())
    }

    fn value(&self, tally: &Tally) -> f64 {
        tally[0] / tally[1]
    }
}

#[test]
fn a_metric_that_does_not_merge_is_found() {
    let found = (0..20).any(|seed| {
        let (_, samples) = cases(40, seed).swap_remove(0);
        !merges(&MeanOfBatches(F1::default()), &samples, 4, seed)
    });
    assert!(found);
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

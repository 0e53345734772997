//! The laws of metrics, for all metrics of the crate.

use downhill::check::metric;
use downhill::check::metric::{Kind, MetricUnderTest};
use downhill::metric::*;

const EACH: [Average; 3] = [Average::Macro, Average::Micro, Average::Weighted];

/// A share of right answers: from 0 to 1, and the best is 1.
fn share<M: Metric<f32> + Metric<f64> + 'static>(metric: M) -> MetricUnderTest {
    MetricUnderTest::new(metric).bounds(0.0, 1.0).perfect(1.0)
}

/// An error: 0 or more, and the best is 0.
fn error<M: Metric<f32> + Metric<f64> + 'static>(metric: M) -> MetricUnderTest {
    MetricUnderTest::new(metric).bounds(0.0, f64::INFINITY).perfect(0.0)
}

const POSITIVE: Average = Average::Binary { positive: 1 };
const OUTSIDE: Average = Average::Binary { positive: 7 };

metric!(accuracy, share(Accuracy).exact());
metric!(top_1, share(TopK { k: 1 }).exact().refuses(TopK { k: 0 }, "k of TopK"));
metric!(top_2, {
    let subject = share(TopK { k: 2 }).exact().takes([Kind::Classes(3), Kind::Classes(7)]);
    subject.refuses(TopK { k: 8 }, "k of TopK")
});
metric!(binary_accuracy, {
    let bad = BinaryAccuracy { threshold: f64::NAN };
    share(BinaryAccuracy::default()).exact().refuses(bad, "threshold")
});
metric!(half_accuracy, share(BinaryAccuracy { threshold: 0.5 }).exact());
metric!(confusion, share(ConfusionMatrix).exact());
metric!(balanced_accuracy, share(BalancedAccuracy).exact());
metric!(matthews, MetricUnderTest::new(Matthews).bounds(-1.0, 1.0).perfect(1.0).exact());
metric!(precision, share(Precision::default()).exact());
metric!(precision_micro, share(Precision { average: EACH[1] }).exact());
metric!(precision_weighted, share(Precision { average: EACH[2] }).exact());
metric!(precision_of_one, {
    let bad = Precision { average: OUTSIDE };
    share(Precision { average: POSITIVE }).exact().refuses(bad, "positive")
});
metric!(recall, share(Recall::default()).exact());
metric!(recall_micro, share(Recall { average: EACH[1] }).exact());
metric!(recall_weighted, share(Recall { average: EACH[2] }).exact());
metric!(recall_of_one, {
    let bad = Recall { average: OUTSIDE };
    share(Recall { average: POSITIVE }).exact().refuses(bad, "positive")
});
metric!(f1, share(F1::default()).exact());
metric!(f1_micro, share(F1 { average: EACH[1] }).exact());
metric!(f1_weighted, share(F1 { average: EACH[2] }).exact());
metric!(f1_of_one, {
    let bad = F1 { average: OUTSIDE };
    share(F1 { average: POSITIVE }).exact().refuses(bad, "positive")
});
metric!(log_loss, error(LogLoss));
metric!(roc_auc, share(RocAuc::default()));
metric!(roc_auc_of_pairs, share(RocAuc { multi_class: MultiClass::OneVsOne }));
metric!(average_precision, share(AveragePrecision));
metric!(mean_absolute_error, error(MeanAbsoluteError));
metric!(mean_squared_error, error(MeanSquaredError));
metric!(rmse, error(Rmse));
metric!(r2, MetricUnderTest::new(R2).bounds(f64::NEG_INFINITY, 1.0).perfect(1.0));
metric!(explained_variance, {
    MetricUnderTest::new(ExplainedVariance).bounds(f64::NEG_INFINITY, 1.0).perfect(1.0)
});
metric!(max_error, error(MaxError).exact());
metric!(median_absolute_error, error(MedianAbsoluteError).exact());

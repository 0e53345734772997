//! The metrics against scikit-learn.

use super::support::{Case, Tensor, field, number, run, tensor};
use downhill::metric::{
    self, Accuracy, Average, AveragePrecision, BalancedAccuracy, BinaryAccuracy, ConfusionMatrix,
    ExplainedVariance, F1, LogLoss, Matthews, MaxError, MeanAbsoluteError, MeanSquaredError,
    MedianAbsoluteError, Metric, MultiClass, Precision, R2, Recall, Rmse, RocAuc, TopK,
};
use ndarray::{Array1, ArrayD};
use serde_json::Value;

#[test]
fn metrics() {
    run("metrics", &[], |case: &Case| match case.kind.as_str() {
        "classification" => classification(case),
        "roc_auc" => roc_auc(case),
        "multiclass_scores" => multiclass(case),
        "regression" => regression(case),
        _ => case.unknown(),
    });
}

/// Compares one value, and every expected entry once: what is left over at the end was not checked.
struct Expected<'a> {
    case: &'a Case,
    left: Vec<String>,
}

impl<'a> Expected<'a> {
    fn new(case: &'a Case) -> Self {
        let left = case.expected.as_object().into_iter().flatten().map(|(key, _)| key.clone());
        Self { case, left: left.collect() }
    }

    fn value(&mut self, key: &str, got: f64) -> Result<(), String> {
        self.left.retain(|left| left != key);
        self.case.close(key, &[got], &self.case.expect(key)?.data)
    }

    fn finish(self) -> Result<(), String> {
        if self.left.is_empty() { Ok(()) } else { Err(format!("not checked: {:?}", self.left)) }
    }
}

fn array(tensor: &Tensor) -> ArrayD<f64> {
    ArrayD::from_shape_vec(tensor.shape.clone(), tensor.data.clone()).unwrap()
}

fn labels(tensor: &Tensor) -> Array1<usize> {
    tensor.data.iter().map(|&label| label as usize).collect()
}

fn value(
    metric: &dyn Metric<f64>,
    outputs: &ArrayD<f64>,
    labels: &Array1<usize>,
) -> Result<f64, String> {
    metric::measure(metric, std::slice::from_ref(outputs), labels.clone(), None)
        .map_err(|error| error.to_string())
}

fn classification(case: &Case) -> Result<(), String> {
    let mut expected = Expected::new(case);
    let classes = field(&case.config, "config", "labels")?.as_array().unwrap().len();
    let truth = labels(&case.input("y_true")?);
    let answers = labels(&case.input("y_pred")?);
    let scores = ArrayD::from_shape_fn(vec![answers.len(), classes], |at| {
        f64::from(u8::from(answers[at[0]] == at[1]))
    });

    expected.value("accuracy", value(&Accuracy, &scores, &truth)?)?;
    expected.value("accuracy", value(&ConfusionMatrix, &scores, &truth)?)?;
    expected.value("balanced_accuracy", value(&BalancedAccuracy, &scores, &truth)?)?;
    expected.value("matthews_corrcoef", value(&Matthews, &scores, &truth)?)?;
    let tally = |metric: &dyn Metric<f64>| {
        metric::count(metric, std::slice::from_ref(&scores), truth.clone(), None).unwrap()
    };
    let matrix = ConfusionMatrix.matrix(&tally(&ConfusionMatrix));
    case.close(
        "confusion_matrix",
        matrix.as_slice().unwrap(),
        &case.expect("confusion_matrix")?.data,
    )?;

    let member = |group: &Value, key: &str| number(field(group, "average", key)?);
    for (key, average) in
        [("macro", Average::Macro), ("micro", Average::Micro), ("weighted", Average::Weighted)]
    {
        let group = field(&case.expected, "expected", key)?;
        let got = [
            ("precision", value(&Precision { average }, &scores, &truth)?),
            ("recall", value(&Recall { average }, &scores, &truth)?),
            ("f1", value(&F1 { average }, &scores, &truth)?),
        ];
        for (name, got) in got {
            case.close(&format!("{key} {name}"), &[got], &[member(group, name)?])?;
        }
    }

    let group = field(&case.expected, "expected", "per_class")?;
    let of = |key: &str| tensor(field(group, "per_class", key)?).map(|tensor| tensor.data);
    let (precision, recall, f1) = (Precision::default(), Recall::default(), F1::default());
    case.close("precision", &precision.per_class(&tally(&precision)), &of("precision")?)?;
    case.close("recall", &recall.per_class(&tally(&recall)), &of("recall")?)?;
    case.close("f1", &f1.per_class(&tally(&f1)), &of("f1")?)?;
    let support: Vec<f64> = matrix.rows().into_iter().map(|row| row.sum()).collect();
    case.close("support", &support, &of("support")?)?;
    for positive in 0..classes {
        let average = Average::Binary { positive };
        let got = value(&Recall { average }, &scores, &truth)?;
        case.close("one class", &[got], &[of("recall")?[positive]])?;
    }
    if classes == 2 {
        // The same answers as single logits.
        let logits =
            ArrayD::from_shape_fn(vec![answers.len(), 1], |at| answers[at[0]] as f64 - 0.5);
        expected.value("accuracy", value(&Accuracy, &logits, &truth)?)?;
        expected.value("accuracy", value(&BinaryAccuracy::default(), &logits, &truth)?)?;
        let f1 = value(&F1 { average: Average::Binary { positive: 1 } }, &logits, &truth)?;
        case.close("f1 of logits", &[f1], &[of("f1")?[1]])?;
    }

    expected.left.retain(|key| {
        !["confusion_matrix", "macro", "micro", "weighted", "per_class"].contains(&key.as_str())
    });
    expected.finish()
}

fn roc_auc(case: &Case) -> Result<(), String> {
    let mut expected = Expected::new(case);
    let truth = labels(&case.input("y_true")?);
    let scores = array(&case.input("y_score")?);
    expected.value("roc_auc", value(&RocAuc::default(), &scores, &truth)?)?;
    expected.value("average_precision", value(&AveragePrecision, &scores, &truth)?)?;
    let logits = scores.mapv(|p| {
        let p = p.clamp(0.01, 0.99);
        (p / (1.0 - p)).ln()
    });
    expected.value("log_loss_of_clipped", value(&LogLoss, &logits, &truth)?)?;
    let numbers = truth.mapv(|label| label as f64);
    let got = metric::measure(&LogLoss, &[logits], numbers, None).map_err(|e| e.to_string())?;
    expected.value("log_loss_of_clipped", got)?;
    expected.finish()
}

fn multiclass(case: &Case) -> Result<(), String> {
    let mut expected = Expected::new(case);
    let truth = labels(&case.input("y_true")?);
    // The softmax of the logarithms of probabilities is the probabilities.
    let logits = array(&case.input("y_score")?).mapv(f64::ln);
    for k in field(&case.config, "config", "top_k")?.as_array().unwrap() {
        let k = k.as_u64().unwrap() as usize;
        expected.value(&format!("top_{k}_accuracy"), value(&TopK { k }, &logits, &truth)?)?;
    }
    let [rest, one] = [MultiClass::OneVsRest, MultiClass::OneVsOne]
        .map(|multi_class| value(&RocAuc { multi_class }, &logits, &truth));
    expected.value("roc_auc_ovr_macro", rest?)?;
    expected.value("roc_auc_ovo_macro", one?)?;
    expected.value("log_loss", value(&LogLoss, &logits, &truth)?)?;
    expected.finish()
}

fn regression(case: &Case) -> Result<(), String> {
    let mut expected = Expected::new(case);
    let (truth, predictions) = (array(&case.input("y_true")?), array(&case.input("y_pred")?));
    let metrics: [(&str, &dyn Metric<f64>); 7] = [
        ("mae", &MeanAbsoluteError),
        ("mse", &MeanSquaredError),
        ("rmse", &Rmse),
        ("r2", &R2),
        ("explained_variance", &ExplainedVariance),
        ("max_error", &MaxError),
        ("median_absolute_error", &MedianAbsoluteError),
    ];
    for (key, metric) in metrics {
        let got = metric::measure(metric, std::slice::from_ref(&predictions), truth.clone(), None);
        expected.value(key, got.map_err(|error| error.to_string())?)?;
    }
    expected.finish()
}

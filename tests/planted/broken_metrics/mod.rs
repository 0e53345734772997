//! Small metrics that are right but for one bug.

mod bug;
mod ranking;

use std::any::type_name;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub use bug::Bug;
use downhill::data::{Target, TargetKind};
use downhill::error::require;
use downhill::metric::{Metric, MetricPass, Tally};
use downhill::{Error, Goal, Scalar, Shape};

use Bug::*;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// The mean of |prediction − target|. Counts sum and weight.
    Distance,
    /// The mean over classes of the share that was found. Counts what was found and the weight, for each class.
    Recall,
    /// The cross-entropy. Counts sum and weight.
    Surprise,
    /// The share of pairs of both classes that logits put in order. Keeps score, label and weight of each sample.
    Ranking,
}

use Measure::*;

/// A metric with one bug.
#[derive(Debug)]
pub struct Rule {
    measure: Measure,
    bug: Bug,
    /// A setting, above 0: distances to this power.
    power: f64,
    calls: AtomicU64,
    kept: Mutex<Tally>,
}

impl Rule {
    pub fn new(measure: Measure, bug: Bug, power: f64) -> Self {
        Self { measure, bug, power, calls: AtomicU64::new(0), kept: Mutex::default() }
    }

    fn is(&self, bug: Bug) -> bool {
        self.bug == bug
    }

    fn place(&self) -> &'static str {
        if self.is(ErrorsWithoutName) { "metric" } else { "planted" }
    }

    /// How much a sample counts above and below the line.
    fn weights<F: Scalar>(&self, pass: &MetricPass<'_, F>, sample: usize) -> (f64, f64) {
        let weight = match pass.weights {
            None if self.is(NoWeightsAreNothing) => 0.0,
            _ => pass.weight(sample),
        };
        match self.bug {
            WeightsIgnored => (1.0, 1.0),
            WeightsSquared => (weight * weight, weight * weight),
            WeightedTwice => (weight * weight, weight),
            WeightsCapped => (weight.min(1.0), weight.min(1.0)),
            WeightsAsIntegers => (weight.trunc(), weight.trunc()),
            WeightsBelowOnly => (f64::from(u8::from(weight > 0.0)), weight),
            RowsCounted => (weight, 1.0),
            _ => (weight, weight),
        }
    }

    fn distance<F: Scalar>(&self, prediction: F, target: F) -> f64 {
        let error = prediction.as_f64() - target.as_f64();
        match self.bug {
            SquareExpandedInTheType => {
                let twice = prediction * target + prediction * target;
                (prediction * prediction - twice + target * target).as_f64()
            }
            SignedErrors => error,
            MaxSwallowsNan => error.max(-error).max(0.0),
            NanIsPassedOver if error.is_nan() => 0.0,
            _ => error.abs().powf(self.power),
        }
    }

    /// Whether the largest score is at the label; NaN if a score is NaN.
    fn found<F: Scalar>(&self, scores: &[F], label: usize) -> f64 {
        let ahead = |i: usize, best: usize| match self.bug {
            LowestScoreAnswers => scores[i] < scores[best],
            _ => scores[i] > scores[best],
        };
        let classes = scores.len() - usize::from(self.is(LastClassLeftOut));
        let answer = (1..classes).fold(0, |best, i| if ahead(i, best) { i } else { best });
        let answer = answer + usize::from(self.is(LabelsFromOne));
        if !self.is(ComparisonSwallowsNan) && scores.iter().any(|score| score.is_nan()) {
            return f64::NAN;
        }
        f64::from(u8::from(answer == label))
    }

    fn surprise<F: Scalar>(&self, scores: &[F], label: usize) -> f64 {
        let others = scores.iter().map(|score| (score.as_f64() - scores[label].as_f64()).exp());
        let surprise = others.sum::<f64>().ln();
        let most = -F::epsilon().as_f64().ln();
        if self.is(ClippedByEpsilonOfTheType) && surprise > most { most } else { surprise }
    }

    /// The label of a sample, below the number of classes.
    fn label(&self, sample: usize, label: usize, classes: usize) -> Result<Option<usize>, Error> {
        match self.bug {
            _ if label < classes => Ok(Some(label)),
            BadLabelsSkipped => Ok(None),
            LabelsClipped => Ok(Some(classes - 1)),
            _ => Err(Error::target(self.place(), sample, label, "a class")),
        }
    }

    fn sees(&self, sample: usize, batch: usize) -> bool {
        match self.bug {
            FirstRowSkipped => sample > 0 || batch == 1,
            LastRowDropped => sample + 1 < batch || batch == 1,
            SmallBatchDropped => batch > 2,
            _ => true,
        }
    }

    /// What one batch counts.
    fn batch<F: Scalar>(&self, pass: &MetricPass<'_, F>) -> Result<Tally, Error> {
        let (output, mut tally) = (pass.outputs.one(), Tally::new());
        for sample in (0..output.batch()).filter(|&sample| self.sees(sample, output.batch())) {
            let (above, below) = self.weights(pass, sample);
            if above == 0.0 && !self.is(ZeroTimesNan) && !self.is(RowsCounted) {
                continue;
            }
            let scores = output.row(sample);
            let earlier = sample.saturating_sub(usize::from(self.is(TargetOfTheRowBefore)));
            let mut count = |place: usize, value: f64| {
                let tally = at(&mut tally, 2 * place + 2);
                tally[2 * place] += above * value;
                tally[2 * place + 1] += below;
            };
            match pass.targets {
                Target::Classes(classes) => {
                    let label = classes.labels()[earlier];
                    let Some(label) = self.label(sample, label, scores.len())? else { continue };
                    match self.measure {
                        Recall => count(label, self.found(scores, label)),
                        _ => count(0, self.surprise(scores, label)),
                    }
                }
                Target::Values(values) if self.measure == Ranking => {
                    let target = values.row(earlier)[0].as_f64();
                    let binary = target == 0.0 || target == 1.0;
                    if !binary && !self.is(AnyNumberIsALabel) {
                        return Err(Error::target(self.place(), sample, target, "0 or 1"));
                    }
                    tally.extend([scores[0].as_f64(), target, below]);
                }
                Target::Values(values) => {
                    for (&prediction, &target) in scores.iter().zip(values.row(earlier)) {
                        count(0, self.distance(prediction, target));
                    }
                }
                _ => return Err(Error::target_kind(self.place(), "targets", "nothing")),
            }
        }
        Ok(tally)
    }

    fn ratio<F: Scalar>(&self, sum: f64, weight: f64) -> f64 {
        match self.bug {
            DenominatorKeptAbove0 => sum / weight.max(1e-12),
            ZeroForNothing if weight == 0.0 => 0.0,
            SmoothedByOne => (sum + 1.0) / (weight + 2.0),
            DividesByOneMore => sum / (weight + 1.0),
            DividesByOneLess => sum / (weight - 1.0),
            EpsilonOfTheType => sum / (weight + F::epsilon().sqrt().as_f64()),
            UpsideDown => weight / sum,
            Percentage => 100.0 * sum / weight,
            _ => sum / weight,
        }
    }

    fn fits(&self, output: &Shape, targets: &TargetKind) -> bool {
        match targets {
            TargetKind::None => self.is(NoTargetsEither),
            TargetKind::Classes(shape) => {
                let indexed = matches!(self.measure, Recall | Surprise);
                let places = output.split_last().is_some_and(|(_, places)| shape.axes() == places);
                let axes = !self.is(LabelsNeedAnAxis) || shape.len() == 1;
                indexed && places && axes
            }
            TargetKind::Values(shape) => match (self.measure, self.bug) {
                (Recall | Surprise, _) => false,
                (_, ElementsAlone) => shape.size() == output.size(),
                (_, TargetsBroadcast) => shape.is_empty() || shape == output,
                (_, SingleNumberOnly) => shape == output && shape.size() == 1,
                (_, BatchAxisExpected) => shape == output && shape.len() == 2,
                _ => shape == output,
            },
            _ => false,
        }
    }
}

/// The tally, with at least as many numbers.
fn at(tally: &mut Tally, len: usize) -> &mut Tally {
    tally.resize(len.max(tally.len()), 0.0);
    tally
}

fn add(tally: &mut Tally, other: &Tally) {
    at(tally, other.len()).iter_mut().zip(other).for_each(|(sum, more)| *sum += more);
}

impl<F: Scalar> Metric<F> for Rule {
    fn name(&self) -> String {
        match self.bug {
            NameCountsCalls => format!("planted {}", self.calls.fetch_add(1, Relaxed)),
            NameCountsBatches => format!("planted {}", self.calls.load(Relaxed)),
            NameWithTheType => format!("planted of {}", type_name::<F>()),
            NameEmpty => String::new(),
            _ => "planted".to_owned(),
        }
    }

    fn goal(&self) -> Goal {
        let smaller = matches!(self.measure, Distance | Surprise);
        if smaller == self.is(WrongGoal) { Goal::Maximize } else { Goal::Minimize }
    }

    fn check(&self, outputs: &[Shape], targets: &TargetKind) -> Result<(), Error> {
        let checked = match self.bug {
            SettingsNotChecked => true,
            NanIsNoBadSetting => self.power > 0.0 || self.power.is_nan(),
            _ => self.power > 0.0,
        };
        let field = if self.is(AnotherFieldNamed) { "exponent" } else { "power" };
        require::that(checked, field, self.power, "above 0")?;
        let output = match outputs {
            _ if self.is(ChecksNothing) => return Ok(()),
            [output] => output,
            [output, ..] if self.is(FirstOutputOnly) => output,
            _ => return Err(Error::arity(self.place(), 1, outputs.len())),
        };
        let refused = self.is(DoubleOnly) && F::epsilon().as_f64() > 1e-10;
        if refused || !self.fits(output, targets) {
            return Err(Error::target_kind(self.place(), "others", targets.to_string()));
        }
        Ok(())
    }

    fn start(&self) -> Tally {
        if self.is(StartsAtOne) { vec![0.0, 1.0] } else { Tally::new() }
    }

    fn update(&self, tally: &mut Tally, pass: MetricPass<'_, F>) -> Result<(), Error> {
        self.calls.fetch_add(1, Relaxed);
        let counted = self.batch(&pass)?;
        match self.bug {
            MeanOfMeans => {
                if let [sum, weight] = counted[..] {
                    add(tally, &vec![sum / weight, 1.0]);
                }
            }
            BatchOverwrites => *tally = counted,
            EarlierBatchesFade => {
                tally.iter_mut().for_each(|sum| *sum *= 0.9);
                add(tally, &counted);
            }
            KeptInTheMetric => {
                if let Ok(mut kept) = self.kept.lock() {
                    add(&mut kept, &counted);
                    tally.clone_from(&kept);
                }
            }
            PairsOfABatch => {
                let (wins, pairs) = self.pairs(&counted);
                add(tally, &vec![wins, pairs]);
            }
            _ if self.measure == Ranking => tally.extend(counted),
            _ => add(tally, &counted),
        }
        Ok(())
    }

    fn merge(&self, tally: &mut Tally, other: &Tally) {
        match self.bug {
            MergeOverwrites => tally.clone_from(other),
            MergeKeepsTheFirst if !tally.is_empty() => {}
            MergeStopsAtTheShorter => tally.iter_mut().zip(other).for_each(|(sum, x)| *sum += x),
            MergeWithoutTheWeight => {
                let weights: Tally = tally.iter().skip(1).step_by(2).copied().collect();
                add(tally, other);
                for (place, weight) in weights.into_iter().enumerate() {
                    tally[2 * place + 1] = weight;
                }
            }
            MergeHalves => {
                add(tally, other);
                tally.iter_mut().for_each(|sum| *sum /= 2.0);
            }
            MergeCountsCalls => {
                add(tally, other);
                at(tally, 2)[1] += 1.0;
            }
            PairsOfABatch => add(tally, other),
            _ if self.measure == Ranking => tally.extend(other),
            _ => add(tally, other),
        }
    }

    fn value(&self, tally: &Tally) -> f64 {
        if self.measure == Ranking {
            let (wins, pairs) = match tally[..] {
                [wins, pairs] if self.is(PairsOfABatch) => (wins, pairs),
                _ => self.pairs(tally),
            };
            return wins / pairs;
        }
        let mut tally = tally.clone();
        let counts = at(&mut tally, 2).chunks(2).map(|count| (count[0], count[1]));
        let seen = |(_, weight): &(f64, f64)| self.measure != Recall || *weight != 0.0;
        let shares: Vec<f64> =
            counts.filter(seen).map(|(sum, weight)| self.ratio::<F>(sum, weight)).collect();
        if self.is(OneForNothing) && shares.is_empty() {
            return 1.0;
        }
        shares.iter().sum::<f64>() / shares.len() as f64
    }
}

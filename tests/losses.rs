//! The laws that every loss keeps, checked on one list of them.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt::Debug;
use std::sync::Arc;

use downhill::data::{Batch, Dataset, IntoTargets, Sampling, Source, Targets};
use downhill::layer::{Backward, Forward, Layer, Plan};
use downhill::loss::{self, *};
use downhill::network::{Draw, Workspace};
use downhill::params::{Role, init::Constant};
use downhill::random::Noise;
use downhill::{Error, Model, Scalar, Shape};
use ndarray::{ArrayD, Axis, IxDyn, Slice, array};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

// ---- the list ----

/// What an output of the model may be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Out {
    Free,
    Probability,
    LogProbability,
    /// Above 0.
    Rate,
    /// Above 0, one for the whole sample.
    SharedRate,
}

/// What a target may be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Nothing,
    Number,
    Share,
    LogShare,
    Bit,
    Count,
    Sign,
    OneSign,
    Class,
}

trait Both: Debug {
    fn double(&self) -> &dyn Loss<f64>;
    fn single(&self) -> &dyn Loss<f32>;
}

impl<L: Loss<f64> + Loss<f32>> Both for L {
    fn double(&self) -> &dyn Loss<f64> {
        self
    }
    fn single(&self) -> &dyn Loss<f32> {
        self
    }
}

#[derive(Debug)]
struct Subject {
    loss: Box<dyn Both>,
    outputs: Vec<Out>,
    kind: Kind,
    /// The length of the last axis, where the settings fix it.
    classes: Option<usize>,
    /// Whether there has to be a last axis.
    axis: bool,
    /// The largest output with a finite loss in single precision, from which no square or exponential follows.
    reach: f64,
}

fn subject(loss: impl Both + 'static, outputs: &[Out], kind: Kind) -> Subject {
    let outputs = outputs.to_vec();
    Subject {
        loss: Box::new(loss),
        outputs,
        kind,
        classes: None,
        axis: kind == Kind::Class,
        reach: 1e30,
    }
}

impl Subject {
    fn classes(self, classes: usize) -> Self {
        Self { classes: Some(classes), ..self }
    }

    fn axis(self) -> Self {
        Self { axis: true, ..self }
    }

    fn reach(self, reach: f64) -> Self {
        Self { reach, ..self }
    }
}

fn subjects() -> Vec<Subject> {
    use Kind::*;
    use Out::*;
    let one = &[Free];
    let weights = || Some(vec![0.5, 2.0, 1.0]);
    let smooth = |label_smoothing| CrossEntropy { label_smoothing, ..CrossEntropy::default() };
    let weighted = || CrossEntropy { class_weights: weights(), ..smooth(0.2) };
    let logits = BinaryCrossEntropyWithLogits::default;
    vec![
        subject(Mse, one, Number).reach(1e4),
        subject(Mae, one, Number),
        subject(SmoothL1::default(), one, Number),
        subject(SmoothL1 { beta: 0.5 }, one, Number),
        subject(SmoothL1 { beta: 0.0 }, one, Number),
        subject(Huber::default(), one, Number),
        subject(Huber { delta: 0.25 }, one, Number),
        subject(LogCosh, one, Number),
        subject(Quantile::default(), one, Number),
        subject(Quantile { quantile: 0.9 }, one, Number),
        subject(PoissonNll::default(), one, Count).reach(50.0),
        subject(PoissonNll { full: true, ..PoissonNll::default() }, one, Count).reach(50.0),
        subject(PoissonNll { log_input: false, ..PoissonNll::default() }, &[Rate], Count),
        subject(BinaryCrossEntropy, &[Probability], Share),
        subject(logits(), one, Share),
        subject(
            BinaryCrossEntropyWithLogits { positive_weights: Some(vec![3.0]), ..logits() },
            one,
            Bit,
        ),
        subject(
            BinaryCrossEntropyWithLogits {
                positive_weights: Some(vec![3.0, 0.5, 1.0]),
                class_weights: weights(),
            },
            one,
            Share,
        )
        .classes(3),
        subject(Focal::default(), one, Bit),
        subject(Focal::default(), one, Share),
        subject(Focal { alpha: None, gamma: 0.5 }, one, Bit),
        subject(Focal { alpha: Some(0.75), gamma: 0.0 }, one, Share),
        subject(Hinge, one, Sign),
        subject(SquaredHinge, one, Sign).reach(1e4),
        subject(SoftMargin, one, Sign),
        subject(HingeEmbedding::default(), one, Sign),
        subject(KlDivergence::default(), &[LogProbability], Share),
        subject(KlDivergence { log_target: true }, &[LogProbability], LogShare),
        subject(GaussianNll::default(), &[Free, Rate], Number).reach(1e4),
        subject(GaussianNll { full: true, epsilon: 0.01 }, &[Free, SharedRate], Number).reach(1e4),
        subject(MarginRanking::default(), &[Free, Free], Sign),
        subject(MarginRanking { margin: 0.5 }, &[Free, Free], Sign),
        subject(CrossEntropy::default(), one, Class),
        subject(CrossEntropy::default(), one, Share).axis(),
        subject(smooth(0.1), one, Class),
        subject(smooth(0.1), one, Share).axis(),
        subject(weighted(), one, Class).classes(3),
        subject(weighted(), one, Share).classes(3),
        subject(CrossEntropy { ignore_index: Some(1), ..weighted() }, one, Class).classes(3),
        subject(Nll::default(), &[LogProbability], Class),
        subject(Nll { class_weights: weights(), ignore_index: Some(0) }, &[LogProbability], Class)
            .classes(3),
        subject(MultiMargin::default(), one, Class),
        subject(MultiMargin { p: 2, margin: 0.7, class_weights: weights() }, one, Class)
            .classes(3)
            .reach(1e4),
        subject(MultiLabelMargin, one, Bit).axis(),
        subject(CosineEmbedding::default(), &[Free, Free], OneSign),
        subject(CosineEmbedding { margin: 0.3 }, &[Free, Free], OneSign),
        subject(Triplet::default(), &[Free; 3], Nothing),
        // A margin off every sum of grid steps and of the outputs' distances from the grid, as sums of absolute values are on one.
        subject(Triplet { p: 1.0, margin: 0.5037, ..Triplet::default() }, &[Free; 3], Nothing),
        subject(Triplet { p: 3.0, swap: true, ..Triplet::default() }, &[Free; 3], Nothing),
    ]
}

// ---- batches for it ----

#[derive(Clone, Debug)]
enum Answer<F> {
    None,
    Classes(ArrayD<usize>),
    Values(ArrayD<F>),
}

impl<F: Scalar> IntoTargets<F> for Answer<F> {
    fn into_targets(self) -> Targets<F> {
        match self {
            Self::None => ().into_targets(),
            Self::Classes(array) => array.into_targets(),
            Self::Values(array) => array.into_targets(),
        }
    }
}

#[derive(Clone, Debug)]
struct Problem<F> {
    outputs: Vec<ArrayD<F>>,
    answer: Answer<F>,
    weights: Vec<F>,
}

/// How a problem is drawn: the batch, the axes of a sample and the seed.
#[derive(Clone, Debug)]
struct Plot {
    batch: usize,
    axes: Vec<usize>,
    seed: u64,
}

fn plots() -> impl Strategy<Value = Plot> {
    let axes = prop::collection::vec(1..4_usize, 0..3);
    (1..4_usize, axes, any::<u64>()).prop_map(|(batch, axes, seed)| Plot { batch, axes, seed })
}

impl Plot {
    /// Targets lie on a grid of eighths, and outputs beside it, each place and each output by another distance. So no difference of two numbers is
    /// near a multiple of 1/8, where the bends of these losses are.
    fn draw(&self, subject: &Subject) -> Problem<f64> {
        let mut axes = self.axes.clone();
        if let Some(classes) = subject.classes {
            axes.push(classes);
        } else if axes.is_empty() && (subject.axis || subject.outputs.len() > 1) {
            axes.push(2);
        }
        let noise = Noise::new(self.seed);
        let shape = |axes: &[usize]| IxDyn(&[&[self.batch], axes].concat());
        let fill = |name: &str, axes: &[usize], of: &dyn Fn(f64, usize) -> f64| {
            let (noise, mut i) = (noise.at(name), 0);
            let size: usize = axes.iter().product();
            ArrayD::from_shape_simple_fn(shape(axes), || {
                i += 1;
                of(noise.uniform(i as u64), (i - 1) % size)
            })
        };
        let grid = |u: f64, from: f64, to: f64| (8.0 * (from + u * (to - from))).round() / 8.0;
        let outputs = subject.outputs.iter().enumerate().map(|(k, out)| {
            let beside = |place: usize| 0.01 * (1 + place % 11) as f64 + 0.03 * k as f64;
            let axes: &[usize] = if *out == Out::SharedRate { &[1] } else { &axes };
            fill(&format!("output {k}"), axes, &|u, place| match out {
                Out::Free => grid(u, -3.0, 3.0) + beside(place),
                Out::Probability => grid(u, 0.125, 0.75) + beside(place),
                Out::LogProbability => -grid(u, 0.0, 4.0) - beside(place),
                Out::Rate | Out::SharedRate => grid(u, 0.5, 3.0) + beside(place),
            })
        });
        let outputs = outputs.collect();
        let values = |axes: &[usize], of: &dyn Fn(f64) -> f64| {
            Answer::Values(fill("target", axes, &|u, _| of(u)))
        };
        let sign = |u: f64| if u < 0.5 { -1.0 } else { 1.0 };
        let answer = match subject.kind {
            Kind::Nothing => Answer::None,
            Kind::Number => values(&axes, &|u| grid(u, -3.0, 3.0)),
            Kind::Share => values(&axes, &|u| grid(u, 0.0, 1.0)),
            Kind::LogShare => values(&axes, &|u| -grid(u, 0.0, 4.0)),
            Kind::Bit => values(&axes, &f64::round),
            Kind::Count => values(&axes, &|u| (5.0 * u).round()),
            Kind::Sign => values(&axes, &sign),
            Kind::OneSign => values(&[], &sign),
            Kind::Class => {
                let classes = axes.pop().unwrap_or(1);
                let (noise, mut i) = (noise.at("labels"), 0);
                Answer::Classes(ArrayD::from_shape_simple_fn(shape(&axes), || {
                    i += 1;
                    noise.below(i, classes)
                }))
            }
        };
        let weight = |i: usize| noise.at("weights").below(i as u64, 8) as f64 / 4.0;
        Problem { outputs, answer, weights: (0..self.batch).map(weight).collect() }
    }
}

impl Problem<f64> {
    fn single(&self) -> Problem<f32> {
        Problem {
            outputs: self.outputs.iter().map(|output| output.mapv(|x| x as f32)).collect(),
            answer: match &self.answer {
                Answer::None => Answer::None,
                Answer::Classes(labels) => Answer::Classes(labels.clone()),
                Answer::Values(values) => Answer::Values(values.mapv(|x| x as f32)),
            },
            weights: self.weights.iter().map(|&w| w as f32).collect(),
        }
    }
}

impl<F: Scalar> Problem<F> {
    fn measure(&self, loss: &dyn Loss<F>) -> Result<(Total, Vec<ArrayD<F>>), Error> {
        loss::measure(loss, &self.outputs, self.answer.clone(), Some(&self.weights))
    }

    /// The samples `rows`, in that order.
    fn select(&self, rows: &[usize]) -> Self {
        Self {
            outputs: self.outputs.iter().map(|output| output.select(Axis(0), rows)).collect(),
            answer: match &self.answer {
                Answer::None => Answer::None,
                Answer::Classes(labels) => Answer::Classes(labels.select(Axis(0), rows)),
                Answer::Values(values) => Answer::Values(values.select(Axis(0), rows)),
            },
            weights: rows.iter().map(|&row| self.weights[row]).collect(),
        }
    }
}

/// Runs a law on every loss of the list with 200 plots. The plots are the same in every run: a bend of a loss that is hit by chance would make a
/// test fail now and then, and teach people to run it again.
fn law(name: &str, check: impl Fn(&Subject, &Plot) -> Result<(), String>) {
    for subject in subjects() {
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let config = Config { cases: 200, failure_persistence: None, ..Config::default() };
        let result = TestRunner::new_with_rng(config, rng)
            .run(&plots(), |plot| check(&subject, &plot).map_err(TestCaseError::fail));
        if let Err(failure) = result {
            panic!("{name}: {:?}: {failure}", subject.loss);
        }
    }
}

fn text(error: Error) -> String {
    error.to_string()
}

fn near(got: f64, want: f64) -> bool {
    (got - want).abs() <= 1e-8 + 1e-6 * want.abs()
}

// ---- gradients ----

/// Compares every number of the gradient with the central difference of fourth order.
fn gradient_law(loss: &dyn Loss<f64>, problem: &Problem<f64>) -> Result<(), String> {
    let (_, gradients) = problem.measure(loss).map_err(text)?;
    for (k, gradient) in gradients.iter().enumerate() {
        for (i, &got) in gradient.iter().enumerate() {
            let at = |step: f64| {
                let mut moved = problem.clone();
                moved.outputs[k].as_slice_mut().ok_or("layout")?[i] += step;
                Ok::<_, String>(moved.measure(loss).map_err(text)?.0.sum)
            };
            let h = 1e-4;
            let near_by = at(h)? - at(-h)?;
            let want = (8.0 * near_by - (at(2.0 * h)? - at(-2.0 * h)?)) / (12.0 * h);
            if !near(got, want) {
                return Err(format!("output {k}, number {i}: got {got:e}, want {want:e}"));
            }
        }
    }
    Ok(())
}

#[test]
fn gradients_are_those_of_the_sum() {
    law("gradient", |subject, plot| gradient_law(subject.loss.double(), &plot.draw(subject)));
}

/// Wrong in one number of each sample.
#[derive(Debug)]
struct Wrong;

impl Loss<f64> for Wrong {
    fn check(&self, outputs: &[Shape], kind: &downhill::data::TargetKind) -> Result<(), Error> {
        Loss::<f64>::check(&Mse, outputs, kind)
    }

    fn evaluate(&self, mut pass: LossPass<'_, f64>) -> Result<Total, Error> {
        let mut gradients = pass.gradients.take();
        let output = pass.outputs.one();
        let downhill::data::Target::Values(target) = pass.targets else {
            return Err(Error::other("wrong", "takes numbers"));
        };
        let gaps = output.values().iter().zip(target.values()).map(|(p, t)| p - t);
        let share = 1.0 / output.size() as f64;
        if let Some(gradients) = &mut gradients {
            let mut view = gradients.one();
            view.values().iter_mut().zip(gaps.clone()).for_each(|(g, d)| *g = 2.0 * share * d);
            view.rows().for_each(|row| row[0] *= 1.00001);
        }
        let sum = share * gaps.map(|d| d * d).sum::<f64>();
        Ok(Total { sum, weight: output.batch() as f64 })
    }
}

#[test]
fn a_wrong_gradient_is_found() {
    let plot = Plot { batch: 2, axes: vec![3], seed: 1 };
    let mut problem = plot.draw(&subject(Mse, &[Out::Free], Kind::Number));
    problem.weights.fill(1.0);
    let found = gradient_law(&Wrong, &problem).unwrap_err();
    assert!(found.starts_with("output 0, number 0"), "{found}");
}

// ---- weights and parts ----

#[test]
fn any_split_of_a_batch_adds_up() {
    law("split", |subject, plot| {
        let (loss, problem) = (subject.loss.double(), plot.draw(subject));
        let (whole, gradients) = problem.measure(loss).map_err(text)?;
        for cut in 1..plot.batch {
            let rows: Vec<usize> = (0..plot.batch).collect();
            let (first, g1) = problem.select(&rows[..cut]).measure(loss).map_err(text)?;
            let (second, g2) = problem.select(&rows[cut..]).measure(loss).map_err(text)?;
            let sum = first + second;
            let scale = first.sum.abs() + second.sum.abs();
            if (sum.sum - whole.sum).abs() > 1e-14 * scale || !near(sum.weight, whole.weight) {
                return Err(format!("{sum:?} is not {whole:?}"));
            }
            for ((g1, g2), g) in g1.iter().zip(&g2).zip(&gradients) {
                let (a, b) = (g.slice_axis(Axis(0), Slice::from(..cut)), Slice::from(cut..));
                if a != g1 || g.slice_axis(Axis(0), b) != g2 {
                    return Err("the parts' gradients differ".to_owned());
                }
            }
        }
        Ok(())
    });
}

#[test]
fn weights_count_samples() {
    law("weights", |subject, plot| {
        let (loss, mut problem) = (subject.loss.double(), plot.draw(subject));
        problem.weights.fill(1.0);
        let rows: Vec<usize> = (0..plot.batch).collect();
        let mut twice = problem.select(&[&rows[..], &[0]].concat());
        let (sum, gradients) = twice.measure(loss).map_err(text)?;
        problem.weights[0] = 2.0;
        let (weighted, doubled) = problem.measure(loss).map_err(text)?;
        if !near(weighted.sum, sum.sum) || weighted.weight != sum.weight {
            return Err(format!("{weighted:?} is not {sum:?}"));
        }
        for (g, doubled) in gradients.iter().zip(&doubled) {
            if &g.index_axis(Axis(0), 0) * 2.0 != doubled.index_axis(Axis(0), 0) {
                return Err("the gradient is not doubled".to_owned());
            }
        }

        // The copy, of weight 0 and made as bad as can be.
        *twice.weights.last_mut().ok_or("empty")? = 0.0;
        twice.outputs.iter_mut().for_each(|o| o.index_axis_mut(Axis(0), plot.batch).fill(f64::NAN));
        match &mut twice.answer {
            Answer::None => {}
            Answer::Classes(labels) => labels.index_axis_mut(Axis(0), plot.batch).fill(99),
            Answer::Values(values) => values.index_axis_mut(Axis(0), plot.batch).fill(f64::NAN),
        }
        problem.weights.fill(1.0);
        let (without, _) = problem.measure(loss).map_err(text)?;
        let (with, gradients) = twice.measure(loss).map_err(text)?;
        let silent = |g: &ArrayD<f64>| g.index_axis(Axis(0), plot.batch).iter().all(|&g| g == 0.0);
        if with != without || !gradients.iter().all(silent) {
            return Err(format!("weight 0 changes {without:?} to {with:?}"));
        }
        Ok(())
    });
}

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

// ---- extremes ----

/// The same problem with outputs from a list of extreme ones.
fn extreme(subject: &Subject, problem: &Problem<f64>, seed: u64) -> Problem<f64> {
    let reach = subject.reach;
    let free =
        [0.0, 1e-30, -1e-30, 1.0, -1.0, 1e4_f64.min(reach), -1e4_f64.min(reach), reach, -reach];
    let mut problem = problem.clone();
    for (k, (output, out)) in problem.outputs.iter_mut().zip(&subject.outputs).enumerate() {
        let noise = Noise::new(seed).at("extreme").step(k as u64);
        let list: &[f64] = match out {
            Out::Free => &free,
            Out::Probability => &[0.0, 1.0, 1e-30, 1e-7, 0.5],
            Out::LogProbability => &[0.0, -1e-30, -1.0, -1e4, -1e30],
            Out::Rate | Out::SharedRate => &[0.0, 1e-30, 1.0, 1e4],
        };
        let mut i = 0;
        output.mapv_inplace(|_| {
            i += 1;
            list[noise.below(i, list.len())]
        });
    }
    problem
}

fn finite<F: Scalar>(loss: &dyn Loss<F>, problem: &Problem<F>) -> Result<(), String> {
    let (total, gradients) = problem.measure(loss).map_err(text)?;
    if total.sum.is_finite() && gradients.iter().flatten().all(|g| g.is_finite()) {
        return Ok(());
    }
    Err(format!("{total:?}, {gradients:?} for {problem:?}"))
}

#[test]
fn extreme_outputs_have_finite_losses_and_gradients() {
    law("extremes", |subject, plot| {
        let problem = extreme(subject, &plot.draw(subject), plot.seed);
        finite(subject.loss.double(), &problem)?;
        finite(subject.loss.single(), &problem.single())
    });
}

#[test]
fn impossible_classes_cost_nothing_if_nothing_is_expected_of_them() {
    let logits = [array![[f64::NEG_INFINITY, 0.0, 0.0]].into_dyn()];
    let loss = CrossEntropy::default();
    for answer in
        [Answer::Classes(array![1].into_dyn()), Answer::Values(array![[0.0, 1.0, 0.0]].into_dyn())]
    {
        let (total, gradients) = loss::measure(&loss, &logits, answer, None).unwrap();
        assert_eq!(total.sum, 2.0_f64.ln());
        assert_eq!(gradients[0], array![[0.0, -0.5, 0.5]].into_dyn());
    }
    let expected = loss::measure(&loss, &logits, vec![0], None).unwrap().0;
    assert_eq!(expected.sum, f64::INFINITY);
    let log = [array![[f64::NEG_INFINITY, 0.0]].into_dyn()];
    let total = loss::measure(&KlDivergence::default(), &log, array![[0.0, 1.0]], None).unwrap().0;
    assert_eq!(total.sum, 0.0);
}

/// Places whose label is to be ignored are as if they were not there, so NaN there is nothing to find.
fn ignored(subject: &Subject) -> bool {
    format!("{:?}", subject.loss).contains("ignore_index: Some")
}

#[test]
fn nan_is_never_laundered() {
    law("NaN", |subject, plot| {
        if ignored(subject) {
            return Ok(());
        }
        let mut problem = plot.draw(subject);
        problem.weights.fill(0.5);
        for k in 0..problem.outputs.len() {
            for i in 0..problem.outputs[k].len() {
                let mut bad = problem.clone();
                bad.outputs[k].as_slice_mut().ok_or("layout")?[i] = f64::NAN;
                let (double, _) = bad.measure(subject.loss.double()).map_err(text)?;
                let (single, _) = bad.single().measure(subject.loss.single()).map_err(text)?;
                if !double.sum.is_nan() || !single.sum.is_nan() {
                    return Err(format!("output {k}, number {i}: {double:?}, {single:?}"));
                }
            }
        }
        if let Answer::Values(targets) = &problem.answer {
            for i in 0..targets.len() {
                let mut targets = targets.clone();
                targets.as_slice_mut().ok_or("layout")?[i] = f64::NAN;
                let bad = Problem { answer: Answer::Values(targets), ..problem.clone() };
                match bad.measure(subject.loss.double()) {
                    Ok((total, _)) if !total.sum.is_nan() => return Err(format!("target {i}")),
                    _ => {}
                }
            }
        }
        Ok(())
    });
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
fn settings_out_of_range_are_errors_with_names() {
    let nan = f64::NAN;
    let losses: Vec<(Box<dyn Loss<f64>>, &str)> = vec![
        (Box::new(SmoothL1 { beta: -1.0 }), "SmoothL1::beta"),
        (Box::new(Huber { delta: 0.0 }), "Huber::delta"),
        (Box::new(Quantile { quantile: 1.0 }), "Quantile::quantile"),
        (Box::new(Quantile { quantile: nan }), "Quantile::quantile"),
        (Box::new(PoissonNll { epsilon: 0.0, ..PoissonNll::default() }), "PoissonNll::epsilon"),
        (Box::new(Focal { alpha: Some(1.5), gamma: 2.0 }), "Focal::alpha"),
        (Box::new(Focal { alpha: None, gamma: -1.0 }), "Focal::gamma"),
        (Box::new(HingeEmbedding { margin: nan }), "HingeEmbedding::margin"),
        (Box::new(GaussianNll { full: false, epsilon: 0.0 }), "GaussianNll::epsilon"),
        (Box::new(MarginRanking { margin: nan }), "MarginRanking::margin"),
        (Box::new(CosineEmbedding { margin: 2.0 }), "CosineEmbedding::margin"),
        (Box::new(Triplet { p: 0.5, ..Triplet::default() }), "Triplet::p"),
        (Box::new(Triplet { margin: nan, ..Triplet::default() }), "Triplet::margin"),
        (Box::new(Triplet { epsilon: -1.0, ..Triplet::default() }), "Triplet::epsilon"),
        (Box::new(MultiMargin { p: 3, ..MultiMargin::default() }), "MultiMargin::p"),
        (
            Box::new(CrossEntropy { label_smoothing: 1.5, ..CrossEntropy::default() }),
            "CrossEntropy::label_smoothing",
        ),
        (
            Box::new(CrossEntropy { class_weights: Some(vec![nan]), ..CrossEntropy::default() }),
            "CrossEntropy::class_weights",
        ),
    ];
    for (loss, argument) in losses {
        match loss.validate() {
            Err(Error::Argument { argument: got, .. }) => assert_eq!(got, argument),
            other => panic!("{loss:?}: {other:?}"),
        }
    }
    assert!(subjects().iter().all(|subject| subject.loss.double().validate().is_ok()));
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

// ---- inside a model ----

/// Gives its parameters as outputs.
#[derive(Debug)]
struct Given {
    batch: usize,
    shapes: Vec<Shape>,
}

impl Layer<f64> for Given {
    fn plan(&self, plan: &mut Plan<'_, f64>) -> Result<(), Error> {
        for (k, shape) in self.shapes.iter().enumerate() {
            let all = [&[self.batch], shape.axes()].concat();
            plan.param(
                &format!("output{k}"),
                Role::Weight,
                all,
                (1, 1),
                Some(Arc::new(Constant(0.0))),
            )?;
            plan.output(shape.clone())?;
        }
        Ok(())
    }

    fn forward(&self, mut pass: Forward<'_, f64>) {
        for k in 0..self.shapes.len() {
            pass.outputs.get(k).values().copy_from_slice(&pass.params[k]);
        }
    }

    fn backward(&self, _: Backward<'_, f64>) {}
}

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: `memory` came from `System.alloc` with this layout.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn evaluation_allocates_nothing_and_gradients_are_optional() {
    law("in a model", |subject, plot| {
        let (loss, problem) = (subject.loss.double(), plot.draw(subject));
        let shapes = problem.outputs.iter().map(|output| Shape::from(&output.shape()[1..]));
        let given = Given { batch: plot.batch, shapes: shapes.collect() };
        let mut model = Model::build(given, &[1.into()], 0).map_err(text)?;
        let flat: Vec<f64> = problem.outputs.iter().flatten().copied().collect();
        model.values_mut().copy_from_slice(&flat);
        let mut work = Workspace::new(&model);
        work.reserve(plot.batch).map_err(text)?;
        work.evaluate(&model, plot.batch, Draw::new(0, 0)).map_err(text)?;
        let inputs = ArrayD::<f64>::zeros(IxDyn(&[plot.batch, 1]));
        let data = Dataset::new(inputs, problem.answer.clone()).map_err(text)?;
        let mut batch = Batch::new(&data.content());
        let rows: Vec<usize> = (0..plot.batch).collect();
        data.fill(&rows, Sampling::new(0, 0), &mut batch).map_err(text)?;

        let want = problem.measure(loss).map_err(text)?;
        let (outputs, gradients) = work.output_gradients().unwrap();
        let mut pass = LossPass::new(outputs, batch.target());
        pass.weights = Some(&problem.weights);
        pass.gradients = Some(gradients);
        let before = ALLOCATIONS.with(Cell::get);
        let with = loss.evaluate(pass);
        let after = ALLOCATIONS.with(Cell::get);
        let mut pass = LossPass::new(work.outputs(), batch.target());
        pass.weights = Some(&problem.weights);
        let without = loss.evaluate(pass);
        if with != Ok(want.0) || without != with {
            return Err(format!("{with:?} with gradients, {without:?} without, {:?}", want.0));
        }
        if after != before {
            return Err(format!("{} allocations", after - before));
        }
        let mut gradients = work.output_gradients().unwrap().1;
        for (k, want) in want.1.iter().enumerate() {
            if !gradients.get(k).values().iter().eq(want.iter()) {
                return Err(format!("another gradient for output {k}"));
            }
        }
        Ok(())
    });
}

//! No public call panics, hangs or takes memory that nothing accounts for, whatever it is given.

use std::sync::Arc;

use downhill::clip::{self, Clip, Norm};
use downhill::data::{
    Batch, Content, Dataset, MinMax, Order, Scaler, Source, Standardize, TargetKind, Targets,
};
use downhill::goal::{Goal, Threshold, Watch};
use downhill::layer::*;
use downhill::loss::{self, *};
use downhill::metric::{self, *};
use downhill::network::Draw;
use downhill::params::init::{self, *};
use downhill::params::{Role, Select};
use downhill::random::Noise;
use downhill::regularize::*;
use downhill::schedule::Plateau;
use downhill::tensor::{View, ViewMut};
use downhill::{Model, Parallel, Shape, Workspace};
use ndarray::{Array1, ArrayD, IxDyn};
use proptest::prelude::*;

/// Small sizes and absurd ones; none between, which a machine might have memory for.
fn size() -> impl Strategy<Value = usize> + Clone {
    let absurd = [1 << 62, usize::MAX / 2, usize::MAX - 1, usize::MAX];
    prop_oneof![1 => 0..2_usize, 8 => 1..6_usize, 1 => prop::sample::select(absurd.to_vec())]
}

fn shape(axes: std::ops::Range<usize>) -> impl Strategy<Value = Vec<usize>> + Clone {
    prop::collection::vec(size(), axes)
}

fn number() -> impl Strategy<Value = f64> + Clone {
    let edges = [0.0, -0.0, 1.0, -1.0, 0.5, 5e-324, 1e308, -1e308, f64::MAX, f64::INFINITY];
    let more = [f64::NEG_INFINITY, f64::NAN, f64::MIN_POSITIVE, 1.0 - 1e-16, 1e-50, 37.5];
    prop_oneof![prop::sample::select([&edges[..], &more].concat()), -2.0..2.0]
}

fn numbers(len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(number(), len)
}

/// An array of a shape with numbers in turn; of no elements where the shape is absurd, which a length of 0 on some axis allows.
fn array(axes: &[usize], numbers: &[f64]) -> ArrayD<f64> {
    let small = |axes: &[usize]| axes.iter().all(|&axis| axis < 1000);
    let axes = match axes {
        _ if small(axes) => axes.to_vec(),
        [first, ..] => vec![first / 4, 0],
        [] => Vec::new(),
    };
    let mut turn = numbers.iter().cycle();
    ArrayD::from_shape_simple_fn(IxDyn(&axes), || turn.next().copied().unwrap_or(0.0))
}

/// Shapes of outputs and of targets, which mostly go together.
fn shapes() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    (shape(1..4), shape(0..4), 0..5).prop_map(|(outputs, other, kind)| {
        let targets = match kind {
            0 => other,
            1 => outputs[..1].to_vec(),
            2 => outputs[..outputs.len() - 1].to_vec(),
            3 => vec![outputs[0], 1],
            _ => outputs.clone(),
        };
        (outputs, targets)
    })
}

/// Targets, often such that a loss or a metric allows.
fn truth() -> impl Strategy<Value = Vec<f64>> {
    let bits = prop::sample::select(vec![0.0, 1.0]);
    let signs = prop::sample::select(vec![-1.0, 1.0]);
    prop_oneof![
        numbers(1..9),
        prop::collection::vec(bits, 1..9),
        prop::collection::vec(signs, 1..9)
    ]
}

fn targets(kind: u8, axes: &[usize], numbers: &[f64]) -> Targets<f64> {
    match kind {
        0 => Targets::None,
        1 => Targets::Classes(labels(axes, numbers).into_shared()),
        _ => Targets::Values(array(axes, numbers).into_shared()),
    }
}

fn labels(axes: &[usize], numbers: &[f64]) -> ArrayD<usize> {
    array(axes, numbers).mapv(|x| if x.is_nan() { usize::MAX } else { x as usize })
}

fn layer() -> impl Strategy<Value = Arc<dyn Layer<f64>>> {
    let settings = (
        0..24_usize,
        prop::collection::vec(size(), 9),
        prop::option::of(size()),
        (number(), number()),
        any::<[bool; 3]>(),
    );
    settings.prop_map(|(kind, s, axis, (a, b), on)| -> Arc<dyn Layer<f64>> {
        let (kernel, stride, padding, dilation) =
            ([s[1], s[2]], [s[3], s[4]], [s[5], s[6]], [s[7], s[8]]);
        match kind {
            0 => Arc::new(Dense::new(s[0])),
            1 => {
                let conv = Conv1d::new(s[0], s[1]).stride(s[3]).padding(s[5]).dilation(s[7]);
                Arc::new(if on[0] { conv.groups(s[2]) } else { conv })
            }
            2 => {
                let conv = Conv2d::new(s[0], kernel).stride(stride).dilation(dilation);
                Arc::new(if on[0] { conv.padding(padding) } else { conv.same_padding() })
            }
            3 => Arc::new(Conv2d::depthwise(s[0], kernel).stride(stride).padding(padding)),
            4 => Arc::new(Conv1d::depthwise(s[0], s[1]).same_padding().dilation(s[7])),
            5 => Arc::new(
                ConvTranspose2d::new(s[0], kernel)
                    .stride(stride)
                    .padding(padding)
                    .dilation(if on[0] { dilation } else { [1, 1] }),
            ),
            6 => Arc::new(
                ConvTranspose2d::new(s[0], kernel)
                    .stride(stride)
                    .output_padding(padding)
                    .groups(s[7]),
            ),
            7 => {
                let pool = MaxPool1d::new(s[1]).stride(s[3]).padding(s[5]).dilation(s[7]);
                Arc::new(if on[0] { pool.ceil_mode() } else { pool })
            }
            8 => {
                let pool =
                    MaxPool2d::new(kernel).stride(stride).padding(padding).dilation(dilation);
                Arc::new(if on[0] { pool.ceil_mode() } else { pool })
            }
            9 => {
                let pool = AvgPool1d::new(s[1]).stride(s[3]).padding(s[5]);
                Arc::new(if on[0] { pool.ceil_mode() } else { pool.without_padding() })
            }
            10 => {
                let pool = AvgPool2d::new(kernel).stride(stride).padding(padding);
                Arc::new(if on[0] { pool.ceil_mode() } else { pool.without_padding() })
            }
            11 => Arc::new(AdaptiveAvgPool2d::new(kernel)),
            12 => Arc::new(GlobalAvgPool),
            13 => Arc::new(GlobalMaxPool),
            14 => Arc::new(ZeroPad { top: s[0], bottom: s[1], left: s[2], right: s[3] }),
            15 => {
                Arc::new(if on[0] { Upsample::nearest(kernel) } else { Upsample::bilinear(kernel) })
            }
            16 => Arc::new(Upsample::bilinear(kernel).align_corners()),
            17 => Arc::new(Reshape::to(&s[..4])),
            18 => Arc::new(Flatten),
            19 => Arc::new(Dropout::new(a)),
            20 => Arc::new(PRelu { per_channel: on[0], start: a }),
            21 => Arc::new(Softplus { beta: a, threshold: b }),
            22 => Arc::new(
                if on[0] { Branches::concat() } else { Branches::product() }
                    .branch(Flatten)
                    .branch(Softmax { axis }),
            ),
            _ => match (on[0], on[1]) {
                (true, true) => Arc::new(Glu { axis }),
                (true, false) => Arc::new(SwiGlu { axis }),
                (false, true) => Arc::new(LogSoftmax { axis }),
                (false, false) => {
                    Arc::new(Residual::new(Elu { alpha: a }).with_projection(Celu { alpha: b }))
                }
            },
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn layers_build_or_say_why_not_and_what_builds_runs(
        layer in layer(), axes in shape(0..5), values in numbers(1..9), batch in 0..3_usize,
    ) {
        let Ok(mut model) = Model::<f64>::build(layer, &[Shape::from(axes)], 7) else { return Ok(()) };
        let mut work = Workspace::new(&model).with_input_gradients();
        let size = model.input_shapes()[0].size();
        prop_assume!(size < 10_000 && model.output_shapes()[0].size() < 1_000_000);
        let mut turn = values.iter().cycle();
        work.input(0, batch).unwrap().fill_with(|| turn.next().copied().unwrap_or(0.0));
        work.train(&mut model, batch, Draw::default()).unwrap();
        let mut gradient = vec![0.0; model.values().len()];
        let (_, mut outputs) = work.output_gradients().unwrap();
        outputs.one().values().fill(1.0);
        work.backward(&model, &mut gradient, Draw::default()).unwrap();
        prop_assert_eq!(work.input_gradient(0).values().len(), batch * size);
    }

    #[test]
    fn views_are_of_their_length_or_refused(values in numbers(0..20), batch in size(), axes in shape(0..4), row in size()) {
        let shape = Shape::from(axes);
        let mut copy = values.clone();
        if let Ok(view) = View::new(&values, batch, &shape) {
            prop_assert!(view.row(row).len() <= values.len());
            prop_assert_eq!(view.matrix().len(), values.len());
            prop_assert_eq!(view.array().len(), values.len());
            prop_assert!(view.rows().len() <= values.len());
        }
        if let Ok(mut view) = ViewMut::new(&mut copy, batch, &shape) {
            prop_assert!(view.row(row).len() <= values.len());
            prop_assert_eq!(view.matrix().len(), values.len());
            prop_assert_eq!(view.array().len(), values.len());
            prop_assert!(view.rows().len() <= values.len());
        }
    }

    #[test]
    fn batches_keep_their_lengths(
        inputs in prop::collection::vec(shape(0..3), 0..3), targets in prop::option::of(shape(0..3)),
        classes: bool, weighted: bool, lens in prop::collection::vec(size(), 1..6), cut in (size(), size()),
    ) {
        let targets = match targets {
            None => TargetKind::None,
            Some(shape) if classes => TargetKind::Classes(shape.into()),
            Some(shape) => TargetKind::Values(shape.into()),
        };
        let content = Content { inputs: inputs.into_iter().map(Shape::from).collect(), targets, weighted };
        let mut batch = Batch::<f64>::new(&content);
        for len in lens {
            let resized = batch.resize(len);
            prop_assert_eq!(batch.len(), if resized.is_ok() { len } else { 0 });
            prop_assert_eq!(batch.expect(&content, len).is_ok(), batch.len() == len);
            let lens = [0, 1, 2, 3].map(|position| batch.input_mut(position).len());
            prop_assert_eq!(lens, [0, 1, 2, 3].map(|position| batch.input(position).values().len()));
            let part = batch.part(cut.0, cut.1);
            prop_assert!(part.len() <= batch.len());
            for position in 0..4 {
                let (view, part) = (batch.input(position), part.input(position));
                prop_assert!(view.row(cut.0).len() <= view.values().len() && part.batch() <= view.batch());
            }
            let _ = (part.target().kind(), batch.target().kind());
            prop_assert_eq!(part.weights().map(<[f64]>::len), weighted.then_some(part.len()));
        }
    }

    #[test]
    fn data_sets_are_made_and_divided_or_refused(
        (axes, more) in shapes(), values in numbers(1..9), truth in truth(), kind in 0..3_u8, weights in numbers(0..7),
        count in size(), share in number(), seed: u64, rows in prop::collection::vec(size(), 0..7),
    ) {
        let targets = targets(kind, &more, &truth);
        let inputs = vec![array(&axes, &values), array(&axes, &values[..1])];
        let Ok(data) = Dataset::of_several(inputs, targets) else { return Ok(()) };
        prop_assert!(!data.is_empty());
        let _ = data.clone().with_weights(Array1::from_vec(weights)).map(|data| data.weights().map(<[f64]>::len));
        let _ = (data.classes(), data.labels(), data.values(), data.inputs(count), data.backing(count));
        if let Ok(part) = data.select(&rows) {
            prop_assert_eq!(part.len(), rows.len());
        }
        let names: Vec<usize> = (0..rows.len().max(data.len())).map(|row| row % 2).collect();
        let divided = [
            data.split(share, seed), data.split_by_time(share), data.split_stratified(share, seed),
            data.split_by_group(&names, share, seed),
        ];
        for (first, second) in divided.into_iter().flatten() {
            prop_assert_eq!(first.len() + second.len(), data.len());
        }
        for folds in [data.k_fold(count, seed), data.k_fold_stratified(count, seed)].into_iter().flatten() {
            prop_assert!(folds.len() <= data.len());
            prop_assert_eq!(folds.map(|(_, validation)| validation.len()).sum::<usize>(), data.len());
        }
        if let Ok(batches) = data.batches(count, seed, seed) {
            prop_assert_eq!(batches.map(|batch| batch.unwrap().len()).sum::<usize>(), data.len());
        }
        let scalers = [Standardize::fit(&data), Standardize::fit_targets(&data), MinMax::fit(&data), MinMax::fit_targets(&data)];
        for scaler in scalers.into_iter().flatten() {
            let check = |scaler: &Scaler, data: &Dataset<f64>| scaler.apply(data).map(|scaled| {
                let all = [scaled.inputs(0), scaled.inputs(1), scaled.values()];
                all.iter().flatten().flatten().all(|x| x.is_finite())
            });
            prop_assert_eq!(check(&scaler, &data), Ok(true));
            let again = scaler.apply(&data).and_then(|scaled| check(&scaler, &scaled));
            prop_assert!(again.unwrap_or(true));
            for array in [array(&more, &values), array(&axes, &values)] {
                let _ = (scaler.transform(&array), scaler.inverse(&array));
            }
        }
        let _ = (data.is_sorted_by_class(), data.row_name(count));
        let mut order = Vec::new();
        let _ = Order::Shuffled.rows_into(count, seed, seed, &mut order);
        let _ = (Batch::of(&data), Batch::of_rows(&data, &rows));
    }

    #[test]
    fn metrics_count_or_refuse(
        (axes, more) in shapes(), values in numbers(1..9), truth in truth(), kind in 0..3_u8, weights in prop::option::of(numbers(0..5)),
        k in size(), threshold in number(), tally in numbers(0..12), other in numbers(0..12),
    ) {
        let average = Average::Binary { positive: k };
        let metrics: Vec<Box<dyn Metric<f64>>> = vec![
            Box::new(Accuracy), Box::new(TopK { k }), Box::new(BinaryAccuracy { threshold }), Box::new(ConfusionMatrix),
            Box::new(BalancedAccuracy), Box::new(Matthews), Box::new(LogLoss), Box::new(RocAuc::default()),
            Box::new(RocAuc { multi_class: MultiClass::OneVsOne }), Box::new(AveragePrecision),
            Box::new(Precision { average }), Box::new(Recall::default()), Box::new(F1 { average: Average::Micro }),
            Box::new(MeanAbsoluteError), Box::new(MeanSquaredError), Box::new(Rmse), Box::new(R2),
            Box::new(ExplainedVariance), Box::new(MaxError), Box::new(MedianAbsoluteError),
        ];
        for metric in metrics {
            let targets = targets(kind, &more, &truth);
            let _ = metric::measure(&*metric, &[array(&axes, &values)], targets, weights.as_deref());
            let mut sum = tally.clone();
            metric.merge(&mut sum, &other);
            let _ = (metric.value(&sum), metric.value(&tally), metric.value(&metric.start()));
        }
        let _ = (ConfusionMatrix.matrix(&tally), F1::default().per_class(&tally));
    }

    #[test]
    fn losses_measure_or_refuse(
        (axes, more) in shapes(), values in numbers(1..9), truth in truth(), kind in 0..3_u8, weights in prop::option::of(numbers(0..5)),
        settings in (number(), number(), number()), class_weights in prop::option::of(numbers(0..4)), index in prop::option::of(size()),
        p in 0..5_u8, on: bool,
    ) {
        let (a, b, c) = settings;
        let losses: Vec<(usize, Box<dyn Loss<f64>>)> = vec![
            (1, Box::new(Ctc { blank: index.unwrap_or(0), per_label: on, zero_infinity: !on })), (1, Box::new(Mse)), (1, Box::new(Mae)), (1, Box::new(SmoothL1 { beta: a })), (1, Box::new(Huber { delta: a })),
            (1, Box::new(LogCosh)), (1, Box::new(Quantile { quantile: a })), (2, Box::new(GaussianNll { full: on, epsilon: a })),
            (1, Box::new(CrossEntropy { label_smoothing: a, class_weights: class_weights.clone(), ignore_index: index })),
            (1, Box::new(CrossEntropy { label_smoothing: 0.0, class_weights: None, ignore_index: index })),
            (1, Box::new(Nll { class_weights, ignore_index: index })),
            (1, Box::new(MultiMargin { p: p.into(), margin: a, ..MultiMargin::default() })),
            (1, Box::new(BinaryCrossEntropyWithLogits::default())), (1, Box::new(BinaryCrossEntropy)),
            (1, Box::new(Focal { alpha: Some(a), gamma: b })), (1, Box::new(Hinge)), (1, Box::new(SquaredHinge)),
            (1, Box::new(SoftMargin)), (1, Box::new(MultiLabelMargin)), (1, Box::new(KlDivergence { log_target: on })),
            (2, Box::new(CosineEmbedding { margin: a })), (1, Box::new(HingeEmbedding { margin: a })),
            (3, Box::new(Triplet { margin: a, p: b, epsilon: c, swap: on })), (2, Box::new(MarginRanking { margin: a })),
        ];
        for (outputs, loss) in losses {
            let targets = targets(kind, &more, &truth);
            let outputs = vec![array(&axes, &values); outputs];
            let _ = loss::measure(&*loss, &outputs, targets, weights.as_deref());
        }
    }

    #[test]
    fn initialisers_fill_what_they_are_lent(
        axes in shape(0..5), fans in (size(), size()), len in 0..20_usize, settings in (number(), number(), number(), number()), groups in size(),
    ) {
        // Without `validate`, and whatever the shape says.
        let (a, b, c, d) = settings;
        let rules: Vec<Box<dyn Init>> = vec![
            Box::new(Constant(a)), Box::new(Uniform { low: a, high: b }), Box::new(init::Normal { mean: a, std: b }),
            Box::new(TruncatedNormal { mean: a, std: b, low: c, high: d }), Box::new(Glorot::uniform().gain(a)),
            Box::new(He::normal().negative_slope(a)), Box::new(LeCun::normal().truncated().gain(a)),
            Box::new(Glorot::normal().fan_out().truncated()), Box::new(FanInUniform), Box::new(Orthogonal { gain: a }),
            Box::new(Eye), Box::new(Dirac { groups }),
        ];
        let shape = Shape::from(axes);
        for rule in rules {
            let mut values = vec![0.0; len];
            rule.fill(Start::new(&shape, fans, Noise::new(7), &mut values));
            let _ = rule.validate();
        }
    }

    #[test]
    fn clips_penalties_and_constraints_take_any_numbers(
        bounds in (number(), number()), norm in number(), scale in number(), weights in numbers(0..20), gradient in numbers(0..20),
    ) {
        let (a, b) = bounds;
        let model = Model::<f64>::build(Dense::new(3), &[Shape::from(4)], 7).unwrap();
        let clips = [
            Clip::Value(a), Clip::GlobalNorm(a), Clip::TensorNorm(a), Clip::Adaptive { factor: a, epsilon: b },
            Clip::GlobalNormOf { max: a, norm: Norm::P(b) }, Clip::GlobalNormOf { max: a, norm: Norm::L1 },
        ];
        for clip in clips {
            let _ = clip.validate();
            clip.apply(model.parameters(), &weights, &mut gradient.clone(), norm, scale, Parallel::Off);
        }
        let _ = (clip::check(model.parameters(), &gradient), clip::norm(&gradient, Parallel::Off));
        let penalties: [Box<dyn Regularizer<f64>>; 3] = [Box::new(L1::new(a)), Box::new(L2::new(a)), Box::new(ElasticNet::new(a, b))];
        for rule in penalties {
            let tensor = Weights::new(&model.parameters()[0], &weights);
            let _ = (rule.validate(), rule.penalty(tensor));
            rule.add_gradient(tensor, &mut gradient.clone());
        }
        let constraints: [Box<dyn Constraint<f64>>; 3] = [Box::new(MaxNorm::new(a)), Box::new(UnitNorm), Box::new(NonNegative)];
        for rule in constraints {
            let _ = rule.validate();
            rule.project(WeightsMut::new(&model.parameters()[0], &mut weights.clone()));
        }
    }

    #[test]
    fn names_goals_and_noise_take_anything(
        pattern in "\\PC{0,6}|[*?]{0,9}a", path in "\\PC{0,9}|a{0,40}", metrics in numbers(0..30), settings in (number(), number(), number()),
        counts in (any::<u64>(), any::<u64>()), n in size(), seed: u64,
    ) {
        let _ = Select::from(pattern.as_str()).role(Role::Bias).matches(&path, Role::Bias);
        let (a, b, c) = settings;
        for goal in [Goal::Minimize, Goal::Maximize] {
            for threshold in [Threshold::Relative(a), Threshold::Absolute(a)] {
                let mut watch = Watch::new(goal, threshold);
                metrics.iter().for_each(|&metric| _ = watch.see(metric));
                let (patience, cooldown) = counts;
                let plateau = Plateau { factor: a, patience, threshold, goal, cooldown, min_scale: b, epsilon: c };
                let _ = (plateau.validate(), plateau.scale(&metrics));
            }
        }
        let noise = Noise::new(seed).at(&path).step(counts.0);
        let below = noise.below(counts.1, n);
        prop_assert!(below < n || n == 0);
        prop_assert!((0.0..1.0).contains(&noise.uniform(u64::MAX)) && noise.normal(u64::MAX).is_finite());
    }
}

//! Convolutions, pools and their like against differences of their own outputs, at random settings and sizes; the same convolutions
//! computed by the formula; and what cannot be planned.

mod grad_support;

use std::sync::Arc;

use downhill::kernel::parallel::Parallel;
use downhill::layer::{
    AdaptiveAvgPool2d, AvgPool1d, AvgPool2d, Chain, Conv1d, Conv2d, ConvTranspose2d, GlobalAvgPool,
    GlobalMaxPool, Layer, MaxPool1d, MaxPool2d, Upsample, ZeroPad,
};
use downhill::network::{Draw, Workspace};
use downhill::{Model, Shape};
use grad_support::{GradientCheck, Probe, pass};
use ndarray::{Array3, ArrayD, array};
use proptest::prelude::*;

/// 64 cases to a test; `PROPTEST_CASES` asks for another number.
fn config() -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(64),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn sizes(range: std::ops::Range<usize>) -> impl Strategy<Value = [usize; 2]> {
    prop::array::uniform2(range)
}

/// Checks a layer that takes this shape; other settings are drawn again.
fn check(
    layer: impl Layer<f64> + Clone + 'static,
    shape: &[usize],
    batch: usize,
    seed: u64,
) -> Result<(), TestCaseError> {
    if Model::<f64>::build(layer.clone(), &[shape.into()], 0).is_err() {
        return Err(TestCaseError::reject("it does not fit"));
    }
    let check = GradientCheck { batch, seed, ..GradientCheck::default() };
    check.run(layer, &[Shape::from(shape)]).map_err(TestCaseError::fail)
}

/// The output of a convolution by its formula, without bias, groups of one size.
struct Formula {
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
    groups: usize,
}

impl Formula {
    /// All products x·w with the place in the output where they belong: (output channel, row, column).
    fn products(
        &self,
        [inputs, height, width]: [usize; 3],
        [channels, kernel_height, kernel_width]: [usize; 3],
        mut product: impl FnMut([usize; 3], [usize; 4], [isize; 3]),
    ) {
        let per_group = inputs / self.groups;
        for o in 0..channels {
            for i in 0..per_group {
                let c = o / (channels / self.groups) * per_group + i;
                for (row, column) in grid(height, width) {
                    for (k, l) in grid(kernel_height, kernel_width) {
                        let place = |at: usize, tap: usize, axis: usize| {
                            let at = at as isize + self.padding[axis] as isize
                                - (tap * self.dilation[axis]) as isize;
                            let stride = self.stride[axis] as isize;
                            if at % stride == 0 { at / stride } else { -1 }
                        };
                        let at = [o as isize, place(row, k, 0), place(column, l, 1)];
                        product([c, row, column], [o, i, k, l], at);
                    }
                }
            }
        }
    }
}

fn grid(rows: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}

/// What convolutions are drawn from.
#[derive(Clone, Debug)]
struct Drawn {
    groups: usize,
    inputs: usize,
    channels: usize,
    size: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 2],
    dilation: [usize; 2],
    bias: bool,
}

prop_compose! {
    fn drawn()(
        groups in 1_usize..4,
        inputs in 1_usize..3,
        channels in 1_usize..3,
        size in sizes(1..8),
        kernel in sizes(1..4),
        stride in sizes(1..5),
        padding in sizes(0..3),
        dilation in sizes(1..4),
        bias in any::<bool>(),
    ) -> Drawn {
        let (inputs, channels) = (groups * inputs, groups * channels);
        Drawn { groups, inputs, channels, size, kernel, stride, padding, dilation, bias }
    }
}

impl Drawn {
    fn shape(&self) -> [usize; 3] {
        [self.inputs, self.size[0], self.size[1]]
    }

    fn conv2d(&self) -> Conv2d {
        let conv = Conv2d::new(self.channels, self.kernel)
            .stride(self.stride)
            .padding(self.padding)
            .dilation(self.dilation)
            .groups(self.groups);
        if self.bias { conv } else { conv.without_bias() }
    }

    fn conv1d(&self) -> Conv1d {
        let conv = Conv1d::new(self.channels, self.kernel[1])
            .stride(self.stride[1])
            .padding(self.padding[1])
            .dilation(self.dilation[1])
            .groups(self.groups);
        if self.bias { conv } else { conv.without_bias() }
    }

    fn conv_transpose2d(&self, more: usize) -> ConvTranspose2d {
        let most = |axis: usize| self.stride[axis].max(self.dilation[axis]) - 1;
        let conv = ConvTranspose2d::new(self.channels, self.kernel)
            .stride(self.stride)
            .padding(self.padding)
            .output_padding([more.min(most(0)), more.min(most(1))])
            .dilation(self.dilation)
            .groups(self.groups);
        if self.bias { conv } else { conv.without_bias() }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn conv2d(drawn in drawn(), batch in 1_usize..3, seed in any::<u64>()) {
        check(drawn.conv2d(), &drawn.shape(), batch, seed)?;
    }

    #[test]
    fn conv2d_same(drawn in drawn(), batch in 1_usize..3, seed in any::<u64>()) {
        let conv = drawn.conv2d().stride(1).same_padding();
        let model: Model<f64> = Model::build(conv.clone(), &[drawn.shape().into()], 0).unwrap();
        prop_assert_eq!(&model.output_shapes()[0][1..], &drawn.size);
        check(conv, &drawn.shape(), batch, seed)?;
    }

    #[test]
    fn conv2d_depthwise(drawn in drawn(), multiplier in 1_usize..4, seed in any::<u64>()) {
        let conv = Conv2d::depthwise(multiplier, drawn.kernel)
            .stride(drawn.stride)
            .padding(drawn.padding)
            .dilation(drawn.dilation);
        check(conv, &drawn.shape(), 2, seed)?;
    }

    #[test]
    fn conv1d(drawn in drawn(), batch in 1_usize..3, seed in any::<u64>()) {
        check(drawn.conv1d(), &[drawn.inputs, drawn.size[1]], batch, seed)?;
    }

    #[test]
    fn conv_transpose2d(
        drawn in drawn(),
        more in 0_usize..4,
        batch in 1_usize..3,
        seed in any::<u64>(),
    ) {
        check(drawn.conv_transpose2d(more), &drawn.shape(), batch, seed)?;
    }

    /// Another layer wants the gradient for what is between, too.
    #[test]
    fn conv_after_conv(drawn in drawn(), seed in any::<u64>()) {
        let chain = Chain::new().then(Conv2d::new(drawn.inputs, 1)).then(drawn.conv2d());
        if Model::<f64>::build(chain.clone(), &[drawn.shape().into()], 0).is_ok() {
            let check = GradientCheck { seed, ..GradientCheck::default() };
            check.run(chain, &[drawn.shape().into()]).map_err(TestCaseError::fail)?;
        }
    }

    #[test]
    fn max_pool2d(drawn in drawn(), ceil in any::<bool>(), seed in any::<u64>()) {
        let half = |axis: usize| (drawn.kernel[axis] / 2).min(drawn.padding[axis]);
        let pool = MaxPool2d::new(drawn.kernel)
            .stride(drawn.stride)
            .padding([half(0), half(1)])
            .dilation(drawn.dilation);
        check(if ceil { pool.ceil_mode() } else { pool }, &drawn.shape(), 2, seed)?;
    }

    #[test]
    fn max_pool1d(drawn in drawn(), ceil in any::<bool>(), seed in any::<u64>()) {
        let pool = MaxPool1d::new(drawn.kernel[1])
            .stride(drawn.stride[1])
            .padding((drawn.kernel[1] / 2).min(drawn.padding[1]))
            .dilation(drawn.dilation[1]);
        let pool = if ceil { pool.ceil_mode() } else { pool };
        check(pool, &[drawn.inputs, drawn.size[1]], 2, seed)?;
    }

    #[test]
    fn avg_pool2d(
        drawn in drawn(),
        ceil in any::<bool>(),
        counts in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let half = |axis: usize| (drawn.kernel[axis] / 2).min(drawn.padding[axis]);
        let pool =
            AvgPool2d::new(drawn.kernel).stride(drawn.stride).padding([half(0), half(1)]);
        let pool = if ceil { pool.ceil_mode() } else { pool };
        check(if counts { pool } else { pool.without_padding() }, &drawn.shape(), 2, seed)?;
    }

    #[test]
    fn avg_pool1d(
        drawn in drawn(),
        ceil in any::<bool>(),
        counts in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let pool = AvgPool1d::new(drawn.kernel[1])
            .stride(drawn.stride[1])
            .padding((drawn.kernel[1] / 2).min(drawn.padding[1]));
        let pool = if ceil { pool.ceil_mode() } else { pool };
        let pool = if counts { pool } else { pool.without_padding() };
        check(pool, &[drawn.inputs, drawn.size[1]], 2, seed)?;
    }

    #[test]
    fn adaptive_avg_pool2d(drawn in drawn(), size in sizes(1..9), seed in any::<u64>()) {
        check(AdaptiveAvgPool2d::new(size), &drawn.shape(), 2, seed)?;
    }

    #[test]
    fn global_pools(drawn in drawn(), seed in any::<u64>()) {
        check(GlobalAvgPool, &drawn.shape(), 2, seed)?;
        check(GlobalMaxPool, &drawn.shape(), 2, seed)?;
        check(GlobalAvgPool, &[drawn.inputs, drawn.size[1]], 2, seed)?;
        check(GlobalMaxPool, &[drawn.inputs, drawn.size[1]], 2, seed)?;
    }

    #[test]
    fn upsample(drawn in drawn(), seed in any::<u64>()) {
        for layer in [
            Upsample::nearest(drawn.dilation),
            Upsample::bilinear(drawn.dilation),
            Upsample::bilinear(drawn.dilation).align_corners(),
        ] {
            check(layer, &drawn.shape(), 2, seed)?;
            check(layer, &[drawn.inputs, drawn.size[1]], 2, seed)?;
        }
    }

    #[test]
    fn zero_pad(drawn in drawn(), seed in any::<u64>()) {
        let ([top, bottom], [left, right]) = (drawn.padding, drawn.dilation);
        check(ZeroPad { top, bottom, left, right }, &drawn.shape(), 2, seed)?;
        check(ZeroPad { top, bottom, left, right }, &[drawn.inputs, drawn.size[1]], 2, seed)?;
    }

    /// The plain formula is the specification.
    #[test]
    fn conv2d_is_its_formula(drawn in drawn(), seed in any::<u64>()) {
        let shape = drawn.shape();
        let Ok(mut model) = Model::<f64>::build(drawn.conv2d().without_bias(), &[shape.into()], seed)
        else {
            return Err(TestCaseError::reject("it does not fit"));
        };
        let x = numbers(&[&[2], &shape[..]].concat(), seed);
        let weight = numbers(model.parameters()[0].shape(), seed + 1);
        model.values_mut().copy_from_slice(weight.as_slice().unwrap());
        let y = model.predict(&x).unwrap();
        let output = Array3::<f64>::zeros((y.shape()[1], y.shape()[2], y.shape()[3]));
        for (x, y) in x.outer_iter().zip(y.outer_iter()) {
            let mut want = output.clone();
            formula(&drawn).products(
                shape,
                [drawn.channels, drawn.kernel[0], drawn.kernel[1]],
                |from, tap, to| {
                    if to.iter().all(|&at| at >= 0)
                        && let Some(sum) = want.get_mut(to.map(|at| at as usize))
                    {
                        *sum += x[&from[..]] * weight[&tap[..]];
                    }
                },
            );
            let far = (&want - &y).iter().fold(0.0_f64, |far, d| far.max(d.abs()));
            prop_assert!(far < 1e-12, "{far:e} apart");
        }
    }

    /// Neither the number of threads nor the parts of a batch change a bit of the output, nor threads one of the gradients.
    #[cfg(feature = "threads")]
    #[test]
    fn threads_change_no_bit(drawn in drawn(), seed in any::<u64>()) {
        // Large enough to be split.
        let shape = [4 * drawn.inputs, 16 + drawn.size[0], 24 + drawn.size[1]];
        let chain = Chain::new()
            .then(drawn.conv2d())
            .then(MaxPool2d::new(2).stride(1).ceil_mode())
            .then(drawn.conv_transpose2d(1))
            .then(Conv2d::depthwise(2, 3).padding(1))
            .then(Upsample::bilinear(2))
            .then(AvgPool2d::new(2));
        let Ok(mut model) = Model::<f32>::build(chain, &[shape.into()], seed) else {
            return Err(TestCaseError::reject("it does not fit"));
        };
        let x = numbers(&[&[5], &shape[..]].concat(), seed).mapv(|x| x as f32);
        let (y, gradient) = pass(&mut model, &x, Parallel::Off);
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let (other_y, other) = pool.install(|| pass(&mut model, &x, Parallel::On));
            prop_assert!(y == other_y, "output by {threads} threads");
            prop_assert!(gradient == other, "gradient by {threads} threads");
        }
        let first = x.slice(ndarray::s![..1, .., .., ..]).to_owned().into_dyn();
        let (alone, _) = pass(&mut model, &first, Parallel::Off);
        prop_assert!(y[..alone.len()] == alone, "an image alone");
    }
}

fn formula(drawn: &Drawn) -> Formula {
    let Drawn { stride, padding, dilation, groups, .. } = *drawn;
    Formula { stride, padding, dilation, groups }
}

fn numbers(shape: &[usize], seed: u64) -> ArrayD<f64> {
    let noise = downhill::random::Noise::new(seed).at("numbers");
    let values = (0..shape.iter().product()).map(|i: usize| noise.normal(i as u64)).collect();
    ArrayD::from_shape_vec(shape, values).unwrap()
}

/// Outputs for one sample, and the gradient for it where each output has the gradient 1.
fn outputs_and_gradient(layer: impl Layer<f64> + 'static, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let shape = Shape::from([1, x.len()]);
    let layer: Arc<dyn Layer<f64>> = Arc::new(layer);
    let mut model = Probe { layer, inputs: vec![shape], batch: 1 }.model(0).unwrap();
    model.values_mut().copy_from_slice(x);
    let mut work = Workspace::new(&model);
    work.reserve(1).unwrap();
    work.train(&mut model, 1, Draw::default()).unwrap();
    let (outputs, mut gradients) = work.output_gradients().unwrap();
    let y = outputs.one().values().to_vec();
    gradients.one().values().fill(1.0);
    let mut gradient = vec![0.0; x.len()];
    work.backward(&model, &mut gradient, Draw::default()).unwrap();
    (y, gradient)
}

#[test]
fn the_first_maximum_gets_the_gradient() {
    let (y, dx) = outputs_and_gradient(MaxPool1d::new(3), &[1.0, 2.0, 2.0, 5.0, 5.0, 5.0]);
    assert_eq!((y, dx), (vec![2.0, 5.0], vec![0.0, 1.0, 0.0, 1.0, 0.0, 0.0]));
    let (y, dx) = outputs_and_gradient(GlobalMaxPool, &[1.0, 7.0, 7.0]);
    assert_eq!((y, dx), (vec![7.0], vec![0.0, 1.0, 0.0]));
    let low = f64::NEG_INFINITY;
    let (y, dx) = outputs_and_gradient(MaxPool1d::new(2).padding(1), &[low, low]);
    assert_eq!((y, dx), (vec![low, low], vec![1.0, 1.0]));
}

#[test]
fn nan_wins() {
    let nan = f64::NAN;
    for x in [[nan, 2.0, 1.0], [1.0, nan, 2.0], [1.0, nan, nan]] {
        let first = x.iter().position(|x| x.is_nan()).unwrap();
        let want: Vec<f64> = (0..3).map(|i| f64::from(u8::from(i == first))).collect();
        let (y, dx) = outputs_and_gradient(MaxPool1d::new(3), &x);
        assert!(y[0].is_nan() && dx == want, "{x:?}: {y:?} {dx:?}");
        let (y, dx) = outputs_and_gradient(GlobalMaxPool, &x);
        assert!(y[0].is_nan() && dx == want, "{x:?}: {y:?} {dx:?}");
    }
}

#[test]
fn an_empty_batch_has_no_output() {
    let chain = Chain::new()
        .then(Conv2d::new(2, 3))
        .then(MaxPool2d::new(1))
        .then(ConvTranspose2d::new(2, 3))
        .then(Upsample::nearest(2))
        .then(GlobalAvgPool);
    let mut model: Model<f32> = Model::build(chain, &[[1, 3, 3].into()], 0).unwrap();
    let (y, _) = pass(&mut model, &ArrayD::zeros(vec![0, 1, 3, 3]), Parallel::Off);
    assert!(y.is_empty());
}

#[test]
fn bilinear_is_what_pytorch_gives() {
    let x = array![[[[1.0, 2.0], [3.0, 4.0]]]];
    let predict = |layer: Upsample| {
        let model: Model<f64> = Model::build(layer, &[[1, 2, 2].into()], 0).unwrap();
        model.predict(&x).unwrap().into_raw_vec_and_offset().0
    };
    let edges = [
        [1.0, 1.25, 1.75, 2.0],
        [1.5, 1.75, 2.25, 2.5],
        [2.5, 2.75, 3.25, 3.5],
        [3.0, 3.25, 3.75, 4.0],
    ];
    assert_eq!(predict(Upsample::bilinear(2)), edges.concat());
    let third = 1.0 / 3.0;
    for (i, y) in predict(Upsample::bilinear(2).align_corners()).into_iter().enumerate() {
        let want = 1.0 + 2.0 * third * (i / 4) as f64 + third * (i % 4) as f64;
        assert!((y - want).abs() < 1e-12, "{i}: {y}, want {want}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    fn error(layer: impl Layer<f64> + 'static, shape: &[usize]) -> String {
        let chain = Chain::new().then(layer);
        Model::build(chain, &[shape.into()], 0).unwrap_err().to_string()
    }
    let says = |message: String, parts: &[&str]| {
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
    };
    let fix = "add padding, or use a smaller kernel";
    let got = "got [1, 3, 3]";
    says(
        error(Conv2d::new(2, 5), &[1, 3, 3]),
        &["0.conv2d", "kernel 5×5 with padding 0×0", got, fix],
    );
    says(error(Conv2d::new(2, 2).dilation(3), &[1, 3, 3]), &["at least 4×4", "dilation 3×3", fix]);
    says(error(Conv1d::new(2, 9).padding(2), &[1, 4]), &["0.conv1d", "at least 1×5", "got [1, 4]"]);
    says(error(MaxPool2d::new(4), &[1, 3, 3]), &["0.max_pool2d", "kernel 4×4", got, fix]);
    says(error(AvgPool1d::new(4), &[1, 3]), &["0.avg_pool1d", "got [1, 3]", fix]);
    says(error(Conv2d::new(2, 3), &[9]), &["[channels, height, width]", "got [9]", "Reshape"]);
    says(error(Conv1d::new(2, 3), &[1, 3, 3]), &["[channels, length]", got]);
    says(error(ZeroPad::new(1), &[9]), &["0.zero_pad", "[channels, length]", "got [9]"]);
    says(error(Upsample::nearest(2), &[1, 2, 3, 4]), &["0.upsample", "[channels, height, width]"]);
    says(error(GlobalAvgPool, &[4]), &["0.global_avg_pool", "an axis of channels", "got [4]"]);
    says(
        error(Conv2d::new(2, 1).groups(2), &[3, 3, 3]),
        &["a multiple of 2 channels", "[3, 3, 3]"],
    );
    says(
        error(Conv2d::new(3, 1).groups(2), &[2, 3, 3]),
        &["Conv2d::groups = 2", "3 output channels"],
    );
    says(error(Conv2d::new(0, 1), &[1, 3, 3]), &["Conv2d::channels = 0"]);
    says(error(Conv2d::new(1, [1, 0]), &[1, 3, 3]), &["Conv2d::kernel = 0"]);
    says(error(Conv2d::new(1, 1).stride(0), &[1, 3, 3]), &["Conv2d::stride = 0"]);
    says(error(Conv2d::new(1, 1).dilation(0), &[1, 3, 3]), &["Conv2d::dilation = 0"]);
    says(error(Conv2d::new(1, 1).groups(0), &[1, 3, 3]), &["Conv2d::groups = 0"]);
    says(error(Conv2d::new(1, 1).same_padding().stride(2), &[1, 3, 3]), &["Conv2d::stride = 2×2"]);
    says(
        error(ConvTranspose2d::new(1, 1).padding(2), &[1, 3, 3]),
        &["0.conv_transpose2d", got, "less padding"],
    );
    says(
        error(ConvTranspose2d::new(1, 1).output_padding(1), &[1, 3, 3]),
        &["ConvTranspose2d::output_padding = 1×1"],
    );
    says(error(MaxPool2d::new(3).padding(2), &[1, 9, 9]), &["MaxPool2d::padding = 2×2", "half"]);
    says(
        error(MaxPool1d::new(2).dilation(4).padding(2), &[1, 1]),
        &["a number under each window", "less padding"],
    );
    says(error(AdaptiveAvgPool2d::new(0), &[1, 3, 3]), &["AdaptiveAvgPool2d::size = 0"]);
    says(error(Upsample::nearest([1, 0]), &[1, 3, 3]), &["Upsample::scale = 0"]);
    // Numbers beyond all bounds are errors, too.
    let most = usize::MAX;
    error(Conv2d::new(1, most), &[1, 3, 3]);
    error(Conv2d::new(1, 2).dilation(most).padding(most), &[1, 3, 3]);
    error(Conv2d::new(1, most).same_padding(), &[1, 3, 3]);
    error(Conv2d::new(most, 1), &[1, 3, 3]);
    error(Conv2d::new(1, 1).padding(most / 4), &[1, 3, 3]);
    error(Conv2d::depthwise(most, 1), &[2, 3, 3]);
    error(ConvTranspose2d::new(1, 1).stride(most), &[1, 3, 3]);
    error(ZeroPad::new(most), &[1, 3, 3]);
    error(Upsample::nearest(most), &[1, 3, 3]);
    error(MaxPool2d::new(most).padding(most / 2), &[1, 3, 3]);
}

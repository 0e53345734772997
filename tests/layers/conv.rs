//! Convolutions by their formula, large images on several threads, what pools do with equal numbers, and what cannot be planned.

use crate::convolutions::Images;
#[cfg(feature = "threads")]
use downhill::kernel::parallel::Parallel;
use downhill::layer::{
    AdaptiveAvgPool2d, AvgPool1d, Chain, Conv1d, Conv2d, ConvTranspose2d, GlobalAvgPool,
    GlobalMaxPool, Layer, MaxPool1d, MaxPool2d, Upsample, ZeroPad,
};
use downhill::network::{Draw, Workspace};
use downhill::{Model, Shape};
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
    ) -> Images {
        let (inputs, channels) = (groups * inputs, groups * channels);
        Images { groups, inputs, channels, size, kernel, stride, padding, dilation, bias }
    }
}

proptest! {
    #![proptest_config(config())]

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

    /// A large batch, which is cut into shares, has the gradient that its images have together.
    #[test]
    fn gradients_of_images_add_up(
        drawn in drawn(),
        batch in 1_usize..20,
        depthwise in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let middle = drawn.conv_transpose2d(1);
        let chain = Chain::new().then(drawn.conv2d()).then(middle);
        let chain = if depthwise { chain.then(Conv2d::depthwise(2, 2).padding(1)) } else { chain };
        let Ok(mut model) = Model::<f64>::build(chain, &[drawn.shape().into()], seed) else {
            return Err(TestCaseError::reject("it does not fit"));
        };
        let x = numbers(&[&[batch], &drawn.shape()[..]].concat(), seed);
        let whole = gradient_of_squares(&mut model, &x.view());
        let mut sum = vec![0.0; whole.len()];
        for image in x.outer_iter() {
            let own = gradient_of_squares(&mut model, &image.insert_axis(ndarray::Axis(0)));
            sum.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
        }
        let most = sum.iter().fold(1.0_f64, |most, g| most.max(g.abs()));
        for (i, (whole, sum)) in whole.iter().zip(&sum).enumerate() {
            prop_assert!((whole - sum).abs() <= 1e-12 * most, "{i}: {whole} and {sum}");
        }
    }

    /// Neither the number of threads nor the parts of a batch change a bit of the output, nor threads one of the gradients.
    #[cfg(feature = "threads")]
    #[test]
    fn threads_change_no_bit(
        drawn in drawn(),
        batch in prop::sample::select(vec![5_usize, 9, 17]),
        seed in any::<u64>(),
    ) {
        // Large enough to be split.
        let shape = [4 * drawn.inputs, 16 + drawn.size[0], 24 + drawn.size[1]];
        let chain = Chain::new()
            .then(drawn.conv2d())
            .then(MaxPool2d::new(2).stride(1).ceil_mode())
            .then(drawn.conv_transpose2d(1))
            .then(Conv2d::depthwise(2, 3).padding(1))
            .then(Upsample::bilinear(2))
            .then(downhill::layer::AvgPool2d::new(2));
        let Ok(mut model) = Model::<f32>::build(chain, &[shape.into()], seed) else {
            return Err(TestCaseError::reject("it does not fit"));
        };
        let x = numbers(&[&[batch], &shape[..]].concat(), seed).mapv(|x| x as f32);
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

fn formula(drawn: &Images) -> Formula {
    let Images { stride, padding, dilation, groups, .. } = *drawn;
    Formula { stride, padding, dilation, groups }
}

fn numbers(shape: &[usize], seed: u64) -> ArrayD<f64> {
    let noise = downhill::random::Noise::new(seed).at("numbers");
    let values = (0..shape.iter().product()).map(|i: usize| noise.normal(i as u64)).collect();
    ArrayD::from_shape_vec(shape, values).unwrap()
}

/// Outputs for one sample, and the gradient for it where each output has the gradient 1.
fn outputs_and_gradient(layer: impl Layer<f64> + 'static, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let model = Model::build(layer, &[Shape::from([1, x.len()])], 0).unwrap();
    let mut work = Workspace::new(&model).with_input_gradients();
    work.input(0, 1).unwrap().copy_from_slice(x);
    work.evaluate(&model, 1, Draw::default()).unwrap();
    let (outputs, mut gradients) = work.output_gradients().unwrap();
    let y = outputs.one().values().to_vec();
    gradients.one().values().fill(1.0);
    work.backward(&model, &mut [], Draw::default()).unwrap();
    (y, work.input_gradient(0).values().to_vec())
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

/// The gradient of half the sum of the squares of all outputs for the parameters.
fn gradient_of_squares(model: &mut Model<f64>, x: &ndarray::ArrayViewD<'_, f64>) -> Vec<f64> {
    let mut work = Workspace::new(model);
    work.load(0, x).unwrap();
    work.train(model, x.shape()[0], Draw::default()).unwrap();
    let (outputs, mut gradients) = work.output_gradients().unwrap();
    gradients.one().values().copy_from_slice(outputs.one().values());
    let mut gradient = vec![0.0; model.values().len()];
    work.backward(model, &mut gradient, Draw::default()).unwrap();
    gradient
}

/// The bits of the outputs, and of the gradient of their squares for all parameters and inputs.
#[cfg(feature = "threads")]
fn pass(model: &mut Model<f32>, x: &ArrayD<f32>, parallel: Parallel) -> (Vec<u32>, Vec<u32>) {
    let mut draw = Draw::default();
    draw.parallel = parallel;
    let batch = x.shape()[0];
    let mut work = Workspace::new(model).with_input_gradients();
    work.load(0, x).unwrap();
    work.train(model, batch, draw).unwrap();
    let y = work.output(0).values().to_vec();
    let (_, mut gradients) = work.output_gradients().unwrap();
    gradients.one().values().copy_from_slice(&y);
    let mut gradient = vec![0.0; model.values().len()];
    work.backward(model, &mut gradient, draw).unwrap();
    gradient.extend(work.input_gradient(0).values());
    let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect();
    (bits(y), bits(gradient))
}

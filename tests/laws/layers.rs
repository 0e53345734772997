//! The laws of layers, for all layers of the crate.

use crate::convolutions::Images;
use downhill::check::Dual;
use downhill::check::layer;
use downhill::check::layer::{LayerUnderTest, Pick, Precisions};
use downhill::layer::*;
use downhill::{Scalar, Shape};

const NAN: f64 = f64::NAN;

fn drawn<L: Precisions>(
    make: impl Fn(&mut Pick<'_>) -> L + Send + Sync + 'static,
) -> LayerUnderTest {
    LayerUnderTest::drawn(make)
}

/// Shapes that no layer for images or sequences takes.
fn not_axes(axes: usize) -> Vec<Vec<Shape>> {
    let shape = |axes: usize| vec![Shape::from(vec![2; axes])];
    (0..5).filter(|&other| other != axes).map(shape).collect()
}

// Dense layers.

fn dense(make: impl Fn(&mut Pick<'_>) -> Dense + Send + Sync + 'static) -> LayerUnderTest {
    drawn(make)
        .gives(|pick, inputs| {
            let units = pick.size(1..5);
            let (_, places) = inputs[0].split_last().unwrap_or((&0, &[]));
            vec![[places, &[units]].concat().into()]
        })
        .affine()
        .refuses_inputs([vec![Vec::new().into()]])
        .refuses(Dense::new(0), "Dense::units")
}

/// Takes and gives the same shape.
fn same(layer: impl Precisions) -> LayerUnderTest {
    LayerUnderTest::new(layer).gives(|_, inputs| inputs.to_vec())
}

layer!(dense_layer, dense(|pick| Dense::new(pick.size(1..5))).named("Dense"));
layer!(
    dense_without_bias,
    dense(|pick| Dense::new(pick.size(1..5)).without_bias()).named("Dense without bias")
);

// Activations.

/// A function of each number.
fn function(layer: impl Precisions) -> LayerUnderTest {
    same(layer).reach(1e30)
}

/// One whose setting is drawn.
fn functions<L: Precisions>(
    make: impl Fn(&mut Pick<'_>) -> L + Send + Sync + 'static,
) -> LayerUnderTest {
    drawn(make).gives(|_, inputs| inputs.to_vec()).reach(1e30)
}

layer!(relu, function(Relu).kinks(&[0.0]));
layer!(
    leaky_relu,
    functions(|pick| LeakyRelu { negative_slope: pick.number(-2.0..2.0) })
        .kinks(&[0.0])
        .refuses(LeakyRelu { negative_slope: NAN }, "LeakyRelu::negative_slope")
);
layer!(
    elu,
    functions(|pick| Elu { alpha: pick.number(0.1..3.0) })
        .kinks(&[0.0])
        .refuses(Elu { alpha: 0.0 }, "Elu::alpha")
);
layer!(selu, function(Selu).kinks(&[0.0]));
// The slopes of Celu and Softsign are continuous at 0, but not their derivatives, which the differences rely on.
layer!(
    celu,
    functions(|pick| Celu { alpha: pick.number(0.3..3.0) })
        .kinks(&[0.0])
        .refuses(Celu { alpha: -1.0 }, "Celu::alpha")
);
layer!(gelu_exact, function(Gelu::Exact));
layer!(gelu_tanh, function(Gelu::Tanh));
layer!(silu, function(Silu));
layer!(mish, function(Mish));
layer!(sigmoid, function(Sigmoid));
layer!(log_sigmoid, function(LogSigmoid));
layer!(hard_sigmoid, function(HardSigmoid).kinks(&[-3.0, 3.0]));
layer!(hard_swish, function(HardSwish).kinks(&[-3.0, 3.0]));
layer!(tanh, function(Tanh));
layer!(
    softplus,
    functions(|pick| Softplus { beta: pick.number(0.2..4.0), threshold: 20.0 })
        .refuses(Softplus { beta: 0.0, threshold: 1.0 }, "Softplus::beta")
        .refuses(Softplus { beta: 1.0, threshold: -1.0 }, "Softplus::threshold")
);
layer!(softplus_low, function(Softplus { beta: 2.0, threshold: 3.0 }).kinks(&[1.5]));
layer!(softsign, function(Softsign).kinks(&[0.0]));
layer!(
    prelu,
    functions(|pick| PRelu { per_channel: false, start: pick.number(-1.0..1.0) })
        .kinks(&[0.0])
        .refuses(PRelu { per_channel: false, start: NAN }, "PRelu::start")
);
layer!(
    prelu_per_channel,
    function(PRelu { per_channel: true, start: 0.1 })
        .kinks(&[0.0])
        .refuses_inputs([vec![Vec::new().into()]])
);

// Activations along an axis.

/// An axis of a drawn shape; the last one in half of the cases.
fn axis(pick: &mut Pick<'_>) -> Option<usize> {
    let axes = pick.shape().len();
    let axis = pick.size(0..axes);
    pick.flag().then_some(axis)
}

/// A drawn shape with the axis twice as long.
fn even(pick: &mut Pick<'_>) -> Vec<Shape> {
    let chosen = axis(&mut pick.clone());
    let mut shape = pick.shape().to_vec();
    let last = shape.len() - 1;
    shape[chosen.unwrap_or(last)] *= 2;
    vec![shape.into()]
}

fn half(pick: &mut Pick<'_>) -> Vec<Shape> {
    vec![pick.shape()]
}

fn no_axis() -> [Vec<Shape>; 1] {
    [vec![Vec::new().into()]]
}

layer!(softmax, functions(|pick| Softmax { axis: axis(pick) }).refuses_inputs(no_axis()));
layer!(
    softmax_third,
    same(Softmax { axis: Some(2) })
        .takes(|pick| vec![pick.axes(3)])
        .refuses_inputs([vec![[3, 4].into()]])
);
layer!(log_softmax, functions(|pick| LogSoftmax { axis: axis(pick) }).refuses_inputs(no_axis()));
layer!(
    glu,
    drawn(|pick| Glu { axis: axis(pick) })
        .reach(1e30)
        .takes(even)
        .gives(|pick, _| half(pick))
        .refuses_inputs(no_axis())
);
layer!(
    glu_last,
    LayerUnderTest::new(Glu::default())
        .takes(|pick| vec![(2 * pick.size(1..4)).into()])
        .refuses_inputs([vec![[4, 3].into()]])
);
layer!(
    swi_glu,
    // The product of a gate may overflow.
    drawn(|pick| SwiGlu { axis: axis(pick) })
        .takes(even)
        .gives(|pick, _| half(pick))
        .refuses_inputs(no_axis())
);

// Shapes and dropout.

layer!(
    flatten,
    LayerUnderTest::new(Flatten).affine().gives(|_, inputs| vec![inputs[0].size().into()])
);
layer!(
    reshape,
    LayerUnderTest::new(Reshape::to([2, Reshape::REST]))
        .affine()
        .takes(|pick| vec![[pick.size(1..4), 2].into()])
        .gives(|_, inputs| vec![[2, inputs[0].size() / 2].into()])
        .refuses_inputs([vec![3.into()], vec![[3, 5].into()], vec![Vec::new().into()]])
);
layer!(
    dropout,
    drawn(|pick| Dropout::new(pick.number(0.1..0.9)))
        .gives(|_, inputs| inputs.to_vec())
        .affine()
        .draws()
        .refuses(Dropout::new(1.0), "Dropout::rate")
        .refuses(Dropout::new(-0.1), "Dropout::rate")
        .refuses(Dropout::new(NAN), "Dropout::rate")
);
layer!(dropout_of_nothing, same(Dropout::new(0.0)).affine());

// Joins.

/// One to four inputs of one shape.
fn alike(pick: &mut Pick<'_>) -> Vec<Shape> {
    let count = pick.size(1..5);
    vec![pick.shape(); count]
}

fn join(layer: impl Precisions) -> LayerUnderTest {
    LayerUnderTest::new(layer)
        .takes(alike)
        .arity(1..)
        .refuses_inputs([vec![2.into(), 3.into()], vec![2.into(), [2, 1].into()]])
}

layer!(sum, join(Sum).affine().gives(|_, inputs| vec![inputs[0].clone()]));
layer!(product, join(Product).gives(|_, inputs| vec![inputs[0].clone()]));
layer!(
    concat,
    LayerUnderTest::new(Concat::default())
        .takes(alike)
        .arity(1..)
        .affine()
        .refuses_inputs([vec![[2, 3].into(), [3, 3].into()], vec![2.into(), [2, 1].into()]])
);
layer!(
    concat_middle,
    LayerUnderTest::new(Concat::axis(1))
        .takes(|pick| vec![[2, pick.size(1..4), 3].into(), [2, pick.size(1..4), 3].into()])
        .arity(1..)
        .affine()
        .refuses_inputs([vec![[2, 3].into(), [1, 3].into()], vec![4.into()]])
);
layer!(
    concat_first,
    LayerUnderTest::new(Concat::axis(0))
        .takes(|pick| {
            let rest = pick.axes(2).to_vec();
            (0..pick.size(1..4))
                .map(|_| [vec![pick.size(1..4)], rest.clone()].concat().into())
                .collect()
        })
        .gives(|_, inputs| {
            let first = inputs.iter().map(|shape| shape[0]).sum();
            vec![[&[first], &inputs[0][1..]].concat().into()]
        })
        .arity(1..)
        .affine()
        .refuses_inputs([vec![[2, 3].into(), [2, 4].into()], vec![Vec::new().into()]])
);

// Layers made of layers, which have to be made for each number type.

/// The same composition for every number type.
macro_rules! each {
    ($make:expr) => {{
        fn make<F: Scalar>() -> impl Layer<F> + 'static {
            $make
        }
        LayerUnderTest::new((make::<f32>(), make::<f64>(), make::<Dual>()))
    }};
}

/// As many numbers as a drawn size in one row.
fn row(count: usize) -> impl Fn(&mut Pick<'_>) -> Vec<Shape> {
    move |_| vec![count.into()]
}

fn arm<F: Scalar>(units: usize) -> Chain<F> {
    Chain::new().then(Dense::new(units)).then(Tanh)
}

fn body<F: Scalar>() -> Chain<F> {
    arm(4).then(Dense::new(3))
}

fn power<F: Scalar>() -> Branches<F> {
    Branches::product().branch(Chain::new()).branch(Chain::new())
}

layer!(
    chain,
    each!(body::<F>().then(Dropout::new(0.3)).then(Softmax::default())).named("Chain").draws()
);
layer!(
    empty_chain,
    each!(Chain::<F>::new()).arity(0..).affine().takes(alike).gives(|_, inputs| inputs.to_vec())
);
layer!(
    deep_relu,
    each!(
        Chain::<F>::new()
            .then(Dense::new(4))
            .then(Relu)
            .then(Dense::new(2).without_bias())
            .then(LeakyRelu::default())
    )
    .named("Chain with kinks")
);
layer!(
    residual,
    each!(Residual::<F>::new(body()))
        .named("Residual")
        .takes(row(3))
        .refuses_inputs([vec![4.into()]])
);
layer!(
    projected,
    each!(Residual::<F>::new(body()).with_projection(Dense::new(3).without_bias()))
        .named("Residual with projection")
);
layer!(
    nested_residuals,
    each!({
        let inner =
            Chain::new().then(Residual::<F>::new(body())).then(Tanh).then(Residual::new(body()));
        Residual::new(Residual::new(inner)).with_projection(Residual::new(Dense::new(3)))
    })
    .named("Residual of residuals")
    .takes(row(3))
);
layer!(
    summed,
    each!(Branches::<F>::sum().branch(arm(3)).branch(arm(3)).branch(Chain::new()))
        .named("Branches::sum")
        .takes(row(3))
        .refuses_inputs([vec![5.into()]])
);
layer!(
    multiplied,
    each!(Branches::<F>::product().branch(arm(3)).branch(arm(3)).branch(Chain::new()))
        .named("Branches::product")
        .takes(row(3))
);
layer!(
    joined,
    each!(Branches::<F>::concat().branch(arm(2)).branch(Chain::new()).branch(arm(1)))
        .named("Branches::concat")
);
layer!(
    nested_branches,
    each!({
        let inner = || Branches::<F>::product().branch(arm(2)).branch(arm(2));
        let nested =
            Branches::concat().branch(inner()).branch(Residual::new(arm(3))).branch(inner());
        Branches::sum().branch(nested).branch(arm(7))
    })
    .named("Branches of branches")
    .takes(row(3))
);
layer!(
    branches_of_two,
    each!(Branches::<F>::sum().branch(Product).branch(Sum))
        .named("Branches of two inputs")
        .takes(|pick| vec![pick.shape(); 2])
        .arity(1..)
);
layer!(
    cube,
    each!(Branches::<F>::product().branch(Chain::new()).branch(Chain::new()).branch(Chain::new()))
        .named("x³")
        .arity(1..)
);
layer!(
    powers,
    each!({
        let square = || Residual::<F>::new(power());
        Branches::product().branch(square()).branch(square()).branch(Chain::new())
    })
    .named("(x² + x)²·x")
);
layer!(
    gated,
    each!(
        Chain::<F>::new()
            .then(
                Branches::product()
                    .named("gate", Chain::new().then(Dense::new(4)).then(Sigmoid))
                    .named("value", arm(4))
            )
            .then(Dense::new(2).without_bias())
    )
    .named("a gated network")
);
layer!(
    shared,
    each!({
        let one = Shared::<F>::new(Dense::new(3));
        Chain::new().then(one.clone()).then(Tanh).then(one.clone()).then(one)
    })
    .named("Shared")
    .takes(row(3))
    .refuses_inputs([vec![4.into()]])
);
layer!(
    shared_side_by_side,
    each!({
        let one = Shared::<F>::new(Dense::new(3));
        Branches::product().branch(one.clone()).branch(one)
    })
    .named("Shared side by side")
);
layer!(
    shared_around,
    each!({
        let one = Shared::<F>::new(Dense::new(3));
        Residual::new(one.clone()).with_projection(one)
    })
    .named("Shared on both ways")
);
layer!(
    shared_in_shared,
    each!({
        let one = Shared::<F>::new(Dense::new(3));
        let outer = Shared::new(Chain::new().then(one.clone()).then(Tanh).then(Dense::new(3)));
        Chain::new().then(outer.clone()).then(one).then(outer)
    })
    .named("Shared in Shared")
    .takes(row(3))
);

// Convolutions, pools and their like, with settings of all kinds for images on which they fit.

fn two(pick: &mut Pick<'_>, range: std::ops::Range<usize>) -> [usize; 2] {
    [pick.size(range.clone()), pick.size(range)]
}

/// Settings with which windows fit into the image; paddings are small enough for pools.
fn images(pick: &mut Pick<'_>) -> Images {
    let (groups, bias) = (pick.size(1..4), pick.flag());
    let (inputs, channels) = (groups * pick.size(1..3), groups * pick.size(1..3));
    let (kernel, stride) = (two(pick, 1..4), two(pick, 1..4));
    let dilation = two(pick, 1..3);
    let padding = two(pick, 0..3);
    let more = two(pick, 0..4);
    let half = |axis: usize| padding[axis].min(kernel[axis] / 2);
    let padding = [half(0), half(1)];
    let reach = |axis: usize| (kernel[axis] - 1) * dilation[axis] + 1;
    // Some tap of each window meets a number, so that no weight is idle.
    let least = |axis: usize| reach(axis).saturating_sub(2 * padding[axis]).max(dilation[axis]);
    let size = |axis: usize| least(axis) + more[axis];
    let size = [size(0), size(1)];
    Images { groups, inputs, channels, kernel, stride, padding, dilation, size, bias }
}

/// The shape of one image.
fn image(pick: &mut Pick<'_>) -> Vec<Shape> {
    vec![images(pick).shape().into()]
}

/// The shape of one row of an image.
fn sequence(pick: &mut Pick<'_>) -> Vec<Shape> {
    let [channels, _, width] = images(pick).shape();
    vec![[channels, width].into()]
}

/// A layer for `[channels, height, width]`.
fn plane<L: Precisions>(
    make: impl Fn(Images, &mut Pick<'_>) -> L + Send + Sync + 'static,
) -> LayerUnderTest {
    let make = move |pick: &mut Pick<'_>| make(images(pick), pick);
    drawn(make).takes(image).refuses_inputs(not_axes(3))
}

/// A layer for `[channels, length]`.
fn line<L: Precisions>(
    make: impl Fn(Images, &mut Pick<'_>) -> L + Send + Sync + 'static,
) -> LayerUnderTest {
    let make = move |pick: &mut Pick<'_>| make(images(pick), pick);
    drawn(make).takes(sequence).refuses_inputs(not_axes(2))
}

layer!(
    conv2d,
    plane(|images, _| images.conv2d())
        .named("Conv2d")
        .gives(|pick, _| {
            let images = images(pick);
            vec![[images.channels, images.windows(0), images.windows(1)].into()]
        })
        .affine()
        .refuses(Conv2d::new(0, 1), "Conv2d::channels")
        .refuses(Conv2d::new(1, [1, 0]), "Conv2d::kernel")
        .refuses(Conv2d::new(1, 1).stride(0), "Conv2d::stride")
        .refuses(Conv2d::new(1, 1).dilation(0), "Conv2d::dilation")
        .refuses(Conv2d::new(1, 1).groups(0), "Conv2d::groups")
        .refuses(Conv2d::new(1, 1).same_padding().stride(2), "Conv2d::stride")
);
layer!(
    conv2d_same,
    plane(|images, _| images.conv2d().stride(1).same_padding())
        .named("Conv2d of same padding")
        .gives(|pick, inputs| vec![[images(pick).channels, inputs[0][1], inputs[0][2]].into()])
        .affine()
);
layer!(
    conv2d_depthwise,
    plane(|images, pick| {
        let Images { kernel, stride, padding, dilation, .. } = images;
        Conv2d::depthwise(pick.size(1..4), kernel)
            .stride(stride)
            .padding(padding)
            .dilation(dilation)
    })
    .named("Conv2d, depthwise")
    .affine()
);
layer!(
    conv2d_large,
    LayerUnderTest::new(Conv2d::new(2, 5))
        .affine()
        .takes(|_| vec![[1, 5, 5].into()])
        .refuses_inputs([vec![[1, 4, 5].into()], vec![[1, 5, 4].into()]])
);
layer!(
    conv2d_pointwise,
    LayerUnderTest::new(Conv2d::new(4, 1).groups(2))
        .affine()
        .takes(|pick| vec![[2, pick.size(1..4), pick.size(1..4)].into()])
        .refuses_inputs([vec![[3, 2, 2].into()]])
);
layer!(
    conv1d,
    line(|images, _| images.conv1d())
        .named("Conv1d")
        .gives(|pick, _| {
            let images = images(pick);
            vec![[images.channels, images.windows(1)].into()]
        })
        .affine()
        .refuses(Conv1d::new(1, 0), "Conv1d::kernel")
);
layer!(
    conv_transpose2d,
    plane(|images, _| {
        // It enlarges: as much padding as for a convolution may leave nothing.
        let padding = images.padding.map(|padding| padding / 2);
        Images { padding, ..images }.conv_transpose2d(images.size[0] % 3)
    })
    .named("ConvTranspose2d")
    .affine()
    .refuses(ConvTranspose2d::new(1, 1).output_padding(1), "ConvTranspose2d::output_padding")
);
layer!(
    conv_transpose2d_cut,
    LayerUnderTest::new(ConvTranspose2d::new(1, 2).padding(1))
        .affine()
        .takes(|pick| vec![[1, pick.size(2..4), pick.size(2..4)].into()])
        .refuses_inputs([vec![[1, 1, 3].into()]])
);
layer!(
    conv_after_conv,
    plane(|images, _| {
        fn chain<F: Scalar>(images: Images) -> Chain<F> {
            Chain::new().then(Conv2d::new(images.inputs, 1)).then(images.conv2d()).then(Tanh)
        }
        (chain::<f32>(images), chain::<f64>(images), chain::<Dual>(images))
    })
    .named("Conv2d after Conv2d")
);
layer!(
    max_pool2d,
    plane(|images, pick| {
        let Images { kernel, stride, padding, .. } = images;
        let pool = MaxPool2d::new(kernel).stride(stride).padding(padding);
        if pick.flag() { pool.ceil_mode() } else { pool }
    })
    .reach(1e30)
    .refuses(MaxPool2d::new(3).padding(2), "MaxPool2d::padding")
);
layer!(
    max_pool2d_dilated,
    LayerUnderTest::new(MaxPool2d::new(2).stride(1).dilation(2))
        .takes(|pick| vec![[2, pick.size(3..6), pick.size(3..6)].into()])
        .gives(|_, inputs| vec![[2, inputs[0][1] - 2, inputs[0][2] - 2].into()])
        .refuses_inputs([vec![[2, 2, 3].into()]])
);
layer!(
    max_pool1d,
    line(|images, pick| {
        let pool =
            MaxPool1d::new(images.kernel[1]).stride(images.stride[1]).padding(images.padding[1]);
        if pick.flag() { pool.ceil_mode() } else { pool }
    })
);
layer!(
    max_pool1d_with_gaps,
    LayerUnderTest::new(MaxPool1d::new(2).dilation(4).padding(2))
        .takes(|pick| vec![[1, pick.size(3..7)].into()])
        .refuses_inputs([vec![[1, 1].into()]])
);
layer!(
    avg_pool2d,
    plane(|images, pick| {
        let Images { kernel, stride, padding, .. } = images;
        let pool = AvgPool2d::new(kernel).stride(stride).padding(padding);
        let pool = if pick.flag() { pool.ceil_mode() } else { pool };
        if pick.flag() { pool.without_padding() } else { pool }
    })
    .affine()
);
layer!(
    avg_pool1d,
    line(|images, pick| {
        let pool =
            AvgPool1d::new(images.kernel[1]).stride(images.stride[1]).padding(images.padding[1]);
        let pool = if pick.flag() { pool.ceil_mode() } else { pool };
        if pick.flag() { pool.without_padding() } else { pool }
    })
    .affine()
);
layer!(
    adaptive_avg_pool2d,
    drawn(|pick| AdaptiveAvgPool2d::new(two(pick, 1..6)))
        .takes(|pick| {
            let [_, _] = two(pick, 1..6);
            vec![pick.axes(3)]
        })
        .gives(|pick, inputs| {
            let [height, width] = two(pick, 1..6);
            vec![[inputs[0][0], height, width].into()]
        })
        .affine()
        .refuses_inputs(not_axes(3))
        .refuses(AdaptiveAvgPool2d::new(0), "AdaptiveAvgPool2d::size")
);

/// Takes channels with one or two axes of places.
fn places(pick: &mut Pick<'_>) -> Vec<Shape> {
    let axes = pick.size(2..4);
    vec![pick.axes(axes)]
}

layer!(
    global_avg_pool,
    LayerUnderTest::new(GlobalAvgPool)
        .takes(places)
        .gives(|_, inputs| vec![inputs[0][0].into()])
        .affine()
        .refuses_inputs([vec![4.into()]])
);
layer!(
    global_max_pool,
    LayerUnderTest::new(GlobalMaxPool)
        .takes(places)
        .gives(|_, inputs| vec![inputs[0][0].into()])
        .refuses_inputs([vec![4.into()]])
);

fn upsample(make: fn([usize; 2]) -> Upsample) -> LayerUnderTest {
    drawn(move |pick| make(two(pick, 1..4)))
        .takes(|pick| {
            let [_, _] = two(pick, 1..4);
            places(pick)
        })
        .affine()
        .refuses_inputs([vec![4.into()], vec![[1, 2, 3, 4].into()]])
}

layer!(nearest, upsample(Upsample::nearest).refuses(Upsample::nearest([0, 0]), "Upsample::scale"));
layer!(bilinear, upsample(Upsample::bilinear));
layer!(bilinear_corners, upsample(|scale| Upsample::bilinear(scale).align_corners()));
layer!(
    zero_pad,
    drawn(|pick| {
        let ([top, bottom], [left, right]) = (two(pick, 0..3), two(pick, 0..3));
        ZeroPad { top, bottom, left, right }
    })
    .takes(|pick| {
        let ([_, _], [_, _]) = (two(pick, 0..3), two(pick, 0..3));
        places(pick)
    })
    .affine()
    .refuses_inputs([vec![9.into()], vec![[1, 2, 3, 4].into()]])
);

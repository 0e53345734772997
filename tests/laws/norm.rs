//! The laws of layers, for normalisations and for what is left out by channel and by sample.

use downhill::Shape;
use downhill::check::layer;
use downhill::check::layer::{LayerUnderTest, Pick, Precisions};
use downhill::layer::*;

const NAN: f64 = f64::NAN;

/// A layer that gives the shape that it takes.
fn same<L: Precisions>(
    make: impl Fn(&mut Pick<'_>) -> L + Send + Sync + 'static,
) -> LayerUnderTest {
    LayerUnderTest::drawn(make).gives(|_, inputs| inputs.to_vec())
}

/// So many axes of two or more: a group of one number has no use for its weight.
fn several(axes: usize) -> impl Fn(&mut Pick<'_>) -> Vec<Shape> + Send + Sync + 'static {
    move |pick| vec![(0..axes).map(|_| pick.size(2..5)).collect::<Vec<_>>().into()]
}

fn image(pick: &mut Pick<'_>) -> Vec<Shape> {
    vec![pick.axes(3)]
}

fn no_axis() -> [Vec<Shape>; 1] {
    [vec![Vec::new().into()]]
}

// Each channel over the batch.

fn batch_norm(layer: BatchNorm) -> LayerUnderTest {
    same(move |_| layer).batch_statistics().refuses_inputs(no_axis())
}

layer!(
    batch_norm1d,
    batch_norm(BatchNorm1d::default())
        .takes(|pick| vec![pick.size(1..5).into()])
        .refuses(BatchNorm { epsilon: 0.0, ..BatchNorm::default() }, "BatchNorm::epsilon")
        .refuses(BatchNorm { epsilon: NAN, ..BatchNorm::default() }, "BatchNorm::epsilon")
        .refuses(BatchNorm { momentum: Some(1.5), ..BatchNorm::default() }, "BatchNorm::momentum")
        .refuses(BatchNorm { momentum: Some(NAN), ..BatchNorm::default() }, "BatchNorm::momentum")
);
layer!(batch_norm2d, batch_norm(BatchNorm2d::default()).takes(image));
layer!(
    batch_norm_without_weights,
    batch_norm(BatchNorm { affine: false, epsilon: 0.3, ..BatchNorm::default() })
);
layer!(batch_norm_of_all_batches, batch_norm(BatchNorm { momentum: None, ..BatchNorm::default() }));
layer!(
    batch_norm_without_running_statistics,
    batch_norm(BatchNorm { track_running_stats: false, ..BatchNorm::default() })
);

// Each sample by itself.

layer!(
    layer_norm,
    same(|_| LayerNorm::default())
        .takes(several(2))
        .reach(1e30)
        .refuses_inputs(no_axis())
        .refuses(LayerNorm { axes: 0, ..LayerNorm::default() }, "LayerNorm::axes")
        .refuses(LayerNorm { epsilon: 0.0, ..LayerNorm::default() }, "LayerNorm::epsilon")
        .refuses(LayerNorm { epsilon: NAN, ..LayerNorm::default() }, "LayerNorm::epsilon")
);
layer!(
    layer_norm_of_several_axes,
    same(|pick| LayerNorm { axes: pick.size(2..4), bias: false, ..LayerNorm::default() })
        .takes(several(3))
        .reach(1e30)
        .refuses_inputs([vec![4.into()]])
);
layer!(
    layer_norm_without_weights,
    same(|_| LayerNorm { affine: false, epsilon: 0.3, ..LayerNorm::default() }).reach(1e30)
);
layer!(
    rms_norm,
    same(|_| RmsNorm { epsilon: Some(1e-5), ..RmsNorm::default() })
        .reach(1e30)
        .refuses_inputs(no_axis())
        .refuses(RmsNorm { axes: 0, ..RmsNorm::default() }, "RmsNorm::axes")
        .refuses(RmsNorm { epsilon: Some(-1.0), ..RmsNorm::default() }, "RmsNorm::epsilon")
        .refuses(RmsNorm { epsilon: Some(NAN), ..RmsNorm::default() }, "RmsNorm::epsilon")
);
layer!(
    rms_norm_of_several_axes,
    same(|pick| RmsNorm { axes: pick.size(2..4), epsilon: Some(0.3), ..RmsNorm::default() })
        .takes(image)
        .refuses_inputs([vec![4.into()]])
);
layer!(
    rms_norm_without_weight,
    same(|_| RmsNorm { affine: false, ..RmsNorm::default() })
        // So many numbers that they are not all near 0, where this epsilon leaves next to nothing of the gradient's digits.
        .takes(|_| vec![8.into()])
        .except("f32_follows_f64", "its epsilon is that of the number type")
);
layer!(
    group_norm,
    same(|_| GroupNorm::new(2))
        .takes(|pick| vec![[2 * pick.size(1..3), pick.size(2..4)].into()])
        .reach(1e30)
        .refuses_inputs([Vec::new().into(), 3.into(), [5, 2].into()].map(|shape| vec![shape]))
        .refuses(GroupNorm::new(0), "GroupNorm::groups")
        .refuses(GroupNorm { epsilon: 0.0, ..GroupNorm::new(1) }, "GroupNorm::epsilon")
        .refuses(GroupNorm { epsilon: NAN, ..GroupNorm::new(1) }, "GroupNorm::epsilon")
);
layer!(
    group_norm_without_weights,
    same(|pick| GroupNorm { affine: false, ..GroupNorm::new(pick.size(1..4)) }).takes(|pick| {
        let channels = pick.size(1..4) * pick.size(1..3);
        vec![[channels, pick.size(1..3), pick.size(1..3)].into()]
    })
);
layer!(
    instance_norm2d,
    same(|_| InstanceNorm2d::default())
        .takes(image)
        .reach(1e30)
        .refuses_inputs([4.into(), [2, 2].into(), [2, 2, 2, 2].into()].map(|shape| vec![shape]))
        .refuses(InstanceNorm2d { epsilon: 0.0, ..<_>::default() }, "InstanceNorm2d::epsilon")
        .refuses(InstanceNorm2d { epsilon: NAN, ..<_>::default() }, "InstanceNorm2d::epsilon")
);
layer!(
    instance_norm2d_with_running_statistics,
    same(|_| InstanceNorm2d { track_running_stats: true, affine: true, ..<_>::default() })
        .takes(several(3))
        .refuses(
            InstanceNorm2d { track_running_stats: true, momentum: 1.5, ..<_>::default() },
            "InstanceNorm2d::momentum"
        )
);

// What is left out as a whole.

layer!(
    spatial_dropout,
    same(|pick| SpatialDropout::new(pick.number(0.1..0.9)))
        .affine()
        .draws()
        .refuses_inputs(no_axis())
        .refuses(SpatialDropout::new(1.0), "SpatialDropout::rate")
        .refuses(SpatialDropout::new(NAN), "SpatialDropout::rate")
);
layer!(spatial_dropout_of_nothing, same(|_| SpatialDropout::new(0.0)).affine());
layer!(
    stochastic_depth,
    same(|pick| StochasticDepth::new(pick.number(0.1..0.9)))
        .affine()
        .draws()
        .refuses(StochasticDepth::new(1.0), "StochasticDepth::rate")
        .refuses(StochasticDepth::new(-0.1), "StochasticDepth::rate")
        .refuses(StochasticDepth::new(NAN), "StochasticDepth::rate")
);

//! The laws of losses, for all losses of the crate.

use downhill::check::loss;
use downhill::check::loss::{LossUnderTest, Outputs, Targets};
use downhill::loss::*;

const NAN: f64 = f64::NAN;

fn of<L: Loss<f32> + Loss<f64> + 'static>(loss: L) -> LossUnderTest {
    LossUnderTest::new(loss).reach(1e30)
}

/// A distance: 0 at the target, and more everywhere else.
fn distance<L: Loss<f32> + Loss<f64> + 'static>(loss: L) -> LossUnderTest {
    of(loss).minimum_at_target().never_negative().convex()
}

/// For targets 1 and −1.
fn sides<L: Loss<f32> + Loss<f64> + 'static>(loss: L) -> LossUnderTest {
    of(loss).never_negative().convex().refuses_target(0.0).refuses_target(NAN)
}

/// For targets in [0, 1].
fn shares<L: Loss<f32> + Loss<f64> + 'static>(loss: L) -> LossUnderTest {
    of(loss).never_negative().refuses_target(-0.125).refuses_target(1.5).refuses_target(NAN)
}

/// For class indices.
fn classes<L: Loss<f32> + Loss<f64> + 'static>(loss: L) -> LossUnderTest {
    of(loss).targets(Targets::Classes).convex()
}

/// For class probabilities.
fn mixtures<L: Loss<f32> + Loss<f64> + 'static>(loss: L) -> LossUnderTest {
    shares(loss).targets(Targets::Probabilities).convex()
}

fn weights() -> Option<Vec<f64>> {
    Some(vec![0.5, 2.0, 1.0])
}

fn smooth(label_smoothing: f64) -> CrossEntropy {
    CrossEntropy { label_smoothing, ..CrossEntropy::default() }
}

fn weighted() -> CrossEntropy {
    CrossEntropy { class_weights: weights(), ..smooth(0.2) }
}

// Numbers.

// Where squares follow, single precision ends sooner.
loss!(mse, distance(Mse).reach(1e4));
loss!(mae, distance(Mae));
loss!(
    smooth_l1,
    distance(SmoothL1::default())
        .refuses(SmoothL1 { beta: -1.0 }, "SmoothL1::beta")
        .refuses(SmoothL1 { beta: NAN }, "SmoothL1::beta")
);
loss!(smooth_l1_half, distance(SmoothL1 { beta: 0.5 }));
loss!(smooth_l1_sharp, distance(SmoothL1 { beta: 0.0 }));
loss!(
    huber,
    distance(Huber::default())
        .refuses(Huber { delta: 0.0 }, "Huber::delta")
        .refuses(Huber { delta: NAN }, "Huber::delta")
);
loss!(huber_quarter, distance(Huber { delta: 0.25 }));
loss!(log_cosh, distance(LogCosh));
loss!(quantile, distance(Quantile::default()));
loss!(
    quantile_high,
    distance(Quantile { quantile: 0.9 })
        .refuses(Quantile { quantile: 0.0 }, "Quantile::quantile")
        .refuses(Quantile { quantile: 1.0 }, "Quantile::quantile")
        .refuses(Quantile { quantile: NAN }, "Quantile::quantile")
);
loss!(
    poisson,
    of(PoissonNll::default())
        .reach(50.0)
        .convex()
        .refuses_target(-1.0)
        .refuses_target(f64::INFINITY)
        .refuses(PoissonNll { epsilon: 0.0, ..PoissonNll::default() }, "PoissonNll::epsilon")
);
loss!(poisson_full, of(PoissonNll { full: true, ..PoissonNll::default() }).reach(50.0).convex());
loss!(
    poisson_rate,
    of(PoissonNll { log_input: false, ..PoissonNll::default() })
        .outputs(&[Outputs::Positive])
        .minimum_at_target()
        .convex()
);
loss!(
    gaussian,
    of(GaussianNll::default())
        .reach(1e4)
        .outputs(&[Outputs::Real, Outputs::Positive])
        .refuses(GaussianNll { full: false, epsilon: 0.0 }, "GaussianNll::epsilon")
);
loss!(
    gaussian_full,
    of(GaussianNll { full: true, epsilon: 0.01 })
        .reach(1e4)
        .outputs(&[Outputs::Real, Outputs::OnePositive])
);

// Yes or no.

loss!(
    binary_cross_entropy,
    shares(BinaryCrossEntropy).outputs(&[Outputs::Probabilities]).minimum_at_target().convex()
);
loss!(binary_logits, shares(BinaryCrossEntropyWithLogits::default()).convex());
loss!(
    binary_logits_positive,
    shares(BinaryCrossEntropyWithLogits { positive_weights: Some(vec![3.0]), class_weights: None })
        .convex()
);
loss!(
    binary_logits_weighted,
    shares(BinaryCrossEntropyWithLogits {
        positive_weights: Some(vec![3.0, 0.5, 1.0]),
        class_weights: weights(),
    })
    .convex()
    .refuses(
        BinaryCrossEntropyWithLogits { positive_weights: Some(vec![-1.0]), class_weights: None },
        "BinaryCrossEntropyWithLogits::positive_weights"
    )
    .refuses(
        BinaryCrossEntropyWithLogits { positive_weights: None, class_weights: Some(vec![NAN]) },
        "BinaryCrossEntropyWithLogits::class_weights"
    )
);
loss!(focal, shares(Focal::default()));
loss!(focal_of_bits, shares(Focal { alpha: None, gamma: 0.5 }).targets(Targets::Bits));
loss!(
    focal_flat,
    shares(Focal { alpha: Some(0.75), gamma: 0.0 })
        .convex()
        .refuses(Focal { alpha: Some(1.5), gamma: 2.0 }, "Focal::alpha")
        .refuses(Focal { alpha: None, gamma: -1.0 }, "Focal::gamma")
);
loss!(hinge, sides(Hinge));
loss!(squared_hinge, sides(SquaredHinge).reach(1e4));
loss!(soft_margin, sides(SoftMargin));
loss!(multi_label_margin, shares(MultiLabelMargin).convex().refuses_target(0.5));

// Classes and distributions.

loss!(cross_entropy, classes(CrossEntropy::default()).never_negative());
loss!(cross_entropy_mixtures, mixtures(CrossEntropy::default()));
loss!(
    cross_entropy_smooth,
    classes(smooth(0.1))
        .never_negative()
        .refuses(smooth(1.5), "CrossEntropy::label_smoothing")
        .refuses(smooth(NAN), "CrossEntropy::label_smoothing")
        .refuses(
            CrossEntropy { class_weights: Some(vec![NAN]), ..CrossEntropy::default() },
            "CrossEntropy::class_weights"
        )
);
loss!(cross_entropy_smooth_mixtures, mixtures(smooth(0.1)));
loss!(cross_entropy_weighted, classes(weighted()).classes(3));
loss!(cross_entropy_weighted_mixtures, mixtures(weighted()).classes(3));
loss!(
    cross_entropy_skipping,
    classes(CrossEntropy { ignore_index: Some(1), ..weighted() }).classes(3).skips_class(1)
);
loss!(
    nll,
    classes(Nll::default())
        .outputs(&[Outputs::LogProbabilities])
        .never_negative()
        .refuses(Nll { class_weights: Some(vec![-1.0]), ignore_index: None }, "Nll::class_weights")
);
loss!(
    nll_skipping,
    classes(Nll { class_weights: weights(), ignore_index: Some(0) })
        .outputs(&[Outputs::LogProbabilities])
        .classes(3)
        .skips_class(0)
);
loss!(multi_margin, classes(MultiMargin::default()).never_negative());
loss!(
    multi_margin_squared,
    classes(MultiMargin { p: 2, margin: 0.7, class_weights: weights() })
        .reach(1e4)
        .classes(3)
        .refuses(MultiMargin { p: 3, ..MultiMargin::default() }, "MultiMargin::p")
        .refuses(MultiMargin { margin: NAN, ..MultiMargin::default() }, "MultiMargin::margin")
);
loss!(
    kl_divergence,
    of(KlDivergence::default())
        .outputs(&[Outputs::LogProbabilities])
        .convex()
        .refuses_target(1.5)
        .refuses_target(NAN)
);
loss!(
    kl_divergence_of_logarithms,
    of(KlDivergence { log_target: true })
        .outputs(&[Outputs::LogProbabilities])
        .convex()
        .refuses_target(0.5)
        .refuses_target(NAN)
);

/// Many of the kit's labels cannot be spelled in its few steps, so that infinity has to count as zero.
fn spelling(per_label: bool) -> LossUnderTest {
    of(Ctc { per_label, zero_infinity: true, ..Ctc::default() })
        .targets(Targets::Classes)
        .never_negative()
        .except("another_number_of_outputs_is_an_error", "the second may be the number of steps")
        .except("targets_of_another_shape_are_errors", "there may be any number of labels")
}

loss!(ctc, spelling(true));
loss!(ctc_of_sequences, spelling(false));

// Embeddings and rankings.

loss!(
    hinge_embedding,
    of(HingeEmbedding::default())
        .convex()
        .refuses_target(0.0)
        .refuses(HingeEmbedding { margin: NAN }, "HingeEmbedding::margin")
);
loss!(margin_ranking, sides(MarginRanking::default()));
loss!(
    margin_ranking_half,
    sides(MarginRanking { margin: 0.5 })
        .refuses(MarginRanking { margin: NAN }, "MarginRanking::margin")
);
loss!(
    cosine_embedding,
    of(CosineEmbedding::default()).never_negative().refuses_target(0.0).refuses_target(NAN)
);
loss!(
    cosine_embedding_margin,
    of(CosineEmbedding { margin: 0.3 })
        .never_negative()
        .refuses(CosineEmbedding { margin: 2.0 }, "CosineEmbedding::margin")
        .refuses(CosineEmbedding { margin: NAN }, "CosineEmbedding::margin")
);
loss!(
    triplet,
    of(Triplet::default())
        .never_negative()
        .refuses(Triplet { p: 0.5, ..Triplet::default() }, "Triplet::p")
        .refuses(Triplet { margin: NAN, ..Triplet::default() }, "Triplet::margin")
        .refuses(Triplet { epsilon: -1.0, ..Triplet::default() }, "Triplet::epsilon")
);
// A margin off every sum of grid steps and of the outputs' distances from the grid, as sums of absolute values are on one. So is any norm of a
// single number.
loss!(triplet_taxi, of(Triplet { p: 1.0, margin: 0.5037, ..Triplet::default() }).never_negative());
loss!(
    triplet_swap,
    of(Triplet { margin: 0.5037, p: 3.0, swap: true, ..Triplet::default() }).never_negative()
);

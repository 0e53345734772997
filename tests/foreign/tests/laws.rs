//! One line for each component: what its documentation promises, and the kit proves it.

use downhill::check::{
    self,
    clip::ClipUnderTest,
    constraint::ConstraintUnderTest,
    init::InitUnderTest,
    layer::LayerUnderTest,
    loss::{LossUnderTest, Outputs, Targets},
    metric::MetricUnderTest,
    optimizer::OptimizerUnderTest,
    regularizer::RegularizerUnderTest,
    schedule::ScheduleUnderTest,
};
use downhill::{Clip, Error, Scalar};
use foreign::*;

check::optimizer!(
    adan,
    OptimizerUnderTest::new(Adan::default())
        .follows_momentum()
        .refuses(Adan { beta3: 1.0, ..Adan::default() }, "beta3")
);
check::optimizer!(
    novo_grad,
    OptimizerUnderTest::new(NovoGrad::default())
        .follows_momentum()
        .refuses(NovoGrad { epsilon: 0.0, ..NovoGrad::default() }, "epsilon")
);
check::optimizer!(
    armijo,
    OptimizerUnderTest::new(Armijo::default()).whole_model().gradients_up_to(1e30)
);
check::schedule!(
    decaying_restarts,
    ScheduleUnderTest::new(DecayingRestarts { period: 10, decay: 0.8 })
        .bounds(0.0, 1.0)
        .starts_at(1.0)
        .falls(10..20)
        .refuses(DecayingRestarts { period: 0, decay: 0.8 }, "period")
);
check::loss!(
    charbonnier,
    LossUnderTest::new(Charbonnier { epsilon: 1e-3 })
        .minimum_at_target()
        .never_negative()
        .convex()
        .refuses(Charbonnier { epsilon: 0.0 }, "epsilon")
);
check::loss!(
    tversky,
    LossUnderTest::new(Tversky::default())
        .outputs(&[Outputs::Probabilities])
        .targets(Targets::Probabilities)
        .never_negative()
        .refuses_target(1.5)
);
check::regularizer!(
    group_lasso,
    RegularizerUnderTest::new(GroupLasso { strength: 0.1 })
        .never_negative()
        .convex()
        .even()
        .homogeneous(1.0)
        .refuses(GroupLasso { strength: -1.0 }, "strength")
);
check::constraint!(centred, ConstraintUnderTest::new(Centred).by_units());
check::init!(
    laplace,
    InitUnderTest::new(Laplace { gain: 1.0 })
        .mean(0.0)
        .std(|fan_in, _| 1.0 / (fan_in as f64).sqrt())
        .kurtosis(6.0)
        .scales(|gain| Laplace { gain })
        .refuses(Laplace { gain: -1.0 }, "gain")
);
check::metric!(
    cohen_kappa,
    MetricUnderTest::new(CohenKappa { classes: 3 })
        .bounds(-1.0, 1.0)
        .perfect(1.0)
        .refuses(CohenKappa { classes: 1 }, "classes")
);

/// The clipper is a plain function of a gradient; this hands it what the kit lends.
impl<F: Scalar> check::clip::Clipper<F> for Clipping {
    fn clip(&self, call: check::clip::Call<'_, F>) -> f64 {
        self.0.apply(call.gradient, call.scale)
    }

    fn validate(&self) -> Result<(), Error> {
        self.0.validate()
    }
}

#[derive(Debug)]
struct Clipping(Rescaled);

check::clip!(
    rescaled,
    ClipUnderTest::new(Clip::GlobalNorm(0.5))
        .done_by(Clipping(Rescaled { bound: 0.5 }))
        .refuses(Clipping(Rescaled { bound: -1.0 }), "bound")
);
check::layer!(
    batch_norm,
    LayerUnderTest::new(BatchNorm::default())
        .takes(|pick| vec![pick.size(1..5).into()])
        .gives(|_, inputs| inputs.to_vec())
        .batch_statistics()
        .condition(100.0)
        .refuses_inputs([vec![vec![2, 3].into()]])
        .refuses(BatchNorm { epsilon: 0.0, ..BatchNorm::default() }, "BatchNorm::epsilon")
);

//! The laws of optimizers, for all rules of the crate: one entry for each.
#![cfg(feature = "check")]

mod naive_optimizers;
mod solved_problems;

use downhill::check::optimizer;
use downhill::check::optimizer::OptimizerUnderTest;
use downhill::optim::*;
use naive_optimizers as naive;
use solved_problems as solved;
use solved_problems::Solved;

/// What all rules of the crate claim. The settings that each refuses are in `refusals`.
fn ours<O: Optimizer<f32> + Optimizer<f64> + 'static>(rule: O) -> OptimizerUnderTest {
    OptimizerUnderTest::new(rule).linear_in_rate().translation_invariant().mirror_invariant()
}

/// It comes within `gap` of the optimum of each of these.
fn solving(subject: OptimizerUnderTest, gap: f64, problems: &[Solved]) -> OptimizerUnderTest {
    problems
        .iter()
        .fold(subject, |subject, &(problem, rate, steps)| subject.solves(problem, rate, steps, gap))
}

const SGD: Sgd = Sgd { learning_rate: 0.02, momentum: 0.0, dampening: 0.0, nesterov: false };

// A direction adds up the gradients, and has no bound of its own.
optimizer!(sgd, solving(ours(SGD).rotation_invariant().reference(naive::sgd), 1e-6, solved::SGD));
optimizer!(
    sgd_momentum,
    solving(
        ours(Sgd { momentum: 0.9, ..SGD })
            .rotation_invariant()
            .follows_momentum()
            .gradients_up_to(1e37)
            .reference(naive::sgd_momentum),
        1e-6,
        solved::SGD_MOMENTUM
    )
);
optimizer!(
    sgd_dampening,
    ours(Sgd { momentum: 0.9, dampening: 0.5, ..SGD })
        .rotation_invariant()
        .follows_momentum()
        .gradients_up_to(1e37)
);
optimizer!(
    sgd_nesterov,
    ours(Sgd { momentum: 0.9, nesterov: true, ..SGD })
        .rotation_invariant()
        .follows_momentum()
        .gradients_up_to(1e37)
);
optimizer!(
    lion,
    solving(
        ours(Lion::default())
            .scale_invariant()
            .step_bounded(1.0)
            .follows_momentum()
            .reference(naive::lion),
        1e-3,
        solved::LION
    )
);
optimizer!(
    lion_decay,
    ours(Lion { learning_rate: 1e-3, beta1: 0.0, beta2: 0.5, weight_decay: 0.1 })
        .scale_invariant()
        .step_bounded(1.0)
);
optimizer!(
    adagrad,
    solving(
        ours(Adagrad::default()).scale_invariant().step_bounded(1.0).reference(naive::adagrad),
        1e-6,
        solved::ADAGRAD
    )
);
optimizer!(
    adagrad_decay,
    ours(Adagrad { lr_decay: 1e-3, initial_accumulator: 0.1, ..Adagrad::default() })
        .step_bounded(1.0)
);
optimizer!(
    rms_prop,
    solving(
        ours(RmsProp::default()).scale_invariant().step_bounded(10.0).reference(naive::rms_prop),
        1e-4,
        solved::RMS_PROP
    )
);
optimizer!(
    rms_prop_momentum,
    ours(RmsProp { momentum: 0.9, learning_rate: 1e-3, ..RmsProp::default() })
        .scale_invariant()
        .step_bounded(100.0)
        .follows_momentum()
);
optimizer!(
    rms_prop_centered,
    ours(RmsProp { centered: true, epsilon: 1e-3, ..RmsProp::default() })
);
optimizer!(
    rms_prop_both,
    ours(RmsProp {
        centered: true,
        epsilon: 1e-3,
        momentum: 0.5,
        alpha: 0.9,
        ..RmsProp::default()
    })
    .follows_momentum()
);
optimizer!(
    adadelta,
    solving(ours(Adadelta::default()).reference(naive::adadelta), 1e-4, solved::ADADELTA)
);
optimizer!(adadelta_slow, ours(Adadelta { rho: 0.95, epsilon: 1e-7, learning_rate: 0.5 }));
optimizer!(
    adam,
    solving(
        ours(Adam::default())
            .scale_invariant()
            .step_bounded(7.3)
            .follows_momentum()
            .reference(naive::adam),
        1e-6,
        solved::ADAM
    )
);
optimizer!(
    adam_plain,
    ours(Adam { beta1: 0.0, beta2: 0.5, epsilon: 1e-4, ..Adam::default() }).step_bounded(1.5)
);
optimizer!(
    adam_amsgrad,
    solving(
        ours(Adam { amsgrad: true, ..Adam::default() })
            .scale_invariant()
            .step_bounded(7.3)
            .follows_momentum(),
        1e-6,
        solved::ADAM_AMSGRAD
    )
);
optimizer!(
    adamw,
    solving(
        ours(AdamW::default())
            .scale_invariant()
            .step_bounded(7.3)
            .follows_momentum()
            .reference(naive::adamw),
        1e-6,
        solved::ADAM
    )
);
optimizer!(
    adamw_amsgrad,
    ours(AdamW { amsgrad: true, weight_decay: 0.5, ..AdamW::default() })
        .scale_invariant()
        .step_bounded(7.3)
        .follows_momentum()
);
optimizer!(
    adamax,
    solving(
        ours(Adamax::default())
            .scale_invariant()
            .step_bounded(1.1)
            .follows_momentum()
            .reference(naive::adamax),
        1e-6,
        solved::ADAMAX
    )
);
optimizer!(
    adamax_fast,
    ours(Adamax { beta1: 0.5, beta2: 0.9, epsilon: 1e-3, ..Adamax::default() }).follows_momentum()
);
optimizer!(
    radam,
    solving(ours(RAdam::default()).follows_momentum().reference(naive::radam), 1e-6, solved::RADAM)
);
optimizer!(radam_fast, ours(RAdam { beta2: 0.9, ..RAdam::default() }).follows_momentum());
optimizer!(radam_faster, ours(RAdam { beta2: 0.5, ..RAdam::default() }).follows_momentum());
optimizer!(
    nadam,
    solving(
        ours(NAdam::default()).scale_invariant().follows_momentum().reference(naive::nadam),
        1e-6,
        solved::NADAM
    )
);
optimizer!(
    nadam_constant,
    ours(NAdam { momentum_decay: 0.0, beta2: 0.9, ..NAdam::default() })
        .scale_invariant()
        .follows_momentum()
);
optimizer!(
    nadam_sudden,
    ours(NAdam { momentum_decay: 1.0, beta1: 0.5, ..NAdam::default() })
        .scale_invariant()
        .follows_momentum()
);

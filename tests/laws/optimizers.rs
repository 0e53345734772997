//! The laws of optimizers, for all rules of the crate: one entry for each.

use crate::custom;
use crate::naive_optimizers as naive;
use crate::solved_problems as solved;
use crate::solved_problems::Solved;
use downhill::check::optimizer;
use downhill::check::optimizer::OptimizerUnderTest;
use downhill::optim::*;

/// What all rules of the crate claim.
fn ours<O: Optimizer<f32> + Optimizer<f64> + 'static>(rule: O) -> OptimizerUnderTest {
    OptimizerUnderTest::new(rule).linear_in_rate().translation_invariant().mirror_invariant()
}

const NEGATIVE: [f64; 4] = [-1e-9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
const NO_SHARE: [f64; 5] = [-1e-9, 1.0, 1.5, f64::NAN, f64::INFINITY];
const NO_EPSILON: [f64; 5] = [0.0, -1e-8, f64::NAN, f64::INFINITY, 1e-310];

/// The subject, which refuses each of these values in each of these fields by the field's name.
macro_rules! refusing {
    ($subject:expr, $rule:ident: $($field:ident in $values:expr),*) => {{
        let mut subject = $subject;
        $(for value in $values {
            let bad = $rule { $field: value, ..$rule::default() };
            subject = subject.refuses(bad, concat!(stringify!($rule), "::", stringify!($field)));
        })*
        subject
    }};
}

/// It comes within `gap` of the optimum of each of these.
fn solving(subject: OptimizerUnderTest, gap: f64, problems: &[Solved]) -> OptimizerUnderTest {
    problems
        .iter()
        .fold(subject, |subject, &(problem, rate, steps)| subject.solves(problem, rate, steps, gap))
}

const SGD: Sgd = Sgd { learning_rate: 0.02, momentum: 0.0, dampening: 0.0, nesterov: false };

// A direction adds up the gradients, and has no bound of its own.
optimizer!(sgd, {
    let subject = solving(ours(SGD).rotation_invariant().reference(naive::sgd), 1e-6, solved::SGD);
    refusing!(subject, Sgd: learning_rate in NEGATIVE, momentum in NO_SHARE, dampening in [-0.1, 1.1, f64::NAN], nesterov in [true])
});
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
optimizer!(lion, {
    let subject = solving(
        ours(Lion::default())
            .scale_invariant()
            .step_bounded(1.0)
            .follows_momentum()
            .reference(naive::lion),
        1e-3,
        solved::LION,
    );
    refusing!(subject, Lion: learning_rate in NEGATIVE, beta1 in NO_SHARE, beta2 in NO_SHARE, weight_decay in NEGATIVE)
});
optimizer!(
    lion_decay,
    ours(Lion { learning_rate: 1e-3, beta1: 0.0, beta2: 0.5, weight_decay: 0.1 })
        .scale_invariant()
        .step_bounded(1.0)
);
optimizer!(adagrad, {
    let subject = solving(
        ours(Adagrad::default()).scale_invariant().step_bounded(1.0).reference(naive::adagrad),
        1e-6,
        solved::ADAGRAD,
    );
    refusing!(subject, Adagrad: learning_rate in NEGATIVE, lr_decay in NEGATIVE, initial_accumulator in NEGATIVE, epsilon in NO_EPSILON)
});
optimizer!(
    adagrad_decay,
    ours(Adagrad { lr_decay: 1e-3, initial_accumulator: 0.1, ..Adagrad::default() })
        .step_bounded(1.0)
);
optimizer!(rms_prop, {
    let subject = solving(
        ours(RmsProp::default()).scale_invariant().step_bounded(10.0).reference(naive::rms_prop),
        1e-4,
        solved::RMS_PROP,
    );
    refusing!(subject, RmsProp: learning_rate in NEGATIVE, alpha in NO_SHARE, epsilon in NO_EPSILON, momentum in NO_SHARE)
});
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
optimizer!(adadelta, {
    let subject =
        solving(ours(Adadelta::default()).reference(naive::adadelta), 1e-4, solved::ADADELTA);
    refusing!(subject, Adadelta: learning_rate in NEGATIVE, rho in NO_SHARE, epsilon in NO_EPSILON)
});
optimizer!(adadelta_slow, ours(Adadelta { rho: 0.95, epsilon: 1e-7, learning_rate: 0.5 }));
optimizer!(adam, {
    let subject = solving(
        ours(Adam::default())
            .scale_invariant()
            .step_bounded(7.3)
            .follows_momentum()
            .reference(naive::adam),
        1e-6,
        solved::ADAM,
    );
    refusing!(subject, Adam: learning_rate in NEGATIVE, beta1 in NO_SHARE, beta2 in NO_SHARE, epsilon in NO_EPSILON)
});
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
optimizer!(adamw, {
    let subject = solving(
        ours(AdamW::default())
            .scale_invariant()
            .step_bounded(7.3)
            .follows_momentum()
            .reference(naive::adamw),
        1e-6,
        solved::ADAM,
    );
    refusing!(subject, AdamW: learning_rate in NEGATIVE, beta1 in NO_SHARE, beta2 in NO_SHARE, epsilon in NO_EPSILON, weight_decay in NEGATIVE)
});
optimizer!(
    adamw_amsgrad,
    ours(AdamW { amsgrad: true, weight_decay: 0.5, ..AdamW::default() })
        .scale_invariant()
        .step_bounded(7.3)
        .follows_momentum()
);
optimizer!(adamax, {
    let subject = solving(
        ours(Adamax::default())
            .scale_invariant()
            .step_bounded(1.1)
            .follows_momentum()
            .reference(naive::adamax),
        1e-6,
        solved::ADAMAX,
    );
    refusing!(subject, Adamax: learning_rate in NEGATIVE, beta1 in NO_SHARE, beta2 in NO_SHARE, epsilon in NO_EPSILON)
});
optimizer!(
    adamax_fast,
    ours(Adamax { beta1: 0.5, beta2: 0.9, epsilon: 1e-3, ..Adamax::default() }).follows_momentum()
);
optimizer!(radam, {
    let subject = solving(
        ours(RAdam::default()).follows_momentum().reference(naive::radam),
        1e-6,
        solved::RADAM,
    );
    refusing!(subject, RAdam: learning_rate in NEGATIVE, beta1 in NO_SHARE, beta2 in NO_SHARE, epsilon in NO_EPSILON)
});
optimizer!(radam_fast, ours(RAdam { beta2: 0.9, ..RAdam::default() }).follows_momentum());
optimizer!(radam_faster, ours(RAdam { beta2: 0.5, ..RAdam::default() }).follows_momentum());
optimizer!(nadam, {
    let subject = solving(
        ours(NAdam::default()).scale_invariant().follows_momentum().reference(naive::nadam),
        1e-6,
        solved::NADAM,
    );
    refusing!(subject, NAdam: learning_rate in NEGATIVE, beta1 in NO_SHARE, beta2 in NO_SHARE, epsilon in NO_EPSILON, momentum_decay in NEGATIVE)
});
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

// Rules as users write them: for whole tensors, for the whole model, and around other rules.

const WHOLE: custom::Lamb =
    custom::Lamb { learning_rate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-6, decay: 0.0 };

optimizer!(lamb, OptimizerUnderTest::new(WHOLE).gradients_up_to(1e18));
optimizer!(
    sam,
    OptimizerUnderTest::new(custom::Sam { inner: Adam::default(), rho: 0.1 }).whole_model()
);
optimizer!(
    lookahead,
    OptimizerUnderTest::new(custom::Lookahead {
        inner: Adam::default(),
        period: 2,
        share: 0.5,
        reset: false
    })
);

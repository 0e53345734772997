//! The laws of schedules, for all schedules of the crate.

use downhill::check::schedule::{ScheduleUnderTest, report_on};
use downhill::check::{Cases, schedule};
use downhill::schedule::*;
use proptest::prelude::*;

/// What no setting may be.
const BAD: [f64; 4] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1];

/// A subject that refuses each bad number in this setting.
fn refusing<S: Schedule + 'static>(
    subject: ScheduleUnderTest,
    field: &str,
    with: impl Fn(f64) -> S,
) -> ScheduleUnderTest {
    BAD.into_iter().fold(subject, |subject, bad| subject.refuses(with(bad), field))
}

fn new<S: Schedule + 'static>(schedule: S) -> ScheduleUnderTest {
    ScheduleUnderTest::new(schedule)
}

const ALWAYS: std::ops::Range<u64> = 0..u64::MAX;

schedule!(flat, {
    let subject = new(constant(0.5)).bounds(0.5, 0.5).period(1).rises(ALWAYS).falls(ALWAYS);
    refusing(subject, "constant.factor", constant)
});
schedule!(largest, new(constant(f64::MAX)).starts_at(f64::MAX));
schedule!(stairs, {
    let subject = new(step_decay(7, 0.5)).bounds(0.0, 1.0).falls(ALWAYS).starts_at(1.0);
    let subject = subject.continuous_at(6, 0.0).same_as(exponential(0.5).every(7));
    refusing(subject, "step_decay.gamma", |bad| step_decay(9, bad))
        .refuses(step_decay(0, 0.5), "step_decay.every")
});
schedule!(milestones, {
    let subject = new(multi_step([8, 3, 8], 0.5)).bounds(0.125, 1.0).falls(ALWAYS);
    let subject = subject.starts_at(1.0).ends_at(0.125).continuous_at(7, 0.0);
    refusing(subject, "multi_step.gamma", |bad| multi_step([9], bad))
});
schedule!(decay, {
    let subject = new(exponential(0.99)).bounds(0.0, 1.0).falls(ALWAYS).starts_at(1.0).ends_at(0.0);
    refusing(subject, "exponential.gamma", exponential)
});
schedule!(growth, new(exponential(1.1)).bounds(1.0, f64::MAX).rises(ALWAYS).ends_at(f64::MAX));
schedule!(line, {
    let subject = new(linear(1.0, 0.2, 12)).bounds(0.2, 1.0).falls(ALWAYS).holds();
    let subject = subject.starts_at(1.0).ends_at(0.2).continuous_at(12, 0.8 / 12.0);
    let subject = refusing(subject, "linear.from", |bad| linear(bad, 0.0, 9));
    refusing(subject, "linear.to", |bad| linear(1.0, bad, 9))
        .refuses(linear(1.0, 0.0, 0), "linear.steps")
});
schedule!(endless_line, new(linear(0.0, 2.0, u64::MAX)).bounds(0.0, 2.0).rises(ALWAYS).holds());
schedule!(parabola, {
    let subject = new(polynomial(10, 2.0)).bounds(0.0, 1.0).falls(ALWAYS).holds();
    let subject = subject.starts_at(1.0).ends_at(0.0).continuous_at(10, 0.01);
    let subject = refusing(subject, "polynomial.power", |bad| polynomial(9, bad));
    let subject =
        refusing(subject, "polynomial.from", |bad| Polynomial { from: bad, ..polynomial(9, 1.0) });
    refusing(subject, "polynomial.to", |bad| Polynomial { to: bad, ..polynomial(9, 1.0) })
        .refuses(polynomial(0, 1.0), "polynomial.steps")
        .refuses(polynomial(9, 0.0), "polynomial.power")
});
schedule!(straight_polynomial, new(polynomial(10, 1.0)).same_as(linear(1.0, 0.0, 10)));
schedule!(half_cosine, {
    let subject = new(cosine(10)).bounds(0.0, 1.0).falls(ALWAYS).holds();
    let subject = subject.starts_at(1.0).ends_at(0.0).continuous_at(10, 0.025);
    let subject = refusing(subject, "cosine.power", |bad| Cosine { power: bad, ..cosine(9) });
    let subject = refusing(subject, "cosine.from", |bad| Cosine { from: bad, ..cosine(9) });
    refusing(subject, "cosine.to", |bad| Cosine { to: bad, ..cosine(9) })
        .refuses(cosine(0), "cosine.steps")
        .refuses(Cosine { power: 0.0, ..cosine(9) }, "cosine.power")
});
schedule!(
    endless_cosine,
    new(Cosine { to: 0.1, ..cosine(u64::MAX) }).bounds(0.1, 1.0).falls(ALWAYS).ends_at(0.1)
);
schedule!(restarts, {
    let subject = new(warm_restarts(6)).bounds(0.0, 1.0).period(6).starts_at(1.0).falls(0..6);
    refusing(subject, "warm_restarts.to", |bad| WarmRestarts { to: bad, ..warm_restarts(9) })
        .refuses(warm_restarts(0), "warm_restarts.period")
        .refuses(WarmRestarts { growth: 0, ..warm_restarts(9) }, "warm_restarts.growth")
        .refuses(WarmRestarts { to: 1.5, ..warm_restarts(9) }, "warm_restarts.to")
});
schedule!(growing_restarts, {
    // A cosine after the other, each twice as long as the one before.
    let in_a_row = |step: u64| {
        let (mut start, mut length) = (0_u64, 5_u64);
        while step - start >= length {
            start += length;
            length = length.saturating_mul(2);
        }
        Cosine { to: 0.1, ..cosine(length) }.at(step - start)
    };
    let subject = new(WarmRestarts { growth: 2, to: 0.1, ..warm_restarts(5) }).same_as(in_a_row);
    subject.bounds(0.1, 1.0).falls(0..5).falls(5..15).falls(15..35)
});
schedule!(zigzag, {
    let ring = cyclic(0.1, 1.0, 4);
    let subject = new(ring).bounds(0.1, 1.0).period(8).starts_at(0.1).rises(0..5).falls(4..9);
    let subject = subject.continuous_at(8, 0.225);
    let subject = refusing(subject, "cyclic.low", |bad| cyclic(bad, 1.0, 9));
    let subject = refusing(subject, "cyclic.high", |bad| cyclic(0.1, bad, 9));
    let range = |gamma| Cyclic { mode: CyclicMode::ExpRange { gamma }, ..cyclic(0.1, 1.0, 4) };
    refusing(subject, "cyclic.mode.gamma", range)
        .refuses(range(1.1), "cyclic.mode.gamma")
        .refuses(range(0.0), "cyclic.mode.gamma")
        .refuses(cyclic(0.1, 1.0, 0), "cyclic.up")
        .refuses(Cyclic { down: 0, ..ring }, "cyclic.down")
});
schedule!(slow_zigzag, {
    let ring = cyclic(0.1, 1.0, u64::MAX / 2);
    new(ring).bounds(0.1, 1.0).starts_at(0.1).rises(0..u64::MAX / 2)
});
schedule!(halving_zigzag, {
    let ring = Cyclic { down: 2, mode: CyclicMode::Triangular2, ..cyclic(0.5, 1.0, 4) };
    new(ring).bounds(0.5, 1.0).starts_at(0.5).rises(0..5).falls(4..7).ends_at(0.5)
});
schedule!(shrinking_zigzag, {
    let ring = Cyclic { mode: CyclicMode::ExpRange { gamma: 0.9 }, ..cyclic(0.5, 1.0, 4) };
    new(ring).bounds(0.5, 1.0).starts_at(0.5).falls(4..9).ends_at(0.5)
});
schedule!(against_the_zigzag, {
    new(cyclic(0.1, 1.0, 4).momentum(0.8, 1.0)).bounds(0.8, 1.0).period(8).starts_at(1.0)
});
schedule!(one_hill, {
    let cycle = OneCycle { pct_start: 0.5, ..one_cycle(20) };
    let subject = new(cycle).bounds(0.04e-4, 1.0).starts_at(0.04).ends_at(0.04e-4).holds();
    let subject = subject.rises(0..10).falls(9..u64::MAX);
    let subject = refusing(subject, "one_cycle.pct_start", |bad| OneCycle {
        pct_start: bad,
        ..one_cycle(10)
    });
    let subject = refusing(subject, "one_cycle.div_factor", |bad| OneCycle {
        div_factor: bad,
        ..one_cycle(10)
    });
    refusing(subject, "one_cycle.final_div_factor", |bad| OneCycle {
        final_div_factor: bad,
        ..one_cycle(10)
    })
    .refuses(one_cycle(0), "one_cycle.steps")
    .refuses(OneCycle { pct_start: 1.1, ..cycle }, "one_cycle.pct_start")
    .refuses(OneCycle { pct_start: 0.6, three_phase: true, ..cycle }, "one_cycle.pct_start")
    .refuses(OneCycle { div_factor: 0.0, ..cycle }, "one_cycle.div_factor")
    .refuses(OneCycle { final_div_factor: 0.0, ..cycle }, "one_cycle.final_div_factor")
});
schedule!(three_phases, {
    let cycle = OneCycle { pct_start: 0.25, three_phase: true, ..one_cycle(20) };
    new(cycle).bounds(0.04e-4, 1.0).rises(0..5).falls(4..u64::MAX).holds().ends_at(0.04e-4)
});
schedule!(against_the_hill, {
    let cycle = OneCycle { pct_start: 0.5, ..one_cycle(20) };
    let subject = new(cycle.momentum(0.9, 1.0)).bounds(0.9, 1.0).starts_at(1.0).ends_at(1.0);
    let subject = subject.falls(0..10).rises(9..u64::MAX).holds();
    let subject = refusing(subject, "one_cycle.momentum.low", move |bad| cycle.momentum(bad, 1.0));
    refusing(subject, "one_cycle.momentum.high", move |bad| cycle.momentum(0.8, bad))
        .refuses(one_cycle(0).momentum(0.8, 1.0), "one_cycle.steps")
});
schedule!(root, {
    let subject = new(inverse_sqrt(9)).bounds(0.0, 1.0).starts_at(1.0 / 9.0);
    subject.rises(0..9).falls(8..u64::MAX).refuses(inverse_sqrt(0), "inverse_sqrt.warmup")
});
schedule!(transformer, {
    new(noam(512, 9))
        .same_as(inverse_sqrt(9).scaled((512.0_f64 * 9.0).powf(-0.5)))
        .starts_at(512_f64.powf(-0.5) * 9_f64.powf(-1.5))
        .rises(0..9)
        .falls(8..u64::MAX)
        .refuses(noam(0, 9), "noam.d_model")
        .refuses(noam(9, 0), "noam.warmup")
});
schedule!(widest_transformer, new(noam(u64::MAX, u64::MAX)).bounds(0.0, 1.0).rises(ALWAYS));
schedule!(rise, {
    let subject = new(warmup(8)).bounds(0.125, 1.0).rises(ALWAYS).holds();
    subject.starts_at(0.125).ends_at(1.0).continuous_at(8, 0.0).refuses(warmup(0), "warmup.steps")
});
schedule!(plateau, {
    let whole = warmup_stable_decay(4, 10, 6);
    let parts = warmup(4).then(constant(1.0).for_steps(10)).then(linear(1.0, 0.0, 6));
    let subject = new(whole).bounds(0.0, 1.0).same_as(parts).holds();
    let subject = subject.rises(0..14).falls(3..u64::MAX).continuous_at(14, 0.0);
    let subject = refusing(subject, "warmup_stable_decay.to", |bad| WarmupStableDecay {
        to: bad,
        ..warmup_stable_decay(1, 1, 1)
    });
    subject.refuses(warmup_stable_decay(1, 1, 0), "warmup_stable_decay.decay")
});
schedule!(long_plateau, {
    let steep = warmup_stable_decay(3, u64::MAX, 6);
    new(WarmupStableDecay { to: 0.1, anneal: Anneal::OneMinusSqrt, ..steep })
        .bounds(0.1, 1.0)
        .starts_at(1.0 / 3.0)
});
schedule!(closure, new(|step: u64| 1.0 / (1.0 + step as f64)).falls(ALWAYS).bounds(0.0, 1.0));
schedule!(
    on_the_heap,
    new(cosine(7).boxed()).same_as(cosine(7)).refuses(cosine(0).boxed(), "steps")
);

schedule!(joined, {
    let subject = new(warmup(5).then(cosine(8))).joins(warmup(5), cosine(8)).bounds(0.0, 1.0);
    let subject = subject.rises(0..5).falls(4..u64::MAX).continuous_at(5, 0.0).holds();
    let part = constant;
    let subject = refusing(subject, "constant.factor", move |bad| warmup(2).then(part(bad)));
    refusing(subject, "constant.factor", move |bad| part(bad).for_steps(2).then(warmup(2)))
        .refuses(exponential(0.9).then(cosine(9)), "before `then`")
        .refuses(constant(1.0).boxed().then(cosine(9)), "before `then`")
        .refuses((|_: u64| 1.0).then(cosine(9)), "before `then`")
});
schedule!(joined_for_ever, {
    let long = || constant(1.0).for_steps(u64::MAX);
    new(long().then(warmup(9))).joins(long(), warmup(9))
});
schedule!(joined_twice, {
    let left = warmup(5).then(linear(1.0, 0.2, 6)).then(cosine(7));
    let right = warmup(5).then(linear(1.0, 0.2, 6).then(cosine(7)));
    new(left).joins(warmup(5).then(linear(1.0, 0.2, 6)), cosine(7)).same_as(right)
});
schedule!(times_a_number, {
    let subject = new(cosine(6).scaled(0.3)).scales(cosine(6), 0.3).bounds(0.0, 0.3);
    let subject = refusing(subject, "scaled.factor", |bad| constant(1.0).scaled(bad));
    refusing(subject, "constant.factor", |bad| constant(bad).scaled(1.0))
});
schedule!(too_much, new(constant(f64::MAX).scaled(2.0)).scales(constant(f64::MAX), 2.0));
schedule!(product, {
    let parts = || (warmup(4), step_decay(10, 0.5));
    let subject = new(parts().0.times(parts().1)).multiplies(parts().0, parts().1);
    let subject = refusing(subject, "constant.factor", |bad| constant(bad).times(warmup(2)));
    refusing(subject, "constant.factor", |bad| warmup(2).times(constant(bad)))
});
schedule!(
    product_with_an_end,
    new(warmup(5).times(cosine(9))).multiplies(warmup(5), cosine(9)).bounds(0.0, 1.0).holds()
);
schedule!(
    product_of_huge_ones,
    new(constant(f64::MAX).times(exponential(1.1)))
        .multiplies(constant(f64::MAX), exponential(1.1))
);
schedule!(cut_short, {
    let subject = new(cosine(20).for_steps(5)).cuts(cosine(20), 5).falls(ALWAYS);
    refusing(subject, "constant.factor", |bad| constant(bad).for_steps(3))
        .refuses(constant(1.0).for_steps(0), "for_steps.steps")
});
schedule!(by_epoch, {
    let subject = new(cosine(5).every(7)).slows(cosine(5), 7).falls(ALWAYS).holds();
    refusing(subject, "constant.factor", |bad| constant(bad).every(2))
        .refuses(constant(1.0).every(0), "every.steps")
});
schedule!(
    by_long_epochs,
    new(constant(1.0).for_steps(u64::MAX).every(3)).slows(constant(1.0).for_steps(u64::MAX), 3)
);
schedule!(clipped, {
    let subject = new(cosine(9).clamped(0.2, 0.9)).clamps(cosine(9), 0.2, 0.9).bounds(0.2, 0.9);
    let subject = refusing(subject, "clamped.low", |bad| constant(1.0).clamped(bad, 1.0));
    let subject = refusing(subject, "clamped.high", |bad| constant(1.0).clamped(0.0, bad));
    refusing(subject, "constant.factor", |bad| constant(bad).clamped(0.0, 1.0))
        .refuses(constant(1.0).clamped(1.0, 0.5), "clamped.high")
});

/// Lengths as they are used, and lengths as nobody uses them.
fn lengths() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 1..200_u64, 1 => Just(u64::MAX), 1 => 1..u64::MAX]
}

fn factors() -> impl Strategy<Value = f64> {
    prop_oneof![6 => 0.0..2.0, 1 => Just(0.0), 1 => Just(f64::MIN_POSITIVE), 1 => Just(f64::MAX)]
}

fn anneals() -> impl Strategy<Value = Anneal> {
    prop_oneof![Just(Anneal::Linear), Just(Anneal::Cosine), Just(Anneal::OneMinusSqrt)]
}

fn one_cycles() -> impl Strategy<Value = OneCycle> {
    (lengths(), 0.0..=0.5, 1.0..1e3, 1.0..1e6, anneals(), any::<bool>()).prop_map(
        |(steps, pct_start, div_factor, final_div_factor, anneal, three_phase)| OneCycle {
            pct_start,
            div_factor,
            final_div_factor,
            anneal,
            three_phase,
            ..one_cycle(steps)
        },
    )
}

fn modes() -> impl Strategy<Value = CyclicMode> {
    prop_oneof![
        Just(CyclicMode::Triangular),
        Just(CyclicMode::Triangular2),
        (1e-3..=1.0).prop_map(|gamma| CyclicMode::ExpRange { gamma }),
    ]
}

/// A schedule together with the bounds that its documentation states.
type Bounded = (Box<dyn Schedule>, f64, f64);

fn plain_schedules() -> impl Strategy<Value = Bounded> {
    let bounded = |schedule: Box<dyn Schedule>, a: f64, b: f64| (schedule, a.min(b), a.max(b));
    prop_oneof![
        factors().prop_map(move |c| bounded(constant(c).boxed(), c, c)),
        (lengths(), 0.0..1.0).prop_map(move |(n, g)| bounded(step_decay(n, g).boxed(), 0.0, 1.0)),
        (prop::collection::vec(lengths(), 0..5), 0.0..1.0).prop_map(move |(n, g)| bounded(
            multi_step(n, g).boxed(),
            0.0,
            1.0
        )),
        (0.0..=1.0).prop_map(move |g| bounded(exponential(g).boxed(), 0.0, 1.0)),
        (1.0..1e9).prop_map(move |g| bounded(exponential(g).boxed(), 1.0, f64::MAX)),
        (factors(), factors(), lengths()).prop_map(move |(a, b, n)| bounded(
            linear(a, b, n).boxed(),
            a,
            b
        )),
        (factors(), factors(), 1e-3..1e3, lengths()).prop_map(move |(from, to, power, n)| {
            bounded(Polynomial { from, to, ..polynomial(n, power) }.boxed(), from, to)
        }),
        (factors(), factors(), 1e-3..1e3, lengths()).prop_map(move |(from, to, power, n)| {
            bounded(Cosine { from, to, power, ..cosine(n) }.boxed(), from, to)
        }),
        (lengths(), prop_oneof![1..4_u64, Just(u64::MAX)], 0.0..=1.0).prop_map(
            move |(n, growth, to)| {
                bounded(WarmRestarts { growth, to, ..warm_restarts(n) }.boxed(), to, 1.0)
            }
        ),
        (factors(), factors(), lengths(), lengths(), modes()).prop_map(
            move |(low, high, up, down, mode)| {
                bounded(Cyclic { down, mode, ..cyclic(low, high, up) }.boxed(), low, high)
            }
        ),
        one_cycles().prop_map(move |cycle| bounded(cycle.boxed(), 0.0, 1.0)),
        (one_cycles(), factors(), factors()).prop_map(move |(cycle, a, b)| bounded(
            cycle.momentum(a, b).boxed(),
            a,
            b
        )),
        lengths().prop_map(move |n| bounded(inverse_sqrt(n).boxed(), 0.0, 1.0)),
        (lengths(), lengths()).prop_map(move |(d, n)| bounded(noam(d, n).boxed(), 0.0, 1.0)),
        lengths().prop_map(move |n| bounded(warmup(n).boxed(), 0.0, 1.0)),
        (0..300_u64, lengths(), lengths(), 0.0..=1.0, anneals()).prop_map(
            move |(rise, stable, decay, to, anneal)| {
                let schedule = warmup_stable_decay(rise, stable, decay);
                bounded(WarmupStableDecay { to, anneal, ..schedule }.boxed(), 0.0, 1.0)
            }
        ),
    ]
}

/// Plain schedules and combinations of them.
fn schedules() -> impl Strategy<Value = Bounded> {
    plain_schedules().prop_recursive(3, 16, 2, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            (pair.clone(), lengths()).prop_map(|((a, b), n)| {
                (a.0.for_steps(n).then(b.0).boxed(), a.1.min(b.1), a.2.max(b.2))
            }),
            pair.prop_map(|(a, b)| {
                (a.0.times(b.0).boxed(), (a.1 * b.1).min(f64::MAX), (a.2 * b.2).min(f64::MAX))
            }),
            (inner.clone(), factors()).prop_map(|(a, c)| {
                (a.0.scaled(c).boxed(), (a.1 * c).min(f64::MAX), (a.2 * c).min(f64::MAX))
            }),
            (inner.clone(), lengths()).prop_map(|(a, n)| (a.0.every(n).boxed(), a.1, a.2)),
            (inner, 0.0..0.5, 0.5..1.0).prop_map(|(a, low, high)| (
                a.0.clamped(low, high).boxed(),
                low,
                high
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The subjects above have one setting each; the laws hold for any settings and any combination of schedules.
    #[test]
    fn any_settings((schedule, low, high) in schedules()) {
        let subject = ScheduleUnderTest::new(schedule).bounds(low, high);
        let report = report_on(subject, &Cases::fixed(3));
        prop_assert!(report.broken().is_empty(), "{:?}", report.failures().collect::<Vec<_>>());
    }

    /// Those that end stay at their last factor.
    #[test]
    fn any_settings_hold((schedule, _, _) in plain_schedules()) {
        let report = report_on(ScheduleUnderTest::new(schedule).holds(), &Cases::fixed(3));
        prop_assert!(report.broken().is_empty(), "{:?}", report.failures().collect::<Vec<_>>());
    }
}

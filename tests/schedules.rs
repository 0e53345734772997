//! Laws that every schedule keeps: pure, finite, within its bounds, joined where it says, strict about its settings.

use downhill::Error;
use downhill::schedule::*;
use proptest::prelude::*;

/// Steps near the start, anywhere, and at the very end.
fn steps() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => 0..5_000_u64,
        1 => any::<u64>(),
        1 => (0..3_u64).prop_map(|back| u64::MAX - back),
    ]
}

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

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1e-300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn pure_finite_and_within_bounds((schedule, low, high) in schedules(), step in steps()) {
        prop_assert_eq!(schedule.validate(), Ok(()));
        let factor = schedule.at(step);
        prop_assert_eq!(factor.to_bits(), schedule.at(step).to_bits());
        prop_assert!(factor.is_finite());
        let rounding = 1e-12;
        prop_assert!(
            factor >= low * (1.0 - rounding) && factor <= (high * (1.0 + rounding)).min(f64::MAX),
            "{} is outside [{}, {}]", factor, low, high
        );
    }

    #[test]
    fn a_schedule_with_a_length_ends_there(
        (schedule, _, _) in plain_schedules(),
        beyond in steps(),
    ) {
        if let Some(length) = schedule.length() {
            let last = schedule.at(length);
            prop_assert_eq!(schedule.at(length.saturating_add(beyond)), last);
        }
    }

    #[test]
    fn no_settings_panic(
        (a, b, c) in (any::<f64>(), any::<f64>(), any::<f64>()),
        (m, n, o) in (any::<u64>(), prop_oneof![Just(0), any::<u64>()], prop_oneof![Just(0), any::<u64>()]),
        three_phase in any::<bool>(),
        step in steps(),
    ) {
        let cycle = OneCycle {
            pct_start: a, div_factor: b, final_div_factor: c, three_phase, ..one_cycle(n)
        };
        let all: Vec<Box<dyn Schedule>> = vec![
            constant(a).boxed(),
            step_decay(n, a).boxed(),
            multi_step([m, n, o], a).boxed(),
            exponential(a).boxed(),
            linear(a, b, n).boxed(),
            Polynomial { from: a, to: b, ..polynomial(n, c) }.boxed(),
            Cosine { from: a, to: b, power: c, ..cosine(n) }.boxed(),
            WarmRestarts { growth: o, to: a, ..warm_restarts(n) }.boxed(),
            Cyclic { down: o, mode: CyclicMode::ExpRange { gamma: c }, ..cyclic(a, b, n) }.boxed(),
            cycle.momentum(a, b).boxed(),
            cycle.boxed(),
            inverse_sqrt(n).boxed(),
            noam(o, n).boxed(),
            warmup(n).boxed(),
            WarmupStableDecay { to: a, ..warmup_stable_decay(m, n, o) }.boxed(),
        ];
        for schedule in all {
            let schedule = schedule.every(o).for_steps(n).then(constant(a)).clamped(b, c).scaled(a);
            let _ = (schedule.at(step), schedule.length(), schedule.validate());
        }
        let plateau = Plateau {
            factor: a, min_scale: b, epsilon: c, patience: n, cooldown: o, ..Plateau::default()
        };
        let _ = (plateau.scale(&[a, b, c, a, b]), plateau.validate());
    }

    #[test]
    fn pieces_meet_where_they_say(n in 1..500_u64, m in 1..500_u64, from in 0.0..1.0_f64) {
        // A rise that is followed by something that starts at 1 comes to 1 one step before the joint.
        for next in [cosine(m).boxed(), polynomial(m, 2.0).boxed(), linear(1.0, 0.0, m).boxed()] {
            let joined = warmup(n).then(next);
            prop_assert_eq!((joined.at(n - 1), joined.at(n)), (1.0, 1.0));
            prop_assert_eq!(joined.at(n + m), 0.0);
        }
        // `linear` comes to its end at the joint itself.
        prop_assert_eq!(linear(from, 1.0, n).at(n), linear(from, 1.0, n).then(cosine(m)).at(n));
    }

    #[test]
    fn the_next_schedule_counts_from_zero(n in 1..500_u64, k in 0..500_u64) {
        let joined = constant(0.5).for_steps(n).then(exponential(0.9));
        prop_assert_eq!(joined.at(n + k), exponential(0.9).at(k));
        prop_assert_eq!(joined.at(n - 1), 0.5);
    }

    #[test]
    fn joining_is_associative(n in 1..50_u64, m in 1..50_u64, o in 1..50_u64, step in 0..200_u64) {
        let left = warmup(n).then(linear(1.0, 0.2, m)).then(cosine(o));
        let right = warmup(n).then(linear(1.0, 0.2, m).then(cosine(o)));
        prop_assert_eq!(left.at(step), right.at(step));
        prop_assert_eq!(left.length(), right.length());
    }

    #[test]
    fn decays_never_rise(n in 1..300_u64, m in 1..300_u64, step in 0..1_000_u64) {
        let decays: Vec<Box<dyn Schedule>> = vec![
            cosine(n).boxed(),
            polynomial(n, 0.5).boxed(),
            linear(1.0, 0.0, n).boxed(),
            exponential(0.99).boxed(),
            step_decay(n, 0.5).boxed(),
            multi_step([n, m], 0.5).boxed(),
            exponential(0.5).every(n).boxed(),
        ];
        for decay in decays {
            prop_assert!(decay.at(step + 1) <= decay.at(step));
        }
    }

    #[test]
    fn warmup_stable_decay_is_its_three_parts(
        n in 1..50_u64, m in 1..50_u64, o in 1..50_u64, step in 0..200_u64,
    ) {
        let parts = warmup(n).then(constant(1.0).for_steps(m)).then(linear(1.0, 0.0, o));
        let whole = warmup_stable_decay(n, m, o);
        prop_assert!(close(whole.at(step), parts.at(step)));
        prop_assert_eq!(whole.length(), parts.length());
    }

    #[test]
    fn warm_restarts_are_cosines_in_a_row(period in 1..20_u64, growth in 1..4_u64, step in 0..500_u64) {
        let schedule = WarmRestarts { growth, ..warm_restarts(period) };
        let (mut start, mut length) = (0, period);
        while start + length <= step {
            start += length;
            length *= growth;
        }
        prop_assert_eq!(schedule.at(step), cosine(length).at(step - start));
        prop_assert_eq!(schedule.at(start), 1.0);
    }

    #[test]
    fn noam_is_the_inverse_square_root_scaled(d in 1..4_096_u64, n in 1..9_999_u64, step in steps()) {
        let formula = {
            let (d, n, k) = (d as f64, n as f64, step as f64 + 1.0);
            d.powf(-0.5) * f64::min(k.powf(-0.5), k * n.powf(-1.5))
        };
        prop_assert!(close(noam(d, n).at(step), formula));
    }

    #[test]
    fn a_plateau_only_lowers(
        metrics in prop::collection::vec(prop_oneof![8 => -2.0..2.0, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(f64::NEG_INFINITY)], 0..80),
        patience in 0..4_u64,
        cooldown in 0..4_u64,
        min_scale in 0.0..0.5,
        maximize in any::<bool>(),
    ) {
        let goal = if maximize { Goal::Maximize } else { Goal::Minimize };
        let plateau = Plateau { factor: 0.5, patience, cooldown, min_scale, goal, ..Plateau::default() };
        prop_assert_eq!(plateau.validate(), Ok(()));
        let scales: Vec<f64> = (0..=metrics.len()).map(|n| plateau.scale(&metrics[..n])).collect();
        prop_assert_eq!(scales[0], 1.0);
        prop_assert!(scales.windows(2).all(|pair| pair[1] <= pair[0] && pair[1] >= min_scale));
    }

    #[test]
    fn the_mirror_image_of_a_metric_has_the_same_plateau(
        metrics in prop::collection::vec(-2.0..2.0, 0..60),
        relative in any::<bool>(),
        amount in 0.0..0.3,
    ) {
        let threshold = if relative { Threshold::Relative(amount) } else { Threshold::Absolute(amount) };
        let down = Plateau { factor: 0.5, patience: 1, threshold, ..Plateau::default() };
        let up = Plateau { goal: Goal::Maximize, ..down };
        let mirrored: Vec<f64> = metrics.iter().map(|metric: &f64| -metric).collect();
        prop_assert_eq!(down.scale(&metrics), up.scale(&mirrored));
    }
}

/// Settings that must be refused, each with the argument that the message must name.
#[test]
fn bad_settings_are_refused() {
    let (cycle, ring) = (one_cycle(10), cyclic(0.1, 1.0, 4));
    let mut refused: Vec<(&str, Box<dyn Schedule>)> = vec![
        ("step_decay.every", step_decay(0, 0.5).boxed()),
        ("linear.steps", linear(1.0, 0.0, 0).boxed()),
        ("polynomial.steps", polynomial(0, 1.0).boxed()),
        ("polynomial.power", polynomial(9, 0.0).boxed()),
        ("cosine.steps", cosine(0).boxed()),
        ("cosine.power", Cosine { power: 0.0, ..cosine(9) }.boxed()),
        ("warm_restarts.period", warm_restarts(0).boxed()),
        ("warm_restarts.growth", WarmRestarts { growth: 0, ..warm_restarts(9) }.boxed()),
        ("warm_restarts.to", WarmRestarts { to: 1.5, ..warm_restarts(9) }.boxed()),
        ("cyclic.up", cyclic(0.1, 1.0, 0).boxed()),
        ("cyclic.down", Cyclic { down: 0, ..ring }.boxed()),
        ("one_cycle.steps", one_cycle(0).boxed()),
        ("one_cycle.steps", one_cycle(0).momentum(0.8, 1.0).boxed()),
        ("one_cycle.pct_start", OneCycle { pct_start: 1.1, ..cycle }.boxed()),
        ("one_cycle.pct_start", OneCycle { pct_start: 0.6, three_phase: true, ..cycle }.boxed()),
        ("one_cycle.div_factor", OneCycle { div_factor: 0.0, ..cycle }.boxed()),
        ("one_cycle.final_div_factor", OneCycle { final_div_factor: 0.0, ..cycle }.boxed()),
        ("inverse_sqrt.warmup", inverse_sqrt(0).boxed()),
        ("noam.d_model", noam(0, 9).boxed()),
        ("noam.warmup", noam(9, 0).boxed()),
        ("warmup.steps", warmup(0).boxed()),
        ("warmup_stable_decay.decay", warmup_stable_decay(1, 1, 0).boxed()),
        ("for_steps.steps", constant(1.0).for_steps(0).boxed()),
        ("every.steps", constant(1.0).every(0).boxed()),
        ("cyclic.mode.gamma", {
            let mode = CyclicMode::ExpRange { gamma: 0.0 };
            Cyclic { mode, ..cyclic(0.1, 1.0, 4) }.boxed()
        }),
        ("clamped.high", constant(1.0).clamped(1.0, 0.5).boxed()),
        ("before `then`", exponential(0.9).then(cosine(9)).boxed()),
        ("before `then`", constant(1.0).boxed().then(cosine(9)).boxed()),
        ("before `then`", (|_: u64| 1.0).then(cosine(9)).boxed()),
    ];
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1] {
        let exp_range = CyclicMode::ExpRange { gamma: bad };
        refused.extend([
            ("constant.factor", constant(bad).boxed()),
            ("step_decay.gamma", step_decay(9, bad).boxed()),
            ("multi_step.gamma", multi_step([9], bad).boxed()),
            ("exponential.gamma", exponential(bad).boxed()),
            ("linear.from", linear(bad, 0.0, 9).boxed()),
            ("linear.to", linear(1.0, bad, 9).boxed()),
            ("polynomial.power", polynomial(9, bad).boxed()),
            ("polynomial.from", Polynomial { from: bad, ..polynomial(9, 1.0) }.boxed()),
            ("polynomial.to", Polynomial { to: bad, ..polynomial(9, 1.0) }.boxed()),
            ("cosine.power", Cosine { power: bad, ..cosine(9) }.boxed()),
            ("cosine.from", Cosine { from: bad, ..cosine(9) }.boxed()),
            ("cosine.to", Cosine { to: bad, ..cosine(9) }.boxed()),
            ("warm_restarts.to", WarmRestarts { to: bad, ..warm_restarts(9) }.boxed()),
            ("cyclic.low", cyclic(bad, 1.0, 9).boxed()),
            ("cyclic.high", cyclic(0.1, bad, 9).boxed()),
            ("cyclic.mode.gamma", Cyclic { mode: exp_range, ..ring }.boxed()),
            ("one_cycle.pct_start", OneCycle { pct_start: bad, ..cycle }.boxed()),
            ("one_cycle.div_factor", OneCycle { div_factor: bad, ..cycle }.boxed()),
            ("one_cycle.final_div_factor", OneCycle { final_div_factor: bad, ..cycle }.boxed()),
            ("one_cycle.momentum.low", cycle.momentum(bad, 1.0).boxed()),
            ("one_cycle.momentum.high", cycle.momentum(0.8, bad).boxed()),
            (
                "warmup_stable_decay.to",
                WarmupStableDecay { to: bad, ..warmup_stable_decay(1, 1, 1) }.boxed(),
            ),
            ("scaled.factor", constant(1.0).scaled(bad).boxed()),
            ("clamped.low", constant(1.0).clamped(bad, 1.0).boxed()),
            ("clamped.high", constant(1.0).clamped(0.0, bad).boxed()),
            // A combination checks its parts, wherever they are.
            ("constant.factor", constant(bad).scaled(1.0).boxed()),
            ("constant.factor", constant(bad).every(2).boxed()),
            ("constant.factor", constant(bad).clamped(0.0, 1.0).boxed()),
            ("constant.factor", constant(bad).for_steps(2).then(warmup(2)).boxed()),
            ("constant.factor", warmup(2).then(constant(bad)).boxed()),
            ("constant.factor", constant(bad).times(warmup(2)).boxed()),
            ("constant.factor", warmup(2).times(constant(bad)).boxed()),
        ]);
    }
    for (argument, schedule) in refused {
        refuses(argument, schedule.validate());
    }

    let plateau = Plateau::default();
    refuses("Plateau::factor", Plateau { factor: 1.0, ..plateau }.validate());
    refuses("Plateau::min_scale", Plateau { min_scale: 2.0, ..plateau }.validate());
    refuses("Plateau::epsilon", Plateau { epsilon: f64::NAN, ..plateau }.validate());
    for threshold in [Threshold::Relative(-0.1), Threshold::Absolute(f64::INFINITY)] {
        refuses("threshold", Plateau { threshold, ..plateau }.validate());
    }
}

fn refuses(argument: &str, result: Result<(), Error>) {
    match result {
        Err(error @ Error::Argument { .. }) => {
            assert!(error.to_string().contains(argument), "{error} does not name {argument}");
        }
        other => panic!("{argument}: {other:?}"),
    }
}

#[test]
fn closures_references_and_boxes_are_schedules() {
    fn tenth(step: u64) -> f64 {
        0.1 * step as f64
    }
    fn half(schedule: &dyn Schedule) -> f64 {
        schedule.at(5)
    }
    let slope = 0.1;
    let closure = move |step: u64| slope * step as f64;
    assert_eq!(half(&closure), 0.5);
    assert_eq!(half(&tenth), 0.5);
    assert_eq!(half(&closure.boxed()), 0.5);

    // What a box holds keeps its length and its checks.
    assert_eq!(warmup(7).boxed().length(), Some(7));
    assert!(warmup(0).boxed().validate().is_err());
    assert_eq!(format!("{:?}", warmup(7).boxed()), "Schedule { length: Some(7), .. }");
}

#[test]
fn schedules_can_be_shared_between_threads_and_printed() {
    fn check<S: Schedule + Send + Sync + std::fmt::Debug + Clone>(_: S) {}
    check(warmup(1).then(cosine(1)).times(constant(1.0).for_steps(2)).scaled(0.5).every(2));
    check(multi_step([1], 0.5).clamped(0.0, 1.0));
    check(one_cycle(3).momentum(0.8, 1.0));
    check(warm_restarts(3).for_steps(2).then(cyclic(0.1, 1.0, 2)));
}

#[test]
fn lengths_add_up_without_overflow() {
    let long = constant(1.0).for_steps(u64::MAX);
    assert_eq!(long.then(warmup(9)).length(), Some(u64::MAX));
    assert_eq!(long.every(3).length(), Some(u64::MAX));
    assert_eq!(warmup_stable_decay(u64::MAX, 1, 1).length(), Some(u64::MAX));
    assert_eq!(warmup(5).times(cosine(9)).length(), Some(9));
    assert_eq!(warmup(5).times(exponential(0.9)).length(), None);
}

/// A relative threshold asks for a real improvement, whatever the sign of the metric.
#[test]
fn a_slightly_worse_negative_metric_is_no_improvement() {
    let plateau = Plateau {
        factor: 0.5,
        patience: 0,
        threshold: Threshold::Relative(0.1),
        ..Plateau::default()
    };
    assert_eq!(plateau.scale(&[-1.0, -0.95]), 0.5);
    assert_eq!(plateau.scale(&[-1.0, -1.05]), 0.5);
    assert_eq!(plateau.scale(&[-1.0, -1.15]), 1.0);
}

/// Patience is counted from the best epoch, and a metric that is NaN from the start counts as well.
#[test]
fn patience_is_used_up_by_one_epoch_more_than_it() {
    for patience in 0..5 {
        let plateau = Plateau { factor: 0.5, patience, ..Plateau::default() };
        let mut metrics = vec![1.0];
        for _ in 0..patience {
            metrics.push(1.0);
            assert_eq!(plateau.scale(&metrics), 1.0);
        }
        metrics.push(1.0);
        assert_eq!(plateau.scale(&metrics), 0.5);
        let nan = vec![f64::NAN; patience as usize + 1];
        assert_eq!(plateau.scale(&nan), 0.5);
    }
}

/// Every row of the table in the module's documentation, to the three digits it gives.
#[test]
fn the_documented_table_is_true() {
    let rows: [(&str, Box<dyn Schedule>); 15] = [
        ("constant(0.5)", constant(0.5).boxed()),
        ("step_decay(3, 0.5)", step_decay(3, 0.5).boxed()),
        ("multi_step([2, 6], 0.1)", multi_step([2, 6], 0.1).boxed()),
        ("exponential(0.9)", exponential(0.9).boxed()),
        ("linear(1.0, 0.2, 4)", linear(1.0, 0.2, 4).boxed()),
        ("polynomial(4, 2.0)", polynomial(4, 2.0).boxed()),
        ("cosine(4)", cosine(4).boxed()),
        ("warm_restarts(4)", warm_restarts(4).boxed()),
        ("cyclic(0.1, 1.0, 3)", cyclic(0.1, 1.0, 3).boxed()),
        ("one_cycle(9)", one_cycle(9).boxed()),
        ("inverse_sqrt(3)", inverse_sqrt(3).boxed()),
        ("noam(4, 3)", noam(4, 3).boxed()),
        ("warmup(4)", warmup(4).boxed()),
        ("warmup(4).then(linear(1.0, 0.0, 4))", warmup(4).then(linear(1.0, 0.0, 4)).boxed()),
        ("warmup_stable_decay(2, 2, 4)", warmup_stable_decay(2, 2, 4).boxed()),
    ];
    let text = include_str!("../src/schedule/mod.rs");
    let documented: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("//! "))
        .filter(|line| line.starts_with("| `") && line.matches('|').count() == 11)
        .collect();
    let computed: Vec<String> = rows
        .iter()
        .map(|(name, schedule)| {
            let factors: String =
                (0..9).map(|step| format!(" {} |", digits(schedule.at(step)))).collect();
            format!("| `{name}` |{factors}")
        })
        .collect();
    assert_eq!(documented, computed, "\n{}", computed.join("\n"));
}

fn digits(factor: f64) -> String {
    ((factor * 1e3).round() / 1e3).to_string()
}

#[test]
fn edges_count_as_documented() {
    // A drop by no more than epsilon is left out.
    let plateau = |epsilon| Plateau { factor: 0.5, patience: 0, epsilon, ..Plateau::default() };
    assert_eq!(plateau(0.5).scale(&[1.0, 1.0]), 1.0);
    assert_eq!(plateau(0.4).scale(&[1.0, 1.0]), 0.5);

    let cycle = one_cycle(7);
    assert_eq!((cycle.length(), cycle.momentum(0.85, 0.95).length()), (Some(7), Some(7)));
    // Phases without a step are no division by 0.
    for steps in 1..6 {
        for pct_start in [0.0, 0.1, 0.5, 0.9] {
            let cycle = OneCycle { pct_start, ..one_cycle(steps) };
            assert!((0..2 * steps).all(|step| cycle.at(step).is_finite()), "{cycle:?}");
        }
    }
}

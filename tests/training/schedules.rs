//! What the laws of schedules (`tests/laws/schedules.rs`) do not say: plateaus, absurd settings, and the factors that the documentation shows.

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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

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

#[test]
fn bad_settings_of_a_plateau_are_refused() {
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
    let text = include_str!("../../src/schedule/mod.rs");
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

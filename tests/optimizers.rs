//! The laws of optimizers, for every rule in `optim_support::rules`.

mod optim_support;

use downhill::optim::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Block, Extent, Grain, Lion, NAdam, Optimizer, RAdam,
    RmsProp, Sgd, Slot, Slots, Start, Tick,
};
use downhill::{Error, Scalar};
use optim_support::custom::{Lamb, Lookahead, Sam};
use optim_support::{Rig, noise, parameters, rules};
use proptest::prelude::*;

/// Runs `check` on each rule and names the rule that fails.
fn each<F: Scalar>(check: impl Fn(&dyn Optimizer<F>)) {
    for rule in rules::<F>() {
        let name = format!("{rule:?}");
        let check = std::panic::AssertUnwindSafe(|| check(&*rule));
        assert!(std::panic::catch_unwind(check).is_ok(), "failed for {name}");
    }
}

/// The bits of weights and slots after `steps` steps along noise.
fn trained<F: Scalar>(mut rig: Rig<'_, F>, seed: u64, steps: u64) -> Vec<u64> {
    for step in 0..steps {
        let gradient = noise(seed + step, rig.weights.len());
        rig.along(&gradient);
    }
    rig.bits()
}

#[test]
fn rules_can_be_shared_and_boxed() {
    fn shared<T: Send + Sync + ?Sized>() {}
    shared::<dyn Optimizer<f32>>();
    each::<f32>(|rule| assert!(rule.validate().is_ok() && !rule.name().is_empty()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn same_input_same_bits(seed in 0_u64..1 << 40, size in 1_usize..70) {
        let weights = noise(seed, size);
        each::<f32>(|rule| {
            let run = || trained(Rig::flat(rule, &weights), seed, 5);
            assert_eq!(run(), run());
        });
    }

    #[test]
    fn blocks_may_be_cut_anywhere(seed in 0_u64..1 << 40, size in 1_usize..140, cuts in prop::collection::vec(0_usize..140, 0..6)) {
        let weights = noise(seed, size);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(size)).chain([0, size]).collect();
        cuts.sort_unstable();
        each::<f32>(|rule| {
            let run = |cuts: &[usize]| {
                let mut rig = Rig::flat(rule, &weights);
                for t in 1..=4 {
                    let gradient: Vec<f32> = noise(seed + t, size).into_iter().map(|g| g as f32).collect();
                    for cut in cuts.windows(2) {
                        let place = cut[0]..cut[1];
                        let mut block = Block::new(&mut rig.weights[place.clone()], &gradient[place.clone()], []);
                        block.slots = Slots::from_iter(rig.memory.buffers_mut().iter_mut().map(|slot| &mut slot[place.clone()]));
                        rule.update(&Tick::new(t, rule.learning_rate()), block);
                    }
                }
                rig.bits()
            };
            assert_eq!(run(&cuts), run(&[0, size]));
        });
    }

    #[test]
    fn the_order_of_tensors_is_free(seed in 0_u64..1 << 40, sizes in prop::collection::vec(1_usize..40, 2..6)) {
        let total = sizes.iter().sum();
        // The tensors backwards, each with its own numbers and its own course.
        let places: Vec<_> = sizes.iter().scan(0, |end, size| { *end += size; Some(*end - size..*end) }).collect();
        let backwards = |numbers: &[f64]| -> Vec<f64> {
            places.iter().rev().flat_map(|place| numbers[place.clone()].to_vec()).collect()
        };
        let reversed: Vec<usize> = sizes.iter().rev().copied().collect();
        let weights = noise(seed, total);
        each::<f32>(|rule| {
            let mut forth = Rig::new(rule, parameters::<f32, _>(&sizes), &weights);
            let mut back = Rig::new(rule, parameters::<f32, _>(&reversed), &backwards(&weights));
            for t in 1..=4 {
                for id in 0..sizes.len() {
                    let (scale, active) = (1.0 + (id % 3) as f64, !(id as u64 + t).is_multiple_of(4));
                    let there = sizes.len() - 1 - id;
                    (forth.courses[id].rate_scale, forth.courses[id].active) = (scale, active);
                    (back.courses[there].rate_scale, back.courses[there].active) = (scale, active);
                }
                let gradient = noise(seed + t, total);
                forth.along(&gradient);
                back.along(&backwards(&gradient));
            }
            assert_eq!(backwards(&forth.weights_f64()), back.weights_f64());
        });
    }

    #[test]
    fn a_zero_gradient_moves_nothing_at_first(seed in 0_u64..1 << 40, size in 1_usize..70) {
        let weights = noise(seed, size);
        each::<f32>(|rule| {
            let mut rig = Rig::flat(rule, &weights);
            rig.courses[0].decay = 0.0;
            let before = rig.weights.clone();
            for _ in 0..3 {
                rig.along(&vec![0.0; size]);
            }
            assert_eq!(rig.weights, before);
        });
    }

    #[test]
    fn a_rate_of_zero_moves_nothing(seed in 0_u64..1 << 40, size in 1_usize..70) {
        let weights = noise(seed, size);
        each::<f32>(|rule| {
            let mut rig = Rig::flat(rule, &weights);
            let before = rig.weights.clone();
            for t in 0..3 {
                let gradient = noise(seed + t, size);
                rig.gradient.iter_mut().zip(gradient).for_each(|(g, new)| *g = 1e3 * new as f32);
                rig.step(0.0, &mut |_, _| Ok(f64::NAN)).unwrap();
            }
            assert_eq!(rig.weights, before);
        });
    }

    #[test]
    fn what_is_frozen_keeps_everything(seed in 0_u64..1 << 40, size in 1_usize..40) {
        let weights = noise(seed, 3 * size);
        each::<f32>(|rule| {
            let mut rig = Rig::new(rule, parameters::<f32, _>(&[size; 3]), &weights);
            rig.along(&noise(seed + 1, 3 * size));
            let (before, middle) = (rig.clone_state(), size..2 * size);
            rig.courses[1].active = false;
            rig.along(&noise(seed + 2, 3 * size));
            let after = rig.clone_state();
            assert_eq!(before.updates, [1, 1, 1]);
            assert_eq!(after.updates, [2, 1, 2]);
            for (before, after) in before.buffers.iter().zip(&after.buffers) {
                assert_eq!(before[middle.clone()], after[middle.clone()]);
            }
            assert_ne!(before.buffers[0][..size], after.buffers[0][..size]);
        });
    }

    #[test]
    fn a_gradient_that_is_not_finite_shows(seed in 0_u64..1 << 40, size in 1_usize..70, place in any::<prop::sample::Index>()) {
        let (weights, place) = (noise(seed, size), place.index(size));
        each::<f32>(|rule| for broken in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut healthy = Rig::flat(rule, &weights);
            let mut rig = Rig::flat(rule, &weights);
            for t in 1..=3 {
                let mut gradient = noise(seed + t, size);
                healthy.along(&gradient);
                if t == 2 {
                    gradient[place] = broken;
                }
                rig.along(&gradient);
                assert!(t == 1 || !rig.weights[place].is_finite(), "{broken} is hidden");
            }
            // … and stays where it is.
            rig.weights[place] = healthy.weights[place];
            assert_eq!(rig.weights, healthy.weights);
        });
    }
}

/// Weights first, then the slots.
struct State {
    buffers: Vec<Vec<f32>>,
    updates: Vec<u64>,
}

impl Rig<'_, f32> {
    fn clone_state(&self) -> State {
        let slots = self.memory.buffers().iter().cloned();
        let buffers = std::iter::once(self.weights.clone()).chain(slots).collect();
        State { buffers, updates: self.memory.updates().to_vec() }
    }
}

#[test]
fn slots_are_used_and_keep_their_length() {
    each::<f32>(|rule| {
        let mut rig = Rig::flat(rule, &noise(1, 100));
        let fresh = rig.clone_state();
        (1..4).for_each(|t| rig.along(&noise(t, 100)));
        let used = rig.clone_state();
        assert_eq!(fresh.buffers.len(), 1 + rule.slots().len());
        for (fresh, used) in fresh.buffers.iter().zip(&used.buffers) {
            assert_eq!(fresh.len(), used.len());
            assert_ne!(fresh, used);
        }
    });
}

#[cfg(feature = "threads")]
#[test]
fn any_number_of_threads_gives_the_same_bits() {
    use downhill::kernel::parallel::Parallel;

    // Enough for four pieces, and not a round number.
    let sizes = [300_000, 7, 260_001];
    let total = sizes.iter().sum();
    let (weights, gradient) = (noise(3, total), noise(4, total));
    each::<f32>(|rule| {
        let run = |parallel: Parallel, split: bool| {
            let mut rig = Rig::new(rule, parameters::<f32, _>(&sizes), &weights);
            rig.parallel = parallel;
            rig.courses[1].rate_scale = if split { 2.0 } else { 1.0 };
            (0..2).for_each(|_| rig.along(&gradient));
            rig.bits()
        };
        for split in [false, true] {
            let alone = run(Parallel::Off, split);
            for threads in [1, 2, 3, 8] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                assert!(alone == pool.install(|| run(Parallel::On, split)), "{threads} threads");
            }
        }
    });
}

/// Gradients of every size and pattern, 40 steps each.
#[test]
fn finite_in_finite_out() {
    let (size, steps) = (64, 40);
    let signs = noise(9, size * steps);
    each::<f32>(|rule| {
        // Without division a step is as large as the gradient, and the weights are finite as long as their sum is.
        let largest = if rule.name() == "sgd" { 30 } else { 38 };
        for power in (-38..=largest).chain([0]) {
            let scale = 10_f64.powi(power);
            let patterns: [&dyn Fn(usize, usize) -> f64; 7] = [
                &|_, _| scale,
                &|t, _| if t % 2 == 0 { scale } else { -scale },
                &|t, i| if (t + i) % 13 == 0 { -scale } else { 0.0 },
                &|t, _| if t == 0 { scale } else { 0.0 },
                &|t, _| if t % 10 == 9 { scale } else { 1e-38 },
                &|t, i| scale * signs[t * size + i],
                &|_, i| 10_f64.powi(((i as i32) * 77 / 64 - 38).min(power)),
            ];
            for (number, pattern) in patterns.iter().enumerate() {
                let mut rig = Rig::flat(rule, &noise(5, size));
                for t in 0..steps {
                    rig.along(&(0..size).map(|i| pattern(t, i)).collect::<Vec<_>>());
                }
                let finite = |numbers: &[f32]| numbers.iter().all(|x| x.is_finite());
                assert!(finite(&rig.weights), "weights, 1e{power}, pattern {number}");
                let slots = rig.memory.buffers();
                assert!(
                    slots.iter().all(|slot| finite(slot)),
                    "slots, 1e{power}, pattern {number}"
                );
            }
        }
    });
}

/// After a gradient whose square is infinite in `f32`, a rule that divides by the root of it goes on.
#[test]
fn a_huge_gradient_is_a_large_one() {
    let adam = Adam { beta1: 0.5, beta2: 0.5, ..Adam::default() };
    let moved = |gradient: f64| {
        let mut rig = Rig::<f32>::flat(&adam, &[0.0]);
        rig.along(&[gradient]);
        rig.weights[0]
    };
    assert!((moved(1e38) - moved(1e10)).abs() < 1e-9);
}

/// The start is rounded, and each step twice (decay and movement), by at most half a unit in the last place: 6e-8 of the weight. The movement
/// itself is wrong by some hundred such units: averages take in the rounding of many steps.
#[test]
fn single_precision_follows_double() {
    let (size, steps) = (40, 100);
    for (single, double) in rules::<f32>().iter().zip(&rules::<f64>()) {
        let weights = noise(11, size);
        let mut single = Rig::flat(&**single, &weights);
        let mut double = Rig::flat(&**double, &weights);
        let mut path = vec![0.0; size];
        for t in 0..steps {
            let gradient = noise(100 + t, size);
            let before = double.weights.clone();
            single.along(&gradient);
            double.along(&gradient);
            for i in 0..size {
                path[i] += (double.weights[i] - before[i]).abs();
                let bound =
                    6e-8 * (2 * t + 3) as f64 * weights[i].abs().max(double.weights[i].abs())
                        + 2e-5 * path[i];
                let distance = (f64::from(single.weights[i]) - double.weights[i]).abs();
                assert!(
                    distance <= bound,
                    "{:?}: {distance:e} > {bound:e} at step {t}",
                    single.rule
                );
            }
        }
    }
}

/// f(w) = ½ Σ aᵢ wᵢ² with curvatures from 0.1 to 10.
#[test]
fn rules_descend_on_a_bowl() {
    let curvature: Vec<f64> = (0..20).map(|i| 0.1 * 100_f64.powf(f64::from(i) / 19.0)).collect();
    let loss = |w: &[f64]| w.iter().zip(&curvature).map(|(w, a)| 0.5 * a * w * w).sum::<f64>();
    each::<f64>(|rule| {
        let start: Vec<f64> = noise(21, 20).iter().map(|w| 0.05 * (w + w.signum())).collect();
        let mut rig = Rig::flat(rule, &start);
        for _ in 0..1000 {
            let gradient: Vec<f64> =
                rig.weights.iter().zip(&curvature).map(|(w, a)| a * w).collect();
            rig.along(&gradient);
        }
        let (before, after) = (loss(&start), loss(&rig.weights));
        assert!(after < 0.25 * before, "{before} to {after}");
    });
}

#[test]
fn settings_out_of_range_are_refused_by_name() {
    fn refused<O: Optimizer<f32>>(rule: O, field: &str) {
        let error = rule.validate().err().unwrap_or_else(|| panic!("{rule:?} is not refused"));
        let Error::Argument { argument, .. } = &error else { panic!("{error}") };
        assert_eq!(argument, field, "{error}");
    }
    /// Refuses each of the values in each of the fields.
    macro_rules! refuse {
        ($rule:ident: $($field:ident = $values:expr),*) => {$(
            for value in $values {
                let rule = $rule { $field: value, ..$rule::default() };
                refused(rule, concat!(stringify!($rule), "::", stringify!($field)));
            }
        )*};
    }
    let negative = [-1e-9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let share = [-1e-9, 1.0, 1.5, f64::NAN, f64::INFINITY];
    // The last is above 0 in `f64` and 0 in `f32`.
    let epsilon = [0.0, -1e-8, f64::NAN, f64::INFINITY, 1e-50];
    refuse!(Sgd: learning_rate = negative, momentum = share, dampening = [-0.1, 1.1, f64::NAN], nesterov = [true]);
    refused(
        Sgd { nesterov: true, momentum: 0.9, dampening: 0.1, ..Sgd::default() },
        "Sgd::nesterov",
    );
    refuse!(Lion: learning_rate = negative, beta1 = share, beta2 = share, weight_decay = negative);
    refuse!(Adagrad: learning_rate = negative, lr_decay = negative, initial_accumulator = negative, epsilon = epsilon);
    refuse!(RmsProp: learning_rate = negative, alpha = share, epsilon = epsilon, momentum = share);
    refuse!(Adadelta: learning_rate = negative, rho = share, epsilon = epsilon);
    refuse!(Adam: learning_rate = negative, beta1 = share, beta2 = share, epsilon = epsilon);
    refuse!(AdamW: learning_rate = negative, beta1 = share, beta2 = share, epsilon = epsilon, weight_decay = negative);
    refuse!(Adamax: learning_rate = negative, beta1 = share, beta2 = share, epsilon = epsilon);
    refuse!(RAdam: learning_rate = negative, beta1 = share, beta2 = share, epsilon = epsilon);
    refuse!(NAdam: learning_rate = negative, beta1 = share, beta2 = share, epsilon = epsilon, momentum_decay = negative);
}

#[test]
fn a_momentum_schedule_acts() {
    each::<f64>(|rule| {
        let run = |factor: f64| {
            let mut rig = Rig::flat(rule, &noise(31, 9));
            for t in 1..4 {
                let gradient = noise(32 + t, 9);
                let mut tick = Tick::new(t, 0.01);
                tick.momentum_factor = factor;
                let mut block = Block::new(&mut rig.weights, &gradient, []);
                block.slots =
                    Slots::from_iter(rig.memory.buffers_mut().iter_mut().map(|slot| &mut slot[..]));
                rule.update(&tick, block);
            }
            rig.weights
        };
        let settings = format!("{rule:?}");
        let none = ["Adagrad", "Adadelta"].iter().any(|name| settings.starts_with(name))
            || settings.contains("momentum: 0.0")
            || settings.contains("beta1: 0.0");
        assert_eq!(run(1.0) == run(0.5), none);
    });
}

/// A rule that asks for whole tensors gets each alone, frozen ones left out, with slots in step.
#[test]
fn whole_tensors_come_one_by_one() {
    let lamb = Lamb { learning_rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-6, decay: 0.01 };
    let weights = noise(41, 30);
    let run = |shapes: &[usize], from: usize| {
        let end = from + shapes.iter().sum::<usize>();
        let mut rig = Rig::<f32>::new(&lamb, parameters::<f32, _>(shapes), &weights[from..end]);
        (0..3).for_each(|t| rig.along(&noise(42 + t, 30)[from..end]));
        rig.weights
    };
    assert_eq!(run(&[10, 20], 0), [run(&[10], 0), run(&[20], 10)].concat());
}

/// Slots of every extent: each tensor is lent its own part, of the right length.
#[test]
fn slots_have_the_extent_they_ask_for() {
    #[derive(Debug)]
    struct Stamp;

    impl Optimizer<f64> for Stamp {
        fn learning_rate(&self) -> f64 {
            1.0
        }
        fn grain(&self) -> Grain {
            Grain::Tensor
        }
        fn slots(&self) -> Vec<Slot> {
            [Extent::Row, Extent::Element, Extent::Column, Extent::Tensor]
                .map(|extent| {
                    Slot::new(format!("{extent:?}")).extent(extent).start(Start::Value(0.5))
                })
                .into()
        }
        fn update(&self, _: &Tick, block: Block<'_, f64>) {
            let shape = block.tensor.unwrap().shape;
            let number = shape.size() as f64;
            let slots: [_; 4] = block.slots.split();
            let sizes = [shape[0], shape.size(), shape.size() / shape[0], 1];
            for (slot, size) in slots.into_iter().zip(sizes) {
                assert_eq!(slot.len(), size);
                slot.iter_mut().for_each(|x| *x += number);
            }
        }
    }

    let mut rig =
        Rig::new(&Stamp, parameters::<f64, _>(&[vec![2, 3], vec![4], vec![2, 2, 2]]), &[0.0; 18]);
    rig.along(&[0.0; 18]);
    let parts = |sizes: [usize; 3]| -> Vec<f64> {
        sizes.iter().zip([6.5, 4.5, 8.5]).flat_map(|(&size, number)| vec![number; size]).collect()
    };
    assert_eq!(
        rig.memory.buffers(),
        [parts([2, 4, 2]), parts([6, 4, 8]), parts([3, 1, 4]), parts([1, 1, 1])]
    );
}

/// Wrapped rules keep the inner rule's slots, and a failing loss leaves the weights as they were.
#[test]
fn wrappers_wrap() {
    let sam = Sam { inner: Adam::default(), rho: 0.1 };
    let mut rig = Rig::<f64>::flat(&sam, &noise(51, 5));
    let before = rig.weights.clone();
    rig.gradient = noise(52, 5);
    let failed = rig.step(0.1, &mut |_, _| Err(Error::other("loss", "no")));
    assert!(failed.is_err());
    assert_eq!(rig.weights, before);

    // Both at once: three slots of one, one of the other, one more.
    let inner = Sam { inner: Adam { amsgrad: true, ..Adam::default() }, rho: 0.1 };
    let both = Lookahead { inner, period: 2, share: 0.5, reset: false };
    let mut rig = Rig::<f64>::flat(&both, &noise(53, 5));
    assert_eq!(rig.memory.slots().len(), 5);
    for _ in 0..200 {
        rig.gradient = rig.weights.clone();
        rig.step(0.01, &mut |w, g| {
            g.copy_from_slice(w);
            Ok(0.0)
        })
        .unwrap();
    }
    assert!(rig.weights.iter().all(|w| w.abs() < 0.2), "{:?}", rig.weights);
}

/// A rule that says nothing about itself.
#[derive(Debug)]
struct Silent;

impl Optimizer<f32> for Silent {
    fn learning_rate(&self) -> f64 {
        0.5
    }

    fn update(&self, _: &Tick, _: Block<'_, f32>) {}
}

#[test]
fn rules_say_of_themselves_what_they_are_set_to() {
    let rate = 0.25;
    // The momentum that a schedule scales; 0 for rules without one.
    let table: [(Box<dyn Optimizer<f32>>, f64); 10] = [
        (Box::new(Sgd { learning_rate: rate, momentum: 0.7, ..Sgd::default() }), 0.7),
        (Box::new(RmsProp { learning_rate: rate, momentum: 0.6, ..RmsProp::default() }), 0.6),
        (Box::new(Adam { learning_rate: rate, beta1: 0.5, ..Adam::default() }), 0.5),
        (Box::new(AdamW { learning_rate: rate, beta1: 0.4, ..AdamW::default() }), 0.4),
        (Box::new(Adamax { learning_rate: rate, beta1: 0.3, ..Adamax::default() }), 0.3),
        (Box::new(NAdam { learning_rate: rate, beta1: 0.2, ..NAdam::default() }), 0.2),
        (Box::new(RAdam { learning_rate: rate, beta1: 0.1, ..RAdam::default() }), 0.1),
        (Box::new(Lion { learning_rate: rate, beta1: 0.8, ..Lion::default() }), 0.8),
        (Box::new(Adagrad { learning_rate: rate, ..Adagrad::default() }), 0.0),
        (Box::new(Adadelta { learning_rate: rate, ..Adadelta::default() }), 0.0),
    ];
    for (rule, momentum) in table {
        assert_eq!((rule.learning_rate(), rule.momentum()), (rate, momentum), "{rule:?}");
        // So that a trainer spares itself a copy at each step.
        assert!(rule.stays_finite() && !rule.evaluates(), "{rule:?}");
    }
    assert_eq!((Silent.momentum(), Silent.weight_decay(), Silent.slots()), (0.0, 0.0, Vec::new()));
    assert!(!Silent.stays_finite() && !Silent.evaluates());
    assert_eq!((Silent.grain(), Silent.name()), (Grain::Element, "silent".to_owned()));
}

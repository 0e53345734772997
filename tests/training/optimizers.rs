//! What the laws of optimizers (`tests/laws/optimizers.rs`) do not say: how tensors are lent and cut, wrappers, and what rules say of themselves.

use crate::optim_support::custom::{Lamb, Lookahead, Sam};
use crate::optim_support::{Rig, noise, parameters};
use downhill::layer::Dense;
use downhill::optim::{
    Adadelta, Adagrad, Adam, AdamW, Adamax, Block, Extent, Grain, Lion, Memory, NAdam, Optimizer,
    RAdam, RmsProp, Sgd, Slot, Slots, Start, Tick,
};
use downhill::{Error, Model};

#[cfg(feature = "threads")]
#[test]
fn groups_of_tensors_give_the_same_bits_on_any_number_of_threads() {
    use crate::optim_support::rules;
    use downhill::kernel::parallel::Parallel;

    // Enough for several pieces, and not a round number.
    let sizes = [140_000, 7, 140_001];
    let total = sizes.iter().sum();
    let (weights, gradient) = (noise(3, total), noise(4, total));
    for rule in rules::<f32>() {
        let run = |parallel: Parallel, split: bool| {
            let mut rig = Rig::new(&*rule, parameters::<f32, _>(&sizes), &weights);
            rig.parallel = parallel;
            rig.courses[1].learning_rate_scale = if split { 2.0 } else { 1.0 };
            (0..2).for_each(|_| rig.along(&gradient));
            rig.bits()
        };
        for split in [false, true] {
            let alone = run(Parallel::Off, split);
            for threads in [1, 2, 3, 8] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let together = pool.install(|| run(Parallel::On, split));
                assert!(alone == together, "{rule:?} on {threads} threads");
            }
        }
    }
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
    assert_eq!(moved(-1e38), -moved(1e38));
    // A sum of four such squares is a number, too.
    let adagrad = Adagrad::default();
    let mut rig = Rig::<f32>::flat(&adagrad, &[0.0]);
    (0..4).for_each(|_| rig.along(&[3e38]));
    assert!(rig.memory.buffers()[0][0].is_finite() && rig.weights[0] < -0.02, "{rig:?}");
}

#[test]
fn a_step_of_ones_own_decays_weights_and_no_bias() {
    let mut model: Model<f64> = Model::build(Dense::new(1), &[2.into()], 7).unwrap();
    let rule = AdamW { learning_rate: 0.5, weight_decay: 0.5, ..AdamW::default() };
    let mut memory = Memory::new(&rule, model.parameters(), model.values());
    let (parameters, values) = model.parts_mut();
    values.copy_from_slice(&[4.0, 8.0, 1.0]);
    memory.step(&rule, parameters, values, &mut [0.0; 3], Tick::new(1, 0.5)).unwrap();
    assert_eq!(model.values(), [3.0, 6.0, 1.0]);
}

/// A rule with these slots, which takes tensors as this says.
#[derive(Debug)]
struct With(Vec<Slot>, Grain);

impl Optimizer<f64> for With {
    fn learning_rate(&self) -> f64 {
        0.1
    }
    fn slots(&self) -> Vec<Slot> {
        self.0.clone()
    }
    fn grain(&self) -> Grain {
        self.1
    }
    fn update(&self, _: &Tick, _: Block<'_, f64>) {}
}

#[test]
fn slots_that_cannot_be_kept_are_refused_by_number() {
    let check = |slots: &[Slot], grain| Memory::<f64>::check(&With(slots.to_vec(), grain));
    let (m, v, row) = (Slot::new("m"), Slot::new("v"), Slot::new("row").extent(Extent::Row));
    assert!(check(&[m.clone(), v.clone()], Grain::Element).is_ok());
    assert!(check(&[m.clone(), row.clone()], Grain::Tensor).is_ok());
    for (slots, grain, text) in [
        (vec![m.clone(), v, m.clone()], Grain::Element, "slot 2 of with = m is not allowed"),
        (vec![Slot::new("")], Grain::Tensor, "slot 0 of with =  is not allowed"),
        (vec![m, row], Grain::Element, "slot 1 of with = Row is not allowed"),
    ] {
        let error = check(&slots, grain).unwrap_err().to_string();
        assert!(error.starts_with(text), "{error}");
    }
}

#[test]
fn slots_know_how_many_they_are() {
    let (mut a, mut b) = ([1.0], [2.0]);
    let none = Slots::<f64>::from_iter([]);
    assert_eq!((none.len(), none.is_empty()), (0, true));
    let two = Slots::from_iter([&mut a[..], &mut b[..]]);
    assert_eq!((two.len(), two.is_empty()), (2, false));
}

/// 1e-50 is a number in `f64` and 0 in `f32`.
#[test]
fn an_epsilon_is_refused_where_it_is_nothing() {
    let adam = Adam { epsilon: 1e-50, ..Adam::default() };
    assert!(Optimizer::<f64>::validate(&adam).is_ok());
    let error = Optimizer::<f32>::validate(&adam).unwrap_err();
    assert!(error.to_string().starts_with("Adam::epsilon = 1e-50 is not allowed"), "{error}");
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

    // Both at once: three slots of the rule within, and one more.
    let inner = Sam { inner: Adam { amsgrad: true, ..Adam::default() }, rho: 0.1 };
    let both = Lookahead { inner, period: 2, share: 0.5, reset: false };
    let mut rig = Rig::<f64>::flat(&both, &noise(53, 5));
    assert_eq!(rig.memory.slots().len(), 4);
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
        assert!(rule.fuses_decay(), "{rule:?}");
    }
    assert_eq!((Silent.momentum(), Silent.weight_decay(), Silent.slots()), (0.0, 0.0, Vec::new()));
    assert!(!Silent.stays_finite() && !Silent.evaluates() && !Silent.fuses_decay());
    assert_eq!((Silent.grain(), Silent.name()), (Grain::Element, "silent".to_owned()));
}

/// The variance of a constant gradient is 0 but for rounding, which may leave it below.
#[test]
fn centered_rmsprop_takes_a_variance_below_zero_for_none() {
    let rule = RmsProp { centered: true, alpha: 0.5, ..RmsProp::default() };
    let mut below = 0;
    for i in 1..200 {
        let (mut w, mut square, mut mean) = ([1.0_f32], [0.0], [0.0]);
        let gradient = [0.013 * i as f32];
        for t in 1..=80 {
            let block = Block::new(&mut w, &gradient, [&mut square, &mut mean]);
            rule.update(&Tick::new(t, 1e-3), block);
            below += usize::from(square[0] < mean[0] * mean[0]);
            assert!(w[0].is_finite(), "gradient {gradient:?}, step {t}");
        }
    }
    assert!(below > 100, "{below} variances below zero");
}

//! Layers with one bug each.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use downhill::check::layer::LayerUnderTest;
use downhill::error::require;
use downhill::kernel::parallel::Parallel;
use downhill::layer::{Backward, Forward, Layer, Mode, Plan};
use downhill::params::{Role, init::Constant};
use downhill::random::Noise;
use downhill::{Error, Scalar};

/// What is wrong with the layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bug {
    None,
    // Gradients.
    WeightLeftOutOfTheInputGradient,
    InputGradientUphill,
    InputGradientOfTheFirstChannel,
    MeanLeftOutOfTheGradient,
    BiasGradientOfTheFirstSample,
    WeightGradientOfTheFirstChannel,
    MeanOverTheBatch,
    BiasGradientOverTheWrongAxis,
    EpsilonInTheGradient,
    GradientInSinglePrecision,
    GradientByDifferences,
    WeightGradientAssigned,
    BiasGradientAssigned,
    GradientClearedFirst,
    GradientHalvedFirst,
    InputGradientAdded,
    LastInputGradientLeft,
    PositiveInputGradientsOnly,
    UpstreamClipped,
    UpstreamNormalized,
    UpstreamSigns,
    InputGradientShifted,
    NothingWithoutInputGradient,
    BiasWithInputGradientOnly,
    ScratchFilledForTheInputOnly,
    SecondInputWithTheFirstOnly,
    // Determinism.
    DropsInEvaluation,
    CountsPasses,
    RunningMeanInTheLayer,
    NoiseOfItsOwn,
    FirstPassIsAnother,
    GradientFromACounter,
    FixedMask,
    NeverDrops,
    SilentJitter,
    SavedOnce,
    SavedAdded,
    SavedKeepsTheLarger,
    CacheFilledOnce,
    CachedInTheLayer,
    CachedFirstChannel,
    CachedLastNumber,
    LargestBatchInTheBias,
    LargestBatchInTheWeight,
    LargestBatchInTheOutput,
    StartFromACounter,
    PlansAreCounted,
    ParametersSwapped,
    SumByThreads,
    PairsInParallel,
    BackwardsInParallel,
    // Memory.
    OutputAdded,
    LastOutputLeft,
    DroppedOutputsLeft,
    ScratchAdded,
    ScratchKept,
    ScratchForOneNotCleared,
    OneOutputTooMany,
    OutputsRoundedUp,
    OneInputGradientTooMany,
    OneParameterTooEarly,
    UnusedParameter,
    BiasGradientLeftOut,
    WeightInThePlaceOfTheBias,
    StateNotUpdated,
    StateOfTheFirstChannel,
    StateKeepsItself,
    UnusedSavedMemory,
    UnusedScratch,
    UnusedScratchForOne,
    // Samples.
    CentersTheBatch,
    NextSample,
    ScaledByTheLargest,
    NoiseFromTheStartOfThePart,
    LastSampleLeftOut,
    BatchMeanInEvaluation,
    DividesByOneLess,
    OneSampleFused,
    OneSampleWithoutBias,
    EmptyIsNan,
    ConstantForEachBatch,
    ReadsTheFirstSample,
    SumThatCancels,
    NanForTheWholeBatch,
    GradientTimesZero,
    // Numbers.
    MaxSwallowsNan,
    NanIsZero,
    NanFailsTheComparison,
    WeightByMax,
    NanBiasIsZero,
    WeightFailsTheComparison,
    UpstreamByMaxAndMin,
    NanGradientIsZero,
    UpstreamFailsTheComparison,
    ExponentialDirectly,
    SquareOverflows,
    InfinityOverInfinity,
    DifferenceOfLargeNumbers,
    EpsilonOfTheType,
    SumFromALargeNumber,
    // Plans.
    AnyRank,
    TwoAxesOrMore,
    LastAxisOnly,
    ErrorsWithoutPath,
    NoInputsEither,
    MoreInputsToo,
    SettingsNotChecked,
    NanIsNoBadSetting,
    AnotherFieldNamed,
    NameFromACounter,
    NameOfTheType,
    NameTwice,
    AxesSwapped,
    Flattened,
    AnotherOutput,
    // Claims.
    Bounded,
    Absolute,
    ScaledByItself,
}

use Bug::*;

/// What the layer is at heart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// y = weight·x + bias, with one weight and one bias for each channel.
    Affine,
    /// The same of two inputs, the second added as it is.
    Pair,
    /// The same after numbers were dropped in training.
    Drop,
    /// The same after the mean of each channel was taken off: of the batch in training, a running one in evaluation.
    Running,
}

/// A layer for samples `[channels, places]`, as it should be but for one bug.
pub struct Rule {
    bug: Bug,
    kind: Kind,
    /// What the weights are multiplied by.
    scale: f64,
    plans: AtomicU64,
    passes: AtomicU64,
    largest: AtomicUsize,
    cache: Mutex<Vec<f64>>,
}

impl Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} with {:?}", self.kind, self.bug)
    }
}

pub fn rule(bug: Bug, kind: Kind) -> Rule {
    let (plans, passes) = (AtomicU64::new(0), AtomicU64::new(0));
    let (largest, cache) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    Rule { bug, kind, scale: 1.0, plans, passes, largest, cache }
}

/// The layer with this bug, and all that can be said of it.
pub fn subject(bug: Bug) -> LayerUnderTest {
    let kind = match bug {
        DropsInEvaluation
        | FixedMask
        | NeverDrops
        | DroppedOutputsLeft
        | ScratchKept
        | NoiseFromTheStartOfThePart => Kind::Drop,
        MeanLeftOutOfTheGradient
        | StateNotUpdated
        | StateOfTheFirstChannel
        | StateKeepsItself
        | BatchMeanInEvaluation
        | DividesByOneLess
        | EmptyIsNan => Kind::Running,
        SecondInputWithTheFirstOnly => Kind::Pair,
        _ => Kind::Affine,
    };
    of(bug, kind)
}

pub fn of(bug: Bug, kind: Kind) -> LayerUnderTest {
    let bad = |scale| Rule { scale, ..rule(bug, kind) };
    let inputs = if kind == Kind::Pair { 2 } else { 1 };
    let layer = LayerUnderTest::new(rule(bug, kind))
        .takes(move |pick| vec![pick.axes(2); inputs])
        .gives(|_, inputs| vec![inputs[0].clone()])
        .reach(1e30)
        .affine()
        .refuses_inputs([vec![3.into(); inputs], vec![[2, 2, 2].into(); inputs]])
        .refuses(bad(-1.0), "Planted::scale")
        .refuses(bad(f64::NAN), "Planted::scale");
    match kind {
        Kind::Drop => layer.draws(),
        Kind::Running => layer.batch_statistics(),
        _ => layer,
    }
}

impl Rule {
    fn is(&self, bug: Bug) -> bool {
        self.bug == bug
    }

    /// The number that the layer computes with.
    fn seen<F: Scalar>(&self, x: F, most: F) -> F {
        let large = F::of(1e4);
        match self.bug {
            MaxSwallowsNan => x.max(F::of(-1e35)),
            NanIsZero if x.is_nan() => F::zero(),
            NanFailsTheComparison => {
                if x > F::of(-1e35) {
                    x
                } else {
                    F::zero()
                }
            }
            ExponentialDirectly => (F::one() + x.exp()).ln(),
            SquareOverflows => x * (x * x).sqrt() / x.abs().max(F::of(1e-37)),
            InfinityOverInfinity => x * x.exp() / x.exp(),
            DifferenceOfLargeNumbers => (x + large) - large,
            EpsilonOfTheType => x + F::epsilon().sqrt(),
            ScaledByTheLargest => x / most,
            Bounded if x > F::one() => F::one(),
            Absolute => x.abs(),
            ScaledByItself => x * x.abs(),
            _ => x,
        }
    }

    fn weight<F: Scalar>(&self, weight: F) -> F {
        let low = F::of(-1e35);
        let weight = match self.bug {
            WeightByMax => weight.max(low),
            WeightFailsTheComparison => {
                if weight > low {
                    weight
                } else {
                    low
                }
            }
            _ => weight,
        };
        F::of(self.scale) * weight
    }

    fn upstream<F: Scalar>(&self, u: F, most: F) -> F {
        let (low, high) = (F::of(-1e35), F::of(1e35));
        match self.bug {
            UpstreamClipped if u > F::one() => F::one(),
            UpstreamNormalized => u / most,
            UpstreamSigns => u.signum(),
            UpstreamByMaxAndMin => u.max(low).min(high),
            NanGradientIsZero if u.is_nan() => F::zero(),
            UpstreamFailsTheComparison => {
                if u > low {
                    u
                } else {
                    low
                }
            }
            _ => u,
        }
    }

    /// The sum over the samples of these numbers.
    fn sum<F: Scalar>(&self, numbers: &[F], parallel: Parallel) -> F {
        let straight = |numbers: &[F]| numbers.iter().copied().sum::<F>();
        match self.bug {
            SumFromALargeNumber => {
                let large = F::of(1e4);
                numbers.iter().fold(large, |sum, &x| sum + x) - large
            }
            SumByThreads if parallel == Parallel::On => {
                let parts = numbers.len().div_ceil(rayon::current_num_threads()).max(1);
                numbers.chunks(parts).map(straight).sum()
            }
            PairsInParallel if parallel == Parallel::On => numbers.chunks(2).map(straight).sum(),
            BackwardsInParallel if parallel == Parallel::On => numbers.iter().rev().copied().sum(),
            _ => straight(numbers),
        }
    }

    /// Fills the centers that are taken off, and moves the running ones.
    fn center<F: Scalar>(&self, pass: &mut Forward<'_, F>) -> Vec<F> {
        let x = pass.inputs.one();
        let places = x.shape().last().copied().unwrap_or(1);
        let mut once = pass.scratch_once.one();
        let centers = once.values();
        if !self.is(ScratchForOneNotCleared) {
            centers.fill(F::zero());
        }
        let (train, running) = (pass.mode == Mode::Train, self.kind == Kind::Running);
        let batch = running && (train || self.is(BatchMeanInEvaluation));
        if running && !batch {
            centers.copy_from_slice(pass.states.get(0));
        }
        let count = if self.is(DividesByOneLess) { pass.batch - 1 } else { pass.batch };
        if (batch || self.is(CentersTheBatch)) && (count > 0 || self.bug != Bug::None) {
            for (i, &x) in x.values().iter().enumerate() {
                centers[i / places % centers.len()] += x;
            }
            centers.iter_mut().for_each(|sum| *sum /= F::of((count * places) as f64));
        }
        let channels = if self.is(StateOfTheFirstChannel) { 1 } else { centers.len() };
        let still = self.is(StateNotUpdated) || pass.batch == 0 && !self.is(EmptyIsNan);
        if let (true, false, Some(state)) = (running, still, pass.states.get_mut(0)) {
            let share = F::of(if self.is(StateKeepsItself) { 0.0 } else { 0.1 });
            for (state, &center) in state.iter_mut().zip(&*centers).take(channels) {
                *state += share * (center - *state);
            }
        }
        centers.to_vec()
    }

    /// What backward takes for what forward kept.
    fn kept<F: Scalar>(&self, saved: &[F], channel: usize) -> Vec<F> {
        let cache: Vec<F> = self.cache.lock().unwrap().iter().map(|&x| F::of(x)).collect();
        let mut kept = saved.to_vec();
        let from = match self.bug {
            CachedInTheLayer | CacheFilledOnce => 0..kept.len(),
            CachedFirstChannel => 0..channel.min(kept.len()),
            CachedLastNumber => kept.len().saturating_sub(1)..kept.len(),
            _ => 0..0,
        };
        if cache.len() == kept.len() {
            kept[from.clone()].copy_from_slice(&cache[from]);
        }
        kept
    }
}

impl<F: Scalar> Layer<F> for Rule {
    fn plan(&self, plan: &mut Plan<'_, F>) -> Result<(), Error> {
        let plans = self.plans.fetch_add(1, Relaxed);
        let field = if self.is(AnotherFieldNamed) { "Planted::weight" } else { "Planted::scale" };
        match self.bug {
            SettingsNotChecked => {}
            NanIsNoBadSetting if self.scale.is_nan() => {}
            _ => require::positive(field, self.scale)?,
        }
        let place = if self.is(ErrorsWithoutPath) { "planted" } else { plan.path() }.to_owned();
        let (shapes, wanted) = (plan.inputs(), if self.kind == Kind::Pair { 2 } else { 1 });
        let arity = match self.bug {
            NoInputsEither => shapes.len() <= wanted,
            MoreInputsToo => shapes.len() >= wanted,
            _ => shapes.len() == wanted,
        };
        if !arity {
            return Err(Error::arity(place, wanted, shapes.len()));
        }
        let input = shapes.first().cloned().unwrap_or_default();
        let rank = match self.bug {
            AnyRank => true,
            TwoAxesOrMore => input.len() >= 2,
            LastAxisOnly => input.last().is_some(),
            _ => input.len() == 2 || shapes.is_empty(),
        };
        if !rank {
            return Err(Error::shape(place, "[channels, places]", input, "add a Reshape"));
        }
        let channels = input.first().copied().unwrap_or(1);
        let bias = match self.bug {
            NameFromACounter => format!("bias{plans}"),
            NameOfTheType => format!("bias_{}", F::NAME),
            NameTwice => "weight".to_owned(),
            _ => "bias".to_owned(),
        };
        let start = if self.is(StartFromACounter) { plans as f64 } else { 0.5 };
        let init = |start| Some(Arc::new(Constant(start)) as _);
        let mut names = [("weight", 1.0), (&bias[..], start)];
        if self.is(ParametersSwapped) && plans % 2 == 1 {
            names.reverse();
        }
        for (name, start) in names {
            plan.param(name, Role::Norm, channels, (1, 1), init(start))?;
        }
        if self.is(UnusedParameter) {
            plan.param("gain", Role::Norm, 1, (1, 1), init(1.0))?;
        }
        if self.kind == Kind::Running {
            plan.state("mean", channels, 0.0)?;
        }
        // What is kept of the input, and the factor of each number.
        plan.save(input.clone());
        plan.save(input.clone());
        plan.scratch(input.clone());
        plan.scratch_once(channels);
        match self.bug {
            UnusedSavedMemory => plan.save(2),
            UnusedScratch => plan.scratch(2),
            UnusedScratchForOne => plan.scratch_once(2),
            _ => {}
        }
        match self.bug {
            AxesSwapped => plan.output([input[1], input[0]])?,
            Flattened => plan.output(input.size())?,
            _ => plan.output(input)?,
        }
        if self.is(AnotherOutput) { plan.output(1) } else { Ok(()) }
    }

    fn forward(&self, mut pass: Forward<'_, F>) {
        let passes = self.passes.fetch_add(1, Relaxed) as f64;
        let largest = self.largest.fetch_max(pass.batch, Relaxed).max(pass.batch);
        let (x, batch, train) = (pass.inputs.one(), pass.batch, pass.mode == Mode::Train);
        let (size, places) = (x.size(), x.shape().last().copied().unwrap_or(1));
        let centers = self.center(&mut pass);
        let most = x.values().iter().fold(F::one(), |most, x| most.max(x.abs()));
        let sum: F = x.values().iter().copied().sum();
        let back: F = x.values().iter().map(|&x| -x).sum();
        let sick = x.values().iter().any(|x| x.is_nan());
        if self.is(ReadsTheFirstSample) && x.values()[0].is_nan() {
            return;
        }
        let mut all = Vec::new();
        for sample in 0..batch {
            let noise = match self.bug {
                NoiseFromTheStartOfThePart => pass.noise.step(sample as u64),
                FixedMask => Noise::new(1).step((pass.first_sample + sample) as u64),
                _ => pass.sample_noise(sample),
            };
            let read = if self.is(NextSample) { (sample + 1) % batch } else { sample };
            for (i, &x) in x.row(read).iter().enumerate() {
                let c = i / places;
                let drops = self.kind == Kind::Drop && (train || self.is(DropsInEvaluation));
                let drops = drops && !self.is(NeverDrops) && noise.uniform(i as u64) < 0.5;
                let factor = match self.kind {
                    Kind::Drop if drops => F::zero(),
                    Kind::Drop if train => F::of(2.0),
                    _ => F::one(),
                };
                let kept =
                    if drops { F::zero() } else { (self.seen(x, most) - centers[c]) * factor };
                let caches =
                    [CacheFilledOnce, CachedInTheLayer, CachedFirstChannel, CachedLastNumber];
                if caches.contains(&self.bug) {
                    all.push(kept.as_f64());
                }
                let Some((mut saved, mut factors)) = pass.saved.pair(0, 1) else { return };
                let place = &mut saved.row(sample)[i];
                match self.bug {
                    SavedAdded => *place += kept,
                    SavedOnce if *place != F::zero() => {}
                    SavedKeepsTheLarger if place.abs() > kept.abs() => {}
                    _ => *place = kept,
                }
                factors.row(sample)[i] = factor;
                if self.is(ScratchKept) {
                    pass.scratch.one().row(sample)[i] = factor;
                }
                let mut bias = pass.params[usize::from(!self.is(WeightInThePlaceOfTheBias))][c];
                if self.is(NanBiasIsZero) && bias.is_nan()
                    || self.is(OneSampleWithoutBias) && batch == 1
                {
                    bias = F::zero();
                }
                let weight = self.weight(pass.params[0][c]);
                let mut y = weight * kept + bias;
                if self.kind == Kind::Pair {
                    y += pass.inputs.get(1).row(sample)[i];
                }
                let tiny = |count: f64| F::one() + F::of(1e-3 * count);
                match self.bug {
                    CountsPasses => y *= tiny(passes),
                    NoiseOfItsOwn if train => y += F::of(Noise::new(2).normal(passes as u64)),
                    FirstPassIsAnother if passes % 3.0 == 0.0 => y += F::one(),
                    SilentJitter if train => y += F::of(noise.normal(i as u64)),
                    PlansAreCounted => y *= tiny(self.plans.load(Relaxed) as f64),
                    LargestBatchInTheOutput => y *= tiny(largest as f64),
                    OneSampleFused if batch == 1 => y = kept.mul_add(weight, bias + F::epsilon()),
                    SumThatCancels => y += sum + back,
                    NanForTheWholeBatch if sick => y = F::nan(),
                    RunningMeanInTheLayer => {
                        let mut cache = self.cache.lock().unwrap();
                        let before = cache.first().copied().unwrap_or(0.0);
                        *cache = vec![0.9 * before + 0.1 * kept.as_f64()];
                        y -= F::of(before);
                    }
                    _ => {}
                }
                let last = sample + 1 == batch && i + 1 == size;
                let mut out = pass.outputs.one();
                let place = &mut out.values()[sample * size + i];
                match self.bug {
                    OutputAdded => *place += y,
                    LastOutputLeft if last => {}
                    DroppedOutputsLeft if drops => {}
                    _ => *place = y,
                }
            }
        }
        if self.is(AnotherOutput) {
            pass.outputs.get(1).values().fill(F::zero());
        }
        let mut out = pass.outputs.one();
        match self.bug {
            OneOutputTooMany => write_outside(out.values(), 0..1),
            OutputsRoundedUp => {
                let more = out.values().len().next_multiple_of(8) - out.values().len();
                write_outside(out.values(), 0..more as isize);
            }
            _ => {}
        }
        let mut cache = self.cache.lock().unwrap();
        if !(self.is(RunningMeanInTheLayer) || self.is(CacheFilledOnce) && cache.len() == all.len())
        {
            *cache = all;
        }
    }

    fn backward(&self, mut pass: Backward<'_, F>) {
        let x = pass.inputs.one();
        let (size, batch) = (x.size(), pass.batch);
        let places = x.shape().last().copied().unwrap_or(1);
        let (channels, channel) = (size / places, places);
        let largest = self.largest.load(Relaxed);
        let wants = pass.input_gradients.wants(0);
        if self.is(NothingWithoutInputGradient) && !wants {
            return;
        }
        let dy = pass.output_gradients.one().values();
        let most = dy.iter().fold(F::min_positive_value(), |most, u| most.max(u.abs()));
        let dy: Vec<F> = dy.iter().map(|&u| self.upstream(u, most)).collect();
        let kept = self.kept(pass.saved.get(0).values(), channel);
        let factors = pass.saved.get(1).values().to_vec();
        // In scratch: the gradient for what was kept.
        let mut scratch = pass.scratch.one();
        let work = scratch.values();
        for i in 0..dy.len() {
            let weight = match self.bug {
                WeightLeftOutOfTheInputGradient => F::one(),
                InputGradientUphill => -self.weight(pass.params[0][i % size / places]),
                _ => self.weight(pass.params[0][i % size / places]),
            };
            let factor = if self.is(ScratchKept) { work[i] } else { factors[i] };
            let slope = weight * factor * dy[i];
            match self.bug {
                ScratchAdded => work[i] += slope,
                ScratchFilledForTheInputOnly if !wants => {}
                _ => work[i] = slope,
            }
        }
        let work = work.to_vec();
        for c in 0..channels {
            let of = |values: &[F]| -> Vec<F> {
                let own = |i: &usize| match self.bug {
                    LastSampleLeftOut => batch < 2 || i / size + 1 < batch,
                    BiasGradientOfTheFirstSample => i / size == 0,
                    _ => true,
                };
                let wrong = self.is(BiasGradientOverTheWrongAxis);
                let axis = |i: usize| if wrong { i % channels } else { i % size / places };
                (0..values.len()).filter(|&i| axis(i) == c).filter(own).map(|i| values[i]).collect()
            };
            let products: Vec<F> =
                (0..dy.len()).map(|i| F::of(self.scale) * dy[i] * kept[i]).collect();
            let own = (0..dy.len()).filter(|&i| i % size / places == c);
            let mut weight: F = own.map(|i| products[i]).sum();
            let mut bias = self.sum(&of(&dy), pass.parallel);
            match self.bug {
                WeightGradientOfTheFirstChannel if c > 0 => weight = F::zero(),
                MeanOverTheBatch if batch > 0 => weight /= F::of(batch as f64),
                BiasWithInputGradientOnly if !wants => bias = F::zero(),
                BiasGradientLeftOut => bias = F::zero(),
                LargestBatchInTheBias => bias *= F::of(largest as f64),
                LargestBatchInTheWeight => weight *= F::of(batch as f64 / largest as f64),
                ConstantForEachBatch => bias += F::one(),
                GradientFromACounter => {
                    weight *= F::of(1.0 + 1e-3 * self.passes.load(Relaxed) as f64);
                }
                ScratchFilledForTheInputOnly => bias += work.iter().copied().sum::<F>(),
                _ => {}
            }
            let (a, b) = if self.is(WeightInThePlaceOfTheBias) { (0, 0) } else { (0, 1) };
            let place = &mut pass.gradients.get(a)[c];
            match self.bug {
                WeightGradientAssigned => *place = weight,
                GradientClearedFirst => *place = F::zero() + weight,
                GradientHalvedFirst => *place = *place / F::of(2.0) + weight,
                _ => *place += weight,
            }
            let place = &mut pass.gradients.get(b)[c];
            if self.is(BiasGradientAssigned) {
                *place = bias;
            } else {
                *place += bias;
            }
        }
        if self.is(OneParameterTooEarly) {
            write_outside(pass.gradients.get(0), -1..0);
        }
        let running = self.kind == Kind::Running && pass.mode == Mode::Train;
        if let Some(dz) = pass.input_gradients.get(1)
            && (wants || !self.is(SecondInputWithTheFirstOnly))
        {
            dz.into_values().copy_from_slice(&dy);
        }
        let Some(mut dx) = pass.input_gradients.one() else { return };
        let dx = dx.values();
        for c in 0..channels {
            let own = || (0..work.len()).filter(|&i| i % size / places == c);
            let mut mean = F::zero();
            if running && !self.is(MeanLeftOutOfTheGradient) {
                mean = own().map(|i| work[i]).sum::<F>() / F::of((batch * places).max(1) as f64);
            }
            for i in own() {
                let slope = work[i] - mean;
                match self.bug {
                    InputGradientOfTheFirstChannel if c > 0 => dx[i] = F::zero(),
                    InputGradientAdded => dx[i] += slope,
                    EpsilonInTheGradient => dx[i] = slope * F::of(1.0 + 1e-8),
                    GradientInSinglePrecision => dx[i] = F::of(f64::from(slope.as_f64() as f32)),
                    GradientByDifferences => {
                        let (x, h) = (x.values()[i], F::of(1e-6));
                        dx[i] = (slope * (x + h) - slope * x) / h;
                    }
                    LastInputGradientLeft if i + 1 == work.len() => {}
                    PositiveInputGradientsOnly if kept[i] <= F::zero() => {}
                    InputGradientShifted => dx[i] = slope + F::of(1e-3),
                    GradientTimesZero => {
                        let all: F = kept.iter().copied().sum();
                        dx[i] = slope + F::zero() * all;
                    }
                    _ => dx[i] = slope,
                }
            }
        }
        if self.is(OneInputGradientTooMany) {
            write_outside(dx, 0..1);
        }
    }
}

/// What a vector loop in unsafe code does that gets its length wrong: places counted from the end, or, if below 0, from the start.
fn write_outside<F: Scalar>(values: &mut [F], places: std::ops::Range<isize>) {
    let (start, len) = (values.as_mut_ptr(), values.len() as isize);
    for place in places {
        let at = if place < 0 { place } else { len + place };
        // SAFETY: there is none; that is the bug. In the kit's buffers all these places are inside one allocation.
        unsafe { *start.offset(at) = F::one() };
    }
}

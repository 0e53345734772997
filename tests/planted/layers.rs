//! Broken layers, and the laws that catch them.

use crate::broken_layers::{Bug, Bug::*, Kind, of, subject};
use crate::support::{Planted, healthy, table};
use downhill::check::layer::LAWS;

/// The bugs of each law.
const BUGS: &[(&str, &[Bug])] = &[
    (
        "input_gradients_are_slopes",
        &[
            WeightLeftOutOfTheInputGradient,
            InputGradientUphill,
            InputGradientOfTheFirstChannel,
            MeanLeftOutOfTheGradient,
        ],
    ),
    (
        "parameter_gradients_are_slopes",
        &[
            BiasGradientOfTheFirstSample,
            WeightGradientOfTheFirstChannel,
            MeanOverTheBatch,
            BiasGradientOverTheWrongAxis,
            CacheFilledOnce,
        ],
    ),
    (
        "gradients_are_exact",
        &[EpsilonInTheGradient, GradientInSinglePrecision, GradientByDifferences],
    ),
    (
        "gradients_of_parameters_are_added",
        &[WeightGradientAssigned, BiasGradientAssigned, GradientClearedFirst, GradientHalvedFirst],
    ),
    (
        "gradients_of_inputs_are_overwritten",
        &[InputGradientAdded, LastInputGradientLeft, PositiveInputGradientsOnly],
    ),
    (
        "backward_is_linear",
        &[UpstreamClipped, UpstreamNormalized, UpstreamSigns, InputGradientShifted],
    ),
    (
        "skipped_gradients_change_no_other",
        &[
            NothingWithoutInputGradient,
            BiasWithInputGradientOnly,
            ScratchFilledForTheInputOnly,
            SecondInputWithTheFirstOnly,
        ],
    ),
    (
        "evaluation_depends_on_the_input_alone",
        &[DropsInEvaluation, CountsPasses, RunningMeanInTheLayer],
    ),
    (
        "training_is_a_function_of_seed_and_step",
        &[NoiseOfItsOwn, FirstPassIsAnother, GradientFromACounter],
    ),
    ("draws_are_as_claimed", &[FixedMask, NeverDrops, SilentJitter]),
    ("the_last_forward_counts", &[SavedOnce, SavedAdded, SavedKeepsTheLarger]),
    ("workspaces_do_not_mix", &[CachedInTheLayer, CachedFirstChannel, CachedLastNumber]),
    (
        "a_larger_batch_leaves_no_trace",
        &[LargestBatchInTheBias, LargestBatchInTheWeight, LargestBatchInTheOutput],
    ),
    ("models_built_alike_are_alike", &[StartFromACounter, PlansAreCounted, ParametersSwapped]),
    ("threads_change_nothing", &[SumByThreads, PairsInParallel, BackwardsInParallel]),
    ("outputs_are_overwritten", &[OutputAdded, LastOutputLeft, DroppedOutputsLeft]),
    ("memory_may_hold_anything", &[ScratchAdded, ScratchKept, ScratchForOneNotCleared, SavedAdded]),
    (
        "nothing_is_written_outside",
        &[OneOutputTooMany, OutputsRoundedUp, OneInputGradientTooMany, OneParameterTooEarly],
    ),
    ("every_parameter_counts", &[UnusedParameter, BiasGradientLeftOut, WeightInThePlaceOfTheBias]),
    ("training_moves_all_state", &[StateNotUpdated, StateOfTheFirstChannel, StateKeepsItself]),
    ("memory_is_used", &[UnusedSavedMemory, UnusedScratch, UnusedScratchForOne]),
    ("samples_do_not_touch_each_other", &[CentersTheBatch, NextSample, ScaledByTheLargest]),
    (
        "parts_add_up",
        &[MeanOverTheBatch, NoiseFromTheStartOfThePart, LastSampleLeftOut, BatchMeanInEvaluation],
    ),
    ("a_batch_of_one_is_a_batch", &[DividesByOneLess, OneSampleFused, OneSampleWithoutBias]),
    ("an_empty_batch_is_nothing", &[EmptyIsNan, ConstantForEachBatch, ReadsTheFirstSample]),
    ("nan_stays_in_its_sample", &[SumThatCancels, NanForTheWholeBatch, GradientTimesZero]),
    ("nan_in_an_input_is_passed_on", &[MaxSwallowsNan, NanIsZero, NanFailsTheComparison]),
    ("nan_in_a_parameter_is_passed_on", &[WeightByMax, NanBiasIsZero, WeightFailsTheComparison]),
    (
        "nan_in_an_upstream_gradient_is_passed_on",
        &[UpstreamByMaxAndMin, NanGradientIsZero, UpstreamFailsTheComparison],
    ),
    (
        "large_inputs_have_finite_outputs",
        &[ExponentialDirectly, SquareOverflows, InfinityOverInfinity],
    ),
    ("f32_follows_f64", &[DifferenceOfLargeNumbers, EpsilonOfTheType, SumFromALargeNumber]),
    ("impossible_inputs_are_refused", &[AnyRank, TwoAxesOrMore, LastAxisOnly, ErrorsWithoutPath]),
    ("another_number_of_inputs_is_an_error", &[NoInputsEither, MoreInputsToo, ErrorsWithoutPath]),
    ("bad_settings_are_refused", &[SettingsNotChecked, NanIsNoBadSetting, AnotherFieldNamed]),
    ("paths_are_unique_and_stay", &[NameFromACounter, NameOfTheType, NameTwice]),
    ("outputs_have_the_claimed_shapes", &[AxesSwapped, Flattened, AnotherOutput]),
    ("affine", &[Bounded, Absolute, ScaledByItself]),
];

#[test]
fn every_law_catches_its_bugs() {
    let planted: Vec<_> = BUGS
        .iter()
        .flat_map(|(law, bugs)| {
            bugs.iter().map(|&bug| Planted { law, bug: format!("{bug:?}"), subject: subject(bug) })
        })
        .collect();
    table(LAWS, &planted);
}

#[test]
fn without_a_bug_no_law_is_broken() {
    for kind in [Kind::Affine, Kind::Pair, Kind::Drop, Kind::Running] {
        healthy(LAWS, &of(Bug::None, kind));
    }
}

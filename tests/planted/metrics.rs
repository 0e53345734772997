//! Broken metrics, and the laws that catch them.

use crate::broken_metrics::Bug::*;
use crate::broken_metrics::Measure::*;
use crate::broken_metrics::{Bug, Measure, Rule};
use crate::support::{Planted, healthy, table};
use downhill::check::metric::{Kind, LAWS, MetricUnderTest};

/// What can be said of the measure, with this bug.
fn subject(measure: Measure, bug: Bug) -> MetricUnderTest {
    let classes = [Kind::Classes(2), Kind::Classes(3), Kind::Classes(7)];
    let subject = MetricUnderTest::new(Rule::new(measure, bug, 1.0));
    let bad = |power| Rule::new(measure, bug, power);
    let subject = subject.refuses(bad(-1.0), "power").refuses(bad(f64::NAN), "power");
    match measure {
        Distance => subject.takes([Kind::Numbers(1), Kind::Numbers(3)]),
        Recall | Surprise => subject.takes(classes),
        Ranking => subject.takes([Kind::Binary]),
    }
    .bounds(0.0, if matches!(measure, Recall | Ranking) { 1.0 } else { f64::INFINITY })
    .perfect(if matches!(measure, Recall | Ranking) { 1.0 } else { 0.0 })
}

type Bugs = (&'static str, &'static [(Measure, Bug)]);

const PARTITION: &[Bugs] = &[
    (
        "parts_merge_to_the_whole",
        &[
            (Distance, MeanOfMeans),
            (Distance, KeptInTheMetric),
            (Distance, MergeOverwrites),
            (Recall, MergeWithoutTheWeight),
            (Ranking, PairsOfABatch),
            (Ranking, MergeStopsAtTheShorter),
        ],
    ),
    (
        "order_of_merging_does_not_matter",
        &[
            (Distance, MergeOverwrites),
            (Recall, MergeKeepsTheFirst),
            (Ranking, MergeKeepsTheFirst),
            (Distance, MergeHalves),
        ],
    ),
    (
        "merging_nothing_changes_nothing",
        &[
            (Distance, MergeOverwrites),
            (Recall, MergeStopsAtTheShorter),
            (Distance, MergeCountsCalls),
            (Distance, StartsAtOne),
        ],
    ),
    (
        "a_batch_counts_as_its_rows",
        &[
            (Distance, MeanOfMeans),
            (Distance, BatchOverwrites),
            (Recall, EarlierBatchesFade),
            (Recall, SmallBatchDropped),
            (Recall, LastRowDropped),
            (Surprise, KeptInTheMetric),
            (Ranking, PairsOfABatch),
        ],
    ),
    (
        "order_of_samples_does_not_matter",
        &[
            (Distance, FirstRowSkipped),
            (Recall, LastRowDropped),
            (Surprise, TargetOfTheRowBefore),
            (Ranking, TiesByOrder),
        ],
    ),
];

const WEIGHTS: &[Bugs] = &[
    (
        "weight_zero_removes",
        &[
            (Distance, ZeroTimesNan),
            (Recall, ZeroTimesNan),
            (Distance, RowsCounted),
            (Ranking, WeightsIgnored),
        ],
    ),
    (
        "weight_two_counts_twice",
        &[
            (Recall, WeightsIgnored),
            (Distance, WeightsSquared),
            (Ranking, WeightsSquared),
            (Surprise, WeightsBelowOnly),
            (Ranking, TiesCountedOnce),
            (Distance, NoWeightsAreNothing),
        ],
    ),
    (
        "the_scale_of_weights_does_not_matter",
        &[
            (Distance, RowsCounted),
            (Surprise, WeightedTwice),
            (Distance, WeightsCapped),
            (Ranking, WeightsAsIntegers),
            (Recall, DividesByOneMore),
        ],
    ),
];

const VALUE: &[Bugs] = &[
    (
        "nothing_counted_has_no_value",
        &[
            (Distance, ZeroForNothing),
            (Surprise, DenominatorKeptAbove0),
            (Recall, OneForNothing),
            (Distance, StartsAtOne),
        ],
    ),
    (
        "stays_within_its_bounds",
        &[
            (Recall, Percentage),
            (Recall, UpsideDown),
            (Recall, DividesByOneLess),
            (Distance, SignedErrors),
        ],
    ),
    (
        "perfect_predictions_are_perfect",
        &[
            (Recall, SmoothedByOne),
            (Recall, LastClassLeftOut),
            (Recall, LabelsFromOne),
            (Ranking, PositivesAndNegativesSwapped),
        ],
    ),
    (
        "the_goal_prefers_right_predictions",
        &[
            (Distance, WrongGoal),
            (Recall, WrongGoal),
            (Distance, SignedErrors),
            (Recall, LowestScoreAnswers),
            (Ranking, PositivesAndNegativesSwapped),
        ],
    ),
    (
        "nan_is_never_a_good_prediction",
        &[
            (Distance, MaxSwallowsNan),
            (Distance, NanIsPassedOver),
            (Recall, ComparisonSwallowsNan),
            (Ranking, ComparisonSwallowsNan),
        ],
    ),
    (
        "single_precision_follows_double",
        &[
            (Distance, EpsilonOfTheType),
            (Surprise, ClippedByEpsilonOfTheType),
            (Distance, SquareExpandedInTheType),
        ],
    ),
];

const INTERFACE: &[Bugs] = &[
    (
        "the_name_is_stable",
        &[
            (Distance, NameCountsCalls),
            (Recall, NameCountsBatches),
            (Distance, NameWithTheType),
            (Ranking, NameEmpty),
        ],
    ),
    (
        "accepts_what_it_measures",
        &[
            (Recall, DoubleOnly),
            (Distance, BatchAxisExpected),
            (Surprise, LabelsNeedAnAxis),
            (Distance, SingleNumberOnly),
        ],
    ),
    (
        "refuses_what_it_cannot_measure",
        &[
            (Recall, ChecksNothing),
            (Recall, NoTargetsEither),
            (Distance, ElementsAlone),
            (Ranking, TargetsBroadcast),
            (Surprise, FirstOutputOnly),
            (Distance, ErrorsWithoutName),
        ],
    ),
    (
        "refuses_targets_out_of_range",
        &[
            (Recall, BadLabelsSkipped),
            (Surprise, LabelsClipped),
            (Ranking, AnyNumberIsALabel),
            (Recall, ErrorsWithoutName),
        ],
    ),
    (
        "refuses_bad_settings",
        &[
            (Distance, SettingsNotChecked),
            (Distance, NanIsNoBadSetting),
            (Distance, AnotherFieldNamed),
        ],
    ),
];

#[test]
fn every_law_catches_its_bugs() {
    let planted: Vec<_> = [PARTITION, WEIGHTS, VALUE, INTERFACE]
        .into_iter()
        .flatten()
        .flat_map(|&(law, bugs)| bugs.iter().map(move |&(measure, bug)| (law, measure, bug)))
        .map(|(law, measure, bug)| Planted {
            law,
            bug: format!("{measure:?}: {bug:?}"),
            subject: subject(measure, bug),
        })
        .collect();
    table(LAWS, &planted);
}

#[test]
fn without_a_bug_no_law_is_broken() {
    for measure in [Distance, Recall, Surprise, Ranking] {
        healthy(LAWS, &subject(measure, Sound));
    }
}

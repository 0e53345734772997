//! Broken trainers, and the laws that catch them.

use crate::broken_trainers::trainer;
use crate::support::{Planted, healthy, table};
use downhill::check::trainer::laws;

/// For each law, the bugs.
type Bugs = (&'static str, &'static [&'static str]);

const BUGS: &[Bugs] = &[
    (
        "a_cut_run_is_the_whole_run",
        &[
            "a counter of its own for the correction",
            "the first gradient is remembered in a cell",
            "the layer counts its calls",
            "running mean, hidden and used in training",
            "the loss counts its calls in training",
            "the loss has a moving baseline",
            "the schedule counts its calls",
            "the constraint acts in every third call",
            "the metric keeps a count to itself",
            "the observer counts epochs",
            "the warm-up begins anew at each start",
            "the source shuffles itself at each call",
        ],
    ),
    (
        "going_back_repeats_the_run",
        &[
            "a counter of its own for the correction",
            "the last block is remembered in a cell",
            "the layer counts its calls",
            "the loss has a moving baseline",
            "the schedule counts its calls",
            "the constraint acts in every third call",
            "the metric keeps a count to itself",
            "the observer counts epochs",
        ],
    ),
    (
        "same_seed_same_bits",
        &[
            "the layer reads the clock",
            "the layer counts in a static",
            "the layer adds up in the order of a hash set",
            "the rate follows the clock",
            "all trainers share a count",
            "the source shuffles itself at each call",
        ],
    ),
    (
        "another_seed_another_run",
        &[
            "the weights start at a constant",
            "the weights start from a seed of their own",
            "noise of one seed",
            "noise is left out",
        ],
    ),
    (
        "any_number_of_threads",
        &[
            "the layer adds up in halves on threads",
            "the loss adds up in halves on threads",
            "the loss in use adds up in halves on threads",
            "the thread is the seed",
            "it remembers by thread",
        ],
    ),
    (
        "runs_do_not_disturb_each_other",
        &[
            "the layer counts in a static",
            "all trainers share a count",
            "the source shuffles itself at each call",
            "it remembers by thread",
        ],
    ),
    (
        "a_stopped_run_goes_on",
        &[
            "the warm-up begins anew at each start",
            "the rate is halved at each start",
            "the rate is halved at each end",
            "the rate is halved by each event",
        ],
    ),
    (
        "no_epochs_change_nothing",
        &[
            "the warm-up begins anew at each start",
            "the rate is halved at each start",
            "the rate is halved at each end",
            "the rate is halved by each event",
        ],
    ),
    (
        "evaluate_and_predict_change_nothing",
        &[
            "the layer counts evaluations",
            "running mean, hidden and updated in evaluation",
            "the loss counts its calls",
            "the metric keeps a count to itself",
            "the source goes on with each evaluation",
        ],
    ),
    (
        "gradient_leaves_no_trace",
        &[
            "the layer counts its calls",
            "running mean, hidden and used in training",
            "the loss counts its calls in training",
            "the loss has a moving baseline",
        ],
    ),
    (
        "validation_does_not_touch_training",
        &[
            "the layer counts evaluations",
            "running mean, hidden and updated in evaluation",
            "the loss counts its calls",
            "the source goes on with each evaluation",
        ],
    ),
    (
        "the_gradient_is_that_of_the_step",
        &[
            "the layer counts its calls",
            "the layer reads the clock",
            "the layer counts in a static",
            "the loss counts its calls in training",
        ],
    ),
    (
        "the_best_epoch_is_the_argmin",
        &[
            "the layer counts steps for its use",
            "running mean, hidden",
            "the loss counts its calls",
            "the source changes what it evaluates",
        ],
    ),
    (
        "the_best_model_answers",
        &[
            "the layer counts steps for its use",
            "running mean, hidden",
            "the layer fades while it is in use",
        ],
    ),
    (
        "each_row_is_answered_for_itself",
        &["batch statistics in evaluation", "noise in evaluation", "ranks within the batch"],
    ),
    (
        "evaluate_is_the_mean_over_the_rows",
        &[
            "the sum is a mean",
            "the last sample of several is left out",
            "later samples count less",
            "batch statistics in evaluation",
        ],
    ),
    (
        "parts_equal_the_batch",
        &[
            "the gradient is that of the mean",
            "the sum is a mean",
            "later samples count less",
            "noise by the place in the part",
            "batch statistics in evaluation",
        ],
    ),
    (
        "an_epoch_counts_each_sample_once",
        &[
            "the total is 1",
            "the total is the root of the weight",
            "the total leaves out the first sample",
            "the source gives whole fours",
        ],
    ),
    (
        "weight_zero_is_not_there",
        &[
            "weights are left out of the sum",
            "weights are left out of the gradient",
            "the total is the number of samples",
            "a weight of zero counts a little",
        ],
    ),
    (
        "only_the_ratio_of_weights_counts",
        &[
            "weights are left out of the sum",
            "weights are left out of the gradient",
            "the total is the number of samples",
            "weights are rounded up",
            "the total has something added",
        ],
    ),
    (
        "no_weight_is_harmless",
        &[
            "no weight at all means no weights",
            "weights are left out of the gradient",
            "the gradient is divided by the weight",
            "a weight of zero counts a little",
        ],
    ),
    (
        "a_frozen_parameter_stays",
        &["frozen weights decay", "all slots fade", "all tensors are counted"],
    ),
    (
        "rate_zero_moves_nothing",
        &[
            "a rate of its own",
            "a rate of at least a thousandth",
            "decay without the rate in the update",
            "the constraint shrinks what it sees",
        ],
    ),
    (
        "a_bad_cell_is_named_and_does_no_harm",
        &[
            "NaN counts as zero",
            "max and min hide NaN",
            "a missing cell is the mean of its row",
            "running mean, hidden and with the NaN",
            "the layer counts its calls",
        ],
    ),
    (
        "a_bad_step_is_skipped",
        &[
            "NaN counts as zero",
            "max and min hide NaN",
            "a missing cell is the mean of its row",
            "running mean, hidden and with the NaN",
        ],
    ),
];

#[test]
fn every_law_catches_its_bugs() {
    let planted = BUGS.iter().flat_map(|&(law, bugs)| {
        bugs.iter().map(move |&bug| Planted { law, bug: bug.to_owned(), subject: trainer(bug) })
    });
    table(laws(), &planted.collect::<Vec<_>>());
}

#[test]
fn without_a_bug_no_law_is_broken() {
    healthy(laws(), &trainer(""));
}

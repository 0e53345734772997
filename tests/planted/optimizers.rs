//! Broken optimizers, and the laws that catch them.

use crate::broken_optimizers::{adam, heavy_ball, sharpness};
use crate::support::{Planted, healthy, table};
use downhill::check::optimizer::{LAWS, OptimizerUnderTest};

/// For each law, the rule that has the bugs, and the bugs.
type Bugs = (&'static str, fn(&'static str) -> OptimizerUnderTest, &'static [&'static str]);

const BUGS: &[Bugs] = &[
    (
        "accepts_its_own_settings",
        adam,
        &[
            "the range leaves out the default",
            "the largest rate is too small",
            "the bound of epsilon is for another precision",
        ],
    ),
    (
        "refuses_bad_settings",
        adam,
        &["a field is not checked", "NaN passes", "the message names another field"],
    ),
    (
        "settings_stay",
        adam,
        &[
            "the rate falls by itself",
            "the rate is NaN",
            "the decay depends on the precision",
            "the name is empty",
            "the name is counted",
            "the name says the precision",
        ],
    ),
    (
        "errors_are_passed_on",
        sharpness,
        &[
            "the error is dropped",
            "the error becomes a loss of zero",
            "it stops without a word",
            "the error is unwrapped",
        ],
    ),
    (
        "same_input_same_bits",
        adam,
        &[
            "a counter of its own for the correction",
            "it remembers calls",
            "noise from a counter",
            "the last block is remembered in a cell",
        ],
    ),
    (
        "runs_do_not_mix",
        adam,
        &[
            "a counter of its own for the correction",
            "the rate warms up by calls",
            "the last block is remembered in a cell",
        ],
    ),
    (
        "threads_change_nothing",
        adam,
        &[
            "the thread is the seed",
            "it remembers by thread",
            "the last block is remembered in a cell",
        ],
    ),
    (
        "any_cut_gives_the_same",
        adam,
        &[
            "the block's length is in the step",
            "the gradient is centred in the block",
            "the gradient's length in the block is 1",
            "the first element is slow",
        ],
    ),
    (
        "tensors_do_not_mix",
        adam,
        &[
            "the gradient is as long as 1",
            "the number of tensors is in the step",
            "tensors share the last number of a slot",
        ],
    ),
    (
        "order_of_tensors_is_free",
        adam,
        &[
            "the path of the tensor decides",
            "the first tensor is special",
            "tensors share the last number of a slot",
        ],
    ),
    (
        "every_element_moves",
        adam,
        &[
            "the rest of the last vector is forgotten",
            "a slot more than declared",
            "the last element is forgotten",
            "negative gradients count as none",
        ],
    ),
    (
        "empty_block_is_harmless",
        adam,
        &[
            "it asks for the first element",
            "it asks for the last element",
            "it cuts the block by its length",
        ],
    ),
    (
        "nothing_is_written_outside",
        adam,
        &[
            "the length is rounded up to whole vectors",
            "one element too many",
            "one element too early",
        ],
    ),
    (
        "rate_zero_moves_nothing",
        adam,
        &[
            "a rate of its own",
            "a rate of at least a thousandth",
            "decay without the rate in the update",
        ],
    ),
    (
        "zero_gradient_moves_nothing",
        adam,
        &[
            "decay inside the update",
            "a sign that has no zero",
            "epsilon stands above",
            "there is no epsilon",
        ],
    ),
    (
        "frozen_keeps_everything",
        adam,
        &["frozen weights decay", "all slots fade", "all tensors are counted"],
    ),
    (
        "saved_and_loaded_goes_on",
        adam,
        &[
            "a counter of its own for the correction",
            "the first gradient is remembered in a cell",
            "two slots of one name",
        ],
    ),
    (
        "slots_have_names",
        adam,
        &[
            "two slots of one name",
            "a slot without a name",
            "the precision is in a name",
            "a name is made up anew",
        ],
    ),
    (
        "slots_are_used",
        adam,
        &[
            "a slot from a former version",
            "a slot for each of three, two used",
            "the square is never stored",
        ],
    ),
    ("lengths_never_change", adam, &["a history grows", "a slot is cleared", "a slot is cut"]),
    (
        "thawed_starts_afresh",
        adam,
        &[
            "the correction counts the steps of the run",
            "the rate warms up by the steps of the run",
            "all tensors are counted",
        ],
    ),
    (
        "late_updates_stay_finite",
        adam,
        &[
            "the power takes the count as i32",
            "the count is squared",
            "the correction is a quotient of powers",
        ],
    ),
    (
        "momentum_schedule_stays_finite",
        adam,
        &[
            "the step is divided by the momentum",
            "the logarithm of the factor",
            "the momentum is a share of itself",
        ],
    ),
    (
        "momentum_schedule_acts",
        adam,
        &[
            "the momentum is its own",
            "the factor is at least 1",
            "the factor counts from update 1000 on",
        ],
    ),
    (
        "finite_in_finite_out",
        adam,
        &[
            "the square is not bounded",
            "the sum of squares is not bounded",
            "epsilon is lost in single precision",
            "there is no epsilon",
        ],
    ),
    (
        "not_finite_is_not_hidden",
        adam,
        &[
            "max and min hide NaN",
            "NaN counts as zero",
            "infinity counts as a large number",
            "steps are cut by max and min",
        ],
    ),
    (
        "not_finite_does_not_spread",
        adam,
        &[
            "the gradient is centred in the block",
            "the gradient is as long as 1",
            "a mean over the block",
        ],
    ),
    (
        "single_follows_double",
        adam,
        &[
            "another constant in single precision",
            "epsilon is the type's",
            "the average is kept in few digits",
        ],
    ),
    (
        "decay_comes_first_and_once",
        adam,
        &[
            "decay is forgotten",
            "decay without the rate",
            "decay is applied after the update as well",
            "the update is applied twice",
        ],
    ),
    ("decay_comes_first_and_once", heavy_ball, &["decay is fused in name only"]),
    (
        "descends_on_quadratics",
        adam,
        &[
            "the sign is flipped",
            "the sign of the average is flipped",
            "it climbs after the third update",
            "the gradient loses its sign",
        ],
    ),
    (
        "reaches_the_optimum",
        adam,
        &["steps of one size", "the rate halves with each update", "it stops after thirty updates"],
    ),
    (
        "agrees_with_its_reference",
        adam,
        &[
            "the bias is not corrected",
            "the bias of the square is not corrected",
            "the step is off by one",
            "the betas are swapped",
            "epsilon is inside the root",
        ],
    ),
    (
        "step_is_bounded",
        adam,
        &[
            "the bias of the square is not corrected",
            "the root is missing",
            "there is no denominator",
        ],
    ),
    (
        "step_is_linear_in_rate",
        adam,
        &["the rate is squared", "the rate is capped", "the rate is the root of the rate"],
    ),
    ("step_is_linear_in_rate", heavy_ball, &["the rate is inside the direction"]),
    (
        "scale_of_gradients_is_lost",
        adam,
        &["epsilon is inside the root", "the root is missing", "small gradients count as none"],
    ),
    (
        "place_does_not_matter",
        adam,
        &[
            "decay inside the update",
            "steps are in proportion to the weight",
            "weights are rounded",
        ],
    ),
    (
        "place_in_the_tensor_does_not_matter",
        adam,
        &["the first element is slow", "every eighth element is slow", "later elements are slower"],
    ),
    (
        "turned_gradients_turn_the_steps",
        heavy_ball,
        &["the gradient's sign", "each element is clipped", "each element is scaled by its root"],
    ),
    (
        "opposite_gradients_lead_the_opposite_way",
        adam,
        &[
            "the gradient loses its sign",
            "negative gradients count as none",
            "gradients are rounded down",
        ],
    ),
];

#[test]
fn every_law_catches_its_bugs() {
    let planted = BUGS.iter().flat_map(|&(law, rule, bugs)| {
        bugs.iter().map(move |&bug| Planted { law, bug: bug.to_owned(), subject: rule(bug) })
    });
    table(LAWS, &planted.collect::<Vec<_>>());
}

#[test]
fn without_a_bug_no_law_is_broken() {
    [adam, heavy_ball, sharpness].iter().for_each(|rule| healthy(LAWS, &rule("")));
}

//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of metrics, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_metric_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            partition::parts_merge_to_the_whole
                "The data in any parts, counted apart and merged, has the value of the whole."
                "a mean of means, a merge that overwrites, or a tally without the weight";
            partition::order_of_merging_does_not_matter
                "Merged in any order, or by pairs, parts have the same value."
                "a merge that keeps something of the first or the last part alone";
            partition::merging_nothing_changes_nothing
                "A tally of nothing changes nothing, on either side of a merge."
                "a merge that stops at the shorter tally, or that counts how often it was called";
            partition::a_batch_counts_as_its_rows
                "A batch counts as its rows do, counted one by one."
                "a value of the batch in the place of sums, or rows that are dropped at the end";
            partition::order_of_samples_does_not_matter
                "The order of the samples changes nothing."
                "a comparison with the row before, or a first row that is special";
            weights::weight_zero_removes
                "A sample of weight 0 counts as if it were not there, even if its output is NaN."
                "0 times NaN, or a count of rows in the place of a sum of weights";
            weights::weight_two_counts_twice
                "A sample of weight 2 counts as if it were there twice; no weights are weights of 1."
                "weights that are ignored, squared, or only in the denominator";
            weights::the_scale_of_weights_does_not_matter
                "All weights times the same number give the same value."
                "a division by the number of rows";
            value::nothing_counted_has_no_value
                "If nothing was counted, the value is NaN, or the one that is claimed."
                "a denominator that is kept above 0";
            value::stays_within_its_bounds
                "The value lies within the bounds that are claimed, or is NaN."
                "a percentage, or a ratio the wrong way up";
            value::perfect_predictions_are_perfect
                "Predictions without fault have the value that is claimed for them."
                "a smoothing term, or a class that is left out";
            value::the_goal_prefers_right_predictions
                "By its goal, wrong predictions are worse than right ones, and no mixture of both is better."
                "the wrong goal, or errors that cancel for want of an absolute value";
            value::nan_is_never_a_good_prediction
                "An output that is NaN makes the value NaN; or, if that is claimed, is no better than a wrong one."
                "`max`, `min` or a comparison, which swallow NaN";
            value::single_precision_follows_double
                "In single precision the value is the same, to four digits; also of predictions that are sure and some of them wrong."
                "squares in single precision, or the epsilon of the number type";
            interface::the_name_is_stable
                "The name is not empty, and always the same."
                "a name with a counter or with the number type";
            interface::accepts_what_it_measures
                "`check` accepts what the metric is said to measure, in both precisions."
                "a comparison with the shape of the batch in the place of the sample";
            interface::refuses_what_it_cannot_measure
                "Another number of outputs, other shapes and other targets than the metric takes are refused by `check`, with its name."
                "a check that looks at the number of elements alone, or at nothing";
            interface::refuses_targets_out_of_range
                "A target out of range is an error that names the metric."
                "an index that is skipped or clipped";
            interface::refuses_bad_settings
                "`check` refuses the settings that are said to be bad, and names the field."
                "settings that are never checked";
        }
    };
}

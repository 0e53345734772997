//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of observers, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_observer_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            determinism::same_run_same_bits
                "Two fresh observers do the same to the same run."
                "the clock, or a counter that outlives the observer";
            determinism::runs_do_not_disturb_each_other
                "Two runs that take turns, each with an observer of its own, are as each of them alone."
                "a static, or something that all observers share";
            determinism::a_second_run_is_like_the_first
                "A run that is put back to its start goes the same way again, with the observer that has seen it all."
                "a best value or a count that is kept in the observer; look at `control.history()`";
            resume::a_cut_run_is_the_whole_run
                "A run whose state is put into another trainer, with a fresh observer, is the uninterrupted run to the bit."
                "a best value or a count that is kept in the observer; look at `control.history()`";
            resume::two_calls_are_one
                "A run in two calls of `fit`, with one observer, is the run in one."
                "something that begins anew at `Started`, or is done at `Finished`";
            resume::no_epochs_change_nothing
                "Training for no epochs is no reason to do anything."
                "something that is done at `Started` or `Finished`";
            resume::an_error_leaves_no_trace
                "A run that has ended by an error goes on with better data as if nothing had happened."
                "a flag that only `Finished` takes down, which does not come after an error";
            effects::stops_only_if_it_says_so
                "It stops no run unless it is said to."
                "a limit with the wrong default, or a comparison the wrong way round";
            effects::scales_only_if_it_says_so
                "Unless it is said to scale the rate, the run is the one that nobody watches, to the bit."
                "a scale that is set to what it was meant to be, and so sets back what others did";
            effects::the_scale_stays_within_its_bounds
                "What it scales the rate by stays within the bounds that it is said to have."
                "factors that add up without an end";
            trouble::a_nan_loss_is_the_worst
                "A loss that is NaN is to it as bad as an infinite one, and the epochs after it count again."
                "`!(loss >= best)`, a mean that NaN stays in, or NaN as the best value";
            trouble::no_order_of_events_makes_it_panic
                "Events in an order that no run has, with NaN for numbers, end in no panic."
                "an index into the history, or `unwrap` of what `Started` should have made";
            trouble::refuses_bad_settings
                "`validate` refuses the settings that are said to be bad, and names the field."
                "settings that are never checked, or a comparison that NaN passes";
        }
    };
}

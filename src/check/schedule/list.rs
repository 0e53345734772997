//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of schedules, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_schedule_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            purity::same_step_same_bits
                "Asked twice for the same step, a schedule gives the same bits."
                "a counter of calls, a clock, or random numbers: the factor may depend on `step` alone";
            purity::order_of_asking_does_not_matter
                "The order in which steps are asked for changes no factor."
                "a cursor, or a running product that is carried from call to call";
            purity::threads_agree
                "Asked from other threads, a schedule gives the same bits."
                "thread-local state";
            purity::length_is_stable
                "The length is the same whenever it is asked for, and at least one step."
                "a length that counts what is left; a length of 0 for `None`";
            range::finite_at_any_step
                "The factor is finite at every step that can be counted."
                "a root or a power past the end, a division by a length of zero, 0 times infinity";
            range::stays_within_its_bounds
                "The factor stays within the bounds that are claimed; if none are, it is not negative."
                "a line that goes on past its end, or a subtraction of steps that wraps around";
            shape::monotone_where_claimed
                "Where it is said to rise, a later factor is never smaller; where it is said to fall, never larger."
                "a cosine that comes up again after its end";
            shape::periodic_where_claimed
                "After the period that is claimed, every factor comes again."
                "a period that is one step too long, or a remainder in floating point";
            shape::starts_where_claimed
                "The first update, step 0, uses the first factor that is claimed."
                "steps counted from 1";
            shape::ends_where_claimed
                "At its length the factor is the last one that is claimed."
                "a line that is divided by one step too many or too few";
            shape::holds_after_its_length
                "Where it is said to hold, the factor does not change after the length."
                "progress that is not limited to 1";
            shape::continuous_where_claimed
                "At the joints that are said to be continuous, the factor changes by no more than is stated."
                "a piece that starts where the one before does not end";
            shape::agrees_with_its_reference
                "Where a reference is given, the schedule has its factors and its length."
                "the formula, step by step; a wrapper that does not pass on the length";
            combine::joins_at_the_stated_step
                "`first.then(next)` is `first` before its length and `next`, counted from 0, from there on."
                "`>` in the place of `>=` at the joint, or a second piece that is asked for the step of the whole";
            combine::scaled_multiplies
                "`scaled` multiplies every factor, stops at the largest number, and keeps the length."
                "a factor that is added, or applied to the step";
            combine::times_multiplies
                "`times` multiplies two schedules step by step, both counted from 0, and ends with the longer one."
                "one of the two forgotten after its end, or the shorter length";
            combine::for_steps_changes_the_length_alone
                "`for_steps` changes the length and no factor."
                "a stretch of the schedule to the new length, or a factor that is held there";
            combine::every_keeps_each_factor
                "`every` keeps each factor for so many steps, and is as many times as long."
                "a division that rounds up, or a length that is not multiplied";
            combine::clamped_changes_what_is_outside_alone
                "`clamped` gives the bound for a factor beyond it, any other factor unchanged, and the same length."
                "the bounds in the wrong order, or one of them forgotten";
            settings::accepts_its_settings
                "`validate` accepts the schedule."
                "a range that is too narrow";
            settings::refuses_bad_settings
                "`validate` refuses the settings that are said to be bad, and names the field."
                "a comparison that NaN passes, or a part that is not asked";
            training::a_run_uses_its_factors
                "A training run records, at every step, the rate of the optimizer times the factor of that step."
                "a schedule that counts its calls instead of looking at the step";
        }
    };
}

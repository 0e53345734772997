//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of clipping, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_clip_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            bound::the_norm_is_right_to_4_ulp
                "What is outside the bound comes to it, right to 4 units in the last place, for gradients of 1e-38 to 1e38."
                "squares that overflow or vanish, an epsilon added to the norm, or the norm of something else";
            bound::the_direction_is_kept
                "The numbers that are bounded together are all multiplied by one factor."
                "a bound on each tensor or number, or a last piece that is left out";
            bound::nothing_grows
                "No number grows or changes its sign."
                "a factor above 1 for what is inside the bound, or a sign";
            bound::what_is_inside_stays
                "Gradients within the bound keep their bits, and the factor is 1."
                "an epsilon added to the norm, or a factor that is only nearly 1";
            bound::a_second_time_changes_nothing
                "Clipping a second time changes nothing but the rounding."
                "a factor that goes too far, or only part of the way";
            bound::the_scale_multiplies_the_bound
                "The scale multiplies the bound; 0 gives zeros, and infinity changes nothing."
                "a scale that is left out or multiplies the gradient, an epsilon, or 0/0";
            parts::order_of_tensors_is_irrelevant
                "The order of the tensors changes nothing, to rounding."
                "a first or last tensor that is left out, or a budget that is used up";
            parts::zeros_stay_and_take_no_part
                "Gradients of zero stay zero, and a tensor of them takes no part."
                "0/0, an average over tensors or numbers, or noise";
            parts::same_input_same_bits
                "The same gradients give the same bits."
                "a counter, a clock, or an order that changes";
            parts::same_bits_on_any_number_of_threads
                "Any number of threads gives the same bits."
                "work that is cut by the number of threads";
            said::the_factor_is_true
                "The factor is the Euclidean norm afterwards by the one before, and 1 if nothing was changed."
                "its inverse, the factor of one tensor alone, or one that is computed when nothing was clipped";
            said::non_finite_gradients_are_left_alone
                "Gradients with NaN or an infinity are left as they are, and the factor is NaN."
                "bound / infinity = 0, or a comparison that is false for NaN";
            said::senseless_scales_change_nothing
                "A scale that is negative or NaN changes nothing, and the factor is NaN."
                "a bound whose sign is never looked at";
            said::bad_bounds_are_refused
                "`validate` accepts this bound, and refuses bad ones by the name of the field."
                "NaN, which no comparison finds, or a field that `validate` leaves out";
        }
    };
}

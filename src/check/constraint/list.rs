//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of constraints, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_constraint_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            projection::the_condition_holds
                "The condition holds after the projection."
                "a norm that overflows or vanishes, an epsilon in a denominator, or units that are left out";
            projection::a_second_projection_changes_nothing
                "A second projection changes no bit."
                "a result just outside by rounding, or a step that goes part of the way";
            projection::what_is_inside_stays
                "Weights for which the condition holds keep their bits."
                "an epsilon that shrinks all, or a factor that is not 1 inside";
            projection::zeros_are_safe
                "Weights of zero become finite ones."
                "0/0";
            projection::nan_is_never_laundered
                "A weight that is NaN stays NaN."
                "`max`, `min` and `clamp`, which take the other number";
            projection::finite_at_any_magnitude
                "Weights of 1e-30 to 1e30 become finite ones."
                "squares that overflow, or a division by a square that vanished";
            projection::units_do_not_touch_each_other
                "Where a unit is moved to does not depend on the other units."
                "a norm of the whole tensor, or the wrong axis";
            projection::same_input_same_bits
                "The same weights give the same bits."
                "a counter, a clock, or an order that changes";
            projection::f32_follows_f64
                "Single precision follows double precision to a few units in the last place."
                "an epsilon of the type, or cancellation";
            projection::bad_settings_are_refused
                "`validate` accepts these settings, and refuses bad ones by the name of the field."
                "NaN, which no comparison finds, or a field that `validate` leaves out";
        }
    };
}

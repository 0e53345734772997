//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of regularizers, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_regularizer_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            penalty::gradient_is_the_slope
                "The gradient is the slope of the penalty, for every weight."
                "a missing ½ or 2, a sign, or a strength that only one of the two has";
            penalty::gradient_is_added
                "The gradient is added to what is there."
                "`=` in the place of `+=`";
            penalty::zero_costs_nothing
                "Weights of zero have no penalty and no gradient."
                "an epsilon inside a root, 0/0, or a sign of 0 that is 1";
            penalty::same_input_same_bits
                "The same weights give the same bits."
                "a counter, a clock, or an order that changes";
            penalty::nan_is_never_laundered
                "A weight that is NaN or infinite has a penalty that is, and NaN has a gradient of NaN."
                "`max`, `min` and `clamp`, which take the other number, or comparisons that are false for NaN";
            penalty::finite_at_any_magnitude
                "Penalty and gradient are finite for weights of 1e-30 to 1e30."
                "squares in single precision, or a division by a norm that vanished";
            penalty::f32_follows_f64
                "Single precision follows double precision to a few units in the last place."
                "a long sum in single precision, or cancellation";
            penalty::bad_settings_are_refused
                "`validate` accepts these settings, and refuses bad ones by the name of the field."
                "NaN, which no comparison finds, or a field that `validate` leaves out";
            claims::parts_add_up
                "The penalty of a tensor is the sum of those of its parts."
                "a mean in the place of a sum, a root of the sum, or a last weight left out";
            claims::never_negative
                "No penalty is below zero."
                "a sign, or an odd power";
            claims::convex
                "Between two points the penalty is not above the straight line between its values there."
                "a sign, or a bound on large weights";
            claims::even
                "The signs of the weights make no difference to the penalty."
                "a magnitude that was left out, or an odd power";
            claims::grows_by_its_degree
                "Weights k times as large cost k to the claimed power as much."
                "a square that is none, a constant, or an epsilon";
        }
    };
}

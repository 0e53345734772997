//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of optimizers, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_optimizer_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            determinism::same_input_same_bits
                "The same weights and gradients give the same bits."
                "state outside the slots, the clock, or an order that changes, such as that of a hash map";
            rest::rate_zero_moves_nothing
                "A learning rate of zero moves no weight."
                "a rate from `self` in the place of `tick.learning_rate`, or a term that the rate does not multiply";
            rest::zero_gradient_moves_nothing
                "In a fresh run without decay, gradients of zero move no weight."
                "a term in the step that is not zero for a zero gradient: decay inside `update`, or 0/0 for want of an epsilon";
        }
    };
}

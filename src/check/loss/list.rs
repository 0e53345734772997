//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of losses, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_loss_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            gradient::gradient_is_the_slope_of_the_sum
                "Every number of the gradient is the slope of the sum of losses."
                "a gradient of the mean over the batch, a missing factor, a sign, or a part of the formula that the gradient leaves out";
            gradient::gradients_are_overwritten
                "Gradients are overwritten, whatever the buffers held before."
                "`+=` in the place of `=`, or places that are passed over without a zero";
            gradient::gradients_change_no_total
                "The total is the same whether gradients are asked for or not."
                "two formulas for the value, or an early return";
            gradient::same_input_same_bits
                "The same batch gives the same bits."
                "a counter, a clock, or an order that changes, such as that of a hash map";
            weights::weight_zero_removes_a_sample
                "A sample of weight zero is as if it were not there, whatever it holds."
                "0 × NaN, a weight that is the number of samples, or a gradient that is left as it was";
            weights::weight_two_is_the_sample_twice
                "A sample of weight two counts as the same sample twice."
                "weights that the sum, the weight or the gradient leaves out, or that come in squared";
            weights::everything_is_proportional_to_the_weights
                "Sum, weight and gradient grow in proportion to the weights."
                "weights that are normalized, or left out of one of the three";
            samples::parts_add_up
                "Sums and weights of the two parts of a batch add up to those of the whole."
                "a mean in the place of a sum, a last sample left out, or a constant for each batch";
            samples::order_of_samples_is_irrelevant
                "The order of the samples changes nothing but their order, to rounding."
                "an index that is off, or something that the first or last sample alone does";
            samples::samples_do_not_touch_each_other
                "The gradient of a sample does not depend on the other samples."
                "statistics of the batch; if that is meant, say .compares_samples()";
            samples::a_batch_of_one_is_a_batch
                "A batch of one sample has the mean loss of any number of its copies."
                "a division by the number of samples less one, or by the size of the batch";
            samples::an_empty_batch_is_nothing
                "An empty batch is an error, or a sum and a weight of zero."
                "0/0, an index without a check, or a constant for each batch";
            extremes::large_outputs_have_finite_losses
                "Value and gradient are finite for large outputs and for tiny ones beside them."
                "the exponential of a large number, the logarithm of 0, or ∞ − ∞; if that is meant, say .reach(…)";
            extremes::nan_is_never_laundered
                "NaN among the outputs is NaN in the sum; NaN among the targets is NaN or an error."
                "`max`, `min` and `clamp`, which take the other number, or comparisons that are false for NaN";
            extremes::f32_follows_f64
                "Single precision follows double precision to a few units in the last place."
                "cancellation, an epsilon that single precision cannot hold, or a long sum in single precision";
            fit::targets_out_of_range_are_errors
                "A target that is not allowed is an error that names the loss and the row."
                "`<=` in the place of `<`, a check of the first number alone, or the place in the buffer in the place of the row";
            fit::targets_of_another_kind_are_errors
                "Targets of the wrong kind are an error of `check` that names the loss."
                "a `check` that looks at shapes alone";
            fit::targets_of_another_shape_are_errors
                "Targets of the wrong shape are an error of `check` that names the loss."
                "a comparison of sizes or of the first axis alone";
            fit::another_number_of_outputs_is_an_error
                "One output more or less is an error of `check` that names the loss."
                "`outputs.first()` without a look at the others";
            fit::bad_settings_are_refused
                "`validate` accepts these settings, and refuses bad ones by the name of the field."
                "NaN, which no comparison finds, or a field that `validate` leaves out";
            claims::minimum_at_the_target
                "No outputs cost less than those that equal the targets."
                "a sign, or an index that is off by one";
            claims::never_negative
                "No outputs cost less than zero."
                "a sign, a constant that was left out, or an even power that became an odd one";
            claims::convex
                "Between two points the loss is not above the straight line between its values there."
                "a bound on large errors, or a sign";
        }
    };
}

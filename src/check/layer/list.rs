//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of layers, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_layer_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            gradient::input_gradients_are_slopes
                "Every number of every input's gradient is the slope of the outputs for it."
                "a term of the formula that the gradient leaves out, a sign, a wrong axis, or a group or sample that is passed over";
            gradient::parameter_gradients_are_slopes
                "Every number of every parameter's gradient is the slope of the outputs for it."
                "the first sample alone, the first group alone, a mean in the place of a sum, or a wrong axis";
            gradient::gradients_are_exact
                "All gradients are the exact slopes of the outputs, to 10⁻¹¹."
                "a constant with too few digits, an epsilon that forward or backward alone has, or a difference in the place of a derivative";
            gradient::gradients_of_parameters_are_added
                "Gradients for parameters are added to what is there."
                "`=` in the place of `+=`, a buffer that is cleared first, or a product with beta 0";
            gradient::gradients_of_inputs_are_overwritten
                "Gradients for inputs are overwritten, whatever the buffers held before."
                "`+=` in the place of `=` without a zero before, or places that are passed over";
            gradient::backward_is_linear
                "Backward is a linear function of the gradients for the outputs."
                "a gradient that is clipped, normalized, or compared with 0, or the gradient of one output that is left out";
            gradient::skipped_gradients_change_no_other
                "An input's gradient that nobody wants changes no other gradient."
                "an early return where an input wants no gradient, or memory that only its computation fills";
            determinism::evaluation_depends_on_the_input_alone
                "Evaluation gives the same bits at any step, before and after training, and changes no state."
                "a mode that is not looked at, batch statistics in the place of running ones, or numbers kept in the layer itself";
            determinism::training_is_a_function_of_seed_and_step
                "Training is a function of the batch, the seed and the step."
                "a counter, a clock, or a generator of the layer's own; draw from `sample_noise`";
            determinism::draws_are_as_claimed
                "Training draws random numbers if it is said to: then other steps give other outputs."
                "a seed that is fixed, or noise that depends on the sample but not on the step; if it draws, say .draws()";
            determinism::the_last_forward_counts
                "Other forward passes between are harmless: the last one before backward counts."
                "saved memory that is added to or written once, or a cache in the layer itself";
            determinism::workspaces_do_not_mix
                "Two workspaces used in turns give what each gives alone."
                "what belongs in `plan.save(…)` kept in the layer itself";
            determinism::a_larger_batch_leaves_no_trace
                "A larger batch before leaves no trace."
                "a loop over all the memory there is in the place of `pass.batch` samples, or the largest batch so far kept somewhere";
            determinism::models_built_alike_are_alike
                "A model that is built again, and a copy of a model, compute the same."
                "a counter in the plan, or a layer that remembers who asked";
            determinism::threads_change_nothing
                "Any number of threads gives the same bits."
                "a sum that is divided by the number of threads, or whose parts are added as they come";
            memory::outputs_are_overwritten
                "Every number of every output is overwritten."
                "`+=` into an output, or places, such as padding, that are passed over";
            memory::memory_may_hold_anything
                "Saved memory and scratch may hold anything at first, and scratch before backward, too."
                "scratch that is read before it is written, or that backward takes for what forward left";
            memory::nothing_is_written_outside
                "Nothing is written outside the numbers of a batch."
                "unsafe code that rounds the length up to whole vectors";
            used::every_parameter_counts
                "Every parameter changes an output, and has a gradient."
                "a parameter that is declared and not used, the wrong position, or a gradient that is left out";
            used::training_moves_all_state
                "Training moves every number of the layer state."
                "state that is declared and not updated, or the first channel alone";
            used::memory_is_used
                "All memory that the plan asks for is written."
                "memory that a former version needed, or the wrong position";
            samples::samples_do_not_touch_each_other
                "What a sample gives does not depend on the samples beside it."
                "statistics of the batch, or an index that is off; if that is meant, say .batch_statistics()";
            samples::parts_add_up
                "Two batches at once give what the two give apart, with the sum of the parameter gradients."
                "a mean over the batch, a last sample left out, or noise that is counted from the start of a part";
            samples::a_batch_of_one_is_a_batch
                "A batch of one sample is finite, and gives the bits that the sample has in a larger batch."
                "a division by the number of samples less one, or another order of additions for small batches";
            samples::an_empty_batch_is_nothing
                "An empty batch gives nothing and changes nothing."
                "0/0, an index without a check, or a constant for each batch";
            samples::nan_stays_in_its_sample
                "NaN in one sample changes no bit of what the others give."
                "0 × NaN, a sum over the batch that cancels, or a check of the whole batch";
            non_finite::nan_in_an_input_is_passed_on
                "NaN in one number of an input is NaN in every output that depends on it."
                "`max`, `min` and `clamp`, which take the other number, or comparisons that are false for NaN";
            non_finite::nan_in_a_parameter_is_passed_on
                "NaN in one number of a parameter is NaN in every output that depends on it."
                "`max`, `min` and `clamp`, which take the other number, or a product that is left out where a factor is 0";
            non_finite::nan_in_an_upstream_gradient_is_passed_on
                "NaN in one number of an output's gradient is NaN in every gradient that depends on it."
                "a gradient that is clipped or filtered, or a product that is left out where a factor is not above 0";
            numbers::large_inputs_have_finite_outputs
                "Outputs and gradients are finite for large inputs and for tiny ones beside them."
                "the exponential of a large number, 0 × ∞, ∞ − ∞, or a square that overflows; if that is meant, say .reach(…)";
            numbers::f32_follows_f64
                "Single precision follows double precision to a few units in the last place."
                "cancellation, an epsilon that single precision cannot hold, or a long sum in single precision";
            plan::impossible_inputs_are_refused
                "Inputs of impossible shapes are an error of the plan that names the layer's path."
                "a plan that looks at the size or the last axis alone, or an error without `plan.path()`";
            plan::another_number_of_inputs_is_an_error
                "Another number of inputs, also none, is an error of the plan that names the layer's path."
                "`plan.inputs()[0]` or `.first()` without a look at the others";
            plan::bad_settings_are_refused
                "Bad settings are refused by the plan, by the name of the field."
                "NaN, which no comparison finds, or a field that the plan leaves out";
            plan::paths_are_unique_and_stay
                "Parameters and state have names, no two the same, which are the same at any time and in both precisions."
                "a name that is used twice, or one that is made up anew";
            plan::outputs_have_the_claimed_shapes
                "The outputs have the shapes that the layer claims."
                "a rounding down, or axes in another order";
            claims::affine
                "The outputs are a linear function of the inputs, and a constant."
                "a bound, a sign, or a scale that depends on the input";
        }
    };
}

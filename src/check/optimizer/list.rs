//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of optimizers, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_optimizer_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            settings::accepts_its_own_settings
                "Its own settings are accepted."
                "a range in `validate` that leaves out the default, or a bound that is right in one precision only";
            settings::refuses_bad_settings
                "Settings that are listed as bad are refused, by the name of the field."
                "a field that `validate` forgets, a comparison that NaN passes, or a message with another name";
            settings::settings_stay
                "Name, rate and decay make sense and are the same at any time and in both precisions."
                "a getter that depends on a counter or on the number type, or a default that is NaN or negative";
            settings::errors_are_passed_on
                "If the loss fails in the middle of a step, the step fails."
                "a result of `Step::evaluate` that is dropped, replaced or unwrapped";
            determinism::same_input_same_bits
                "The same weights and gradients give the same bits."
                "state outside the slots, the clock, or an order that changes, such as that of a hash map";
            determinism::runs_do_not_mix
                "Two runs of one rule, taken in turns, give what each gives alone."
                "a cell, an atomic or a static in the rule; what is remembered belongs in a slot";
            determinism::threads_change_nothing
                "Any number of threads gives the same bits."
                "state that blocks share, thread-local state, or a result that depends on the number of threads";
            parts::any_cut_gives_the_same
                "However the buffer is cut into blocks, the result is the same."
                "a sum over the block, its length, or the position of an element in it; ask for `Grain::Tensor` if that is meant";
            parts::tensors_do_not_mix
                "Tensors that are trained together become what each becomes alone."
                "a moment, a norm or a counter that all tensors share; claim `whole_model` if that is meant";
            parts::order_of_tensors_is_free
                "The order of the tensors does not matter."
                "something that passes from one block to the next, or a decision by the tensor's number or name";
            parts::every_element_moves
                "Every number whose gradient is not zero moves."
                "a loop over whole vectors that forgets the rest, or a slot that is used but not declared: it is empty, and `zip` ends early";
            parts::empty_block_is_harmless
                "A block without elements is no trouble."
                "an index of 0, a mean over nothing, or `chunks(0)`";
            parts::nothing_is_written_outside
                "Nothing is written outside the slices of a block."
                "unsafe code that rounds the length up to whole vectors";
            rest::rate_zero_moves_nothing
                "A learning rate of zero moves no weight."
                "a rate from `self` in the place of `tick.learning_rate`, or a term that the rate does not multiply";
            rest::zero_gradient_moves_nothing
                "In a fresh run without decay, gradients of zero move no weight."
                "a term in the step that is not zero for a zero gradient: decay inside `update`, or 0/0 for want of an epsilon";
            rest::frozen_keeps_everything
                "A frozen tensor keeps its weights and all that is remembered of it."
                "a `step` that goes over whole buffers; `Step::moving` has the places that may change";
            memory::saved_and_loaded_goes_on
                "A run that is saved and loaded at any step goes on as if nothing had happened."
                "state outside the slots, or two slots of one name";
            memory::slots_have_names
                "Slots have names, no two the same, and are the same ones at any time and in both precisions."
                "a name that is used twice, as by a wrapper around a rule with the same name, or one that is made up anew";
            memory::slots_are_used
                "Every slot changes, or changes something."
                "a slot that a former version of the formula needed, or the wrong order in `split`";
            memory::lengths_never_change
                "Weights, slots and counts keep their lengths."
                "a `step` that pushes to, clears or replaces a buffer of the memory";
            time::thawed_starts_afresh
                "A tensor that was frozen from the start begins, once it is not, as in a fresh run."
                "`tick.step`, which counts the run, in the place of `tick.updates`, which counts the parameter's updates";
            time::late_updates_stay_finite
                "However many updates there have been, the next one gives finite numbers."
                "a power of the count by `powi(t as i32)`, whose sign turns, or a count + 1 that overflows";
            time::momentum_schedule_stays_finite
                "A momentum schedule between 0 and 1 gives finite numbers."
                "a division by the momentum, by the factor, or by a correction that is 0 with them";
            time::momentum_schedule_acts
                "A momentum schedule acts on a rule that claims to follow it."
                "`self.momentum` in the place of `tick.momentum(self.momentum)`";
            numbers::finite_in_finite_out
                "Finite gradients of any size and pattern give finite weights and slots."
                "a square that overflows (an f32 above 1.8e19), an epsilon that is 0 in f32, or a sum without a bound";
            numbers::not_finite_is_not_hidden
                "A gradient that is NaN or infinite gives a weight that is not finite, now and in later steps."
                "`max`, `min`, `clamp` and comparisons, which drop NaN, or a division by infinity";
            numbers::not_finite_does_not_spread
                "A gradient that is not finite harms only its own element; if the rule asks for whole tensors, only its own tensor."
                "a norm or a mean over more than the block that the rule asks for";
            numbers::single_follows_double
                "Single precision follows double precision."
                "an epsilon or 1 - beta that is lost in f32, a sum in a bad order, or a constant of one precision only";
            decay::decay_comes_first_and_once
                "Decay multiplies the weights by 1 - rate * decay once, before the update."
                "decay in `update` as well as in `weight_decay`, or a `step` that applies the update twice";
            descent::descends_on_quadratics
                "At a hundredth of its own rate it goes down on convex quadratics of any conditioning."
                "the sign of the step, or of a term in it";
            descent::reaches_the_optimum
                "It reaches the optimum of each problem that it claims to solve."
                "a wrong constant or correction: the rule goes down, but not as it should";
            symmetry::agrees_with_its_reference
                "It agrees with its naive reference."
                "the first step where they differ: correction, order of updates, where epsilon stands";
            symmetry::step_is_bounded
                "In one step no number moves by more than the claimed multiple of the rate."
                "a missing division or correction, or a claim that is too strong";
            symmetry::step_is_linear_in_rate
                "Twice the rate moves twice as far."
                "a rate inside the remembered direction, or a term without it";
            symmetry::scale_of_gradients_is_lost
                "Gradients that are all multiplied by one number lead to the same weights."
                "epsilon inside the root, a missing root, or an absolute threshold";
            symmetry::place_does_not_matter
                "The steps do not depend on where the weights are."
                "the weight itself in the step, as by decay";
            symmetry::place_in_the_tensor_does_not_matter
                "The elements of a tensor are treated alike, wherever they stand in it."
                "a special case for the first or last element, or a vector loop and a rest that differ";
            symmetry::turned_gradients_turn_the_steps
                "Gradients that are turned in space lead to steps that are turned likewise."
                "anything done to single elements: a sign, a root, a threshold";
            symmetry::opposite_gradients_lead_the_opposite_way
                "Gradients of the opposite sign lead to the opposite way."
                "a term that loses the gradient's sign: an absolute value, a square, a comparison with zero";
        }
    };
}

//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of trainers, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_trainer_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            resume::a_cut_run_is_the_whole_run
                "A run whose state is put into a fresh trainer after any step is the uninterrupted run to the bit."
                "what a layer, optimizer, schedule, observer or source keeps in itself instead of in state, slots or history";
            resume::going_back_repeats_the_run
                "A trainer that is put back to an earlier state takes the same steps again."
                "a count of calls, or memory outside slots and layer state, which `restore` cannot put back";
            determinism::same_seed_same_bits
                "Two fresh trainers of one seed are the same to the bit."
                "the clock, a global counter, the order of a hash map, or random numbers that are not those lent with the pass";
            determinism::another_seed_another_run
                "Another seed gives other parameters, and another gradient if the model draws random numbers."
                "an initialiser or layer with a fixed seed of its own";
            determinism::any_number_of_threads
                "Any number of threads gives the same bits."
                "a sum whose order depends on `parallel`, on the number of threads, or on which thread comes first";
            determinism::runs_do_not_disturb_each_other
                "Two runs that take turns are the same as each of them alone."
                "statics, or something shared by the parts of all trainers, such as an `Arc` or the data";
            stops::a_stopped_run_goes_on
                "A run that was stopped by whatever means goes on as if it had not been."
                "an observer that begins anew at `Started`, or does something at `Finished`";
            stops::no_epochs_change_nothing
                "Training for no epochs changes nothing."
                "an observer that acts on `Started` or `Finished`, or on every event";
            looking::evaluate_and_predict_change_nothing
                "Evaluating and predicting between the steps leaves the run as it is."
                "a count of calls in a layer, loss, metric or source, or statistics that are updated in evaluation too";
            looking::gradient_leaves_no_trace
                "Asking for a gradient between the steps leaves the run as it is."
                "a count of calls or hidden statistics in a layer or loss";
            looking::validation_does_not_touch_training
                "Validation changes no parameter."
                "a layer or loss that changes in evaluation, or a source whose rows depend on the calls before";
            looking::the_gradient_is_that_of_the_step
                "`gradient` gives the loss and gradient that a step on the same batch has."
                "a forward pass that differs from call to call";
            judging::the_best_epoch_is_the_argmin
                "The best epoch has the lowest validation loss, and evaluating again gives what was recorded then."
                "numbers that a layer, loss or source keeps to itself, which do not come back with the best weights";
            judging::the_best_model_answers
                "After training, the model answers as it did at the end of the best epoch."
                "running statistics that are not declared as layer state, or noise in evaluation";
            rows::each_row_is_answered_for_itself
                "What a model in use answers to a row does not depend on the rows beside it."
                "batch statistics, noise, or the wrong axis in evaluation mode";
            rows::evaluate_is_the_mean_over_the_rows
                "The loss over some rows is the mean of the losses of each, by their weights."
                "a loss that returns the mean where the sum is asked for, or leaves samples out";
            batches::parts_equal_the_batch
                "A step in several parts has the loss and gradient of one batch, unless the model takes batch statistics."
                "a loss that returns a mean or a gradient of the mean, or noise that is not `sample_noise`";
            batches::an_epoch_counts_each_sample_once
                "Whatever the size of a batch, the steps of an epoch have the weight of all data, with one record for each."
                "a loss whose weight is not the sum over the samples, or a source that drops a smaller last batch";
            weights::weight_zero_is_not_there
                "A sample of weight zero is as if it were not there, unless the model takes batch statistics."
                "weights left out of the sum, of the gradient or of the total weight";
            weights::only_the_ratio_of_weights_counts
                "Twice the weight for every sample changes neither mean loss nor gradient."
                "weights that enter sum, gradient and total weight unequally";
            weights::no_weight_is_harmless
                "A step on samples without weight is left out, and their gradient depends on none of them."
                "a loss that divides by the weight, or leaves weights out";
            standing::a_frozen_parameter_stays
                "A frozen parameter keeps its bits, its slots and its count of updates."
                "an optimizer whose `step` writes to all weights or slots instead of those that move";
            standing::rate_zero_moves_nothing
                "At a learning rate of zero no parameter moves."
                "a rate from `self` in the place of the tick's, or a term that the rate does not multiply; a constraint on the first weights";
            bad_data::a_bad_cell_is_named_and_does_no_harm
                "A NaN in the data is an error that names row and column, and the run goes on with clean data as if nothing had happened."
                "NaN that a layer or loss takes for a number, as `max` does, or something that is kept of the failed step";
            bad_data::a_bad_step_is_skipped
                "If bad steps are to be skipped, the step with a NaN in its data is, it alone, and it moves no parameter."
                "NaN that a layer or loss takes for a number, as `max` does";
        }
    };
}

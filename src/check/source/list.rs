//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of sources, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_source_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            purity::same_rows_same_bits
                "Asked twice for the same rows in the same pass, it gives the same bits."
                "a count of calls, the clock, or a generator that moves on; take `sampling.noise.step(row)`";
            purity::what_was_asked_before_does_not_matter
                "What was asked for before, other rows or the same ones in another epoch, changes nothing."
                "a cache that forgets the epoch, or a cursor into a file that is not set back";
            purity::made_again_it_is_the_same
                "Made again, it has the same rows in the same order."
                "the order of a hash map or of a directory, or random numbers without a seed";
            purity::threads_agree
                "Asked from several threads at once, each gets the same bits."
                "a buffer or file position that all calls share";
            rows::a_row_stands_for_itself
                "A row of a batch is what it is alone."
                "statistics over the batch, or noise by the place in the batch in the place of the row";
            rows::rows_come_in_the_order_asked_for
                "Rows asked for in another order come in that order."
                "rows that are sorted for reading and not put back";
            rows::a_row_may_come_twice
                "A row that is asked for twice comes twice."
                "a set of rows in the place of a list, or a row that is moved out when it is read";
            rows::parts_of_a_batch_are_the_batch
                "Rows in any parts, one after the other, are the rows of one batch."
                "something that depends on the size of the batch or on its first row";
            rows::no_rows_make_an_empty_batch
                "No rows make an empty batch, also of one that was not."
                "an early return before `resize`, or `rows[0]`";
            rows::a_row_out_of_range_is_an_error_that_names_it
                "A row out of range is an error that names it, wherever it stands, and the source goes on as before."
                "an index that panics, wraps around or is clipped, or a check of the first row alone";
            memory::every_place_is_written
                "Every place of a batch is written: nothing is left of what it held before."
                "values that are added in the place of assigned, or padding that is left to be 0";
            memory::one_batch_serves_all_sizes
                "One batch serves larger and smaller numbers of rows in turn."
                "`resize` only if the batch is too small";
            content::length_and_content_are_constant
                "Length and content are the same whenever they are asked for; it is empty if its length is 0."
                "a length that counts what is left, or shapes that are known after the first read";
            content::a_batch_has_the_content
                "A batch has the inputs, targets and weights that `content` says."
                "a batch that is replaced by one of another content";
            content::values_are_finite
                "All inputs, and targets that are numbers, are finite."
                "a missing value, or a division by a spread of 0";
            content::weights_are_weights
                "Weights are finite, 0 or more, and not all of them 0."
                "1 over a count of 0, or a difference";
            content::labels_are_below_the_classes
                "Labels are below the number of classes."
                "labels that count from 1, or a label for `unknown`";
            content::row_names_differ
                "Each row has a name of its own, always the same."
                "the number within the batch or part in the place of the number in the data";
            content::agrees_with_its_reference
                "Taken as they are, the rows are those of the reference that is claimed, to the bit."
                "rows or columns that are off by one, or the wrong axis";
            sampling::evaluation_ignores_seed_and_epoch
                "Evaluation takes the samples as they are, whatever the seed and the epoch."
                "augmentation that does not ask `sampling.training`";
            sampling::training_sees_the_rows_as_they_are
                "Unless it is said to augment, training sees the same samples as evaluation."
                "augmentation that is not declared by `augments`";
            sampling::each_epoch_is_augmented_anew
                "If it is said to augment, each epoch and each seed has inputs of its own."
                "noise of the row without the epoch or the seed, or an augmentation that is never applied";
            sampling::augmentation_keeps_targets_and_weights
                "Augmentation leaves targets and weights as they are, unless it is said to change them."
                "noise on every buffer of the batch";
            division::divisions_hold_each_row_once
                "The parts of each division that is claimed hold all rows, each exactly once and with what it holds."
                "a last part that is cut off, or one row at the border in both parts";
        }
    };
}

//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of augmentations, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_augment_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            purity::same_noise_same_bits
                "The same sample with the same random numbers gives the same bits."
                "a generator of its own, the clock, or a count of calls; take `sample.noise`";
            purity::what_was_changed_before_does_not_matter
                "Other samples in between, and other random numbers, change nothing."
                "something that is remembered from the first sample, or from the last one";
            purity::the_batch_does_not_matter
                "In a batch each row is what it is alone, in any order."
                "statistics over samples, or noise by the place in the batch";
            purity::noise_makes_a_difference
                "Other random numbers give other results, if it is said to draw."
                "a stream that is made anew from a constant, or a probability that is compared the wrong way";
            scratch::what_scratch_held_does_not_matter
                "What scratch held changes nothing."
                "scratch that is read or added to before it is written";
            scratch::the_scratch_it_asks_for_is_enough
                "More scratch than was asked for changes nothing."
                "a `scratch` that forgets an axis, or that is left out";
            values::finite_stays_finite
                "Numbers of 1e-10 to 1e10, and zeros, become finite ones."
                "a division by a spread or sum that may be 0, or a logarithm";
            values::nan_reaches_what_a_number_reaches
                "Where another number makes a difference, NaN makes NaN."
                "`max`, `min` and `clamp`, which take the other number, or a comparison that NaN fails";
            values::f32_follows_f64
                "Single precision follows double precision to a few units in the last place."
                "an epsilon of the type, or cancellation";
            values::still_settings_leave_the_bits
                "Settings that are said to change nothing leave the bits, even of -0 and NaN."
                "-0 + 0, m + (x - m), or a place that is rounded";
            settings::bad_settings_are_refused
                "`validate` accepts these settings, and refuses bad ones by the name of the field."
                "NaN, which no comparison finds, or a field that `validate` leaves out";
            settings::shapes_that_do_not_fit_are_refused
                "`validate` refuses the shapes that are said not to fit, by the name of the shape."
                "a rank that is not looked at, or an index of an axis that is not there";
        }
    };
}

//! The list of laws: group, name, the law in a sentence, and what to look for when it is broken.

/// The laws of initialisers, handed on to the macro `$then`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_init_laws {
    ($then:ident $arguments:tt) => {
        $crate::$then! { $arguments
            determinism::same_noise_same_bits
                "The same tensor with the same random numbers gets the same bits."
                "a generator with a state of its own, or a counter of calls";
            determinism::other_noise_other_values
                "Another seed, or another path, gives other values."
                "a seed that is written down in the rule: draw from `tensor.noise`";
            determinism::a_value_depends_on_its_index_alone
                "Value `i` depends on `i` alone, not on how many values there are."
                "an index that is counted from the end or scaled by the length; a sum over all values";
            range::every_value_is_written
                "Every value is written, and none depends on what was there before."
                "a loop that leaves out the remainder, or a value that is added to";
            range::finite_for_any_shape_and_fans
                "Values are finite in tensors of any shape, and for any fans that can be counted."
                "a division by a fan of 0, a sum of fans that overflows, a shape of rank 1";
            range::stays_within_its_bounds
                "Values lie within the bounds that are claimed."
                "a normal distribution that is not cut, or a bound that is the standard deviation";
            spread::mean_as_promised
                "The mean is the promised one, whatever the fans are."
                "numbers from [0, 1) that are not centred";
            spread::variance_as_promised
                "The variance is the promised one, whatever the fans are."
                "fan-in in the place of fan-out; a uniform bound without √3; a variance taken for a standard deviation";
            spread::neighbours_are_uncorrelated
                "A value says nothing about its neighbours."
                "an index that is used twice, or a sequence that is not random";
            spread::the_gain_multiplies_every_value
                "The gain multiplies every value, where the rule is said to have one."
                "a gain that is forgotten, squared, or clipped";
            settings::accepts_its_settings
                "`validate` accepts the rule."
                "a range that is too narrow";
            settings::refuses_bad_settings
                "`validate` refuses the settings that are said to be bad, and names the field."
                "a comparison that NaN passes";
            layer::a_layer_starts_with_its_values
                "A layer with this rule starts with the values that the rule gives for the layer's fans, in either precision."
                "values outside the range of f32, or a rule that adds to what is there";
        }
    };
}

//! What all kits share: a list of laws becomes a table of values, or one test per law.
//!
//! A kit keeps its list in one macro, which hands it on to whichever of these is named. Exported macros that are themselves made by a macro
//! cannot be named by path in their own crate, so the list cannot make the kit's macro; it can only be passed on.

/// The list as `&[Law { … }]`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_values {
    ([$kit:ident] $($group:ident::$law:ident $says:literal $look:literal;)*) => {
        &[$($crate::check::Law {
            name: stringify!($law),
            says: $says,
            look: $look,
            check: $crate::check::$kit::$group::$law,
        }),*]
    };
}

/// The list as a module with one test for each law.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_tests {
    ([$kit:ident $name:ident $subject:expr] $($group:ident::$law:ident $says:literal $look:literal;)*) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            // The subject stands in one function: closures in it would otherwise be compiled once for each law. The laws stand in the data.
            fn hold(name: &str) {
                let laws = $crate::__check_values!([$kit] $($group::$law $says $look;)*);
                let subject = ::core::convert::Into::into($subject);
                $crate::check::hold_one(laws, &subject, name, module_path!());
            }

            $(
                #[test]
                fn $law() {
                    hold(stringify!($law));
                }
            )*
        }
    };
}

/// The list as a table for a page of the documentation.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_table {
    ([$kit:ident] $($group:ident::$law:ident $says:literal $look:literal;)*) => {
        concat!(
            "\n\n| law | says | look for |\n|---|---|---|\n",
            $("| [`", stringify!($law), "`](", stringify!($group), "::", stringify!($law), ") | ", $says, " | ", $look, " |\n"),*
        )
    };
}

//! The text form of a choice among a few.

/// Names of the values of a choice; `Display` and `FromStr` are inverse. Names after a `|` are read
/// and not printed.
#[macro_export]
macro_rules! texts {
    ($type:ty, $what:literal, $($value:ident = $text:literal $(| $alias:literal)*),+ $(,)?) => {
        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self { $(Self::$value => $text),+ })
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::Error;

            fn from_str(text: &str) -> Result<Self, $crate::Error> {
                match text.trim() {
                    $($text $(| $alias)* => Ok(Self::$value),)+
                    _ => Err($crate::Error::UnknownChoice {
                        what: $what,
                        text: text.to_owned(),
                        known: vec![$($text),+],
                    }),
                }
            }
        }
    };
}

//! The text form of a choice among a few.

/// A text that names no value of a choice.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {what} `{text}`; there are {}", .known.join(", "))]
pub struct UnknownChoice {
    /// What is chosen.
    pub what: &'static str,
    /// The text.
    pub text: String,
    /// The names that exist.
    pub known: Vec<&'static str>,
}

/// Names of the values of a choice; `Display` and `FromStr` are inverse. Names after a `|` are read
/// and not printed.
///
/// `FromStr` fails with [`UnknownChoice`], or with the error named before a semicolon, which is made
/// from one.
///
/// ```
/// #[derive(Debug, Clone, Copy, PartialEq)]
/// pub enum Link { Probit, Logit }
/// numbers::texts!(Link, "link", Probit = "probit", Logit = "logit" | "logistic");
///
/// assert_eq!("logistic".parse(), Ok(Link::Logit));
/// assert_eq!(Link::Logit.to_string(), "logit");
/// let error = "cauchit".parse::<Link>().unwrap_err();
/// assert_eq!(error.to_string(), "no link `cauchit`; there are probit, logit");
/// ```
#[macro_export]
macro_rules! texts {
    ($error:ty; $type:ty, $what:literal, $($value:ident = $text:literal $(| $alias:literal)*),+ $(,)?) => {
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
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                match text.trim() {
                    $($text $(| $alias)* => Ok(Self::$value),)+
                    _ => Err(<$error>::from($crate::UnknownChoice {
                        what: $what,
                        text: text.to_owned(),
                        known: vec![$($text),+],
                    })),
                }
            }
        }
    };
    ($type:ty, $($rest:tt)+) => { $crate::texts!($crate::UnknownChoice; $type, $($rest)+); };
}

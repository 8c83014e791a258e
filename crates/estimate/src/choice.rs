//! The text form of a choice, with this crate's error.

/// [`numbers::texts!`] whose `FromStr` fails with [`Error::UnknownChoice`](crate::Error).
#[macro_export]
macro_rules! texts {
    ($($choice:tt)+) => { $crate::numbers::texts!($crate::Error; $($choice)+); };
}

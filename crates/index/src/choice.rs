//! Choices that are written as one word, in TOML as at the command line.

/// [`numbers::texts!`], and the same text in data.
macro_rules! choice {
    ($type:ty, $($rest:tt)+) => {
        numbers::texts!($type, $($rest)+);
        $crate::choice::as_text!($type);
    };
}

/// Serde by `Display` and `FromStr`.
macro_rules! as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use {as_text, choice};

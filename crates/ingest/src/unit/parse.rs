//! A unit from its text.

use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

use super::base::{BASES, Base, PREFIXES};
use super::{Factor, Unit, UnitError};

impl FromStr for Unit {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let error = || UnitError { text: text.to_owned() };
        let parts = text.replace('／', "/").replace(" per ", "/").replace('·', "*");
        let mut factors = Vec::new();
        for (below, part) in parts.split('/').enumerate() {
            let part = part.trim();
            if below == 0 && part == "1" {
                continue;
            }
            for piece in part.split('*') {
                factors.push(factor(piece.trim(), below > 0).ok_or_else(error)?);
            }
        }
        if factors.is_empty() {
            return Err(error());
        }
        // A bare share has no factors, so that quotients that cancel are equal to it.
        let is_share = |factor: &Factor| {
            factor.base.dimensions.iter().all(|&of| of == 0)
                && (factor.base.size, factor.scale) == ((1, 1), 1)
        };
        factors.retain(|factor| !is_share(factor));
        Ok(Self { factors })
    }
}

fn factor(text: &str, inverse: bool) -> Option<Factor> {
    let low = text.to_lowercase();
    // The whole text first: `千米` and `kg` are units and no thousand of another.
    let whole = std::iter::once(("", 1));
    let prefixed = PREFIXES.into_iter().filter(|(prefix, _)| low.starts_with(prefix));
    for (prefix, scale) in whole.chain(prefixed) {
        if let Some(base) = named(low[prefix.len()..].trim_start()) {
            let prefix = text.get(..prefix.len())?.to_owned();
            return Some(Factor { text: text.to_owned(), prefix, scale, base, inverse });
        }
    }
    None
}

fn named(name: &str) -> Option<&'static Base> {
    BASES.iter().find(|base| base.names.contains(&name))
}

impl<'de> Deserialize<'de> for Unit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

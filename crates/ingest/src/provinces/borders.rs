//! Which provinces have a land border with each other.

use super::{Province, table::ALL};

/// Every pair once: a province, and those of its neighbours that come later in the table.
///
/// A border that follows a river or a lake counts, one through the sea does not.
const PAIRS: [(&str, &[&str]); 27] = [
    ("BJ", &["TJ", "HE"]),
    ("TJ", &["HE"]),
    ("HE", &["SX", "NM", "LN", "SD", "HA"]),
    ("SX", &["NM", "HA", "SN"]),
    ("NM", &["LN", "JL", "HL", "SN", "GS", "NX"]),
    ("LN", &["JL"]),
    ("JL", &["HL"]),
    ("SH", &["JS", "ZJ"]),
    ("JS", &["ZJ", "AH", "SD"]),
    ("ZJ", &["AH", "FJ", "JX"]),
    ("AH", &["JX", "SD", "HA", "HB"]),
    ("FJ", &["JX", "GD"]),
    ("JX", &["HB", "HN", "GD"]),
    ("SD", &["HA"]),
    ("HA", &["HB", "SN"]),
    ("HB", &["HN", "CQ", "SN"]),
    ("HN", &["GD", "GX", "CQ", "GZ"]),
    ("GD", &["GX", "HK", "MO"]),
    ("GX", &["GZ", "YN"]),
    ("CQ", &["SC", "GZ", "SN"]),
    ("SC", &["GZ", "YN", "XZ", "SN", "GS", "QH"]),
    ("GZ", &["YN"]),
    ("YN", &["XZ"]),
    ("XZ", &["QH", "XJ"]),
    ("SN", &["GS", "NX"]),
    ("GS", &["QH", "NX", "XJ"]),
    ("QH", &["XJ"]),
];

/// What Hainan, an island, borders on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hainan {
    /// Nothing: it has no land border.
    Island,
    /// Guangdong, across the strait: the usual convention of papers, so that every province has
    /// a neighbour.
    Guangdong,
}

/// Whether two provinces are neighbours; none is its own.
pub fn contiguous(a: &Province, b: &Province, hainan: Hainan) -> bool {
    let listed = |a: &Province, b: &Province| {
        PAIRS.iter().any(|(of, others)| *of == a.letters && others.contains(&b.letters))
    };
    let strait = |a: &Province, b: &Province| (a.letters, b.letters) == ("GD", "HI");
    let across = hainan == Hainan::Guangdong && (strait(a, b) || strait(b, a));
    listed(a, b) || listed(b, a) || across
}

/// The neighbours of a province in the order of their codes.
pub fn neighbours(of: &Province, hainan: Hainan) -> impl Iterator<Item = &'static Province> {
    ALL.iter().filter(move |other| contiguous(of, other, hainan))
}

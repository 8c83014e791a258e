//! The units that others are made of.

/// Yuan, dollars, people, households, pieces, metres, kilograms, watts, hours.
pub(super) const DIMENSIONS: usize = 9;
pub(super) const YUAN: usize = 0;
pub(super) const DOLLAR: usize = 1;

/// A unit without a prefix.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Base {
    /// Its names: in lower case where they are Latin.
    pub(super) names: &'static [&'static str],
    pub(super) dimensions: [i8; DIMENSIONS],
    /// How many of the dimension's own unit it is, as a fraction.
    pub(super) size: (u64, u64),
}

const fn base(names: &'static [&'static str], at: usize, power: i8, num: u64, den: u64) -> Base {
    let mut dimensions = [0; DIMENSIONS];
    dimensions[at] = power;
    Base { names, dimensions, size: (num, den) }
}

/// Every unit known.
///
/// **Source** of the Chinese market units: 1 亩 = 1/15 公顷, 1 斤 = 500 克 (State Council, 1984).
pub(super) static BASES: [Base; 22] = [
    base(&["元", "人民币", "人民币元", "yuan", "cny", "rmb"], YUAN, 1, 1, 1),
    base(&["美元", "usd", "us$", "dollar", "dollars", "us dollar", "us dollars"], DOLLAR, 1, 1, 1),
    base(&["人", "人口", "person", "persons", "people", "capita", "head"], 2, 1, 1, 1),
    base(&["户", "household", "households"], 3, 1, 1, 1),
    base(
        &["个", "件", "台", "部", "辆", "册", "家", "piece", "pieces", "unit", "units"],
        4,
        1,
        1,
        1,
    ),
    base(
        &["公里", "千米", "km", "kilometre", "kilometres", "kilometer", "kilometers"],
        5,
        1,
        1000,
        1,
    ),
    base(&["米", "m", "metre", "metres", "meter", "meters"], 5, 1, 1, 1),
    base(&["平方公里", "平方千米", "km2", "km²", "km^2", "square km"], 5, 2, 1_000_000, 1),
    base(&["平方米", "㎡", "m2", "m²", "m^2", "square metres"], 5, 2, 1, 1),
    base(&["公顷", "ha", "hectare", "hectares"], 5, 2, 10_000, 1),
    base(&["亩", "mu"], 5, 2, 2000, 3),
    base(&["立方米", "m3", "m³", "m^3", "cubic metres"], 5, 3, 1, 1),
    base(&["吨", "t", "ton", "tons", "tonne", "tonnes"], 6, 1, 1000, 1),
    base(&["公斤", "千克", "kg", "kilogram", "kilograms"], 6, 1, 1, 1),
    base(&["斤", "jin"], 6, 1, 1, 2),
    base(&["克", "g", "gram", "grams"], 6, 1, 1, 1000),
    base(&["千瓦", "kw", "kilowatt", "kilowatts"], 7, 1, 1000, 1),
    base(&["小时", "hour", "hours", "h"], 8, 1, 1, 1),
    Base {
        names: &["千瓦时", "千瓦小时", "kwh"],
        dimensions: [0, 0, 0, 0, 0, 0, 0, 1, 1],
        size: (1000, 1),
    },
    base(&["share", "比例", "比重", "ratio"], 0, 0, 1, 1),
    base(&["%", "％", "percent", "pct", "百分比"], 0, 0, 1, 100),
    base(&["‰", "per mille", "千分比"], 0, 0, 1, 1000),
];

/// What may stand before a unit, and what it multiplies by; longer ones first.
pub(super) const PREFIXES: [(&str, u64); 33] = [
    ("hundred million", 100_000_000),
    ("100 million", 100_000_000),
    ("ten thousand", 10_000),
    ("10 thousand", 10_000),
    ("100,000,000", 100_000_000),
    ("100000000", 100_000_000),
    ("thousand", 1000),
    ("trillion", 1_000_000_000_000),
    ("hundred", 100),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
    ("10,000", 10_000),
    ("10000", 10_000),
    ("1,000", 1000),
    ("100m", 100_000_000),
    ("1000", 1000),
    ("100", 100),
    ("10k", 10_000),
    ("bn", 1_000_000_000),
    ("mn", 1_000_000),
    ("k", 1000),
    ("m", 1_000_000),
    ("万亿", 1_000_000_000_000),
    ("十亿", 1_000_000_000),
    ("百亿", 10_000_000_000),
    ("千亿", 100_000_000_000),
    ("千万", 10_000_000),
    ("百万", 1_000_000),
    ("十万", 100_000),
    ("亿", 100_000_000),
    ("万", 10_000),
    ("千", 1000),
    ("百", 100),
];

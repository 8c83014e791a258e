//! What is done to a variable, as data.

use std::collections::BTreeMap;
use std::fmt;

use panel::Name;
use serde::Deserialize;

use crate::Unit;
use crate::provinces::Scheme;

/// One transformation of a variable. A missing input makes a missing output, but for
/// `interpolate`, `extrapolate` and `fill`, which are there to replace missing cells.
///
/// Steps in time ask the calendar, not the row above: the value one period before 2016 is that of
/// 2015, and is missing if 2015 is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The natural logarithm, `ln x`.
    Log,
    /// `ln(1 + x)`.
    Log1p,
    /// `x / a`.
    Over(Operand),
    /// `x + a`.
    Plus(Operand),
    /// `x − a`.
    Minus(Operand),
    /// `x · a`.
    Times(Operand),
    /// `xₜ₋ₖ`: the value `k ≥ 1` periods before.
    Lag(i32),
    /// `xₜ₊ₖ`: the value `k ≥ 1` periods after.
    Lead(i32),
    /// `xₜ − xₜ₋ₖ`.
    Difference(i32),
    /// `xₜ / xₜ₋ₖ − 1`, a share; from a value that is not positive there is no rate.
    Growth(i32),
    /// Missing cells between two observed ones of the entity get the value on the line between
    /// them: `x₀ + (x₁ − x₀)(t − t₀)/(t₁ − t₀)`. Cells before the first and after the last stay
    /// missing.
    ///
    /// **Agrees with** `numpy.interp` on periods, pandas `interpolate(method = "index", limit_area
    /// = "inside")`, Stata `ipolate`.
    Interpolate,
    /// Missing cells before an entity's first observed one and after its last.
    Extrapolate(Extrapolate),
    /// Missing cells become this number.
    Fill(f64),
    /// Values beyond two percentiles of the sample are replaced by them.
    Winsorize(Winsorize),
    /// Prices of another period are taken to those of the base.
    Deflate(Deflate),
    /// Says what the numbers are measured in, where no source has said so.
    Unit(Unit),
    /// The same quantity in another unit.
    Convert(Unit),
    /// One currency in terms of another.
    Exchange(Exchange),
    /// The region of a province; the variable is made from a column of provinces.
    Region(Scheme),
}

/// The other side of an arithmetic step.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Operand {
    /// A number.
    Number(f64),
    /// A loaded column or an earlier variable.
    Column(Name),
}

/// How the ends of an entity's series are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Extrapolate {
    /// With the nearest observed value of the entity.
    ///
    /// **Agrees with** pandas `ffill` and `bfill`, `numpy.interp` beyond its ends.
    Nearest,
    /// On the line through the two nearest observed values; an entity with one stays missing.
    ///
    /// **Agrees with** scipy `interp1d(fill_value = "extrapolate")`, Stata `ipolate, epolate`.
    Linear,
}

/// Where to clip a variable.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Winsorize {
    /// Lower percentile as a fraction: 0.01 is the first.
    pub low: f64,
    /// Upper percentile as a fraction.
    pub high: f64,
    /// What a percentile is.
    pub percentiles: Percentiles,
    /// Percentiles of what; of all entities and periods of the sample together, if absent.
    pub by: Option<By>,
}

/// What percentiles are taken within.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Each period by itself.
    Period,
}

/// Which definition of a sample percentile; `x₍₁₎ ≤ … ≤ x₍ₙ₎` are the sorted values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Percentiles {
    /// Linear interpolation at `h = (n − 1)p` from the smallest value.
    ///
    /// **Source** Hyndman & Fan (1996), definition 7. **Agrees with** `numpy.percentile`, R `quantile`.
    Linear,
    /// With `P = np`: `x₍⌈P⌉₎` if `P` is not whole, and `(x₍P₎ + x₍P+1₎) / 2` if it is.
    ///
    /// **Source** Stata manual, `[R] summarize`, Methods and formulas. **Agrees with** `_pctile`,
    /// `summarize, detail`, `winsor2`.
    Stata,
}

/// Which prices, and of which period they are to be.
///
/// With `I` the price level of an entity, `x · I(base) / I(t)`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Deflate {
    /// The column of the price index.
    pub by: Name,
    /// The period whose prices are wanted.
    pub base: i32,
    /// What the index is relative to.
    pub index: PriceIndex,
}

/// What 100 is in a price index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PriceIndex {
    /// The period before: yearbooks' 上年 = 100. Levels are products, `I(t) = I(t−1) · c(t)/100`;
    /// one link missing makes what lies beyond it missing.
    Chained,
    /// One period for the whole series, whichever it is.
    Fixed,
}

/// With which rates a currency becomes another.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Exchange {
    /// The rates.
    pub rates: Rates,
    /// What they are measured in, such as `元/美元`; of a column, what its source says if absent.
    pub unit: Option<Unit>,
}

/// Exchange rates.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Rates {
    /// A loaded column or an earlier variable.
    Column(Name),
    /// One a period: `{ 2014 = 6.1428, 2015 = 6.2284 }`.
    Periods(Periods),
}

/// A number a period.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "BTreeMap<String, f64>")]
pub struct Periods(pub BTreeMap<i32, f64>);

impl TryFrom<BTreeMap<String, f64>> for Periods {
    type Error = String;

    fn try_from(map: BTreeMap<String, f64>) -> Result<Self, String> {
        let period = |text: &str| {
            text.parse().map_err(|_| format!("`{text}` is no period; write `2014 = 6.1428`"))
        };
        map.iter().map(|(text, &x)| Ok((period(text)?, x))).collect::<Result<_, _>>().map(Self)
    }
}

impl Step {
    /// The column that the step reads beside its own, if any.
    pub fn reads(&self) -> Option<&Name> {
        match self {
            Self::Over(Operand::Column(name))
            | Self::Plus(Operand::Column(name))
            | Self::Minus(Operand::Column(name))
            | Self::Times(Operand::Column(name))
            | Self::Deflate(Deflate { by: name, .. })
            | Self::Exchange(Exchange { rates: Rates::Column(name), .. }) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log => f.write_str("log"),
            Self::Log1p => f.write_str("log1p"),
            Self::Over(operand) => write!(f, "over {operand}"),
            Self::Plus(operand) => write!(f, "plus {operand}"),
            Self::Minus(operand) => write!(f, "minus {operand}"),
            Self::Times(operand) => write!(f, "times {operand}"),
            Self::Lag(k) => write!(f, "lag {k}"),
            Self::Lead(k) => write!(f, "lead {k}"),
            Self::Difference(k) => write!(f, "difference {k}"),
            Self::Growth(k) => write!(f, "growth {k}"),
            Self::Interpolate => f.write_str("interpolate"),
            Self::Extrapolate(Extrapolate::Nearest) => f.write_str("extrapolate nearest"),
            Self::Extrapolate(Extrapolate::Linear) => f.write_str("extrapolate linear"),
            Self::Fill(x) => write!(f, "fill {x}"),
            Self::Winsorize(Winsorize { low, high, percentiles, by }) => {
                let percentiles = match percentiles {
                    Percentiles::Linear => "linear",
                    Percentiles::Stata => "stata",
                };
                write!(f, "winsorize {low} {high} {percentiles}")?;
                f.write_str(by.map_or("", |By::Period| " by period"))
            }
            Self::Deflate(Deflate { by, base, index }) => {
                let index = match index {
                    PriceIndex::Chained => "chained",
                    PriceIndex::Fixed => "fixed",
                };
                write!(f, "deflate {by} base {base} {index}")
            }
            Self::Unit(unit) => write!(f, "unit {unit}"),
            Self::Convert(unit) => write!(f, "convert {unit}"),
            Self::Exchange(Exchange { rates: Rates::Column(name), .. }) => {
                write!(f, "exchange {name}")
            }
            Self::Exchange(Exchange { rates: Rates::Periods(_), .. }) => {
                f.write_str("exchange by a table")
            }
            Self::Region(scheme) => write!(f, "region {scheme}"),
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Column(name) => f.write_str(name),
        }
    }
}

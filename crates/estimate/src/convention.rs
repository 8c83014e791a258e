//! Small-sample conventions: where programs that agree on `β̂` part ways.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// How a program turns a sandwich into the standard errors, p values and constant that it prints.
///
/// With `n` rows, `k` slopes (and the constant of a pooled model), `G` clusters and
/// `K = k + absorbed effects counted`:
///
/// ```text
/// iid       σ̂² = û'û / (n − K)                     K counts all effects
/// HC1       n / (n − K) · HC0                      K counts all effects
/// cluster   [G/(G−1)] · rows · CR0                 K as `nested` says
/// ```
///
/// Each constant of this type is proven against its program's output on real data
/// (`fixtures/reference`); `docs/conventions.md` has the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Convention {
    /// What the convention is called on the command line.
    pub name: &'static str,
    /// Which absorbed effects `K` counts under clustered errors.
    pub nested: Nested,
    /// How many effects of a second and further factor are redundant.
    pub redundant: Redundant,
    /// The factor from the number of rows under clustered errors.
    pub rows: Rows,
    /// Whether clustered errors are scaled by `G/(G−1)`.
    pub groups: bool,
    /// The reference distribution under clustered errors.
    pub df: ClusterDf,
    /// What happens to an entity observed once.
    pub singletons: Singletons,
    /// Whether only the first factor is absorbed and the others enter as indicators.
    pub absorbs_first_only: bool,
    /// Whether heteroskedasticity-robust errors exist for a model with absorbed effects.
    pub robust_within: bool,
    /// Whether the program estimates random effects, and how it tests their coefficients.
    pub random: RandomReference,
}

/// The reference distribution of a random-effects model's statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RandomReference {
    /// The program estimates no random effects.
    Absent,
    /// The normal: z and χ².
    Normal,
    /// t with `n − k − 1`.
    Residual,
}

/// Which absorbed effects count as parameters under clustered errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nested {
    /// All of them.
    Counted,
    /// Those of factors whose levels lie within clusters do not, but for one constant.
    NotCounted,
    /// None of them if every factor is nested, but for one constant; else all of them.
    AllOrNothing,
    /// None, and no constant either: `K` is the number of coefficients in the table.
    Never,
}

/// How redundant effects are counted when there are two or more factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redundant {
    /// One for every connected component that a factor forms with the first: the rank, for two.
    Components,
    /// One for every factor after the first.
    OnePerFactor,
}

/// The factor from rows and parameters under clustered errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// 1.
    One,
    /// `n/(n−K)`.
    Residual,
    /// `(n−1)/(n−K)`.
    LessOne,
}

/// The reference distribution of t statistics under clustered errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterDf {
    /// t with `G − 1`.
    Groups,
    /// t with `n − K`.
    Residual,
}

/// What happens to levels of an absorbed factor that are observed once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Singletons {
    /// They stay, and explain themselves.
    Keep,
    /// They are dropped until none is left, and counted.
    Drop,
}

impl Convention {
    /// Stata's `xtreg y x i.year, fe`; for a pooled model, `regress`.
    pub const STATA_XTREG: Self = Self {
        name: "stata-xtreg",
        nested: Nested::NotCounted,
        redundant: Redundant::Components,
        rows: Rows::LessOne,
        groups: true,
        df: ClusterDf::Groups,
        singletons: Singletons::Keep,
        absorbs_first_only: true,
        robust_within: false,
        random: RandomReference::Normal,
    };
    /// Stata's `areg y x i.year, absorb(id)`, and `regress` with a dummy for every level.
    pub const AREG: Self = Self {
        name: "areg",
        nested: Nested::Counted,
        robust_within: true,
        random: RandomReference::Absent,
        ..Self::STATA_XTREG
    };
    /// Stata's `reghdfe` (Correia).
    pub const REGHDFE: Self = Self {
        name: "reghdfe",
        singletons: Singletons::Drop,
        absorbs_first_only: false,
        robust_within: true,
        random: RandomReference::Absent,
        ..Self::STATA_XTREG
    };
    /// R's fixest and Python's pyfixest: `ssc(K.fixef = "nonnested")`, their default.
    pub const FIXEST: Self = Self {
        name: "fixest",
        redundant: Redundant::OnePerFactor,
        absorbs_first_only: false,
        robust_within: true,
        random: RandomReference::Absent,
        ..Self::STATA_XTREG
    };
    /// R's plm with `vcovHC(type = "HC0")`, its default: no factor at all.
    pub const PLM: Self = Self {
        name: "plm",
        nested: Nested::Never,
        rows: Rows::One,
        groups: false,
        df: ClusterDf::Residual,
        absorbs_first_only: false,
        robust_within: true,
        random: RandomReference::Normal,
        ..Self::STATA_XTREG
    };
    /// R's plm with `vcovHC(type = "sss")`: Stata's factor, but `K` counts slopes alone.
    pub const PLM_SSS: Self = Self {
        name: "plm-sss",
        rows: Rows::LessOne,
        groups: true,
        df: ClusterDf::Groups,
        ..Self::PLM
    };
    /// Python's linearmodels, `PanelOLS(…).fit(cov_type = …)`, its defaults.
    pub const LINEARMODELS: Self = Self {
        name: "linearmodels",
        nested: Nested::AllOrNothing,
        rows: Rows::Residual,
        groups: false,
        df: ClusterDf::Residual,
        random: RandomReference::Residual,
        ..Self::PLM
    };
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::STATA_XTREG,
        Self::AREG,
        Self::REGHDFE,
        Self::FIXEST,
        Self::PLM,
        Self::PLM_SSS,
        Self::LINEARMODELS,
    ];
}

impl fmt::Display for Convention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl FromStr for Convention {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|convention| convention.name == name).ok_or_else(|| {
            Error::UnknownConvention {
                name: name.to_owned(),
                known: Self::ALL.iter().map(|convention| convention.name).collect(),
            }
        })
    }
}

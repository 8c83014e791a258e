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
    /// How the terms of multi-way clustering are scaled, if `groups` says that they are.
    pub multiway: Multiway,
    /// What stands for the clusters of rows that share a level of every clustering.
    pub intersection: Intersection,
    /// What happens to a covariance matrix with a negative eigenvalue.
    pub indefinite: Indefinite,
    /// What multiplies the leave-one-cluster-out form of CR3.
    pub cr3: Cr3,
    /// Factor and degrees of freedom of Driscoll–Kraay errors.
    pub driscoll_kraay: Kernel,
    /// Factor and degrees of freedom of Newey–West errors.
    pub newey_west: Kernel,
    /// The number of lags where none is asked for.
    pub lag: Lag,
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

/// Factor and degrees of freedom of a covariance that weighs lags with a kernel.
///
/// With `T` periods observed: `[T/(T−1)] · rows`, and t with `T − 1` or `n − K`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel {
    /// Which absorbed effects `K` counts. Nothing counts as nested in a period.
    pub counts: Nested,
    /// The factor from the number of rows.
    pub rows: Rows,
    /// Whether errors are scaled by `T/(T−1)`.
    pub periods: bool,
    /// The reference distribution; its groups are the periods.
    pub df: ClusterDf,
}

/// How the terms of multi-way clustering are scaled (Cameron, Gelbach and Miller 2011).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Multiway {
    /// Each by `G/(G−1)` of its own clusters.
    Own,
    /// All by `G/(G−1)` of the clustering with the fewest clusters.
    Smallest,
}

/// What is subtracted for rows that share a level of every clustering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intersection {
    /// The covariance clustered by the combination of levels.
    Clusters,
    /// White's, without any factor: every row for itself (Petersen 2009, Thompson 2011).
    Rows,
}

/// What happens to a covariance matrix with a negative eigenvalue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indefinite {
    /// It stays; a negative variance is an error.
    Keep,
    /// Negative eigenvalues become zero, once for the slopes and once with the constant.
    Repair,
    /// The same, but only if a variance is negative.
    RepairVariances,
}

/// What multiplies `Σ_g (β̂₋g − β̂)(β̂₋g − β̂)'`, with `β̂₋g` the estimate without a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cr3 {
    /// 1.
    One,
    /// `(G−1)/G`, as a jackknife variance has it.
    Jackknife,
    /// The factor of clustered errors.
    Cluster,
}

/// The number of lags where none is asked for, with `T` periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lag {
    /// `⌊4 (T/100)^(2/9)⌋` (Newey and West 1994).
    TwoNinths,
    /// `⌊T^(1/4)⌋` (Newey and West 1987).
    FourthRoot,
}

impl Lag {
    /// The number of lags for `n_periods` periods.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Small and not negative.
    pub fn of(self, n_periods: usize) -> usize {
        let t = n_periods as f64;
        let lag = match self {
            Self::TwoNinths => 4.0 * (t / 100.0).powf(2.0 / 9.0),
            Self::FourthRoot => t.powf(0.25),
        };
        // A whole power must not fall below itself by rounding: 16 periods have two lags.
        (lag * (1.0 + 1e-12)).floor() as usize
    }
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
    /// None but one constant, whatever the clusters.
    OneConstant,
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
        multiway: Multiway::Smallest,
        intersection: Intersection::Clusters,
        indefinite: Indefinite::Repair,
        cr3: Cr3::Jackknife,
        driscoll_kraay: Kernel { counts: Nested::OneConstant, ..Self::BY_PERIOD },
        newey_west: Self::BY_ROW,
        lag: Lag::TwoNinths,
        random: RandomReference::Normal,
    };
    /// Driscoll–Kraay as a clustering by period whose `K` counts all effects.
    const BY_PERIOD: Kernel = Kernel {
        counts: Nested::Counted,
        rows: Rows::LessOne,
        periods: true,
        df: ClusterDf::Groups,
    };
    /// `n/(n−K)`, `K` counting all effects.
    const BY_ROW: Kernel = Kernel {
        counts: Nested::Counted,
        rows: Rows::Residual,
        periods: false,
        df: ClusterDf::Residual,
    };
    /// No factor.
    const PLAIN: Kernel = Kernel { rows: Rows::One, ..Self::BY_ROW };
    /// Stata's `areg y x i.year, absorb(id)`, and `regress` with a dummy for every level.
    pub const AREG: Self = Self {
        name: "areg",
        nested: Nested::Counted,
        robust_within: true,
        driscoll_kraay: Self::BY_PERIOD,
        random: RandomReference::Absent,
        ..Self::STATA_XTREG
    };
    /// Stata's `reghdfe` (Correia).
    pub const REGHDFE: Self = Self {
        name: "reghdfe",
        singletons: Singletons::Drop,
        absorbs_first_only: false,
        robust_within: true,
        driscoll_kraay: Self::BY_PERIOD,
        random: RandomReference::Absent,
        ..Self::STATA_XTREG
    };
    /// R's fixest and Python's pyfixest: `ssc(K.fixef = "nonnested")`, their default.
    pub const FIXEST: Self = Self {
        name: "fixest",
        redundant: Redundant::OnePerFactor,
        absorbs_first_only: false,
        robust_within: true,
        indefinite: Indefinite::RepairVariances,
        cr3: Cr3::Cluster,
        driscoll_kraay: Self::BY_PERIOD,
        newey_west: Self::BY_PERIOD,
        lag: Lag::FourthRoot,
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
        multiway: Multiway::Own,
        intersection: Intersection::Rows,
        indefinite: Indefinite::Keep,
        cr3: Cr3::One,
        driscoll_kraay: Self::PLAIN,
        newey_west: Self::PLAIN,
        lag: Lag::FourthRoot,
        random: RandomReference::Normal,
        ..Self::STATA_XTREG
    };
    /// R's plm with `vcovHC(type = "sss")`: Stata's factor, but `K` counts slopes alone.
    pub const PLM_SSS: Self = Self {
        name: "plm-sss",
        rows: Rows::LessOne,
        groups: true,
        df: ClusterDf::Groups,
        intersection: Intersection::Clusters,
        driscoll_kraay: Kernel { counts: Nested::Never, ..Self::BY_PERIOD },
        newey_west: Kernel { counts: Nested::Never, ..Self::BY_PERIOD },
        ..Self::PLM
    };
    /// Python's linearmodels, `PanelOLS(…).fit(cov_type = …)`, its defaults.
    pub const LINEARMODELS: Self = Self {
        name: "linearmodels",
        nested: Nested::AllOrNothing,
        rows: Rows::Residual,
        groups: false,
        df: ClusterDf::Residual,
        intersection: Intersection::Clusters,
        driscoll_kraay: Self::BY_ROW,
        newey_west: Self::BY_ROW,
        lag: Lag::TwoNinths,
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

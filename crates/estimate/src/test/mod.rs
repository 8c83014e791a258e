//! The specification tests that referees ask for.
//!
//! ```text
//! hausman       fixed or random effects: the contrast, or the auxiliary regression
//! effects       F test of the absorbed effects
//! lagrange      Lagrange multiplier tests of random effects, from the pooled residuals
//! serial        serial correlation: Wooldridge within, in differences; Breusch and Godfrey
//! groupwise     the modified Wald test: one error variance an entity
//! cross_section dependence between entities: Pesaran's CD, Breusch and Pagan's LM
//! hypothesis    linear hypotheses, as data and as text
//! wald          their test, and linear combinations with a confidence interval
//! vif           variance inflation
//! spec          any of them, as text; and the function that runs what a text asks for
//! ```

mod cross_section;
mod effects;
mod groupwise;
mod hausman;
mod hypothesis;
mod lagrange;
mod serial;
mod spec;
mod vif;
mod wald;

use std::fmt;

use panel::{Name, Term};

use crate::Reference;
use numbers::{chi_squared_upper_tail, f_upper_tail};

pub use cross_section::{Dependence, cross_section_dependence};
pub use effects::effects_f;
pub use groupwise::modified_wald;
pub use hausman::{Contrast, hausman, hausman_auxiliary};
pub use hypothesis::{Combination, Hypothesis, HypothesisError};
pub use lagrange::{Multiplier, lagrange_multiplier};
pub use serial::{Difference, Null, breusch_godfrey, serial_difference, serial_within};
pub use spec::{TestSpec, specification_test};
pub use vif::{Inflation, Regressors, variance_inflation};
pub use wald::{lincom, wald};

/// The outcome of a specification test.
///
/// # Units
///
/// The statistic has none; the p value is a probability under the null hypothesis.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// What the field calls it.
    pub name: String,
    /// The statistic.
    pub statistic: f64,
    /// Its distribution under the null hypothesis, with its degrees of freedom.
    pub distribution: Distribution,
    /// The probability of a statistic at least as far out.
    pub p_value: f64,
    /// What a small p value speaks for.
    pub alternative: String,
    /// Caveats.
    pub notes: Vec<TestNote>,
}

impl Test {
    fn new(
        name: impl Into<String>,
        statistic: f64,
        distribution: Distribution,
        alternative: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            statistic,
            distribution,
            p_value: distribution.tail(statistic),
            alternative: alternative.into(),
            notes: Vec::new(),
        }
    }

    fn with(mut self, note: Option<TestNote>) -> Self {
        self.notes.extend(note);
        self
    }
}

impl fmt::Display for Test {
    /// `Hausman test: χ²(2) = 2.3304, p = 0.3119; a small p speaks for …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, statistic, distribution, p_value, alternative, .. } = self;
        write!(f, "{name}: {distribution} = {statistic:.4}, p ")?;
        if *p_value < 1e-4 {
            write!(f, "< 0.0001; H1: {alternative}")
        } else {
            write!(f, "= {p_value:.4}; H1: {alternative}")
        }
    }
}

/// A distribution under the null hypothesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// The standard normal; far out on either side.
    Normal,
    /// The standard normal; far out on the right: the alternative is one-sided.
    NormalUpper,
    /// F with these degrees of freedom.
    F(usize, usize),
    /// χ² with these degrees of freedom.
    ChiSquared(usize),
    /// A mixture of χ², from variances that cannot be negative: `½χ²(0) + ½χ²(1)` for one of
    /// them, `¼χ²(0) + ½χ²(1) + ¼χ²(2)` for two.
    ChiBarSquared(Variances),
}

/// How many variances a mixture of χ² is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variances {
    /// One.
    One,
    /// Two.
    Two,
}

impl Distribution {
    /// The probability of a statistic at least as far out.
    pub fn tail(self, statistic: f64) -> f64 {
        match self {
            Self::Normal => Reference::Normal.two_sided(statistic),
            Self::NormalUpper => 0.5 * libm::erfc(statistic / std::f64::consts::SQRT_2),
            Self::F(df, df_residual) => f_upper_tail(statistic, df, df_residual),
            Self::ChiSquared(df) => chi_squared_upper_tail(statistic, df),
            // χ²(0) is zero always: it is beyond the statistic only where that is zero.
            Self::ChiBarSquared(_) if statistic <= 0.0 => 1.0,
            Self::ChiBarSquared(Variances::One) => 0.5 * chi_squared_upper_tail(statistic, 1),
            Self::ChiBarSquared(Variances::Two) => {
                0.5 * chi_squared_upper_tail(statistic, 1)
                    + 0.25 * chi_squared_upper_tail(statistic, 2)
            }
        }
    }

    /// The degrees of freedom: two of an F, one of a χ², none of the others.
    pub fn df(self) -> Vec<usize> {
        match self {
            Self::F(df, df_residual) => vec![df, df_residual],
            Self::ChiSquared(df) => vec![df],
            Self::Normal | Self::NormalUpper | Self::ChiBarSquared(_) => Vec::new(),
        }
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("N(0, 1)"),
            Self::NormalUpper => f.write_str("N(0, 1), right tail"),
            Self::F(df, df_residual) => write!(f, "F({df}, {df_residual})"),
            Self::ChiSquared(df) => write!(f, "χ²({df})"),
            Self::ChiBarSquared(Variances::One) => f.write_str("½χ²(0) + ½χ²(1)"),
            Self::ChiBarSquared(Variances::Two) => f.write_str("¼χ²(0) + ½χ²(1) + ¼χ²(2)"),
        }
    }
}

/// A caveat of a test.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TestNote {
    /// The contrast of two covariances has a negative eigenvalue.
    NotPositiveDefinite {
        /// Eigenvalues below zero.
        negative: usize,
        /// The rank.
        rank: usize,
    },
    /// The contrast has less than full rank.
    Singular {
        /// The rank, which is the degrees of freedom.
        rank: usize,
        /// Coefficients compared.
        terms: usize,
    },
    /// Coefficients that took no part.
    LeftOut {
        /// The terms.
        terms: Vec<Term>,
        /// Why.
        why: &'static str,
    },
    /// Restrictions that the others imply.
    Redundant {
        /// How many.
        dropped: usize,
    },
    /// Entities that took no part.
    EntitiesLeftOut {
        /// How many.
        entities: usize,
        /// Why.
        why: &'static str,
    },
    /// Pairs of entities that took no part.
    PairsLeftOut {
        /// How many.
        pairs: usize,
        /// Of how many.
        of: usize,
    },
    /// A null value that holds for a balanced panel stood in.
    Unbalanced {
        /// The value under the null hypothesis.
        value: f64,
    },
    /// The test assumes something else of the errors than the model's covariance does.
    Assumes {
        /// What it assumes.
        what: &'static str,
    },
    /// Rows used by an auxiliary regression.
    Rows {
        /// Rows.
        n: usize,
        /// Clusters.
        by: Option<(Name, usize)>,
    },
}

impl fmt::Display for TestNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPositiveDefinite { negative, rank } => write!(
                f,
                "V_b - V_B is not positive definite: {negative} of {rank} eigenvalues are \
                 negative; the covariances of one error variance, or the auxiliary regression, \
                 do not have this problem"
            ),
            Self::Singular { rank, terms } => write!(
                f,
                "the contrast of {terms} coefficients has rank {rank}: a generalised inverse is \
                 used, and the rank is the degrees of freedom"
            ),
            Self::LeftOut { terms, why } => {
                let terms: Vec<String> = terms.iter().map(|term| format!("`{term}`")).collect();
                write!(f, "{} not tested: {why}", terms.join(", "))
            }
            Self::Redundant { dropped } => {
                write!(f, "{dropped} restrictions dropped: the others imply them")
            }
            Self::EntitiesLeftOut { entities, why } => {
                write!(f, "{entities} entities left out: {why}")
            }
            Self::PairsLeftOut { pairs, of } => write!(
                f,
                "{pairs} of {of} pairs of entities left out: fewer than two periods in common, \
                 or no variation in them"
            ),
            Self::Unbalanced { value } => write!(
                f,
                "the panel is unbalanced: the null value {value:.6} holds for a balanced one"
            ),
            Self::Assumes { what } => write!(f, "assumes {what}"),
            Self::Rows { n, by: None } => write!(f, "{n} rows in the auxiliary regression"),
            Self::Rows { n, by: Some((by, n_clusters)) } => {
                write!(f, "{n} rows in the auxiliary regression, {n_clusters} clusters by `{by}`")
            }
        }
    }
}

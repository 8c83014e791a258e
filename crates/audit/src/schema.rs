//! What a reader knows of the columns beyond what is printed.

use published::Location;
use serde::Deserialize;
use toml::Spanned;

use crate::Error;

/// What a reader knows of the columns beyond what is printed: `audit.toml`.
///
/// A column is named `table/header`, a cell `table/column/row/part`. Everything may be left out;
/// [`Schema::default`] says nothing.
///
/// ```toml
/// estimator = "ls"                 # of every column: "ls", "random-effects", "iv", "probit", "logit", "other"
/// errors = "iid"                   # of every column: "iid", "robust", "cluster", "other"
/// tests = "two-sided"              # what stars come from: "two-sided", "one-sided", "other" (a bootstrap: not checked)
/// n = 372                          # of every column that prints none
/// moments = "3"                    # the table of descriptive statistics of the rows of the regressions
///
/// [panel]                          # else from the paper's own statement
/// units = 31
/// periods = 12
///
/// [[column]]                       # what holds of one column, before what holds of every one
/// id = "4/(4)"
/// n = 372
/// outcome = "lnY"
/// absorbs = ["province", "year"]   # effects without printed coefficients; [] says there are none
/// indicators = false               # whether these are indicators, one level left out of each
/// period-indicators = false        # whether indicators of periods are regressors besides
/// unprinted-regressors = 0         # others that are not printed: "Control variables YES"
/// estimator = "ls"
/// errors = "cluster"
/// tests = "other"
/// clusters = 31
///
/// [[sample]]                       # columns of the same rows of the same variables, label by label
/// columns = ["4/(4)", "5/(1)", "5/(2)"]
/// moments = "3"                    # the table of these rows and variables, as the regressions have them
///
/// [[same]]                         # one regression, printed more than once
/// columns = ["3/(4)", "6/(3)"]
///
/// [[nested]]                       # equal but for regressors that the longer adds, printed or not
/// short = "3/(1)"
/// long = "3/(2)"
///
/// [[mediation]]
/// mediator = "Ind-a"
/// treatment = "lnX"                # else what all three columns share first
/// first = "5/(1)"                  # mediator on treatment
/// second = "5/(2)"                 # outcome on treatment and mediator
/// total = "4/(4)"                  # outcome on treatment
/// effects = "5"                    # the table whose `effects` are of it, else that of `second` or `first`
///
/// [[partition]]                    # the parts have the rows of the whole, each in one of them
/// whole = "3/(4)"
/// parts = ["7/(1) East", "7/(2) Central", "7/(3) West"]
///
/// [[variable]]                     # as tables call it
/// name = "Rec"
/// integer = false
/// within = [0, 1]
///
/// [[sum]]                          # what should add up, to a number or to another cell
/// cells = ["claim/3.3/a/estimate", "claim/3.3/b/estimate"]
/// to = 100
///
/// [[mean]]                         # what has a mean by weights, as a location quotient has 1 by employment
/// cells = ["2/LQ/East/estimate", "2/LQ/West/estimate"]
/// weights = ["2/employment/East/estimate", "2/employment/West/estimate"]
/// is = 1                           # or another cell
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    pub(crate) name: String,
    text: String,
    pub(crate) written: Written,
}

impl Schema {
    /// Reads a schema from TOML. `name` is what errors call the text: its path.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] if the text is not TOML of this form. Whether the paper has what it
    /// names is seen by [`crate::audit`].
    pub fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let mut schema = Self { name: name.to_owned(), text: text.to_owned(), ..Self::default() };
        schema.written = toml::from_str(text).map_err(|error| Error::Syntax {
            at: schema.at(error.span().unwrap_or_default().start),
            message: error.message().trim().replace('\n', "; "),
        })?;
        Ok(schema)
    }

    /// The place of a byte of the text.
    pub(crate) fn at(&self, offset: usize) -> Location {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Location {
            file: self.name.clone(),
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Written {
    pub(crate) estimator: Option<Estimator>,
    pub(crate) errors: Option<Errors>,
    pub(crate) tests: Option<Tests>,
    pub(crate) n: Option<u64>,
    pub(crate) moments: Option<Spanned<String>>,
    pub(crate) panel: Option<Panel>,
    #[serde(default, rename = "column")]
    pub(crate) columns: Vec<Column>,
    #[serde(default, rename = "sample")]
    pub(crate) samples: Vec<Sample>,
    #[serde(default)]
    pub(crate) same: Vec<Columns>,
    #[serde(default)]
    pub(crate) nested: Vec<Nested>,
    #[serde(default, rename = "mediation")]
    pub(crate) mediations: Vec<Mediation>,
    #[serde(default, rename = "partition")]
    pub(crate) partitions: Vec<Partition>,
    #[serde(default, rename = "variable")]
    pub(crate) variables: Vec<Variable>,
    #[serde(default, rename = "sum")]
    pub(crate) sums: Vec<Sum>,
    #[serde(default, rename = "mean")]
    pub(crate) means: Vec<Mean>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Panel {
    pub(crate) units: u32,
    pub(crate) periods: u32,
}

/// How a column is estimated, as far as identities tell estimators apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Estimator {
    /// Least squares without weights, whatever effects it absorbs.
    Ls,
    RandomEffects,
    Iv,
    Probit,
    Logit,
    Other,
}

/// What standard errors allow for, as far as identities tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Errors {
    /// Neither heteroskedasticity nor dependence: the classical ones.
    Iid,
    /// HC0, HC1, HC2, HC3.
    #[serde(alias = "HC0", alias = "HC1", alias = "HC2", alias = "HC3")]
    Robust,
    /// Dependence within clusters.
    Cluster,
    Other,
}

/// What tests stars come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tests {
    /// Two-sided ones of zero, by the printed uncertainty.
    TwoSided,
    /// One-sided ones of zero, by the printed uncertainty.
    OneSided,
    /// Others, as a bootstrap: stars are not checked.
    Other,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Column {
    pub(crate) id: Spanned<String>,
    pub(crate) n: Option<u64>,
    pub(crate) outcome: Option<String>,
    pub(crate) absorbs: Option<Vec<String>>,
    pub(crate) indicators: Option<bool>,
    pub(crate) period_indicators: Option<bool>,
    pub(crate) unprinted_regressors: Option<u32>,
    pub(crate) estimator: Option<Estimator>,
    pub(crate) errors: Option<Errors>,
    pub(crate) tests: Option<Tests>,
    pub(crate) clusters: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sample {
    pub(crate) columns: Vec<Spanned<String>>,
    pub(crate) moments: Option<Spanned<String>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Columns {
    pub(crate) columns: Vec<Spanned<String>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nested {
    pub(crate) short: Spanned<String>,
    pub(crate) long: Spanned<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mediation {
    pub(crate) mediator: Spanned<String>,
    pub(crate) treatment: Option<Spanned<String>>,
    pub(crate) first: Spanned<String>,
    pub(crate) second: Spanned<String>,
    pub(crate) total: Option<Spanned<String>>,
    pub(crate) effects: Option<Spanned<String>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Partition {
    pub(crate) whole: Spanned<String>,
    pub(crate) parts: Vec<Spanned<String>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Variable {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) integer: bool,
    pub(crate) within: Option<[f64; 2]>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sum {
    pub(crate) cells: Vec<Spanned<String>>,
    pub(crate) to: Spanned<Total>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mean {
    pub(crate) cells: Vec<Spanned<String>>,
    pub(crate) weights: Vec<Spanned<String>>,
    pub(crate) is: Spanned<Total>,
}

/// What parts should add up to, or have as their mean.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Total {
    Number(f64),
    Cell(String),
}

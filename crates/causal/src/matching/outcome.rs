//! What matching returns.

use std::fmt;
use std::ops::Range;

use estimate::{BinaryFit, Reference};
use panel::{Column, Index, Panel, Term};

use super::spec::{Estimand, Spec};
use crate::Error;

/// Rows matched, what they weigh, and the effects. Owns all it holds; of the data, the score and
/// the weight of every row.
#[derive(Debug, Clone)]
pub struct Matching {
    pub(super) spec: Spec,
    pub(super) n_panel: usize,
    pub(super) rows: Vec<usize>,
    pub(super) treated: Vec<bool>,
    pub(super) score: Vec<f64>,
    pub(super) distance: Vec<f64>,
    pub(super) support: Vec<bool>,
    pub(super) weights: Vec<f64>,
    pub(super) sets: Vec<SetsOf>,
    pub(super) effects: Vec<Effect>,
    pub(super) fit: Option<BinaryFit>,
    pub(super) notes: Vec<Note>,
}

/// A row and its matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatchedSet<'a> {
    /// The row that was matched, as a position in the sample.
    pub row: usize,
    matches: &'a [u32],
}

impl MatchedSet<'_> {
    /// Its matches, as positions in the sample, equally weighted: nearest first where they were
    /// chosen one by one, else in order of the score.
    pub fn matches(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.matches.iter().map(|&row| row as usize)
    }
}

/// The matches of one group: runs of `members`, which overlap where ties are averaged.
#[derive(Debug, Clone)]
pub(super) struct SetsOf {
    /// Rows with a match, increasing, and where in `members` their matches are.
    pub(super) rows: Vec<(u32, Range<usize>)>,
    pub(super) members: Vec<u32>,
}

/// An average effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The outcome.
    pub outcome: Term,
    /// Whose effect; `None` is the difference of all rows before matching.
    pub estimand: Option<Estimand>,
    /// The mean outcome under treatment, observed or matched.
    pub treated: f64,
    /// The mean outcome without treatment, observed or matched.
    pub untreated: f64,
    /// `treated − untreated`.
    pub estimate: f64,
    /// Its standard error, where the formula asked for gives one.
    pub std_error: Option<f64>,
    /// Treated rows behind it.
    pub n_treated: usize,
    /// Untreated rows behind it.
    pub n_untreated: usize,
}

/// Rows by group and by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Off support.
    pub off_support: usize,
    /// On support, with weight zero.
    pub unmatched: usize,
    /// With weight.
    pub matched: usize,
}

/// A caveat of a matching.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Rows left out because something is missing.
    Missing {
        /// How many.
        rows: usize,
        /// What is missing, and in how many rows.
        by: Vec<(String, usize)>,
    },
    /// Rows off support.
    OffSupport {
        /// Treated ones.
        treated: usize,
        /// Untreated ones.
        untreated: usize,
    },
    /// Rows on support that wanted a match and found none.
    Unmatched {
        /// Treated ones.
        treated: usize,
        /// Untreated ones.
        untreated: usize,
    },
    /// Strata in which one group is absent.
    OneSided {
        /// Their labels.
        strata: Vec<String>,
        /// Rows in them that wanted a match.
        rows: usize,
    },
    /// Rows that found some matches, but fewer than asked for.
    Fewer {
        /// Matches asked for.
        k: usize,
        /// How many rows.
        rows: usize,
    },
    /// Rows of the group chosen from whose score is also another's.
    Tied {
        /// How many.
        rows: usize,
    },
}

impl Effect {
    /// `estimate / std_error`.
    pub fn statistic(&self) -> Option<f64> {
        self.std_error.map(|error| self.estimate / error)
    }

    /// Two-sided, from the normal distribution.
    pub fn p_value(&self) -> Option<f64> {
        self.statistic().map(|z| Reference::Normal.two_sided(z))
    }
}

impl Matching {
    /// The choices that moved a digit.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Rows in use.
    pub fn n(&self) -> usize {
        self.rows.len()
    }

    /// The panel's row of the `i`-th row in use.
    pub fn row(&self, i: usize) -> usize {
        self.rows[i]
    }

    /// Whether each row in use is treated.
    pub fn treated(&self) -> &[bool] {
        &self.treated
    }

    /// The score of each row in use: a probability, or as it was given.
    pub fn score(&self) -> &[f64] {
        &self.score
    }

    /// What distance was measured in: the score or its index.
    pub fn distance(&self) -> &[f64] {
        &self.distance
    }

    /// Whether each row in use is on support.
    pub fn support(&self) -> &[bool] {
        &self.support
    }

    /// The weight of each row in use; zero if it is not in the matched sample.
    ///
    /// A matched row whose effect is averaged has weight 1, a match its share in the matches of
    /// others, `Σ_i 1/m_i`, and for the ATE a row has the sum of both. The difference of weighted
    /// means is the effect, as long as every row found its match.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Matched rows and their matches, in order of the sample; for the ATE the treated first. None
    /// for a kernel, of which everybody near is a match of some weight.
    pub fn sets(&self) -> impl Iterator<Item = MatchedSet<'_>> {
        self.sets.iter().flat_map(|sets| {
            sets.rows.iter().map(|(row, run)| MatchedSet {
                row: *row as usize,
                matches: &sets.members[run.clone()],
            })
        })
    }

    /// For every outcome: the difference before matching, then the effect asked for; for the ATE
    /// the ATT, the ATU and the ATE.
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// The probit or logit of the score, if it was estimated.
    pub fn score_model(&self) -> Option<&BinaryFit> {
        self.fit.as_ref()
    }

    /// What became of the treated, or of the untreated.
    pub fn counts(&self, treated: bool) -> Counts {
        let mut counts = Counts { off_support: 0, unmatched: 0, matched: 0 };
        for i in (0..self.n()).filter(|&i| self.treated[i] == treated) {
            match (self.support[i], self.weights[i] > 0.0) {
                (_, true) => counts.matched += 1,
                (true, false) => counts.unmatched += 1,
                (false, false) => counts.off_support += 1,
            }
        }
        counts
    }

    /// Caveats.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The matched sample: the rows of `panel` with weight, their weights in a column `_weight`,
    /// their scores in `_score`. A panel like any other, for any estimator.
    ///
    /// Lags reach only rows that are in the sample: take them before matching, or estimate on
    /// the whole panel with weights.
    ///
    /// # Errors
    ///
    /// [`panel::Error::Length`] if `panel` is not the panel that was matched, and
    /// [`panel::Error::Twice`] if it has one of these columns already.
    pub fn sample(&self, panel: &Panel) -> Result<Panel, Error> {
        let wrong = |error: panel::Error| Error::from(estimate::Error::from(error));
        if panel.n_rows() != self.n_panel {
            let column = "_weight".to_owned();
            let (got, want) = (self.n_panel, panel.n_rows());
            return Err(wrong(panel::Error::Length { column, got, want }));
        }
        let kept: Vec<usize> = (0..self.n()).filter(|&i| self.weights[i] > 0.0).collect();
        let rows: Vec<usize> = kept.iter().map(|&i| self.rows[i]).collect();
        let all = panel.index();
        let index = Index {
            entity_name: all.entity_name.clone(),
            entity: all.entity.select(&rows),
            period_name: all.period_name.clone(),
            period: rows.iter().map(|&row| all.period[row]).collect(),
        };
        let columns = panel.columns().iter().map(|(name, column)| {
            let column = match column {
                Column::Number(v) => Column::Number(rows.iter().map(|&row| v[row]).collect()),
                Column::Category(factor) => Column::Category(factor.select(&rows)),
            };
            (name.clone(), column)
        });
        let of_rows = |values: &[f64]| Column::Number(kept.iter().map(|&i| values[i]).collect());
        let added = [
            ("_weight".to_owned(), of_rows(&self.weights)),
            ("_score".to_owned(), of_rows(&self.score)),
        ];
        Panel::new(index, columns.chain(added)).map_err(wrong)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { rows, by } => {
                let by: Vec<String> =
                    by.iter().map(|(what, n)| format!("`{what}` in {n}")).collect();
                write!(f, "{rows} rows lack a variable: {}", by.join(", "))
            }
            Self::OffSupport { treated, untreated } => {
                write!(f, "off support: {treated} treated and {untreated} untreated rows")
            }
            Self::Unmatched { treated, untreated } => {
                write!(f, "without a match: {treated} treated and {untreated} untreated rows")
            }
            Self::OneSided { strata, rows } => {
                let shown: Vec<&str> = strata.iter().take(10).map(String::as_str).collect();
                let more = if strata.len() > shown.len() { ", …" } else { "" };
                let shown = shown.join("`, `");
                write!(
                    f,
                    "{rows} rows have nobody to be matched with in their stratum: `{shown}`{more}"
                )
            }
            Self::Fewer { k, rows } => write!(f, "{rows} rows found fewer than {k} matches"),
            Self::Tied { rows } => write!(
                f,
                "{rows} rows share their score with another: the tie rule decides between them"
            ),
        }
    }
}

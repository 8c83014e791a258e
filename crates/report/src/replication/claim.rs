//! Statements of a text, and what became of checking them.

use serde::Serialize;

use crate::table::Tone;

/// A statement that carries a number, checked as far as it can be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Claim {
    /// Section or figure that states it.
    pub section: String,
    /// What is counted.
    pub subject: String,
    /// What is stated: value, unit, qualifier.
    pub stated: String,
    /// What it was held against.
    pub status: ClaimStatus,
    /// Whether it agrees; `None` where there is nothing to agree with.
    pub agrees: Option<bool>,
    /// The check in a line, or why there is none.
    pub says: String,
}

/// What a statement was held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimStatus {
    /// What it implies was computed, by interval arithmetic on the printed digits.
    Arithmetic,
    /// A series of real data.
    Data,
    /// Another statement of the same paper.
    Internal,
    /// Nothing that can be had.
    NotCheckable,
}

impl ClaimStatus {
    /// All of them, in the order in which they are listed.
    pub const ALL: [ClaimStatus; 4] =
        [Self::Arithmetic, Self::Data, Self::Internal, Self::NotCheckable];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arithmetic => "arithmetic",
            Self::Data => "data",
            Self::Internal => "internal",
            Self::NotCheckable => "not checkable",
        }
    }
}

impl Claim {
    /// One sign for what became of it, told from the others without colour.
    pub fn sign(&self) -> &'static str {
        match (self.status, self.agrees) {
            (ClaimStatus::NotCheckable, _) => "·",
            (_, Some(true)) => "=",
            (_, Some(false)) => "≠",
            (_, None) => "→",
        }
    }

    /// What that sign says: `agrees`, `disagrees`, `implies`, `tested`, `not checkable`.
    pub fn finding(&self) -> &'static str {
        match (self.status, self.agrees) {
            (ClaimStatus::NotCheckable, _) => "not checkable",
            (_, Some(true)) => "agrees",
            (_, Some(false)) => "disagrees",
            (ClaimStatus::Arithmetic, None) => "implies",
            (_, None) => "tested",
        }
    }

    pub(super) fn tone(&self) -> Tone {
        match self.agrees {
            Some(true) => Tone::Good,
            Some(false) => Tone::Caution,
            None => Tone::Quiet,
        }
    }

    /// `4.1.1, tea plantations: over 50000 acres`.
    pub(super) fn line(&self) -> String {
        format!("{}, {}: {}", self.section, self.subject, self.stated)
    }
}

/// How many statements there are of each status, and how many of them disagree: `3 data (1
/// disagrees)`.
pub(super) fn tally(claims: &[Claim]) -> String {
    let count = |status| claims.iter().filter(|claim| claim.status == status).count();
    let off =
        |status| claims.iter().filter(|c| c.status == status && c.agrees == Some(false)).count();
    let met = ClaimStatus::ALL.into_iter().filter(|&status| count(status) > 0);
    let words = met.map(|status| match off(status) {
        0 => format!("{} {}", count(status), status.name()),
        1 => format!("{} {} (1 disagrees)", count(status), status.name()),
        n => format!("{} {} ({n} disagree)", count(status), status.name()),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Statements that cannot be checked, by reason, in the order in which reasons occur.
pub(super) fn unchecked(claims: &[Claim]) -> Vec<(&str, Vec<&Claim>)> {
    let mut groups: Vec<(&str, Vec<&Claim>)> = Vec::new();
    for claim in claims.iter().filter(|claim| claim.status == ClaimStatus::NotCheckable) {
        match groups.iter_mut().find(|(says, _)| *says == claim.says) {
            Some((_, group)) => group.push(claim),
            None => groups.push((&claim.says, vec![claim])),
        }
    }
    groups
}

//! Options that several commands read.

use estimate::{Convention, Singletons, Vcov};
use ingest::Account;

use crate::Error;

/// The columns that a covariance reads; clusters of pairs, as in `a^b`, are two.
pub(crate) fn columns(vcov: &Vcov) -> Vec<&str> {
    let names: Vec<&str> = match vcov {
        Vcov::Cluster(by) | Vcov::Cr2(by) | Vcov::Cr3(by) => vec![by],
        Vcov::Multiway(by) => by.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    names.into_iter().flat_map(pair).collect()
}

/// The columns that a grouping reads.
pub(crate) fn pair(by: &str) -> impl Iterator<Item = &str> {
    by.split('^').map(str::trim)
}

/// A convention by its name, with singletons as it says or as told.
pub(crate) fn convention(like: &str, singletons: Option<&str>) -> Result<Convention, Error> {
    let mut convention: Convention = like.parse()?;
    match singletons {
        None => {}
        Some("keep") => convention.singletons = Singletons::Keep,
        Some("drop") => convention.singletons = Singletons::Drop,
        Some(other) => {
            let what = format!("--singletons is keep or drop, not `{other}`");
            return Err(Error::Usage { what });
        }
    }
    Ok(convention)
}

/// The account of the rows, line by line.
pub(crate) fn lines(account: &Account) -> Vec<String> {
    account.to_string().lines().map(str::to_owned).collect()
}

/// The sign of the `at`-th note, counted from 1.
pub(crate) fn sign(at: usize) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |c: char| c.to_digit(10).map_or(c, |d| digits[d as usize]);
    at.to_string().chars().map(digit).collect()
}

/// The number of a note among those there are, added if it is new.
pub(crate) fn numbered(notes: &mut Vec<String>, note: String) -> usize {
    if let Some(at) = notes.iter().position(|own| *own == note) {
        return at + 1;
    }
    notes.push(note);
    notes.len()
}

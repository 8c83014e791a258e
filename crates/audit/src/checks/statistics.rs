//! Rows of an estimate, its standard error, z or t, and p.

use published::Kind;

use super::Bench;
use crate::equation::Meets;
use crate::names::plain;
use crate::reading;
use crate::sheet::{Sheet, Slot};
use crate::words::{printed, range};
use crate::{Interval, Severity};

/// What a table of estimates in rows prints of each.
///
/// ```text
/// z = estimate / standard error      p = P(|X| > |z|)
/// ```
///
/// X is normal, or t with one degree of freedom or more.
///
/// **Assumes** for z that the error is the one beside it, and for p a two-sided test by z, not a bootstrap: neither
/// is said, so nothing here is impossible.
pub(super) fn equations(bench: &mut Bench<'_, '_>) {
    let (paper, sheet) = (bench.paper, bench.sheet);
    for (position, table) in paper.tables().iter().enumerate() {
        if table.kind() != Kind::Descriptive || sheet.is_left_out(position) {
            continue;
        }
        let head = |names: &[&str]| {
            table.column_names().iter().position(|it| names.contains(&plain(it).as_str()))
        };
        let estimate = head(&["estimate", "coefficient", "coef", "effect", "value", "b"]);
        let error = head(&["se", "stderr", "standarderror", "stderror"]);
        let z = head(&["z", "zvalue", "zstatistic", "t", "tvalue", "tstatistic"]);
        let p = head(&["p", "pvalue", "prob", "pz", "pt"]);
        for i in 0..table.rows().len() {
            let at = |column: Option<usize>| sheet.at(position, i, column?);
            if let (Some(b), Some(s), Some(z)) = (at(estimate), at(error), at(z)) {
                bench.equations.push(ratio(b, s, z).boxed());
            }
            if let (Some(z), Some(p)) = (at(z), at(p)) {
                bench.equations.push(tail(z, p).boxed());
            }
        }
    }
}

fn text<'s>(sheet: &'s Sheet<'_>, entry: usize) -> &'s str {
    printed(sheet, Slot::estimate(entry))
}

fn ratio(b: usize, s: usize, z: usize) -> Meets {
    let sides = move |sheet: &Sheet<'_>| {
        let error = sheet.estimate(s).at_least(0.0)?;
        Some((sheet.estimate(z), sheet.estimate(b).over(error)))
    };
    let words = move |sheet: &Sheet<'_>, _, implied| {
        format!(
            "{}/{} is in {}; {} is printed",
            text(sheet, b),
            text(sheet, s),
            range(implied),
            text(sheet, z)
        )
    };
    Meets::new("z-ratio", [z, b, s].map(Slot::estimate).to_vec(), sides, words)
        .severity(Severity::Medium)
        .doubt(Some("z is not estimate over the error beside it"))
}

fn tail(z: usize, p: usize) -> Meets {
    let sides = move |sheet: &Sheet<'_>| {
        let z = sheet.estimate(z).abs();
        let slack = Interval::between(1.0 - 1e-9, 1.0 + 1e-9);
        let between =
            Interval::new(reading::tail(z.hi(), f64::INFINITY), reading::tail(z.lo(), 1.0))?;
        Some((sheet.estimate(p), between * slack))
    };
    let words = move |sheet: &Sheet<'_>, _, implied| {
        format!(
            "p of {} is in {}, from the normal to t(1); {} is printed",
            text(sheet, z),
            range(implied),
            text(sheet, p)
        )
    };
    Meets::new("p-value", [p, z].map(Slot::estimate).to_vec(), sides, words)
        .severity(Severity::Medium)
        .doubt(Some("p comes from another test, such as a bootstrap"))
}

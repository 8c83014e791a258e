//! An audit beside the tables that it is of, for a reader.

use std::collections::BTreeMap;

use audit::{Audit, Cell};
use published::{Claim, Printed, Series, Table, Transcription};
use report::audit::{
    Agreeing, Because, Convention, Counts, Finding, Marked, MarkedCell, MarkedRow, Place, Repair,
    Report, Verdict,
};

use super::subject::Subject;

/// What was found of each cell, by table, column and row.
type Marks<'a> = BTreeMap<[&'a str; 3], (Verdict, Vec<usize>)>;

/// The report of an audit.
pub(crate) fn report(subject: &Subject, audit: &Audit) -> Report {
    let Subject { key, paper, remarks, .. } = subject;
    // What agrees is told by check; the others have numbers.
    let told: Vec<usize> = (0..audit.findings.len())
        .filter(|&at| audit.findings[at].verdict != audit::Verdict::Consistent)
        .collect();
    let number = |at: usize| told.iter().position(|&it| it == at).map(|position| position + 1);
    let mut marks: Marks<'_> = BTreeMap::new();
    for (at, finding) in audit.findings.iter().enumerate() {
        for Cell { table, column, row, .. } in &finding.cells {
            let (worst, numbers) = marks.entry([table, column, row]).or_default();
            *worst = (*worst).max(verdict(&finding.verdict));
            numbers.extend(number(at).filter(|number| !numbers.contains(number)));
        }
    }
    let mut agreeing: Vec<Agreeing> = Vec::new();
    for finding in audit.findings.iter().filter(|it| it.verdict == audit::Verdict::Consistent) {
        let explanation = finding.explanation.clone();
        match agreeing.iter_mut().find(|it| it.check == finding.check) {
            Some(it) => it.explanations.push(explanation),
            None => agreeing.push(Agreeing {
                check: finding.check.to_owned(),
                explanations: vec![explanation],
            }),
        }
    }
    agreeing.sort_by(|a, b| a.check.cmp(&b.check));
    let facts = paper.paper();
    let published = [facts.published.clone(), facts.doi.clone()];
    let byline = [facts.authors.join(", ")].into_iter().chain(published.into_iter().flatten());
    Report {
        key: key.clone(),
        title: if remarks.is_empty() && !facts.authors.is_empty() {
            facts.title.clone()
        } else {
            String::new()
        },
        byline: byline.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(". "),
        remarks: remarks.clone(),
        tables: tables(paper, &marks),
        findings: told.iter().map(|&at| finding(&audit.findings[at], &number)).collect(),
        agreeing,
        conventions: conventions(audit),
        inferred: audit
            .inferred
            .iter()
            .map(|it| Because {
                what: format!("{}: {}", it.about.join(", "), it.what),
                because: it.because.clone(),
            })
            .collect(),
        unchecked: audit
            .unchecked
            .iter()
            .map(|it| Because { what: it.what.clone(), because: it.because.clone() })
            .collect(),
        counts: Counts {
            cells: audit.counts.cells,
            equations: audit.counts.equations,
            consistent: audit.counts.consistent,
            needs_assumption: audit.counts.needs_assumption,
            impossible: audit.counts.impossible,
            unchecked: audit.counts.unchecked,
        },
    }
}

fn verdict(verdict: &audit::Verdict) -> Verdict {
    match verdict {
        audit::Verdict::Consistent => Verdict::Consistent,
        audit::Verdict::NeedsAssumption(_) => Verdict::NeedsAssumption,
        audit::Verdict::Impossible => Verdict::Impossible,
    }
}

fn finding(of: &audit::Finding, number: &impl Fn(usize) -> Option<usize>) -> Finding {
    Finding {
        check: of.check.to_owned(),
        verdict: verdict(&of.verdict),
        assumption: match &of.verdict {
            audit::Verdict::NeedsAssumption(assumption) => assumption.clone(),
            _ => String::new(),
        },
        cells: of.cells.iter().map(place).collect(),
        printed: of.printed,
        implied: of.implied,
        explanation: of.explanation.clone(),
        repairs: of
            .repairs
            .iter()
            .map(|it| Repair {
                cell: it.cell.to_string(),
                with: it.with.as_ref().map(Cell::to_string),
                edit: it.edit.to_string(),
                from: it.from.clone(),
                to: it.to.clone(),
                mends: it.mends.iter().copied().filter_map(number).collect(),
                share: it.share,
            })
            .collect(),
    }
}

fn place(cell: &Cell) -> Place {
    let Cell { table, column, row, part } = cell;
    Place { column: format!("{table}/{column}"), row: row.clone(), part: part.to_string() }
}

/// Columns that tell the same, together.
fn conventions(audit: &Audit) -> Vec<Convention> {
    let mut all: Vec<Convention> = Vec::new();
    for of in &audit.conventions {
        let same = |it: &Convention| it.what == of.what && it.is == of.is;
        let at = all.iter().position(same).unwrap_or_else(|| {
            let (what, is) = (of.what.to_owned(), of.is.clone());
            all.push(Convention { what, is, ..Convention::default() });
            all.len() - 1
        });
        let it = &mut all[at];
        it.columns.push(of.column.clone());
        it.supports += of.supports.len();
        it.against.extend(of.against.iter().map(Cell::to_string));
    }
    all
}

/// The tables, then what stands beside them: effects, thresholds, series, statements.
fn tables(paper: &Transcription, marks: &Marks<'_>) -> Vec<Marked> {
    let mut all = Vec::new();
    for table in paper.tables() {
        let rows: Vec<MarkedRow> = table
            .rows()
            .iter()
            .map(|row| MarkedRow {
                label: row.label.clone(),
                cells: row
                    .cells
                    .iter()
                    .zip(table.column_names())
                    .map(|(cell, column)| marked(cell, [table.id(), column, &row.label], marks))
                    .collect(),
            })
            .collect();
        // Prose has nothing to be marked.
        if rows.iter().flat_map(|row| &row.cells).any(|cell| cell.is_number) {
            let columns = table.column_names().to_vec();
            all.push(Marked { title: title(table), columns, rows });
        }
        all.extend(beside(table, marks));
    }
    all.extend(paper.series().iter().map(|series| of_series(series, marks)));
    if !paper.claims().is_empty() {
        all.push(of_claims(paper.claims(), marks));
    }
    all
}

fn title(table: &Table) -> String {
    let name = format!("Table {}", table.id());
    if table.title().is_empty() { name } else { format!("{name}. {}", table.title()) }
}

fn marked(cell: &Printed, at: [&str; 3], marks: &Marks<'_>) -> MarkedCell {
    let (verdict, findings) = marks.get(&at).cloned().unwrap_or_default();
    let (text, address, is_number) = (cell.to_string(), at.join("/"), cell.number().is_some());
    MarkedCell { text, address, is_number, verdict, findings }
}

/// The decomposition of an effect, and a threshold, which stand below a table.
fn beside(table: &Table, marks: &Marks<'_>) -> Vec<Marked> {
    let number = |value: &published::Number| value.as_str().parse().unwrap_or(Printed::Blank);
    let one = |column: &str, row: &str, value: &published::Number| MarkedRow {
        label: row.to_owned(),
        cells: vec![marked(&number(value), [table.id(), column, row], marks)],
    };
    let of = |column: &str, rows| Marked {
        title: format!("Table {}, {column}", table.id()),
        columns: vec![column.to_owned()],
        rows,
    };
    let effects = table.effects().map(|effects| {
        let parts = [
            ("total", &effects.total),
            ("direct", &effects.direct),
            ("indirect", &effects.indirect),
        ];
        of("effects", parts.map(|(row, value)| one("effects", row, value)).into())
    });
    let threshold = table.threshold().map(|threshold| {
        of("threshold", vec![one("threshold", &threshold.variable, &threshold.value)])
    });
    effects.into_iter().chain(threshold).collect()
}

fn of_series(series: &Series, marks: &Marks<'_>) -> Marked {
    let shown = |value: Option<&published::Number>| {
        value.map_or(Printed::Blank, |value| value.as_str().parse().unwrap_or(Printed::Blank))
    };
    let row = |value: &published::SeriesValue| {
        let year = value.year.to_string();
        let at = [series.id.as_str(), year.as_str(), value.name.as_str()];
        let beside =
            |number| MarkedCell { text: shown(number).to_string(), ..MarkedCell::default() };
        MarkedRow {
            label: format!("{year} {}", value.name),
            cells: vec![
                marked(&shown(Some(&value.value)), at, marks),
                beside(value.growth.as_ref()),
                beside(value.target.as_ref()),
            ],
        }
    };
    Marked {
        title: format!("Figure {}. {}", series.id, series.title),
        columns: ["value", "growth", "target"].map(str::to_owned).to_vec(),
        rows: series.values.iter().map(row).collect(),
    }
}

fn of_claims(claims: &[Claim], marks: &Marks<'_>) -> Marked {
    // A statement in one cell: `over 8000 tons/year`.
    let row = |claim: &Claim| {
        let Claim { section, subject, value, unit, qualifier } = claim;
        let mut cell = marked(value, ["claim", section, subject], marks);
        let words =
            [qualifier.as_str(), &cell.text, unit].into_iter().filter(|text| !text.is_empty());
        cell.text = words.collect::<Vec<_>>().join(" ");
        MarkedRow { label: format!("{section}: {subject}"), cells: vec![cell] }
    };
    Marked {
        title: "Statements of the text".to_owned(),
        columns: vec!["stated".to_owned()],
        rows: claims.iter().map(row).collect(),
    }
}

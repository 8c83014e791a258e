//! An audit as one HTML page: what the template is given.

use minijinja::Environment;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use serde::Serialize;

use super::lines;
use super::{Agreeing, Finding, Marked, MarkedCell, MarkedRow, Place, Report, Verdict};

/// An audit as a page that stands alone: no script, no font, no request.
///
/// A cell of a table links to the findings that read it, a finding to its cells; what agrees is folded
/// away, check by check.
///
/// # Panics
///
/// Never: the template is compiled in, and every test of this crate renders it.
pub fn html(report: &Report) -> String {
    render(report).expect("the template fits its view")
}

fn render(report: &Report) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
    environment.set_syntax(syntax);
    // The name ends in `.html`, so that every value is escaped.
    environment.add_template("audit.html", include_str!("audit.html"))?;
    environment.get_template("audit.html")?.render(Serde(Page::of(report)))
}

#[derive(Serialize)]
struct Page<'a> {
    /// Of all pages.
    style: &'static str,
    key: &'a str,
    title: &'a str,
    byline: &'a str,
    lead: &'static str,
    tally: String,
    remarks: &'a [String],
    sections: Vec<Section<'a>>,
    legend: Vec<(&'static str, &'static str, &'static str)>,
    tables: Vec<TableView<'a>>,
    lists: Vec<List>,
    agrees: &'static str,
    agreeing: Vec<AgreeingView<'a>>,
}

#[derive(Serialize)]
struct Section<'a> {
    anchor: &'static str,
    title: &'static str,
    class: &'static str,
    findings: Vec<FindingView<'a>>,
    /// Edits that mend several of them.
    joint: Vec<String>,
}

#[derive(Serialize)]
struct FindingView<'a> {
    number: usize,
    sign: &'static str,
    check: &'a str,
    explanation: &'a str,
    assumption: &'a str,
    intervals: Option<String>,
    cells: Vec<Group>,
    repairs: Vec<String>,
}

#[derive(Serialize)]
struct Group {
    column: String,
    cells: Vec<Link>,
}

#[derive(Serialize)]
struct Link {
    text: String,
    to: Option<String>,
}

#[derive(Serialize)]
struct TableView<'a> {
    checked: bool,
    anchor: String,
    title: &'a str,
    columns: &'a [String],
    rows: Vec<RowView<'a>>,
}

#[derive(Serialize)]
struct RowView<'a> {
    label: &'a str,
    cells: Vec<CellView>,
}

#[derive(Serialize)]
struct CellView {
    id: String,
    class: &'static str,
    lines: Vec<String>,
    sign: &'static str,
    meaning: &'static str,
    findings: Vec<usize>,
}

#[derive(Serialize)]
struct List {
    anchor: &'static str,
    title: &'static str,
    items: Vec<(String, String)>,
}

#[derive(Serialize)]
struct AgreeingView<'a> {
    check: &'a str,
    count: usize,
    explanations: &'a [String],
}

impl<'a> Page<'a> {
    fn of(report: &'a Report) -> Self {
        let section = |anchor, title, verdict: Verdict| Section {
            anchor,
            title,
            class: class(verdict),
            findings: (1..)
                .zip(&report.findings)
                .filter(|(_, finding)| finding.verdict == verdict)
                .map(|(number, finding)| FindingView::of(number, finding, &report.tables))
                .collect(),
            joint: match verdict {
                Verdict::Impossible => lines::joint(report),
                _ => Vec::new(),
            },
        };
        let sections = vec![
            section("impossible", lines::IMPOSSIBLE, Verdict::Impossible),
            section("assumed", lines::ASSUMED, Verdict::NeedsAssumption),
        ];
        let by_reason = |all| {
            let groups = lines::by_reason(all).into_iter();
            groups.map(|(why, what)| (what.join("; "), why.to_owned())).collect::<Vec<_>>()
        };
        let list = |anchor, title, items| List { anchor, title, items };
        let lists = vec![
            list(
                "conventions",
                lines::CONVENTIONS,
                report.conventions.iter().map(lines::convention).collect(),
            ),
            list("inferred", lines::INFERRED, by_reason(&report.inferred)),
            list("unchecked", lines::UNCHECKED, by_reason(&report.unchecked)),
        ];
        let legend = lines::met(&report.tables);
        let agreeing = report.agreeing.iter().map(|Agreeing { check, explanations }| {
            AgreeingView { check, count: explanations.len(), explanations }
        });
        Page {
            style: crate::render::PAGE,
            key: &report.key,
            title: if report.title.is_empty() { &report.key } else { &report.title },
            byline: &report.byline,
            lead: lines::LEAD,
            tally: lines::tally(report.counts),
            remarks: &report.remarks,
            sections: sections.into_iter().filter(|section| !section.findings.is_empty()).collect(),
            legend: legend.into_iter().map(|v| (class(v), v.sign(), v.meaning())).collect(),
            tables: report
                .tables
                .iter()
                .enumerate()
                .map(|(i, table)| TableView::of(i, table))
                .collect(),
            lists: lists.into_iter().filter(|list| !list.items.is_empty()).collect(),
            agrees: lines::AGREES,
            agreeing: agreeing.collect(),
        }
    }
}

impl<'a> FindingView<'a> {
    fn of(number: usize, finding: &'a Finding, tables: &[Marked]) -> Self {
        FindingView {
            number,
            sign: finding.verdict.sign(),
            check: &finding.check,
            explanation: &finding.explanation,
            assumption: &finding.assumption,
            intervals: lines::intervals(finding),
            cells: links(finding, tables),
            // What may hold as it is needs no edit.
            repairs: if finding.verdict == Verdict::Impossible {
                lines::repairs(finding)
            } else {
                Vec::new()
            },
        }
    }
}

/// The cells of a finding by column, each with a link to where it stands.
fn links(finding: &Finding, tables: &[Marked]) -> Vec<Group> {
    let group = |(column, places): (&str, Vec<&Place>)| {
        let link = |place: &&Place| Link { text: lines::row_of(place), to: anchor(place, tables) };
        let mut cells: Vec<Link> = places.iter().map(link).collect();
        if cells.len() > lines::CELLS {
            let text = format!("{} cells", cells.len());
            cells.truncate(1);
            cells[0].text = text;
        }
        Group { column: column.to_owned(), cells }
    };
    lines::by_column(&finding.cells).into_iter().map(group).collect()
}

/// The id of a cell.
fn anchor(place: &Place, tables: &[Marked]) -> Option<String> {
    let address = place.address();
    for (i, table) in tables.iter().enumerate() {
        for (r, row) in table.rows.iter().enumerate() {
            if let Some(j) = row.cells.iter().position(|it| it.address == address) {
                return Some(id(i, r, j));
            }
        }
    }
    None
}

fn id(table: usize, row: usize, column: usize) -> String {
    format!("t{table}r{row}c{column}")
}

impl<'a> TableView<'a> {
    fn of(at: usize, table: &'a Marked) -> Self {
        let row = |(i, row): (usize, &'a MarkedRow)| RowView {
            label: &row.label,
            cells: row
                .cells
                .iter()
                .enumerate()
                .map(|(j, cell)| CellView::of(id(at, i, j), cell))
                .collect(),
        };
        TableView {
            checked: table.is_checked(),
            anchor: format!("table-{at}"),
            title: &table.title,
            columns: &table.columns,
            rows: table.rows.iter().enumerate().map(row).collect(),
        }
    }
}

impl CellView {
    fn of(id: String, cell: &MarkedCell) -> Self {
        let verdict = cell.verdict;
        CellView {
            id,
            class: if cell.is_number { class(verdict) } else { "words" },
            lines: lines::folded(&cell.text).lines().map(str::to_owned).collect(),
            sign: if cell.is_number { verdict.sign() } else { "" },
            meaning: verdict.meaning(),
            findings: cell.findings.clone(),
        }
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Unchecked => "pending",
        Verdict::Consistent => "match",
        Verdict::NeedsAssumption => "declared",
        Verdict::Impossible => "off",
    }
}

//! A replication as one HTML page: what the template is given.

use minijinja::Environment;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use serde::Serialize;

use super::lines::{self, Reason};
use super::{
    Claim, Compared, ComparedCell, ComparedRow, Counts, Deviation, OWN, Paper, Part, PartKind,
    Replication, SYNTHETIC, SourceLine, Tier, Verdict,
};
use crate::format::general;
use crate::render::html as table_html;

/// What only an SVG of its own needs to say.
const NAMESPACE: &str = " xmlns=\"http://www.w3.org/2000/svg\"";
/// Significant digits of our number in full precision.
const DIGITS: usize = 12;

/// A replication as a page that stands alone: no script, no font, no request.
///
/// Published stands above ours in each cell; a click or Enter on ours shows the rounding interval,
/// our number in full, the verdict and its reason.
///
/// # Panics
///
/// Never: the template is compiled in, and every test of this crate renders it.
pub fn html(replication: &Replication) -> String {
    render(replication).expect("the template fits its view")
}

fn render(replication: &Replication) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?;
    environment.set_syntax(syntax);
    // The name ends in `.html`, so that every value is escaped.
    environment.add_template("replication.html", include_str!("replication.html"))?;
    environment.get_template("replication.html")?.render(Serde(Page::of(replication)))
}

#[derive(Serialize)]
struct Page<'a> {
    /// Of all pages.
    style: &'static str,
    papers: Vec<PaperView<'a>>,
    tally: Tally,
    verdicts: Vec<VerdictView>,
    synthetic: &'static str,
    own: &'static str,
    is_reconstructed: bool,
    many: bool,
    /// Whether there is a paper to compare with.
    compares: bool,
}

#[derive(Serialize)]
struct PaperView<'a> {
    anchor: String,
    key: &'a str,
    title: &'a str,
    authors: String,
    citation: &'a str,
    tally: Tally,
    is_reconstructed: bool,
    tables: Vec<TableView<'a>>,
    is_own: bool,
    own: Vec<Block>,
    figures: Vec<Block>,
    claims: Vec<ClaimView<'a>>,
    claims_tally: String,
    unused: Vec<&'a Deviation>,
    account: &'a [String],
    sources: &'a [SourceLine],
}

/// A heading over markup that is ready to be put into the page.
#[derive(Serialize)]
struct Block {
    anchor: String,
    name: String,
    title: String,
    /// Escaped where it was made.
    markup: String,
}

#[derive(Serialize)]
struct ClaimView<'a> {
    section: &'a str,
    subject: &'a str,
    stated: &'a str,
    status: &'static str,
    sign: &'static str,
    finding: &'static str,
    class: &'static str,
    says: &'a str,
}

impl<'a> ClaimView<'a> {
    fn of(claim: &'a Claim) -> Self {
        let Claim { section, subject, stated, says, .. } = claim;
        let class = match claim.agrees {
            Some(true) => "match",
            Some(false) => "declared",
            None => "pending",
        };
        let (status, sign, finding) = (claim.status.name(), claim.sign(), claim.finding());
        ClaimView { section, subject, stated, status, sign, finding, class, says }
    }
}

#[derive(Serialize)]
struct TableView<'a> {
    anchor: String,
    id: &'a str,
    title: &'a str,
    columns: &'a [String],
    /// Signs that the widest mark of the table takes.
    tail: usize,
    rows: Vec<RowView<'a>>,
    pending: Vec<RowView<'a>>,
    pending_because: Vec<String>,
    tally: Tally,
    reasons: Vec<ReasonView<'a>>,
    notes: &'a [String],
    findings: &'a [super::Explained],
}

#[derive(Serialize)]
struct RowView<'a> {
    label: &'a str,
    cells: Vec<CellView<'a>>,
}

/// A cell: what is printed and ours, in pieces, and what a reader may ask about it.
#[derive(Serialize)]
struct CellView<'a> {
    id: String,
    class: String,
    printed: Vec<Piece>,
    ours: Vec<Piece>,
    marks: Vec<VerdictView>,
    reasons: Vec<usize>,
    /// Numbers of the findings of an audit that explain it.
    findings: Vec<usize>,
    says: String,
    details: Vec<Detail<'a>>,
}

#[derive(Serialize)]
struct Piece {
    class: String,
    text: String,
}

#[derive(Serialize)]
struct Detail<'a> {
    part: &'static str,
    printed: &'a str,
    interval: Option<[String; 2]>,
    ours: Option<&'a str>,
    exact: Option<String>,
    verdict: VerdictView,
    tier: Option<&'static str>,
    because: Option<&'a str>,
}

#[derive(Serialize)]
struct ReasonView<'a> {
    anchor: String,
    cells: String,
    because: String,
    since: Option<&'a str>,
}

#[derive(Serialize)]
struct VerdictView {
    class: &'static str,
    sign: &'static str,
    name: &'static str,
    meaning: &'static str,
    count: usize,
}

/// Counts as words and as the segments of a bar.
#[derive(Serialize)]
struct Tally {
    total: usize,
    failed: usize,
    says: String,
    segments: Vec<VerdictView>,
    all: Vec<VerdictView>,
}

impl VerdictView {
    fn of(verdict: Verdict, count: usize) -> Self {
        let class = if verdict == Verdict::NotComputed { "pending" } else { verdict.name() };
        let (sign, name, meaning) = (verdict.sign(), verdict.name(), verdict.meaning());
        VerdictView { class, sign, name, meaning, count }
    }
}

impl Tally {
    fn of(counts: Counts) -> Self {
        let view = |verdict| VerdictView::of(verdict, counts.of(verdict));
        let met = || Verdict::ALL.into_iter().filter(|&verdict| counts.of(verdict) > 0);
        let words: Vec<_> = met().map(|v| format!("{} {}", counts.of(v), v.name())).collect();
        Tally {
            total: counts.total(),
            failed: counts.failed(),
            says: words.join(", "),
            segments: met().map(view).collect(),
            all: Verdict::ALL.map(view).into(),
        }
    }
}

impl<'a> Page<'a> {
    fn of(replication: &'a Replication) -> Self {
        let papers = replication.papers.iter().enumerate();
        let verdicts = Verdict::ALL.into_iter().filter(|&v| replication.counts().of(v) > 0);
        Page {
            style: crate::render::PAGE,
            papers: papers.map(|(i, paper)| PaperView::of(i, paper)).collect(),
            tally: Tally::of(replication.counts()),
            verdicts: verdicts.map(|v| VerdictView::of(v, replication.counts().of(v))).collect(),
            synthetic: SYNTHETIC,
            own: OWN,
            is_reconstructed: replication.papers.iter().any(Paper::is_reconstructed),
            many: replication.papers.len() > 1,
            compares: replication.papers.iter().any(|paper| !paper.is_own),
        }
    }
}

impl<'a> PaperView<'a> {
    fn of(i: usize, paper: &'a Paper) -> Self {
        let table = |(j, table)| TableView::of(&format!("p{i}t{j}"), paper, table);
        let anchor = |id: &str, kind: &str| format!("{}-{kind}-{}", slug(&paper.key), slug(id));
        let own = |own: &super::Own| Block {
            anchor: anchor(&own.id, "own"),
            name: format!("Table {}", own.id),
            title: own.title.clone(),
            markup: table_html(&own.table("")),
        };
        let figure = |figure: &crate::Figure| Block {
            anchor: anchor(&figure.id, "figure"),
            name: format!("Figure {}", figure.id),
            title: figure.title.clone(),
            // Within a page an SVG needs no namespace.
            markup: figure.svg().unwrap_or_default().replacen(NAMESPACE, "", 1)
                + &table_html(&lines::series(figure)),
        };
        PaperView {
            is_own: paper.is_own,
            own: paper.own.iter().map(own).collect(),
            figures: paper.figures.iter().map(figure).collect(),
            claims: paper.claims.iter().map(ClaimView::of).collect(),
            claims_tally: super::claim::tally(&paper.claims),
            anchor: slug(&paper.key),
            key: &paper.key,
            title: &paper.title,
            authors: paper.authors.join(", "),
            citation: &paper.citation,
            tally: Tally::of(paper.counts()),
            is_reconstructed: paper.is_reconstructed(),
            tables: paper.tables.iter().enumerate().map(table).collect(),
            unused: paper.deviations.iter().filter(|deviation| deviation.used == 0).collect(),
            account: &paper.account,
            sources: &paper.sources,
        }
    }
}

impl<'a> TableView<'a> {
    /// `id` is unique within the page; what a reader may link to is named after paper and table.
    fn of(id: &str, paper: &'a Paper, table: &'a Compared) -> Self {
        let reasons = lines::reasons(table, &paper.deviations, lines::is_explained);
        let row = |(i, row)| RowView::of(&format!("{id}r{i}"), table, row, &reasons);
        let rows = table.rows.iter().enumerate();
        // Of a table without a number of ours, the words are no more than what is pending.
        let counts = table.counts();
        let none = table.is_pending();
        let (pending, shown): (Vec<_>, Vec<_>) = rows.partition(|(_, r)| none || r.is_pending());
        let pending_because = lines::reasons(table, &[], |p| p.verdict == Verdict::NotComputed);
        let rows: Vec<_> = shown.into_iter().map(row).collect();
        let tails = rows.iter().flat_map(|row| &row.cells).map(CellView::tail);
        TableView {
            anchor: format!("{}-table-{}", slug(&paper.key), slug(&table.id)),
            id: &table.id,
            title: &table.title,
            columns: &table.columns,
            tail: tails.max().unwrap_or(0),
            rows,
            pending: pending.into_iter().map(row).collect(),
            pending_because: pending_because
                .iter()
                .map(|r| format!("{}: {}", r.cells.join("; "), lines::sentence(r.because)))
                .collect(),
            tally: Tally::of(counts),
            reasons: reasons
                .iter()
                .enumerate()
                .map(|(i, reason)| ReasonView {
                    anchor: format!("{id}n{}", i + 1),
                    cells: reason.cells.join("; "),
                    because: lines::sentence(reason.because),
                    since: reason.since,
                })
                .collect(),
            notes: &table.notes,
            findings: &table.findings,
        }
    }
}

impl<'a> RowView<'a> {
    fn of(id: &str, table: &'a Compared, row: &'a ComparedRow, reasons: &[Reason]) -> Self {
        static BLANK: ComparedCell = ComparedCell { printed: String::new(), parts: Vec::new() };
        let blanks =
            std::iter::repeat_n(&BLANK, table.columns.len().saturating_sub(row.cells.len()));
        let cells = row.cells.iter().chain(blanks).enumerate();
        let explains = |j: usize| {
            let of = |it: &super::Explained| {
                it.row == row.label && table.columns.get(j) == Some(&it.column)
            };
            let all = (1..).zip(&table.findings);
            all.filter(|(_, it)| of(it)).map(|(n, _)| n).collect()
        };
        let cells = cells.map(|(j, cell)| CellView {
            findings: explains(j),
            ..CellView::of(format!("{id}c{j}"), cell, reasons)
        });
        RowView { label: &row.label, cells: cells.collect() }
    }
}

impl<'a> CellView<'a> {
    fn tail(&self) -> usize {
        self.marks.len() + self.reasons.len() + self.findings.len()
    }

    fn of(id: String, cell: &'a ComparedCell, reasons: &[Reason]) -> Self {
        let verdicts = lines::verdicts(cell);
        let parts = lines::in_print(cell);
        let worst = verdicts.iter().max_by_key(|&&verdict| lines::tone(verdict)).copied();
        let mut class =
            worst.map_or("words", |verdict| VerdictView::of(verdict, 0).class).to_owned();
        if parts.iter().any(|part| part.tier == Some(Tier::Reconstructed)) {
            class += " reconstructed";
        }
        let given = |reason: &Reason| {
            let same = |p: &&Part| p.because.as_deref() == Some(reason.because);
            parts.iter().any(|p| lines::is_explained(p) && same(p))
        };
        let ours = |part: &&Part| piece(cell, part, part.ours.as_deref());
        let pending = verdicts == [Verdict::NotComputed];
        let says = |part: &&Part| {
            let tier = part.tier.map_or(String::new(), |tier| format!(" ({})", tier.name()));
            format!("{} {}{tier}", name(part.part), part.verdict.name())
        };
        CellView {
            id,
            class,
            printed: printed(cell, &parts),
            ours: if pending { Vec::new() } else { parts.iter().map(ours).collect() },
            marks: verdicts.iter().map(|&verdict| VerdictView::of(verdict, 0)).collect(),
            reasons: (1..).zip(reasons).filter(|(_, r)| given(r)).map(|(i, _)| i).collect(),
            findings: Vec::new(),
            says: parts.iter().map(says).collect::<Vec<_>>().join(", "),
            details: parts.iter().map(|part| Detail::of(part)).collect(),
        }
    }
}

impl<'a> Detail<'a> {
    fn of(part: &'a Part) -> Self {
        Detail {
            part: name(part.part),
            printed: &part.printed,
            interval: part.interval.map(|ends| ends.map(|end| general(end, DIGITS))),
            ours: part.ours.as_deref(),
            exact: part.exact.map(|exact| general(exact, DIGITS)),
            verdict: VerdictView::of(part.verdict, 0),
            tier: part.tier.map(Tier::name),
            because: part.because.as_deref(),
        }
    }
}

/// What is printed: in pieces if they make up all of it, else as it stands.
fn printed(cell: &ComparedCell, parts: &[&Part]) -> Vec<Piece> {
    let pieces: Vec<_> = parts.iter().map(|part| piece(cell, part, Some(&part.printed))).collect();
    let written = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let whole: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    if written(&whole) == written(&cell.printed) {
        return pieces;
    }
    vec![Piece { class: "value".to_owned(), text: cell.printed.clone() }]
}

/// A part of a cell; one that is absent is a dash, save stars.
fn piece(cell: &ComparedCell, part: &Part, text: Option<&str>) -> Piece {
    let absent = if part.part == PartKind::Stars { "" } else { lines::ABSENT };
    let tier = part.tier.map_or("", Tier::name);
    let fails = if part.verdict.fails() { "fails" } else { "" };
    Piece {
        class: format!("{} {tier} {fails}", name(part.part)).trim_end().to_owned(),
        text: lines::set(cell, part, text.unwrap_or(absent)),
    }
}

fn name(part: PartKind) -> &'static str {
    match part {
        PartKind::Value => "value",
        PartKind::Uncertainty => "uncertainty",
        PartKind::Stars => "stars",
        PartKind::Words => "words",
    }
}

/// `text` as part of an address: letters and digits, the rest hyphens.
fn slug(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect()
}
